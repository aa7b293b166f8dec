#pragma once

#include <cstdint>

namespace imcsim {

/// How far a long piece of work has come, in steps of its own (training: samples).
struct Progress {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

/// Whom long work reports to: the terminal's bar, the stream of JSON lines, a checkpoint's keeper.
class Observer {
 public:
  virtual ~Observer() = default;

  /// Called every few steps. False asks the work to stop.
  virtual bool should_continue(const Progress&) { return true; }
};

}  // namespace imcsim
