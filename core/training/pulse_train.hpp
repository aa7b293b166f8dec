#pragma once

#include <span>
#include <vector>

#include "crossbar/crossbar.hpp"
#include "numeric/random.hpp"

namespace imcsim::training {

/// The outer product W −= η·x·dᵀ by stochastic pulse trains (doi:10.3389/fnins.2016.00333; with
/// update management, doi:10.3389/fnins.2017.00538). In each of `BL` time slots row i fires with
/// probability B·|x_i| and column j with A·|d_j|; where both fire, the crossing receives one pulse:
///
///     K = η·max|x|·max|d| / Δw      BL = min(⌈K⌉, most)       Δw: weight change of one pulse
///     d' = max|d|·min(1, most/K)
///     A = √(η/(Δw·BL))·√(max|x|/d')     B = √(η/(Δw·BL))·√(d'/max|x|)
///
/// so that the mean is η·|x_i·d_j|/Δw pulses, as long as no probability exceeds 1.
class PulseTrain {
 public:
  static constexpr std::int64_t longest = 31;

  /// `columns` of the matrix; `step`: Δw; `layer` and `purpose` select the random stream.
  PulseTrain(std::size_t columns, double step, std::int64_t most_slots, std::uint64_t seed,
             Purpose purpose, std::uint32_t layer);

  /// Pulses for x (its nonzero rows) and d (one value per column; padding is ignored), rows and
  /// columns ascending, positive where the weight increases. `event` selects the random draws.
  /// Valid until the next call.
  std::span<const crossbar::PulseRequest> draw(const crossbar::DrivenLines& x,
                                               std::span<const float> d, float learning_rate,
                                               std::uint64_t event);

 private:
  /// A column that fires, and its time slots as a bit mask.
  struct Firing {
    std::uint32_t column, slots;
    bool negative;
  };

  std::size_t columns_;
  float step_, most_slots_;
  Stream row_stream_, column_stream_;
  std::vector<Firing> firing_;
  std::vector<crossbar::PulseRequest> requests_;
};

/// Slots of `mask` in which a line fires, each independently with `probability` (to 24 bits), from
/// draw `line` of the sequence `name`.
std::uint32_t firing_slots(const numeric::PhiloxName& name, std::uint32_t line, float probability,
                           std::uint32_t mask);

}  // namespace imcsim::training
