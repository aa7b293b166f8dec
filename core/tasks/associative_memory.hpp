#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "tasks/hypervector.hpp"
#include "tasks/logic_cells.hpp"

namespace imcsim::tasks {

/// What a class's similarity to a query q is: common ones q·P alone, or common zeros too,
/// q·P + ¬q·¬P = D − (Hamming distance), from a second set of cells that holds ¬P.
enum class Similarity { hamming, dot };
std::span<const std::string_view> names_of(Similarity);

struct MemoryConfig {
  Similarity similarity = Similarity::hamming;
  std::int64_t rows = 256;
  std::int64_t adc_bits = 8;
  LogicCellConfig cells;
  MemoryConfig();
};
/// Its own fields, and those of the cells and of the device, which stand last.
void describe(MemoryConfig& config, FieldList& fields);

/// Vectors stored as SET and RESET cells, one bitline a class, in arrays of a few hundred rows. A
/// query drives the rows where it is 1; each array's current, with the noise of the read, is
/// converted (full scale: its largest class), and the codes of the arrays are added digitally.
/// Source: Karunaratne et al. 2020, doi:10.1038/s41928-020-0410-3.
class AssociativeMemory {
 public:
  AssociativeMemory(const MemoryConfig& config, std::span<const BitVector> classes,
                    std::size_t dimension, std::uint64_t seed, const Execution& execution);

  /// Similarity of each class, in µS. `name` tells the query's noise from that of others.
  std::vector<double> similarities_us(const BitVector& query, std::uint64_t name) const;

  /// The same in common bits, exactly.
  std::vector<std::uint64_t> exact(const BitVector& query) const;

  /// Probability that noise and spread of the cells leave the exact answer standing: with
  /// similarities s_c and cells of mean difference Δ and deviations σ,
  ///
  ///     Π_{c≠best} Φ((s_best − s_c)·Δ/√(σ²_best + σ²_c)),  Δ = μ_SET − μ_RESET
  double chance_of_best(std::span<const std::uint64_t> exact, std::uint64_t driven) const;

  /// Probability that one of these cells, read alone against the best reference, shows the wrong
  /// bit; the mean of both states.
  double bit_error() const;

  std::size_t arrays() const { return planes_ * tiles_; }
  const OperationCounts& writing() const { return writing_; }
  OperationCounts counts_of_query() const;

 private:
  struct Plane {
    std::vector<float> us;        ///< [D × stride] cells as a read finds them
    std::vector<float> variance;  ///< of a read; empty: none
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
