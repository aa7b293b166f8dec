#include "crossbar/accumulator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::crossbar {

std::span<const std::string_view> names_of(Rounding) {
  static constexpr std::array<std::string_view, 3> names = {"truncate", "nearest", "stochastic"};
  return names;
}

Accumulator::Accumulator(std::size_t rows, std::size_t columns, double granularity,
                         std::int32_t pulses_per_granularity, Rounding rounding,
                         const Stream& rounding_stream, const Execution& execution)
    : chi_(padded_matrix<float>(rows, columns)),
      columns_(columns),
      granularity_(granularity),
      pulses_per_unit_(0.5F * static_cast<float>(pulses_per_granularity)),
      rounding_(rounding),
      rounding_stream_(rounding_stream),
      kernels_(kernels(execution.isa)),
      overflow_(rows),
      row_is_due_(rows, 0) {}

void Accumulator::accumulate(const DrivenLines& x, std::span<float> gradient) {
  const auto per_unit = static_cast<float>(2.0 / granularity_);
  for (float& g : gradient) g *= per_unit;
  kernels_.accumulate_outer(x.line.data(), x.value.data(), x.count, chi_.data(), chi_.shape(1),
                            gradient.data(), overflow_.data());
  for (std::size_t l = 0; l < x.count; ++l) {
    if (overflow_[l] != 0) mark_due(x.line[l]);
  }
}

void Accumulator::advance(Matrix<float>& velocity, float rate, float momentum) {
  const std::size_t stride = chi_.shape(1);
  const float per_unit = rate * static_cast<float>(2.0 / granularity_);
  for (std::uint32_t row = 0; row < row_is_due_.size(); ++row) {
    const std::size_t first = row * stride;
    if (kernels_.advance(stride, per_unit, momentum, velocity.data() + first,
                         chi_.data() + first) != 0) {
      mark_due(row);
    }
  }
}

void Accumulator::add(const WeightChange& change) {
  const auto row = static_cast<std::uint32_t>(change.crossing / columns_);
  float& chi = chi_(row, change.crossing % columns_);
  chi += change.weight * static_cast<float>(2.0 / granularity_);
  if (std::fabs(chi) >= 2.0F) mark_due(row);
}

void Accumulator::mark_due(std::uint32_t row) {
  if (row_is_due_[row] != 0) return;
  row_is_due_[row] = 1;
  due_rows_.push_back(row);
}

std::span<const PulseRequest> Accumulator::transfer(std::uint64_t event) {
  requests_.clear();
  std::vector<std::uint32_t>& rows = rows_in_transfer_;
  rows.swap(due_rows_);
  due_rows_.clear();
  std::sort(rows.begin(), rows.end());
  for (const std::uint32_t row : rows) {
    row_is_due_[row] = 0;
    for (std::size_t column = 0; column < columns_; ++column) {
      float& chi = chi_(row, column);
      if (!(std::fabs(chi) >= 2.0F)) continue;  // also skips NaN
      const auto crossing = static_cast<std::uint32_t>(row * columns_ + column);
      const std::int32_t pulses = pulses_due(chi, event, crossing);
      chi -= static_cast<float>(pulses) / pulses_per_unit_;
      requests_.push_back({crossing, pulses});
    }
  }
  return requests_;
}

void Accumulator::rebuild_derived() {
  due_rows_.clear();
  std::fill(row_is_due_.begin(), row_is_due_.end(), std::uint8_t{0});
  for (std::uint32_t row = 0; row < row_is_due_.size(); ++row) {
    for (std::size_t column = 0; column < columns_; ++column) {
      if (std::fabs(chi_(row, column)) >= 2.0F) mark_due(row);
    }
  }
}

std::int32_t Accumulator::pulses_due(float chi, std::uint64_t event, std::uint32_t crossing) const {
  constexpr float most = 1000.0F;
  const float magnitude = pulses_per_unit_ * std::fabs(chi);
  if (magnitude > most) {
    throw RunError(
        fmt::format("training diverged: one update requests {:.0f} pulses for one weight; decrease "
                    "learning-rate or increase granularity",
                    magnitude));
  }
  float whole = 0.0F;
  switch (rounding_) {
    case Rounding::truncate: whole = std::trunc(magnitude); break;
    case Rounding::nearest: whole = numeric::round_even(magnitude); break;
    case Rounding::stochastic:
      whole = std::floor(magnitude + rounding_stream_.uniform(event, crossing));
      break;
  }
  const auto pulses = static_cast<std::int32_t>(whole);
  return chi > 0.0F ? pulses : -pulses;
}

}  // namespace imcsim::crossbar
