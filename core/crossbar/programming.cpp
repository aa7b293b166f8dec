// Programming of weights into a crossbar, pulses in training, and refresh.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "crossbar/crossbar.hpp"
#include "numeric/events.hpp"

namespace imcsim::crossbar {

/// Target conductances of both polarities for a weight [µS].
std::pair<float, float> Crossbar::targets_us(float weight) const {
  const auto scale = static_cast<float>(config_.array.conductance_per_weight_us);
  const float lowest = model_->lowest_us();
  if (minus_.size() > 0) {
    return {lowest + scale * std::max(weight, 0.0F), lowest + scale * std::max(-weight, 0.0F)};
  }
  const float wanted = reference_us_ + scale * weight;
  return {std::clamp(wanted, lowest, model_->highest_us()), reference_us_};
}

void Crossbar::set_exact(const Matrix<float>& weights) {
  std::fill(pulsed_.begin(), pulsed_.end(), std::uint8_t{0});
  for (std::size_t i = 0; i < rows_; ++i) {
    for (std::size_t j = 0; j < columns_; ++j) {
      const auto [plus_us, minus_us] = targets_us(weights(i, j));
      for (std::size_t n = 0; n < devices_; ++n) {
        const auto place = static_cast<std::uint32_t>((i * columns_ + j) * devices_ + n);
        model_->set_exact(plus_, place, plus_us, 0.0, programming_);
        if (minus_.size() > 0) model_->set_exact(minus_, place, minus_us, 0.0, programming_);
      }
    }
  }
  rebuild_derived(0.0);
  update_wire_attenuation(0.0);
}

WriteReport Crossbar::program_devices(const Matrix<float>& weights, double t_s,
                                      OperationCounts& counts) {
  WriteReport report;
  const auto one = [&](device::DeviceArray& array, std::uint32_t place, float target_us) {
    const device::Programmed done =
        programmer_.program(array, place, target_us, t_s, counts, stuck_us(array, place));
    report.devices += 1;
    report.converged += done.converged ? 1 : 0;
    report.pulses += done.pulses;
  };
  for (std::size_t i = 0; i < rows_; ++i) {
    for (std::size_t j = 0; j < columns_; ++j) {
      const auto [plus_us, minus_us] = targets_us(weights(i, j));
      for (std::size_t n = 0; n < devices_; ++n) {
        const auto place = static_cast<std::uint32_t>((i * columns_ + j) * devices_ + n);
        one(plus_, place, plus_us);
        if (minus_.size() > 0) one(minus_, place, minus_us);
      }
    }
  }
  rebuild_derived(t_s);
  update_wire_attenuation(t_s);
  return report;
}

void Crossbar::reset_and_set(const Matrix<float>& weights, double t_s, OperationCounts& counts) {
  for (std::size_t i = 0; i < rows_; ++i) {
    for (std::size_t j = 0; j < columns_; ++j) {
      write_difference(static_cast<std::uint32_t>(i * columns_ + j),
                       static_cast<double>(weights(i, j)) * config_.array.conductance_per_weight_us,
                       t_s, counts);
    }
  }
  update_wire_attenuation(t_s);
}

void Crossbar::pulse(std::span<const PulseRequest> requests, double t_s, OperationCounts& counts) {
  for (const PulseRequest& request : requests) {
    const bool up = request.count > 0;
    const std::int32_t pulses = std::abs(request.count);
    for (std::int32_t k = 0; k < pulses; ++k) {
      if (is_gated(up)) continue;
      if (!up && minus_.size() == 0) {
        depress(request.crossing, t_s, counts);
      } else {
        set(up ? plus_ : minus_, request.crossing, t_s, counts);
      }
    }
    counts.programmed_weights += 1;
    pulsed_[request.crossing] = 1;
    derive(request.crossing, t_s);
  }
}

/// Whether a pulse is suppressed: of `potentiation_every` or `depression_every` requested pulses,
/// counted over the whole array, only the first is applied (Boybat et al. 2018,
/// doi:10.1038/s41467-018-04933-y).
bool Crossbar::is_gated(bool potentiates) {
  const auto every = static_cast<std::uint32_t>(potentiates ? config_.array.potentiation_every
                                                            : config_.array.depression_every);
  std::uint32_t& count = selection_[potentiates ? 1 : 2];
  const bool given = count == 0;
  count = (count + 1) % every;
  // The device counter is incremented for suppressed pulses, too.
  if (!given) selection_[0] = (selection_[0] + 1) % static_cast<std::uint32_t>(devices_);
  return !given;
}

/// One depression pulse to a single synapse.
void Crossbar::depress(std::uint32_t crossing, double t_s, OperationCounts& counts) {
  const auto first = static_cast<std::uint32_t>(crossing * devices_);
  const bool all = config_.array.arbitration == Arbitration::all;
  const std::uint32_t chosen = all ? 0 : arbitrate(plus_, crossing);
  for (std::uint32_t n = chosen; n < (all ? devices_ : chosen + 1); ++n) {
    const std::uint32_t place[1] = {first + n};
    model_->depress(plus_, place, t_s, programming_);
    counts.reset_pulses += 1;
  }
}

/// One SET pulse to a polarity of a crossing.
void Crossbar::set(device::DeviceArray& array, std::uint32_t crossing, double t_s,
                   OperationCounts& counts) {
  const auto first = static_cast<std::uint32_t>(crossing * devices_);
  if (config_.array.arbitration == Arbitration::all) {
    for (std::uint32_t n = 0; n < devices_; ++n) {
      const std::uint32_t place[1] = {first + n};
      model_->set(array, place, t_s, programming_);
    }
    counts.set_pulses += devices_;
    return;
  }
  const std::uint32_t place[1] = {first + arbitrate(array, crossing)};
  model_->set(array, place, t_s, programming_);
  counts.set_pulses += 1;
}

/// Device that gets the next pulse (Boybat et al. 2018, doi:10.1038/s41467-018-04933-y).
std::uint32_t Crossbar::arbitrate(const device::DeviceArray& array, std::uint32_t crossing) {
  const auto count = static_cast<std::uint32_t>(devices_);
  if (count == 1) return 0;
  if (config_.array.arbitration == Arbitration::random) {
    const auto first = static_cast<std::uint32_t>(crossing * devices_);
    std::uint64_t pulses = 0;
    for (std::uint32_t n = 0; n < count; ++n) pulses += array.pulses[first + n];
    const std::uint64_t word =
        arbitration_.of(array.entity(first)).word(events::arbitrations(pulses));
    return static_cast<std::uint32_t>((word * count) >> 32);
  }
  const std::uint32_t chosen = selection_[0];
  selection_[0] = (chosen + 1) % count;
  return chosen;
}

std::span<const WeightChange> Crossbar::refresh_pairs(double t_s, OperationCounts& counts) {
  remainders_.clear();
  if (minus_.size() == 0) return remainders_;  // no pairs
  std::uint8_t* const begin = pulsed_.data();
  std::uint8_t* const end = begin + pulsed_.size();
  std::uint8_t* next = begin;
  while ((next = static_cast<std::uint8_t*>(
              std::memchr(next, 1, static_cast<std::size_t>(end - next)))) != nullptr) {
    *next = 0;
    const auto crossing = static_cast<std::uint32_t>(next - begin);
    const double plus = mean_us(plus_, crossing, t_s);
    const double minus = mean_us(minus_, crossing, t_s);
    const double difference = plus - minus;
    if (std::max(plus, minus) <= config_.array.refresh_above_us ||
        std::fabs(difference) >= config_.array.refresh_difference_us) {
      continue;
    }
    write_difference(crossing, difference, t_s, counts);
    counts.refreshed_pairs += 1;
    if (config_.array.refresh_remainder == RefreshRemainder::drop) continue;
    const double lost_us =
        difference - (mean_us(plus_, crossing, t_s) - mean_us(minus_, crossing, t_s));
    remainders_.push_back(
        {crossing, static_cast<float>(lost_us / config_.array.conductance_per_weight_us)});
  }
  return remainders_;
}

/// Mean conductance of a polarity [µS], with drift, without noise.
double Crossbar::mean_us(const device::DeviceArray& array, std::uint32_t crossing,
                         double t_s) const {
  double sum = 0.0;
  for (std::size_t n = 0; n < devices_; ++n) {
    float g = 0.0F;
    model_->conductance_us(array, crossing * devices_ + n, t_s, {&g, 1});
    sum += static_cast<double>(g);
  }
  return sum / static_cast<double>(devices_);
}

/// Resets all devices of a crossing, then programs each device of one polarity to the whole
/// difference. A single synapse is programmed to its reference plus the difference.
void Crossbar::write_difference(std::uint32_t crossing, double difference_us, double t_s,
                                OperationCounts& counts) {
  if (minus_.size() == 0) {
    const auto target = static_cast<float>(static_cast<double>(reference_us_) + difference_us);
    for (std::size_t n = 0; n < devices_; ++n) {
      const auto place = static_cast<std::uint32_t>(crossing * devices_ + n);
      programmer_.program(plus_, place, std::max(target, model_->lowest_us()), t_s, counts,
                          stuck_us(plus_, place));
    }
    return derive(crossing, t_s);
  }
  device::DeviceArray& array = difference_us > 0.0 ? plus_ : minus_;
  const double threshold_us = std::fabs(difference_us) + static_cast<double>(model_->lowest_us()) -
                              config_.programming.verify_margin_us;
  for (std::size_t n = 0; n < devices_; ++n) {
    const auto place = static_cast<std::uint32_t>(crossing * devices_ + n);
    model_->reset(plus_, {&place, 1}, t_s, programming_);
    model_->reset(minus_, {&place, 1}, t_s, programming_);
    counts.reset_pulses += 2;
    set_until_verified(array, place, threshold_us, t_s, counts);
  }
  derive(crossing, t_s);
}

/// SET pulses until a verify read, with its noise, is at least `threshold_us`.
void Crossbar::set_until_verified(device::DeviceArray& array, std::uint32_t place,
                                  double threshold_us, double t_s, OperationCounts& counts) {
  for (std::int64_t k = 0; k < config_.programming.verify_most_pulses; ++k) {
    const float shown = programmer_.verify_read_us(array, place, t_s, counts);
    if (static_cast<double>(stuck_us(array, place).value_or(shown)) >= threshold_us) return;
    model_->set(array, {&place, 1}, t_s, programming_);
    counts.set_pulses += 1;
  }
}

}  // namespace imcsim::crossbar
