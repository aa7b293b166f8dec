// Logic by reading several rows at once (scouting logic): comparison of column currents with
// references, and error probabilities.
// Sources: Xie et al. 2017, doi:10.1109/ISVLSI.2017.121; Li et al. 2016,
// doi:10.1145/2897937.2898064.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace imcsim::tasks {

enum class LogicOperation { conjunction, disjunction, exclusive, nand, nor, inversion, majority };
/// `and`, `or`, `xor`, `nand`, `nor`, `not`, `majority`.
std::span<const std::string_view> names_of(LogicOperation);

/// Maximum number of rows selected by one read.
constexpr std::size_t most_sensed_rows = 128;

/// Conductance of a cell as read, over many cells and reads [µS].
struct CellStatistics {
  double set_mean_us = 0.0;
  double set_std_us = 0.0;
  double reset_mean_us = 0.0;
  double reset_std_us = 0.0;
  double sense_noise_us = 0.0;  ///< of the sense amplifier, once per column

  /// μ_k = k·μ_SET + (n − k)·μ_RESET of a column of n cells, k of them SET.
  double column_mean_us(std::size_t n, std::size_t k) const;
  /// σ_k² = k·σ_SET² + (n − k)·σ_RESET² + σ_sense².
  double column_std_us(std::size_t n, std::size_t k) const;
};

/// References of the sense amplifiers for an operation: the output of a column is 1 if the column
/// exceeds an odd number of references; optionally inverted.
struct Sensing {
  std::vector<double> references_us;  ///< ascending; one, or two for XOR
  bool inverted = false;

  bool output(double column_us) const;
};

/// Throws InputError{where, …} if the operation does not support `n` operands (XOR takes 2, NOT 1,
/// majority an odd number from 3, the others 2 to 128).
void check_operands(LogicOperation operation, std::size_t n, const Where& where);

/// The reference between a and a + 1 SET cells with equal error probabilities on both sides:
/// T = (μ_a·σ_{a+1} + μ_{a+1}·σ_a)/(σ_a + σ_{a+1}).
double reference_us(const CellStatistics& cells, std::size_t n, std::size_t a);

Sensing sensing_of(LogicOperation operation, const CellStatistics& cells, std::size_t n);

/// The exact output if `ones` of `n` operands are 1.
bool exact_output(LogicOperation operation, std::size_t n, std::size_t ones);

/// Probability of a wrong output for each number k = 0 … n of ones, for normally distributed column
/// currents: Q((T − μ_k)/σ_k) below a reference, Q((μ_k − T)/σ_k) above. XOR of a single 1 errs
/// outside of its two references, XOR of none or two ones between them.
std::vector<double> error_probabilities(LogicOperation operation, const Sensing& sensing,
                                        const CellStatistics& cells, std::size_t n);
/// The same, with the references determined from `cells`.
std::vector<double> error_probabilities(LogicOperation operation, const CellStatistics& cells,
                                        std::size_t n);

}  // namespace imcsim::tasks
