#include "tasks/stateful_array.hpp"

#include <algorithm>
#include <bit>

#include "numeric/events.hpp"

namespace imcsim::tasks {

StatefulArray::StatefulArray(std::size_t rows, double gate_error, const Stream& errors)
    : rows_(rows), words_((rows + 63) / 64), gate_error_(gate_error), errors_(errors) {}

std::size_t StatefulArray::add_cells(std::size_t count) {
  const std::size_t first = bits_.size();
  bits_.resize(first + count, std::vector<std::uint64_t>(words_));
  writes_.resize(first + count);
  return first;
}

std::uint64_t StatefulArray::present(std::size_t w) const {
  const std::size_t left = rows_ - 64 * w;
  return left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1;
}

void StatefulArray::note(StatefulKind kind, std::size_t out,
                         std::initializer_list<std::size_t> from) {
  if (steps_.size() >= most_steps) return;
  CellStep step;
  step.kind = kind;
  step.out = static_cast<std::uint32_t>(out);
  std::size_t i = 0;
  for (const std::size_t cell : from) step.from[i++] = static_cast<std::uint32_t>(cell);
  step.cycle = static_cast<std::uint32_t>(cycles_);
  step.rows = static_cast<std::uint32_t>(bits_[out][0] & present(0) & 0xFFFFFFFFU);
  steps_.push_back(step);
}

void StatefulArray::load(std::size_t cell, std::span<const std::uint64_t> bits) {
  std::copy_n(bits.begin(), words_, bits_[cell].begin());
  for (std::size_t w = 0; w < words_; ++w) {
    set_pulses_ += static_cast<std::uint64_t>(std::popcount(bits[w] & present(w)));
    reset_pulses_ += static_cast<std::uint64_t>(std::popcount(~bits[w] & present(w)));
  }
  note(StatefulKind::load, cell);
}

void StatefulArray::preset(std::size_t first) {
  for (std::size_t cell = first; cell < bits_.size(); ++cell) {
    std::fill(bits_[cell].begin(), bits_[cell].end(), ~std::uint64_t{0});
  }
}

void StatefulArray::initialize(std::size_t cell, bool to) {
  std::fill_n(bits_[cell].begin(), words_, to ? ~std::uint64_t{0} : 0);
  initializations_ += 1;
  (to ? set_pulses_ : reset_pulses_) += rows_;
  writes_[cell] += 1;
  note(StatefulKind::initialize, cell);
}

template <class Word>
void StatefulArray::gate(std::size_t out, Word word) {
  std::uint64_t* to = bits_[out].data();
  for (std::size_t w = 0; w < words_; ++w) {
    const std::uint64_t before = to[w];
    to[w] &= word(w);
    reset_pulses_ += static_cast<std::uint64_t>(std::popcount((before ^ to[w]) & present(w)));
  }
  writes_[out] += 1;
  if (gate_error_ > 0.0) {
    ErrorPositions wrong(gate_error_, errors_, events::error_sequences(gates_));
    for (std::uint64_t row = wrong.next(); row < rows_; row = wrong.next()) {
      to[row / 64] ^= std::uint64_t{1} << (row % 64);
      wrong_bits_ += 1;
    }
  }
  gates_ += 1;
}

void StatefulArray::invert(std::size_t a, std::size_t out) {
  const std::uint64_t* from = bits_[a].data();
  gate(out, [&](std::size_t w) { return ~from[w]; });
  note(StatefulKind::invert, out, {a});
}

void StatefulArray::nor(std::size_t a, std::size_t b, std::size_t out) {
  const std::uint64_t* x = bits_[a].data();
  const std::uint64_t* y = bits_[b].data();
  gate(out, [&](std::size_t w) { return ~(x[w] | y[w]); });
  note(StatefulKind::nor, out, {a, b});
}

void StatefulArray::min3(std::size_t a, std::size_t b, std::size_t c, std::size_t out) {
  const std::uint64_t* x = bits_[a].data();
  const std::uint64_t* y = bits_[b].data();
  const std::uint64_t* z = bits_[c].data();
  gate(out, [&](std::size_t w) { return ~((x[w] & y[w]) | (x[w] & z[w]) | (y[w] & z[w])); });
  note(StatefulKind::min3, out, {a, b, c});
}

std::uint64_t StatefulArray::most_writes() const {
  return writes_.empty() ? 0 : *std::max_element(writes_.begin(), writes_.end());
}

}  // namespace imcsim::tasks
