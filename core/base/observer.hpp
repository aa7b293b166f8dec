#pragma once

#include <cstdint>
#include <string_view>

namespace imcsim {

/// How far a long piece of work has come, in steps of its own (training: samples).
struct Progress {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

/// What long work tells whoever started it. Each method may be left as it is; none may throw.
/// The terminal's bar, the stream of JSON lines and the page are observers.
class Observer {
 public:
  virtual ~Observer() = default;

  /// Called every few hundred steps. False asks the work to stop after the present step.
  virtual bool keep_going(const Progress&) { return true; }

  /// Something that the user should know and that does not end the work.
  virtual void warning(std::string_view) {}
};

}  // namespace imcsim
