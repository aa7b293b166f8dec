// Counting cells: SET pulses crystallize a cell gradually, and it conducts only after a certain
// number of pulses. Sources: Wright et al. 2011, doi:10.1002/adma.201101060; US 6,671,710; pulses
// of the devices: doi:10.1063/1.5042408.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "crossbar/crossbar.hpp"

namespace imcsim::tasks {

/// Effect of a pulse on a cell.
///
///    multistate  u ← u + (1 + δ)·(1 + r·N), δ = d·N drawn once per device; SET at u ≥ m − ½
///    pcm         the device model's SET pulse; SET if the mean conductance of K devices exceeds a
///                threshold between the values after m − 1 and after m pulses
///
/// m is the modulus of the cell: the number of pulses that SET it. In multistate, a cell of K
/// devices is SET when more than half of them are.
enum class CountingRegime { multistate, pcm };
std::span<const std::string_view> names_of(CountingRegime);

struct CountingConfig {
  CountingRegime regime = CountingRegime::multistate;
  std::int64_t redundancy = 0;  ///< K; 0: 1, or 256 in pcm
  double step_noise = 0.02;     ///< r
  double step_spread = 0.0;     ///< d
  device::DeviceConfig device;

  std::size_t devices() const;  ///< K
};
/// The fields of the cells; those of the device are described separately.
void describe(CountingConfig& config, FieldList& fields);

struct CountingWork {
  std::uint64_t pulses = 0;  ///< pulses to cells, independent of K
  std::uint64_t resets = 0;
  std::uint64_t reads = 0;

  /// Operation counts with K devices per cell.
  OperationCounts counts(std::size_t devices) const;
};

/// Cells with individual moduli, initially RESET.
class CountingCells {
 public:
  virtual ~CountingCells() = default;

  void reset(std::size_t cell) {
    ++work_.resets;
    apply_reset(cell);
  }
  /// Applies one pulse, then reads; returns whether the cell is SET.
  bool pulse(std::size_t cell) {
    ++work_.pulses;
    ++work_.reads;
    return apply_pulse(cell);
  }
  const CountingWork& work() const { return work_; }

 private:
  virtual void apply_reset(std::size_t cell) = 0;
  virtual bool apply_pulse(std::size_t cell) = 0;
  CountingWork work_;
};

/// Common parameters of all cells; shared between threads.
class CountingModel {
 public:
  virtual ~CountingModel() = default;

  /// Creates cells with K devices each, numbered from `first_entity` on (entities::counting_cells).
  virtual std::unique_ptr<CountingCells> make(std::span<const std::uint32_t> moduli,
                                              std::uint32_t first_entity) const = 0;

  /// Probability that a cell with this modulus is not SET by exactly its m-th pulse:
  ///
  ///     multistate, K = 1   Q(½/σ_{m−1}) + Q(½/σ_m),  σ_n² = n·r² + n²·d²
  ///     pcm                 Q((T − μ_{m−1})·√K/σ_{m−1}) + Q((μ_m − T)·√K/σ_m)
  ///
  /// if no path crosses the threshold twice; μ, σ are sampled, T = (μ_{m−1}σ_m + μ_mσ_{m−1})/(σ +
  /// σ).
  virtual double miscount(std::uint32_t modulus) const = 0;
};

/// `largest_modulus`: the largest modulus used. Throws InputError if the devices cannot count to
/// it.
std::unique_ptr<const CountingModel> make_counting_model(const CountingConfig& config,
                                                         std::uint32_t largest_modulus,
                                                         std::uint64_t seed);

}  // namespace imcsim::tasks
