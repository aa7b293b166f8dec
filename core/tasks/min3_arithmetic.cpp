// The min3 convention: NOT and minority gates, batches of initializations in one cycle, and
// partitions of the row that work in parallel.
#include <bit>

#include "tasks/row_arithmetic.hpp"

namespace imcsim::tasks {
namespace {

/// a + b, or, with `subtracts`, a + ¬b + 1. A bit takes five cycles: ¬carry, carry, intermediate
/// result, sum, initialization.
RowResult ripple(const RowOperands& operands, bool subtracts, const GateErrors& errors) {
  const std::size_t n = operands.bits;
  StatefulArray array(operands.a.size(), errors.probability, errors.stream);
  const std::size_t a = array.add_cells(n);
  std::size_t b = array.add_cells(n);
  detail::load_values(array, a, n, operands.a);
  detail::load_values(array, b, n, operands.b);
  const std::size_t sum = array.add_cells(n);
  std::size_t carry = array.add_cells(1);
  std::size_t next_carry = array.add_cells(1);
  std::size_t not_carry = array.add_cells(1);
  std::size_t next_not_carry = array.add_cells(1);
  const std::size_t help = array.add_cells(1);

  array.initialize(subtracts ? not_carry : carry, false);
  array.tick();
  for (std::size_t k = 0; k < n; ++k) array.initialize(sum + k, true);
  for (const std::size_t cell : {next_carry, next_not_carry, help}) array.initialize(cell, true);
  array.initialize(subtracts ? carry : not_carry, true);
  if (subtracts) {
    const std::size_t inverse = array.add_cells(n);
    for (std::size_t k = 0; k < n; ++k) array.initialize(inverse + k, true);
    array.tick();
    for (std::size_t k = 0; k < n; ++k) {
      array.invert(b + k, inverse + k);
      array.tick();
    }
    b = inverse;
  } else {
    array.tick();
  }
  for (std::size_t k = 0; k < n; ++k) {
    array.min3(a + k, b + k, carry, next_not_carry);
    array.invert(next_not_carry, next_carry);
    array.min3(a + k, b + k, not_carry, help);
    array.min3(next_carry, not_carry, help, sum + k);
    array.tick(4);
    if (k + 1 < n) {
      for (const std::size_t cell : {help, carry, not_carry}) array.initialize(cell, true);
      array.tick();
    }
    std::swap(carry, next_carry);
    std::swap(not_carry, next_not_carry);
  }
  std::vector<std::size_t> places(n);
  for (std::size_t k = 0; k < n; ++k) places[k] = sum + k;
  if (subtracts) return detail::read_out(array, places, carry);
  places.push_back(carry);
  return detail::read_out(array, places);
}

/// A partition of the multiplier: unit u holds ¬a_{N−1−u}, relays b_k, and adds a·b_k to the sum
/// from unit u − 1. Sums and carries are stored twice, for even and odd stages.
struct MultiplierUnit {
  std::size_t help = 0, not_a = 0, b = 0;
  std::size_t product = 0;  ///< a ∧ b, if b arrives inverted
  std::size_t sum[2] = {}, carry[2] = {}, not_carry[2] = {};
};

class CarrySaveMultiplier {
 public:
  CarrySaveMultiplier(const RowOperands& operands, const GateErrors& errors)
      : n_(operands.bits), array_(operands.a.size(), errors.probability, errors.stream) {
    a_ = array_.add_cells(n_);
    b_ = array_.add_cells(n_);
    detail::load_values(array_, a_, n_, operands.a);
    detail::load_values(array_, b_, n_, operands.b);
    for (std::size_t u = 0; u < n_; ++u) units_.push_back(make_unit(u));
    out_ = array_.add_cells(2 * n_);
  }

  RowResult run() {
    prepare();
    for (std::size_t k = 0; k < 2 * n_; ++k) {
      if (k < n_) partial_products(k);
      add_and_pass_on(k);
      clean_up(k);
    }
    std::vector<std::size_t> places(2 * n_);
    for (std::size_t k = 0; k < 2 * n_; ++k) places[k] = out_ + k;
    return detail::read_out(array_, places);
  }

 private:
  MultiplierUnit make_unit(std::size_t u) {
    MultiplierUnit unit;
    unit.help = array_.add_cells(1);
    unit.not_a = array_.add_cells(1);
    unit.b = array_.add_cells(1);
    if (u == 0) return unit;
    unit.product = array_.add_cells(1);
    for (const std::size_t s : {0U, 1U}) {
      unit.sum[s] = array_.add_cells(1);
      unit.carry[s] = array_.add_cells(1);
      unit.not_carry[s] = array_.add_cells(1);
    }
    return unit;
  }

