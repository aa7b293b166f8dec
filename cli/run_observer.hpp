#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "base/observer.hpp"
#include "study/train_session.hpp"

namespace imcsim::cli {

/// Progress of one or several trainings on stderr: a bar, JSON lines, or nothing. Thread-safe:
/// concurrent trainings share one view and one line of the terminal.
class ProgressView {
 public:
  /// `epochs`: 0 for work without epochs, whose progress is counted in steps.
  ProgressView(const HostOptions& options, std::size_t runs, std::int64_t epochs);

  void report(std::size_t run, const Progress& progress,
              const std::vector<study::EpochResult>& epochs);
  /// Removes the bar.
  void finish();

 private:
  void draw();

  ProgressKind kind_;
  Style style_;
  std::int64_t epochs_;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point drawn_;
  std::mutex guard_;
  std::vector<Progress> runs_;
  std::vector<std::size_t> epochs_seen_;
  std::uint64_t done_at_start_ = 0;
  double accuracy_ = -1.0;
  bool on_screen_ = false;
};

/// File of the checkpoint, and interval between checkpoints.
struct CheckpointPlan {
  std::string path;  ///< empty: no checkpoints
  std::uint64_t every_steps = 0;
  double every_wall_s = 0.0;
};

/// Reads --checkpoint and --checkpoint-every. Throws InputError.
CheckpointPlan checkpoint_plan(const HostOptions& options);

/// Observes one training: reports its progress, writes checkpoints, stops it after a signal.
class RunObserver final : public Observer {
 public:
  RunObserver(ProgressView& view, std::size_t run, study::TrainSession& session,
              CheckpointPlan plan);
  bool should_continue(const Progress& progress) override;

 private:
  ProgressView& view_;
  std::size_t run_;
  study::TrainSession& session_;
  CheckpointPlan plan_;
  std::uint64_t saved_at_;
  std::chrono::steady_clock::time_point saved_when_;
};

}  // namespace imcsim::cli
