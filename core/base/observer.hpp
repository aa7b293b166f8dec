#pragma once

#include <cstdint>

namespace imcsim {

/// Progress of long work, in steps (training: samples).
struct Progress {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

/// Receives progress reports: the progress bar, the stream of JSON lines, the checkpoint writer.
class Observer {
 public:
  virtual ~Observer() = default;

  /// Called every few steps. Returning false stops the work.
  virtual bool should_continue(const Progress&) { return true; }
};

}  // namespace imcsim
