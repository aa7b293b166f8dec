// Logic whose values live and stay as resistance: gates between cells of a row, in all rows at
// once. Sources: Borghetti et al. 2010, doi:10.1038/nature08940 (IMPLY); Kvatinsky et al. 2014,
// doi:10.1109/TCSII.2014.2357292 (MAGIC NOR).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "tasks/error_positions.hpp"

namespace imcsim::tasks {

enum class StatefulKind : std::uint32_t { load, initialise, invert, nor, min3 };

/// What was done to a cell: from which cells, when, and what the first 32 rows then held.
struct CellStep {
  static constexpr std::uint32_t no_cell = ~std::uint32_t{0};
  StatefulKind kind = StatefulKind::load;
  std::uint32_t out = 0;
  std::uint32_t from[3] = {no_cell, no_cell, no_cell};
  std::uint32_t cycle = 0;  ///< cycles before it
  std::uint32_t rows = 0;   ///< bit r: row r
};

/// Cells of a row, one bit a row of the array. A gate writes its output cell in every row: an
/// output keeps a 0 that it had (an output is initialised to 1 before its gate). Gates do not count
/// cycles: `tick` does, once for all that happens at the same time.
class StatefulArray {
 public:
  /// `gate_error`: probability that a gate leaves the wrong bit in a row.
  StatefulArray(std::size_t rows, double gate_error, const Stream& errors);

  std::size_t rows() const { return rows_; }
  std::size_t cells() const { return bits_.size(); }

  /// Makes the row longer: the number of the first new cell. New cells hold 0.
  std::size_t add_cells(std::size_t count);

  /// Operands from outside: neither gates nor writes of the computation. 64 rows a word. Pulses
  /// count: one a bit.
  void load(std::size_t cell, std::span<const std::uint64_t> bits);
  std::span<const std::uint64_t> bits(std::size_t cell) const { return bits_[cell]; }

  /// Cells from `first` on were 1 before the computation; these writes are not counted.
  void preset(std::size_t first);

  void initialise(std::size_t cell, bool to);
  void invert(std::size_t a, std::size_t out);                              ///< ¬a
  void nor(std::size_t a, std::size_t b, std::size_t out);                  ///< ¬(a ∨ b)
  void min3(std::size_t a, std::size_t b, std::size_t c, std::size_t out);  ///< ¬majority
  void tick(std::uint64_t cycles = 1) { cycles_ += cycles; }

  std::uint64_t cycles() const { return cycles_; }
  std::uint64_t gates() const { return gates_; }
  std::uint64_t initialisations() const { return initialisations_; }
  std::uint64_t wrong_bits() const { return wrong_bits_; }  ///< left by gates that erred
  /// Over all rows: initialisations to 1 and loaded ones; initialisations to 0, loaded zeros and
  /// ones that gates took away.
  std::uint64_t set_pulses() const { return set_pulses_; }
  std::uint64_t reset_pulses() const { return reset_pulses_; }
  /// The first steps, up to most_steps of them.
  static constexpr std::size_t most_steps = 4096;
  const std::vector<CellStep>& steps() const { return steps_; }
  /// Writes of the most written cell, initialisations and gates: what endurance is spent on.
  std::uint64_t most_writes() const;

 private:
  /// ANDs `word(w)` to each word of the output cell.
  template <class Word>
  void gate(std::size_t out, Word word);
  std::uint64_t present(std::size_t w) const;
  void note(StatefulKind kind, std::size_t out, std::initializer_list<std::size_t> from = {});

  std::size_t rows_, words_;
  std::vector<std::vector<std::uint64_t>> bits_;
  std::vector<std::uint64_t> writes_;
  std::vector<CellStep> steps_;
  std::uint64_t cycles_ = 0;
  std::uint64_t gates_ = 0;
  std::uint64_t initialisations_ = 0;
  std::uint64_t wrong_bits_ = 0;
  std::uint64_t set_pulses_ = 0;
  std::uint64_t reset_pulses_ = 0;
  double gate_error_;
  Stream errors_;
};

}  // namespace imcsim::tasks
