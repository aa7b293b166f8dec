#include "training/pulse_train.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "numeric/events.hpp"
#include "numeric/philox.hpp"

namespace imcsim::training {
namespace {

constexpr std::uint32_t bits_of_probability = 24;
constexpr std::uint32_t blocks_per_line = 8;  // 24 words are 6 blocks of 4

}  // namespace

/// All slots at once: word k holds bit k, from the highest, of a uniform random number of each
/// slot. A slot fires if its number is below the probability, which the first differing bit
/// decides; after about seven words all slots are decided.
std::uint32_t firing_slots(const numeric::PhiloxName& name, std::uint32_t line, float probability,
                           std::uint32_t mask) {
  if (!(probability > 0.0F)) return 0;
  if (probability >= 1.0F) return mask;
  const auto threshold = static_cast<std::uint32_t>(probability * 0x1p24F);
  std::uint32_t fires = 0;
  std::uint32_t undecided = mask;
  std::uint32_t block[4][1] = {};
  for (std::uint32_t k = 0; k < bits_of_probability && undecided != 0; ++k) {
    if (k % 4 == 0) numeric::philox(name, line * blocks_per_line + k / 4, block);
    const std::uint32_t word = block[k % 4][0];
    if (((threshold >> (bits_of_probability - 1 - k)) & 1U) != 0) {
      fires |= undecided & ~word;
      undecided &= word;
    } else {
      undecided &= ~word;
    }
  }
  return fires;
}

PulseTrain::PulseTrain(std::size_t columns, double step, std::int64_t most_slots,
                       std::uint64_t seed, Purpose purpose, std::uint32_t layer)
    : columns_(columns),
      step_(static_cast<float>(step)),
      most_slots_(static_cast<float>(most_slots)),
      row_stream_(seed, purpose, entities::pulse_train(layer, 0)),
      column_stream_(seed, purpose, entities::pulse_train(layer, 1)) {}

std::span<const crossbar::PulseRequest> PulseTrain::draw(const crossbar::DrivenLines& x,
                                                         std::span<const float> d,
                                                         float learning_rate, std::uint64_t event) {
  requests_.clear();
  float most_x = 0.0F;
  float most_d = 0.0F;
  for (std::size_t k = 0; k < x.count; ++k) most_x = std::max(most_x, std::fabs(x.value[k]));
  for (std::size_t j = 0; j < columns_; ++j) most_d = std::max(most_d, std::fabs(d[j]));
  const float wanted = learning_rate * most_x * most_d / step_;
  if (!(wanted > 0.0F)) return requests_;
  const float slots = std::min(std::ceil(wanted), most_slots_);
  const float limited_d = most_d * std::min(1.0F, most_slots_ / wanted);
  const float both = std::sqrt(learning_rate / (step_ * slots));
  const float a = both * std::sqrt(most_x / limited_d);
  const float b = both * std::sqrt(limited_d / most_x);
  const std::uint32_t mask = (std::uint32_t{1} << static_cast<std::uint32_t>(slots)) - 1;

  firing_.clear();
  const numeric::PhiloxName columns = column_stream_.name(event);
  for (std::size_t j = 0; j < columns_; ++j) {
    const auto column = static_cast<std::uint32_t>(j);
    const std::uint32_t fires = firing_slots(columns, column, a * std::fabs(d[j]), mask);
    if (fires != 0) firing_.push_back({column, fires, d[j] < 0.0F});
  }
  if (firing_.empty()) return requests_;
  const numeric::PhiloxName rows = row_stream_.name(event);
  for (std::size_t k = 0; k < x.count; ++k) {
    const std::uint32_t fires = firing_slots(rows, x.line[k], b * std::fabs(x.value[k]), mask);
    if (fires == 0) continue;
    const bool negative = x.value[k] < 0.0F;
    const auto first = static_cast<std::uint32_t>(x.line[k] * columns_);
    for (const Firing& column : firing_) {
      const auto pulses = static_cast<std::int32_t>(std::popcount(fires & column.slots));
      if (pulses == 0) continue;
      requests_.push_back({first + column.column, column.negative == negative ? -pulses : pulses});
    }
  }
  return requests_;
}

}  // namespace imcsim::training
