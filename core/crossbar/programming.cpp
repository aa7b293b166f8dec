// How weights get into a crossbar: exactly, by blind pulses, by pulses with verifying reads.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "crossbar/crossbar.hpp"

namespace imcsim::crossbar {

void Crossbar::put(const Matrix<float>& weights) {
  const auto scale = static_cast<float>(array_.conductance_per_weight_us);
  const float lowest = model_->lowest_us();
  std::fill(pulsed_.begin(), pulsed_.end(), std::uint8_t{0});
  for (device::DeviceArray* array : {&plus_, &minus_}) {
    std::fill(array->memory.begin(), array->memory.end(), 1.0F);
    std::fill(array->programmed_at_s.begin(), array->programmed_at_s.end(), 0.0);
  }
  for (std::size_t i = 0; i < rows_; ++i) {
    for (std::size_t j = 0; j < columns_; ++j) {
      const float weight = weights(i, j);
      for (std::size_t n = 0; n < devices_; ++n) {
        const std::size_t place = (i * columns_ + j) * devices_ + n;
        plus_.conductance_us[place] = lowest + scale * std::max(weight, 0.0F);
        minus_.conductance_us[place] = lowest + scale * std::max(-weight, 0.0F);
      }
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
    const std::int32_t pulses = std::abs(request.count);
    for (std::int32_t k = 0; k < pulses; ++k) set(array, request.crossing, t_s, counts);
    counts.programmed_weights += 1;
    pulsed_[request.crossing] = 1;
    derive(request.crossing, t_s);
  }
}

/// One SET pulse to a polarity of a crossing.
void Crossbar::set(device::DeviceArray& array, std::uint32_t crossing, double t_s,
                   OperationCounts& counts) {
  const auto first = static_cast<std::uint32_t>(crossing * devices_);
  if (array_.arbitration == Arbitration::all) {
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

/// The device that the next pulse goes to (Boybat et al. 2018, doi:10.1038/s41467-018-04933-y).
std::uint32_t Crossbar::arbitrate(const device::DeviceArray& array, std::uint32_t crossing) {
  const auto count = static_cast<std::uint32_t>(devices_);
  if (count == 1) return 0;
  if (array_.arbitration == Arbitration::random) {
    const auto first = static_cast<std::uint32_t>(crossing * devices_);
    std::uint64_t pulses = 0;
    for (std::uint32_t n = 0; n < count; ++n) pulses += array.pulses[first + n];
    const std::uint64_t word = arbitration_.of(array.first_entity + first).word(pulses);
    return static_cast<std::uint32_t>((word * count) >> 32);
  }
  const std::uint32_t chosen = selection_[0];
  selection_[0] = (chosen + 1) % count;
  return chosen;
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
    const double plus = mean_us(plus_, crossing, t_s);
    const double minus = mean_us(minus_, crossing, t_s);
    const double difference = plus - minus;
    if (std::max(plus, minus) <= array_.refresh_above_us ||
        std::fabs(difference) >= array_.refresh_difference_us) {
      continue;
    }
    write_difference(crossing, difference, t_s, counts);
    counts.refreshed_pairs += 1;
    if (array_.refresh_remainder == RefreshRemainder::drop) continue;
    const double lost_us =
        difference - (mean_us(plus_, crossing, t_s) - mean_us(minus_, crossing, t_s));
    remainders_.push_back(
        {crossing, static_cast<float>(lost_us / array_.conductance_per_weight_us)});
  }
  return remainders_;
}

/// Mean conductance of a polarity, as drifted, without noise.
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

/// RESETs all devices of a crossing and gives each of one polarity the whole difference.
void Crossbar::write_difference(std::uint32_t crossing, double difference_us, double t_s,
                                OperationCounts& counts) {
  device::DeviceArray& array = difference_us > 0.0 ? plus_ : minus_;
  const double enough_us =
      std::fabs(difference_us) + static_cast<double>(model_->lowest_us()) - array_.verify_margin_us;
  for (std::size_t n = 0; n < devices_; ++n) {
    const auto place = static_cast<std::uint32_t>(crossing * devices_ + n);
    model_->reset(plus_, {&place, 1}, t_s, programming_);
    model_->reset(minus_, {&place, 1}, t_s, programming_);
    counts.reset_pulses += 2;
    set_until_verified(array, place, enough_us, t_s, counts);
  }
  derive(crossing, t_s);
}

/// SET pulses until a read, with its noise, shows `enough_us`.
void Crossbar::set_until_verified(device::DeviceArray& array, std::uint32_t place, double enough_us,
                                  double t_s, OperationCounts& counts) {
  for (std::int64_t k = 0; k < array_.verify_most_pulses; ++k) {
    counts.verify_reads += 1;
    if (static_cast<double>(verify_read_us(array, place, t_s)) >= enough_us) return;
    model_->set(array, {&place, 1}, t_s, programming_);
    counts.set_pulses += 1;
  }
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
