#include "run_observer.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <charconv>

#include "base/error.hpp"
#include "base/observer.hpp"
#include "files.hpp"
#include "run.hpp"
#include "signals.hpp"
#include "terminal.hpp"

namespace imcsim::cli {
namespace {

using Clock = std::chrono::steady_clock;

std::string bar_of(double part, int width) {
  const int full = static_cast<int>(part * width);
  std::string bar;
  for (int i = 0; i < width; ++i) bar += i < full ? "━" : "─";
  return bar;
}

}  // namespace

ProgressView::ProgressView(const HostOptions& options, std::size_t runs, std::int64_t epochs)
    : kind_(progress_kind(options)),
      style_(style_for(STDERR_FILENO, options.view.color)),
      epochs_(epochs),
      start_(Clock::now()),
      drawn_(start_),
      runs_(runs),
      epochs_seen_(runs, 0) {}

void ProgressView::report(std::size_t run, const Progress& progress,
                          const std::vector<study::EpochResult>& epochs) {
  if (kind_ == ProgressKind::none) return;
  const std::lock_guard lock(guard_);
  if (runs_[run].total == 0) done_at_start_ += progress.done;
  runs_[run] = progress;
  for (; epochs_seen_[run] < epochs.size(); ++epochs_seen_[run]) {
    const study::EpochResult& epoch = epochs[epochs_seen_[run]];
    accuracy_ = epoch.test_accuracy;
    if (kind_ != ProgressKind::json) continue;
    study::Json line = {{"event", "epoch"}, {"run", run}};
    line.update(study::to_json_object(epoch));
    write_stderr(fmt::format("{}\n", line.dump()));
  }
  if (std::chrono::duration<double>(Clock::now() - drawn_).count() < 0.1) return;
  drawn_ = Clock::now();
  if (kind_ == ProgressKind::bar) return draw();
  const study::Json line = {{"event", "progress"},
                            {"run", run},
                            {"done", progress.done},
                            {"total", progress.total},
                            {"wall_s", seconds_since(start_)}};
  write_stderr(fmt::format("{}\n", line.dump()));
}

void ProgressView::draw() {
  Progress all;
  for (const Progress& run : runs_) {
    all.done += run.done;
    all.total += run.total == 0 ? runs_[0].total : run.total;
  }
  if (all.total == 0) return;
  const double part = static_cast<double>(all.done) / static_cast<double>(all.total);
  const double speed = static_cast<double>(all.done - done_at_start_) / seconds_since(start_);
  const double left_s = speed > 0.0 ? static_cast<double>(all.total - all.done) / speed : 0.0;
  const auto epoch =
      std::min(static_cast<std::int64_t>(part * static_cast<double>(epochs_)) + 1, epochs_);
  std::string tail = fmt::format(" {:3.0f} %  {} {}/s  {:.0f} s left", 100.0 * part,
                                 grouped(static_cast<std::uint64_t>(speed)),
                                 epochs_ > 0 ? "samples" : "steps", left_s);
  if (accuracy_ >= 0.0) tail += fmt::format("  test {:.2f} %", 100.0 * accuracy_);
  const std::string head = epochs_ > 0 ? fmt::format("epoch {}/{} ", epoch, epochs_) : "";
  const int room = terminal_width(STDERR_FILENO) - static_cast<int>(head.size() + tail.size()) - 1;
  const std::string bar = room > 5 ? style_.accent(bar_of(part, std::min(room, 40))) : "";
  write_stderr(fmt::format("\r\x1b[K{}{}{}", head, bar, tail));
  on_screen_ = true;
}

void ProgressView::finish() {
  if (on_screen_) write_stderr(fmt::format("\r\x1b[K"));
  on_screen_ = false;
}

CheckpointPlan checkpoint_plan(const HostOptions& options) {
  CheckpointPlan plan;
  plan.path = options.checkpoint;
  const std::string& every = options.checkpoint_every;
  if (every.empty()) return plan;
  if (plan.path.empty()) {
    throw InputError(at_field("checkpoint-every"), "needs a checkpoint file", "--checkpoint FILE");
  }
  std::uint64_t steps = 0;
  const auto [end, error] = std::from_chars(every.data(), every.data() + every.size(), steps);
  if (error == std::errc{} && end == every.data() + every.size()) {
    plan.every_steps = steps;
  } else {
    plan.every_wall_s = parse_duration(every, at_field("checkpoint-every")).seconds;
  }
  if (plan.every_steps == 0 && plan.every_wall_s <= 0.0) {
    throw InputError(at_field("checkpoint-every"), fmt::format("\"{}\" is not an interval", every),
                     "a number of samples, or a wall time such as 30s");
  }
  return plan;
}

RunObserver::RunObserver(ProgressView& view, std::size_t run, study::TrainSession& session,
                         CheckpointPlan plan)
    : view_(view),
      run_(run),
      session_(session),
      plan_(std::move(plan)),
      saved_at_(session.progress().done),
      saved_when_(Clock::now()) {}

bool RunObserver::should_continue(const Progress& progress) {
  view_.report(run_, progress, session_.result().epochs);
  const bool stop = stop_signal() != 0;
  if (!plan_.path.empty()) {
    const bool steps_due = plan_.every_steps > 0 && progress.done - saved_at_ >= plan_.every_steps;
    const bool time_due =
        plan_.every_wall_s > 0.0 && seconds_since(saved_when_) >= plan_.every_wall_s;
    if (stop || steps_due || time_due) {
      write_file(plan_.path, session_.checkpoint());
      saved_at_ = progress.done;
      saved_when_ = Clock::now();
    }
  }
  return !stop;
}

}  // namespace imcsim::cli
