// How weights get into a crossbar: exactly, by blind pulses, by pulses with verifying reads.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "crossbar/crossbar.hpp"

namespace imcsim::crossbar {

void Crossbar::put(const Matrix<float>& weights) {
  const auto scale = static_cast<float>(array_.conductance_per_weight_us);
  const float lowest = model_->lowest_us();
  for (std::size_t i = 0; i < rows_; ++i) {
    for (std::size_t j = 0; j < columns_; ++j) {
      const float weight = weights(i, j);
      const std::size_t crossing = i * columns_ + j;
      pulsed_[crossing] = 0;
      for (device::DeviceArray* array : {&plus_, &minus_}) {
        array->memory[crossing] = 1.0F;
        array->programmed_at_s[crossing] = 0.0;
      }
      plus_.conductance_us[crossing] = lowest + scale * std::max(weight, 0.0F);
      minus_.conductance_us[crossing] = lowest + scale * std::max(-weight, 0.0F);
    }
  }
  restored(0.0);
}

void Crossbar::program(const Matrix<float>& weights, double t_s, OperationCounts& counts) {
  for (std::size_t i = 0; i < rows_; ++i) {
    for (std::size_t j = 0; j < columns_; ++j) {
      write_difference(static_cast<std::uint32_t>(i * columns_ + j),
                       static_cast<double>(weights(i, j)) * array_.conductance_per_weight_us, t_s,
                       counts);
    }
  }
}

void Crossbar::pulse(std::span<const PulseRequest> requests, double t_s, OperationCounts& counts) {
  for (const PulseRequest& request : requests) {
    device::DeviceArray& array = request.count > 0 ? plus_ : minus_;
    const std::uint32_t place[1] = {request.crossing};
    const std::int32_t pulses = std::abs(request.count);
    for (std::int32_t k = 0; k < pulses; ++k) model_->set(array, place, t_s, programming_);
    counts.set_pulses += static_cast<std::uint64_t>(pulses);
    counts.programmed_weights += 1;
    pulsed_[request.crossing] = 1;
    derive(request.crossing / columns_, request.crossing % columns_, 1, t_s);
  }
}

std::span<const WeightChange> Crossbar::refresh_pairs(double t_s, OperationCounts& counts) {
  remainders_.clear();
  std::uint8_t* const begin = pulsed_.data();
  std::uint8_t* const end = begin + pulsed_.size();
  std::uint8_t* next = begin;
  while ((next = static_cast<std::uint8_t*>(
              std::memchr(next, 1, static_cast<std::size_t>(end - next)))) != nullptr) {
    *next = 0;
    const auto crossing = static_cast<std::uint32_t>(next - begin);
    const auto [plus, minus] = pair_us(crossing, t_s);
    const double difference = plus - minus;
    if (std::max(plus, minus) <= array_.refresh_above_us ||
        std::fabs(difference) >= array_.refresh_difference_us) {
      continue;
    }
    write_difference(crossing, difference, t_s, counts);
    counts.refreshed_pairs += 1;
    if (array_.refresh_remainder == RefreshRemainder::drop) continue;
    const auto [new_plus, new_minus] = pair_us(crossing, t_s);
    const double lost_us = difference - (new_plus - new_minus);
    remainders_.push_back(
        {crossing, static_cast<float>(lost_us / array_.conductance_per_weight_us)});
  }
  return remainders_;
}

std::pair<double, double> Crossbar::pair_us(std::uint32_t crossing, double t_s) const {
  float plus = 0.0F;
  float minus = 0.0F;
  model_->conductance_us(plus_, crossing, t_s, {&plus, 1});
  model_->conductance_us(minus_, crossing, t_s, {&minus, 1});
  return {static_cast<double>(plus), static_cast<double>(minus)};
}

void Crossbar::write_difference(std::uint32_t crossing, double difference_us, double t_s,
                                OperationCounts& counts) {
  const std::uint32_t place[1] = {crossing};
  model_->reset(plus_, place, t_s, programming_);
  model_->reset(minus_, place, t_s, programming_);
  counts.reset_pulses += 2;
  device::DeviceArray& array = difference_us > 0.0 ? plus_ : minus_;
  const double enough =
      std::fabs(difference_us) + static_cast<double>(model_->lowest_us()) - array_.verify_margin_us;
  for (std::int64_t k = 0; k < array_.verify_most_pulses; ++k) {
    counts.verify_reads += 1;
    if (static_cast<double>(verify_read_us(array, crossing, t_s)) >= enough) break;
    model_->set(array, place, t_s, programming_);
    counts.set_pulses += 1;
  }
  derive(crossing / columns_, crossing % columns_, 1, t_s);
}

float Crossbar::verify_read_us(const device::DeviceArray& array, std::uint32_t place,
                               double t_s) const {
  float g = 0.0F;
  float deviation = 0.0F;
  model_->conductance_us(array, place, t_s, {&g, 1});
  if (model_->read_noise_us({&g, 1}, {&deviation, 1})) {
    g += deviation * verify_.of(array.first_entity + place).normal(array.pulses[place]);
  }
  return g;
}

}  // namespace imcsim::crossbar
