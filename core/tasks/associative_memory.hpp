#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "tasks/hypervector.hpp"
#include "tasks/logic_cells.hpp"

namespace imcsim::tasks {

/// Similarity of a class prototype P to a query q. dot: common ones q·P; hamming: also common
/// zeros, q·P + ¬q·¬P = D − (Hamming distance), from a second set of cells that holds ¬P.
enum class Similarity { hamming, dot };
std::span<const std::string_view> names_of(Similarity);

struct MemoryConfig {
  Similarity similarity = Similarity::hamming;
  std::int64_t rows = 256;
  std::int64_t adc_bits = 8;
  LogicCellConfig cells;
  MemoryConfig();
};
/// Fields of the memory, then those of the cells, then those of the device.
void describe(MemoryConfig& config, FieldList& fields);

/// Vectors stored as SET and RESET cells, one bitline per class, in arrays of up to `rows` rows. A
/// query drives the rows of its ones. The current of each array, including read noise, is converted
/// (full scale: the largest class current), and the codes of the arrays are added digitally.
/// Source: Karunaratne et al. 2020, doi:10.1038/s41928-020-0410-3.
class AssociativeMemory {
 public:
  AssociativeMemory(const MemoryConfig& config, std::span<const BitVector> classes,
                    std::size_t dimension, std::uint64_t seed, const Execution& execution);

  /// Similarity of each class, in µS. `name` selects the read noise of the query.
  std::vector<double> similarities_us(const BitVector& query, std::uint64_t name) const;

  /// Exact similarity of each class, as a number of bits.
  std::vector<std::uint64_t> exact(const BitVector& query) const;

  /// Probability that cell variability and noise leave the exact best class first: with
  /// similarities s_c, mean difference Δ between the cell states and standard deviations σ,
  ///
  ///     Π_{c≠best} Φ((s_best − s_c)·Δ/√(σ²_best + σ²_c)),  Δ = μ_SET − μ_RESET
  double probability_of_best(std::span<const std::uint64_t> exact, std::uint64_t driven) const;

  /// Probability that a single cell, compared with the best reference, is read as the wrong bit;
  /// mean of both states.
  double bit_error() const;

  std::size_t arrays() const { return planes_ * tiles_; }
  const OperationCounts& writing() const { return writing_; }
  OperationCounts counts_of_query() const;

 private:
  struct Plane {
    std::vector<float> us;  ///< [D × stride] conductances of the cells at the time of the read
    std::vector<float> variance;  ///< variance of a read, in µS²
  };

  void program(std::size_t c, std::vector<OperationCounts>& counts);
  void read_plane(std::size_t p, const BitVector& query, std::uint64_t name,
                  std::span<double> sums) const;

  MemoryConfig config_;
  LogicCells cells_;
  LogicCells::Sampled sampled_;
  std::span<const BitVector> classes_;
  std::size_t dimension_, stride_, planes_, tiles_;
  std::vector<Plane> plane_;
  OperationCounts writing_;
};

}  // namespace imcsim::tasks
