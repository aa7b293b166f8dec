#pragma once

#include <span>
#include <vector>

#include "crossbar/crossbar_kernels.hpp"
#include "crossbar/lines.hpp"
#include "numeric/execution.hpp"
#include "numeric/numeric_kernels.hpp"
#include "numeric/random.hpp"
#include "numeric/tensor.hpp"

namespace imcsim::crossbar {

/// Pulses for one crossing: positive for G⁺, negative for G⁻.
struct PulseRequest {
  std::uint32_t crossing = 0;
  std::int32_t count = 0;
};

/// A change of one crossing's weight, in weight units.
struct WeightChange {
  std::uint32_t crossing = 0;
  float weight = 0.0F;
};

/// How χ/ε becomes a whole number of pulses, once |χ| ≥ ε.
enum class Rounding { truncate, nearest, stochastic };
std::span<const std::string_view> names_of(Rounding);

/// The digital accumulator χ of mixed-precision training, one entry a crossing, and its transfer:
///
///     χ ← χ − η·δ·xᵀ;   where |χ| ≥ ε:  p = trunc(χ/ε),  χ ← χ − p·ε,  |p| pulses
///
/// With N pulses a granularity (synapses of several devices), p = trunc(N·χ/ε) and χ ← χ − p·ε/N.
/// χ is held in units of ε/2, in which |χ| ≥ ε reads as "bit 30 of the float is set": the test
/// costs one OR an entry. Source: doi:10.3389/fnins.2020.00406.
class Accumulator {
 public:
  Accumulator(std::size_t rows, std::size_t columns, double granularity,
              std::int32_t pulses_a_granularity, Rounding rounding, const Stream& rounding_stream,
              const Execution& execution);

  /// χ −= x·gᵀ with `x` the activations that are not zero and `gradient` = η·δ in weight units,
  /// padded(columns) entries; it is overwritten by its scaled form.
  void accumulate(const DrivenLines& x, std::span<float> gradient);

  /// χ += rate·v, then v ← momentum·v, for a whole matrix v in weight units,
  /// [rows × padded(columns)]: gradient descent with momentum, v = −Σ momentumᵏ·g (k batches ago).
  /// Source: Polyak 1964, doi:10.1016/0041-5553(64)90137-5.
  void advance(Matrix<float>& velocity, float rate, float momentum);

  /// χ += change; pulses, if due, leave with the next transfer.
  void add(const WeightChange& change);

  /// Takes out of χ what is due, rows and columns ascending. `event` names stochastic draws.
  /// The result is valid until the next call. Throws RunError where training has diverged: more
  /// than 1,000 pulses for one crossing.
  std::span<const PulseRequest> transfer(std::uint64_t event);

  /// To be called after `state()` was overwritten.
  void rebuild_derived();

  /// χ of a crossing in weight units.
  double weight(std::size_t row, std::size_t column) const {
    return static_cast<double>(chi_(row, column)) * (0.5 * granularity_);
  }

  /// χ in units of ε/2, [rows × padded(columns)].
  Matrix<float>& state() { return chi_; }
  const Matrix<float>& state() const { return chi_; }

 private:
  void mark_due(std::uint32_t row);
  std::int32_t pulses_due(float chi, std::uint64_t event, std::uint32_t crossing) const;

  Matrix<float> chi_;
  std::size_t columns_;
  double granularity_;
  float pulses_a_unit_;  ///< N/2: pulses for a χ of 1
  Rounding rounding_;
  Stream rounding_stream_;
  const Kernels& kernels_;
  std::vector<std::uint32_t> overflow_;
  std::vector<std::uint8_t> row_is_due_;
  std::vector<std::uint32_t> due_rows_;  ///< between transfers: those with an entry of 2 or more
  std::vector<std::uint32_t> rows_in_transfer_;
  std::vector<PulseRequest> requests_;
};

}  // namespace imcsim::crossbar
