#pragma once

#include <span>
#include <string>
#include <vector>

namespace imcsim::tasks {

/// Source of active processes, step by step.
class EventSource {
 public:
  virtual ~EventSource() = default;
  virtual std::size_t processes() const = 0;
  virtual std::size_t steps() const = 0;

  /// Processes are divided into blocks, so that a batch can be drawn and used block by block.
  static constexpr std::size_t block_size = 65536;
  std::size_t blocks() const { return (processes() + block_size - 1) / block_size; }

  /// Appends the active processes of `block` at `step`, ascending, to `active`. Blocks and steps
  /// may be requested in any order and from several threads.
  virtual void active(std::size_t step, std::size_t block,
                      std::vector<std::uint32_t>& active) const = 0;
};

/// N binary processes with P(X = 1) = p; the first N_c are correlated pairwise with coefficient c
/// through a reference X_r with the same p:
///
///     P(X = 1 | X_r = 1) = p + √c·(1 − p),   P(X = 1 | X_r = 0) = p·(1 − √c)
///
/// Active processes are drawn by their gaps, which are geometric: ⌊ln u / ln(1 − q)⌋ inactive
/// processes between two active ones, u with 24 bits. This has the same distribution as one draw
/// per process, at the cost of one draw per event. Source: doi:10.1038/s41467-017-01481-9, eqs
/// 10–12.
struct SyntheticEvents final : EventSource {
  std::size_t process_count = 0, correlated = 0, step_count = 0;
  double rate = 0.0, coefficient = 0.0;
  std::uint64_t seed = 1;

  std::size_t processes() const override { return process_count; }
  std::size_t steps() const override { return step_count; }
  void active(std::size_t step, std::size_t block,
              std::vector<std::uint32_t>& active) const override;

  bool reference(std::size_t step) const;
  /// P(X = 1) in the correlated group for an active or inactive reference.
  double rate_given(bool reference) const;
  /// Expected number of active processes for an active or inactive reference.
  double expected_active(bool reference) const;
};

/// Events of a file: one row per step with one 0 or 1 per process, or, after the header
/// `time,process`, one row per event with integers. Lines that start with # and a header with names
/// are ignored.
struct RecordedEvents final : EventSource {
  /// Throws InputError with the line number.
  RecordedEvents(std::span<const std::uint8_t> bytes, const std::string& name);

  std::size_t processes() const override { return process_count; }
  std::size_t steps() const override { return by_step.size(); }
  void active(std::size_t step, std::size_t block,
              std::vector<std::uint32_t>& active) const override;
  std::size_t most_active() const;

  std::size_t process_count = 0;
  std::vector<std::vector<std::uint32_t>> by_step;
};

}  // namespace imcsim::tasks
