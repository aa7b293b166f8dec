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

/// Rounding of χ/ε to a whole number of pulses where |χ| ≥ ε.
enum class Rounding { truncate, nearest, stochastic };
std::span<const std::string_view> names_of(Rounding);

/// Digital accumulator χ of mixed-precision training, one entry per crossing, and its transfer:
///
///     χ ← χ − η·δ·xᵀ;   where |χ| ≥ ε:  p = trunc(χ/ε),  χ ← χ − p·ε,  |p| pulses
///
/// With N pulses per granularity (synapses of several devices), p = trunc(N·χ/ε), χ ← χ − p·ε/N.
/// χ is stored in units of ε/2: then |χ| ≥ ε exactly if bit 30 of the float is set, and the test
/// needs one OR per entry. Source: doi:10.3389/fnins.2020.00406.
class Accumulator {
 public:
  Accumulator(std::size_t rows, std::size_t columns, double granularity,
              std::int32_t pulses_per_granularity, Rounding rounding, const Stream& rounding_stream,
              const Execution& execution);

  /// χ −= x·gᵀ with the nonzero activations `x` and `gradient` = η·δ in weight units, with
  /// padded(columns) entries; `gradient` is overwritten by its scaled form.
  void accumulate(const DrivenLines& x, std::span<float> gradient);

  /// χ += rate·v, then v ← momentum·v, for a whole matrix v in weight units,
  /// [rows × padded(columns)]: gradient descent with momentum, v = −Σ momentumᵏ·g (k batches ago).
  /// Source: Polyak 1964, doi:10.1016/0041-5553(64)90137-5.
  void advance(Matrix<float>& velocity, float rate, float momentum);

  /// χ += change; pulses that become due are returned by the next transfer.
  void add(const WeightChange& change);

  /// Subtracts the pulses that are due from χ and returns them, rows and columns ascending.
  /// `event` names the draws of stochastic rounding. The result is valid until the next call.
  /// Throws RunError if training has diverged: more than 1,000 pulses for one crossing.
  std::span<const PulseRequest> transfer(std::uint64_t event);

  /// Must be called after `state()` is overwritten.
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
  float pulses_per_unit_;  ///< N/2: pulses for a stored χ of 1
  Rounding rounding_;
  Stream rounding_stream_;
  const Kernels& kernels_;
  std::vector<std::uint32_t> overflow_;
  std::vector<std::uint8_t> row_is_due_;
  std::vector<std::uint32_t> due_rows_;  ///< rows with an entry of 2 or more, between transfers
  std::vector<std::uint32_t> rows_in_transfer_;
  std::vector<PulseRequest> requests_;
};

}  // namespace imcsim::crossbar