  void set(std::size_t cell) { array_.initialize(cell, true); }
  void clear(std::size_t cell) { array_.initialize(cell, false); }

  /// Two cycles of initialization, then N cycles that distribute the bits of a to the partitions.
  void prepare() {
    for (std::size_t u = 0; u < n_; ++u) {
      const MultiplierUnit& unit = units_[u];
      for (const std::size_t cell : {unit.help, unit.not_a, unit.b}) set(cell);
      if (u == 0) continue;
      for (const std::size_t cell :
           {unit.product, unit.not_carry[0], unit.sum[1], unit.carry[1], unit.not_carry[1]}) {
        set(cell);
      }
    }
    for (std::size_t k = 0; k < 2 * n_; ++k) set(out_ + k);
    array_.tick();
    for (std::size_t u = 1; u < n_; ++u) {
      clear(units_[u].sum[0]);
      clear(units_[u].carry[0]);
    }
    array_.tick();
    for (std::size_t i = 0; i < n_; ++i) {
      array_.invert(a_ + i, units_[n_ - 1 - i].not_a);
      array_.tick();
    }
  }

  /// b_k is inverted once per one in the binary representation of u on its way to unit u: log₂N
  /// cycles of a tree, in which the halves of the row work in parallel.
  static bool arrives_inverted(std::size_t u) {
    return std::popcount(static_cast<std::uint64_t>(u)) % 2 == 1;
  }

  /// One cycle: ¬(¬a ∨ ¬b) where b arrives inverted; elsewhere b's cell becomes b ∧ ¬(¬a).
  void partial_products(std::size_t k) {
    for (std::size_t step = std::bit_ceil(n_) / 2; step > 0; step /= 2) {
      for (std::size_t u = 0; u + step < n_; u += 2 * step) {
        array_.invert(u == 0 ? b_ + k : units_[u].b, units_[u + step].b);
      }
      array_.tick();
    }
    array_.invert(b_ + k, units_[0].b);
    for (std::size_t u = 1; u < n_; ++u) {
      const MultiplierUnit& unit = units_[u];
      if (arrives_inverted(u)) {
        array_.min3(unit.not_a, unit.b, unit.help, unit.product);
      } else {
        array_.invert(unit.not_a, unit.b);
      }
    }
    array_.tick();
  }

  /// Five cycles: ¬carry, carry, intermediate result, then the sums to the next partition, first
  /// odd, then even ones.
  void add_and_pass_on(std::size_t k) {
    const std::size_t now = k % 2;
    const std::size_t next = 1 - now;
    for (std::size_t u = 1; u < n_; ++u) {
      const MultiplierUnit& unit = units_[u];
      const std::size_t product = k < n_ && arrives_inverted(u) ? unit.product : unit.b;
      array_.min3(product, unit.sum[now], unit.carry[now], unit.not_carry[next]);
      array_.invert(unit.not_carry[next], unit.carry[next]);
      array_.min3(product, unit.sum[now], unit.not_carry[now], unit.help);
    }
    for (std::size_t u = n_ - 1; u > 0; --u) {
      const MultiplierUnit& unit = units_[u];
      const std::size_t to = u + 1 < n_ ? units_[u + 1].sum[next] : out_ + k;
      array_.min3(unit.carry[next], unit.not_carry[now], unit.help, to);
    }
    const MultiplierUnit& first = units_[0];
    const std::size_t to = n_ > 1 ? units_[1].sum[next] : out_ + k;
    if (k < n_) {
      array_.min3(first.not_a, first.b, first.help, to);
    } else {
      clear(to);
    }
    array_.tick(5);
  }

  void clean_up(std::size_t k) {
    const std::size_t now = k % 2;
    set(units_[0].b);
    for (std::size_t u = 1; u < n_; ++u) {
      const MultiplierUnit& unit = units_[u];
      if (k < n_) set(unit.b);
      for (const std::size_t cell :
           {unit.product, unit.sum[now], unit.carry[now], unit.not_carry[now], unit.help}) {
        set(cell);
      }
    }
    array_.tick();
    if (k + 1 != n_) return;
    for (const MultiplierUnit& unit : units_) clear(unit.b);
    array_.tick();
  }

  std::size_t n_;
  StatefulArray array_;
  std::size_t a_ = 0, b_ = 0, out_ = 0;
  std::vector<MultiplierUnit> units_;
};

}  // namespace

RowResult compute_min3(RowOperation operation, const RowOperands& operands,
                       const GateErrors& errors) {
  if (operation == RowOperation::multiply) return CarrySaveMultiplier(operands, errors).run();
  return ripple(operands, operation == RowOperation::subtract, errors);
}

}  // namespace imcsim::tasks
