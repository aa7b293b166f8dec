// Stateful logic: values are stored as resistance, and gates act between cells of a row, in all
// rows in parallel. Sources: Borghetti et al. 2010, doi:10.1038/nature08940 (IMPLY); Kvatinsky et
// al. 2014,
// doi:10.1109/TCSII.2014.2357292 (MAGIC NOR).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "tasks/error_positions.hpp"

namespace imcsim::tasks {

enum class StatefulKind : std::uint32_t { load, initialize, invert, nor, min3 };

/// One operation on a cell: its input cells, its cycle, and the resulting bits of the first 32
/// rows.
struct CellStep {
  static constexpr std::uint32_t no_cell = ~std::uint32_t{0};
  StatefulKind kind = StatefulKind::load;
  std::uint32_t out = 0;
  std::uint32_t from[3] = {no_cell, no_cell, no_cell};
  std::uint32_t cycle = 0;  ///< number of cycles before the step
  std::uint32_t rows = 0;   ///< bit r: row r
};

/// Cells of a row; one bit per row of the array. A gate acts on its output cell in every row and
/// can only change a 1 to 0, so an output must be initialized to 1 before its gate. Gates do not
/// count cycles; `tick` does, once for all operations in parallel.
class StatefulArray {
 public:
  /// `gate_error`: probability that a gate writes the wrong bit in a row.
  StatefulArray(std::size_t rows, double gate_error, const Stream& errors);

  std::size_t rows() const { return rows_; }
  std::size_t cells() const { return bits_.size(); }

  /// Adds cells to the row and returns the number of the first one. New cells hold 0.
  std::size_t add_cells(std::size_t count);

  /// Loads operands, 64 rows per word. Loading does not count as gates or writes of the
  /// computation, but its pulses are counted, one per bit.
  void load(std::size_t cell, std::span<const std::uint64_t> bits);
  std::span<const std::uint64_t> bits(std::size_t cell) const { return bits_[cell]; }

  /// Sets the cells from `first` on to 1, as before the computation; these writes are not counted.
  void preset(std::size_t first);

  void initialize(std::size_t cell, bool to);
  void invert(std::size_t a, std::size_t out);                              ///< ¬a
  void nor(std::size_t a, std::size_t b, std::size_t out);                  ///< ¬(a ∨ b)
  void min3(std::size_t a, std::size_t b, std::size_t c, std::size_t out);  ///< ¬majority
  void tick(std::uint64_t cycles = 1) { cycles_ += cycles; }

  std::uint64_t cycles() const { return cycles_; }
  std::uint64_t gates() const { return gates_; }
  std::uint64_t initializations() const { return initializations_; }
  std::uint64_t wrong_bits() const { return wrong_bits_; }  ///< produced by gate errors
  /// Over all rows. SET: initializations to 1 and loaded ones. RESET: initializations to 0, loaded
  /// zeros and ones changed to 0 by gates.
  std::uint64_t set_pulses() const { return set_pulses_; }
  std::uint64_t reset_pulses() const { return reset_pulses_; }
  /// The first steps, at most most_steps.
  static constexpr std::size_t most_steps = 4096;
  const std::vector<CellStep>& steps() const { return steps_; }
  /// Writes of the most written cell, initializations and gates, which determine endurance.
  std::uint64_t most_writes() const;

 private:
  /// ANDs `word(w)` into each word of the output cell.
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
  std::uint64_t initializations_ = 0;
  std::uint64_t wrong_bits_ = 0;
  std::uint64_t set_pulses_ = 0;
  std::uint64_t reset_pulses_ = 0;
  double gate_error_;
  Stream errors_;
};

}  // namespace imcsim::tasks
