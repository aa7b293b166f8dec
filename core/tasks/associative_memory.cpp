#include "tasks/associative_memory.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "numeric/events.hpp"
#include "tasks/normal_tail.hpp"

namespace imcsim::tasks {

std::span<const std::string_view> names_of(Similarity) {
  static constexpr std::array<std::string_view, 2> names = {"hamming", "dot"};
  return names;
}

MemoryConfig::MemoryConfig() { cells.programming.method = device::ProgrammingMethod::single_shot; }

void describe(MemoryConfig& c, FieldList& f) {
  constexpr std::string_view source = "doi:10.1038/s41928-020-0410-3";
  f.group("Associative memory");
  f.field("similarity", c.similarity, Unit::none, {},
          "Similarity measure: Hamming distance (twice the cells), or dot product", source);
  f.field("array-rows", c.rows, Unit::none, {1.0, 65536.0},
          "Rows per array; sums of several arrays are added digitally", source);
  f.field("adc-bits", c.adc_bits, Unit::bits, {0.0, 24.0},
          "Resolution of the output converters (0: exact)");
  f.mark_common({"similarity", "adc-bits"});
  describe(c.cells, f);
  describe_device(c.cells, f);
}

AssociativeMemory::AssociativeMemory(const MemoryConfig& config, std::span<const BitVector> classes,
                                     std::size_t dimension, std::uint64_t seed,
                                     const Execution& execution)
    : config_(config),
      cells_(config.cells, seed),
      sampled_(cells_.sample()),
      classes_(classes),
      dimension_(dimension),
      stride_((classes.size() + 7) / 8 * 8),
      planes_(config.similarity == Similarity::hamming ? 2 : 1),
      tiles_((dimension + static_cast<std::size_t>(config.rows) - 1) /
             static_cast<std::size_t>(config.rows)),
      plane_(planes_) {
  for (Plane& plane : plane_) {
    plane.us.assign(dimension_ * stride_, 0.0F);
    plane.variance.assign(dimension_ * stride_, 0.0F);
  }
  std::vector<OperationCounts> counts(classes.size());
  parallel_for(execution.threads, classes.size(), [&](std::size_t c) { program(c, counts); });
  for (const OperationCounts& of_class : counts) writing_ += of_class;
}

void AssociativeMemory::program(std::size_t c, std::vector<OperationCounts>& counts) {
  std::vector<std::uint8_t> bits(dimension_);
  for (std::size_t p = 0; p < planes_; ++p) {
    for (std::size_t i = 0; i < dimension_; ++i) {
      bits[i] = bit_of(classes_[c], i) == (p == 0) ? 1 : 0;
    }
    const std::uint32_t first =
        entities::logic_cells.block((c * planes_ + p) * dimension_, dimension_);
    const CellRow row = cells_.program(bits, first, counts[c]);
    for (std::size_t i = 0; i < dimension_; ++i) {
      plane_[p].us[i * stride_ + c] = row.conductance_us[i];
      const float noise = row.noise_us.empty() ? 0.0F : row.noise_us[i];
      plane_[p].variance[i * stride_ + c] = noise * noise;
    }
  }
}

void AssociativeMemory::read_plane(std::size_t p, const BitVector& query, std::uint64_t name,
                                   std::span<double> sums) const {
  const Plane& plane = plane_[p];
  const auto rows = static_cast<std::size_t>(config_.rows);
  const double levels = static_cast<double>((std::uint64_t{1} << config_.adc_bits) - 1);
  std::vector<float> us(stride_);
  std::vector<float> variance(stride_);
  for (std::size_t tile = 0; tile < tiles_; ++tile) {
    std::fill(us.begin(), us.end(), 0.0F);
    std::fill(variance.begin(), variance.end(), 0.0F);
    const std::size_t end = std::min(dimension_, (tile + 1) * rows);
    for (std::size_t i = tile * rows; i < end; ++i) {
      if (bit_of(query, i) != (p == 0)) continue;
      const float* const g = &plane.us[i * stride_];
      const float* const v = &plane.variance[i * stride_];
      for (std::size_t c = 0; c < stride_; ++c) {
        us[c] += g[c];
        variance[c] += v[c];
      }
    }
    double most = 0.0;
    for (std::size_t c = 0; c < sums.size(); ++c) {
      const std::uint64_t place = (p * tiles_ + tile) * sums.size() + c;
      const Stream own = cells_.reads().of(entities::class_sums(place));
      us[c] += std::sqrt(variance[c]) * own.normal(events::cell_reads(name));
      most = std::max(most, static_cast<double>(us[c]));
    }
    const double step = config_.adc_bits > 0 ? most / levels : 0.0;
    for (std::size_t c = 0; c < sums.size(); ++c) {
      const auto current = static_cast<double>(us[c]);
      sums[c] += step > 0.0 ? step * std::floor(std::max(0.0, current) / step + 0.5) : current;
    }
  }
}

std::vector<double> AssociativeMemory::similarities_us(const BitVector& query,
                                                       std::uint64_t name) const {
  std::vector<double> sums(classes_.size(), 0.0);
  for (std::size_t p = 0; p < planes_; ++p) read_plane(p, query, name, sums);
  return sums;
}

std::vector<std::uint64_t> AssociativeMemory::exact(const BitVector& query) const {
  std::vector<std::uint64_t> similarities(classes_.size());
  const std::uint64_t driven = count_ones(query);
  for (std::size_t c = 0; c < classes_.size(); ++c) {
    const std::uint64_t common = count_common(query, classes_[c]);
    similarities[c] =
        planes_ == 1 ? common : dimension_ - driven - count_ones(classes_[c]) + 2 * common;
  }
  return similarities;
}

double AssociativeMemory::probability_of_best(std::span<const std::uint64_t> exact,
                                              std::uint64_t driven) const {
  const CellStatistics& cells = sampled_.cells;
  const std::uint64_t lit = planes_ == 1 ? driven : dimension_;
  const auto variance = [&](std::uint64_t ones) {
    return static_cast<double>(ones) * cells.set_std_us * cells.set_std_us +
           static_cast<double>(lit - ones) * cells.reset_std_us * cells.reset_std_us;
  };
  const auto best =
      static_cast<std::size_t>(std::max_element(exact.begin(), exact.end()) - exact.begin());
  double chance = 1.0;
  for (std::size_t c = 0; c < exact.size(); ++c) {
    if (c == best) continue;
    const double gap =
        static_cast<double>(exact[best] - exact[c]) * (cells.set_mean_us - cells.reset_mean_us);
    const double deviation = std::sqrt(variance(exact[best]) + variance(exact[c]));
    if (deviation > 0.0) chance *= 1.0 - normal_tail(gap / deviation);
  }
  return chance;
}

double AssociativeMemory::bit_error() const {
  const std::vector<double> errors =
      error_probabilities(LogicOperation::inversion, sampled_.cells, 1);
  return 0.5 * (errors[0] + errors[1]);
}

OperationCounts AssociativeMemory::counts_of_query() const {
  OperationCounts counts;
  counts.forward_mvm = 1;
  counts.dac_conversions = planes_ * dimension_;
  counts.adc_conversions = planes_ * tiles_ * classes_.size();
  counts.cells_read = planes_ * dimension_ * classes_.size();
  counts.crossbar_mac = counts.cells_read;
  counts.digital_mac = (planes_ * tiles_ - 1) * classes_.size();
  return counts;
}

}  // namespace imcsim::tasks
