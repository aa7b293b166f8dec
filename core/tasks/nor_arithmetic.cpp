// The 1-init convention: each gate takes one cycle, after one cycle that initializes its output.
#include <algorithm>

#include "tasks/row_arithmetic.hpp"

namespace imcsim::tasks {
namespace {

using Cells = std::vector<std::size_t>;

// Beyond this, Karatsuba's method takes fewer cycles.
constexpr std::size_t max_schoolbook_bits = 20;

Cells part(const Cells& cells, std::size_t first, std::size_t count) {
  const auto from = cells.begin() + static_cast<std::ptrdiff_t>(first);
  return {from, from + static_cast<std::ptrdiff_t>(count)};
}

/// `cells`, extended with `filler` to `count` entries.
Cells filled(Cells cells, std::size_t count, std::size_t filler) {
  cells.resize(count, filler);
  return cells;
}

/// Gate operations on a row, each with initialization, and allocation of its cells.
class NorRow {
 public:
  explicit NorRow(StatefulArray& array) : array_(array) {}

  void set_to(std::size_t cell, bool value) {
    array_.initialize(cell, value);
    array_.tick();
  }
  void invert(std::size_t a, std::size_t out) {
    set_to(out, true);
    array_.invert(a, out);
    array_.tick();
  }
  void nor(std::size_t a, std::size_t b, std::size_t out) {
    set_to(out, true);
    array_.nor(a, b, out);
    array_.tick();
  }

  /// Allocates the lowest free cell; extends the row if none is free.
  std::size_t allocate() {
    if (free_.empty()) return array_.add_cells(1);
    const auto lowest = std::min_element(free_.begin(), free_.end());
    const std::size_t cell = *lowest;
    free_.erase(lowest);
    return cell;
  }
  Cells allocate(std::size_t count) {
    Cells cells;
    for (std::size_t i = 0; i < count; ++i) cells.push_back(allocate());
    return cells;
  }
  void release(std::size_t cell) { free_.push_back(cell); }
  void release(const Cells& cells) { free_.insert(free_.end(), cells.begin(), cells.end()); }

 private:
  StatefulArray& array_;
  Cells free_;
};

/// Nine NOR gates in four cells: t3 = a XNOR b, s = a ⊕ b ⊕ c, carry out = majority. `sum` may be
/// the cell of an operand and `carry_out` that of the carry: both are written last.
void full_adder(NorRow& row, std::size_t a, std::size_t b, std::size_t carry, std::size_t sum,
                std::size_t carry_out) {
  const Cells t = row.allocate(4);
  row.nor(a, b, t[0]);
  row.nor(a, t[0], t[1]);
  row.nor(b, t[0], t[2]);
  row.nor(t[1], t[2], t[3]);
  row.nor(t[3], carry, t[1]);
  row.nor(t[1], t[3], t[2]);
  row.nor(t[1], carry, t[3]);
  row.nor(t[2], t[3], sum);
  row.nor(t[0], t[1], carry_out);
  row.release(t);
}

/// Five gates: `sum` = a ⊕ c, `carry_out` = a ∧ c. `sum` may be a's cell; the carry cells must
/// differ.
void half_adder(NorRow& row, std::size_t a, std::size_t carry, std::size_t sum,
                std::size_t carry_out) {
  const Cells t = row.allocate(3);
  row.invert(a, t[0]);
  row.invert(carry, t[1]);
  row.nor(t[0], t[1], carry_out);
  row.nor(a, carry, t[2]);
  row.nor(carry_out, t[2], sum);
  row.release(t);
}

/// sum = a + b, lowest bit first; the last carry goes to `carry_out`.
void add(NorRow& row, const Cells& a, const Cells& b, const Cells& sum, std::size_t carry_out) {
  const std::size_t carry = row.allocate();
  row.set_to(carry, false);
  for (std::size_t i = 0; i < a.size(); ++i) {
    full_adder(row, a[i], b[i], carry, sum[i], i + 1 < a.size() ? carry : carry_out);
  }
  row.release(carry);
}

/// difference = a + ¬b + 1 modulo 2^N; the last carry, 1 if a ≥ b, stays in `carry`.
void subtract(NorRow& row, const Cells& a, const Cells& b, const Cells& difference,
              std::size_t carry) {
  row.set_to(carry, true);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::size_t inverse = row.allocate();
    row.invert(b[i], inverse);
    full_adder(row, a[i], inverse, carry, difference[i], carry);
    row.release(inverse);
  }
}

/// Adds the partial products a·b_i in place; the first one is stored directly. 20N² − 12N − 1
/// cycles.
void multiply_schoolbook(NorRow& row, const Cells& a, const Cells& b, const Cells& product) {
  const std::size_t n = a.size();
  const Cells not_a = row.allocate(n);
  const std::size_t not_b = row.allocate();
  const std::size_t partial = row.allocate();
  for (std::size_t j = 0; j < n; ++j) row.invert(a[j], not_a[j]);
  for (std::size_t i = 0; i < n; ++i) {
    row.invert(b[i], not_b);
    if (i == 0) {
      for (std::size_t j = 0; j < n; ++j) row.nor(not_a[j], not_b, product[j]);
      for (std::size_t j = n; j < 2 * n; ++j) row.set_to(product[j], false);
      continue;
    }
    const std::size_t carry = row.allocate();
    row.set_to(carry, false);
    for (std::size_t j = 0; j < n; ++j) {
      row.nor(not_a[j], not_b, partial);
      full_adder(row, product[i + j], partial, carry, product[i + j],
                 j + 1 < n ? carry : product[i + n]);
    }
    row.release(carry);
  }
  row.release(not_a);
  row.release(not_b);
  row.release(partial);
}

void multiply(NorRow& row, const Cells& a, const Cells& b, const Cells& product);

/// Karatsuba: with a = a₁·2^L + a₀, the middle term is (a₀ + a₁)(b₀ + b₁) − a₀b₀ − a₁b₁. The sums
/// use the cells of the later product.
void multiply_karatsuba(NorRow& row, const Cells& a, const Cells& b, const Cells& product) {
  const std::size_t n = a.size();
  const std::size_t lower = n / 2;
  const std::size_t upper = n - lower;
  const std::size_t middle_bits = 2 * (upper + 1);
  const std::size_t zero = row.allocate();
  row.set_to(zero, false);
  const Cells sum_a = part(product, 0, upper + 1);
  const Cells sum_b = part(product, n, upper + 1);
  add(row, filled(part(a, 0, lower), upper, zero), part(a, lower, upper), sum_a, sum_a[upper]);
  add(row, filled(part(b, 0, lower), upper, zero), part(b, lower, upper), sum_b, sum_b[upper]);
  const Cells middle = row.allocate(middle_bits);
  multiply(row, sum_a, sum_b, middle);
  const Cells low = part(product, 0, 2 * lower);
  const Cells high = part(product, 2 * lower, 2 * upper);
  multiply(row, part(a, 0, lower), part(b, 0, lower), low);
  multiply(row, part(a, lower, upper), part(b, lower, upper), high);
  const std::size_t carry = row.allocate();
  subtract(row, middle, filled(low, middle_bits, zero), middle, carry);
  subtract(row, middle, filled(high, middle_bits, zero), middle, carry);
  row.release(zero);
  const Cells target = part(product, lower, middle_bits);
  add(row, middle, target, target, carry);
  row.release(middle);
  const Cells rest = part(product, lower + middle_bits, 2 * n - lower - middle_bits);
  Cells carries = {carry, row.allocate()};
  for (const std::size_t cell : rest) {
    half_adder(row, cell, carries[0], cell, carries[1]);
    std::swap(carries[0], carries[1]);
  }
  row.release(carries);
}

void multiply(NorRow& row, const Cells& a, const Cells& b, const Cells& product) {
  if (a.size() <= max_schoolbook_bits) return multiply_schoolbook(row, a, b, product);
  multiply_karatsuba(row, a, b, product);
}

Cells numbered(std::size_t first, std::size_t count) {
  Cells cells(count);
  for (std::size_t i = 0; i < count; ++i) cells[i] = first + i;
  return cells;
}

}  // namespace

RowResult compute_one_init(RowOperation operation, const RowOperands& operands,
                           const GateErrors& errors) {
  const std::size_t n = operands.bits;
  StatefulArray array(operands.a.size(), errors.probability, errors.stream);
  const Cells a = numbered(array.add_cells(n), n);
  const Cells b = numbered(array.add_cells(n), n);
  detail::load_values(array, a[0], n, operands.a);
  detail::load_values(array, b[0], n, operands.b);
  const std::size_t out_bits = operation == RowOperation::multiply ? 2 * n : n;
  Cells out = numbered(array.add_cells(out_bits), out_bits);
  NorRow row(array);
  if (operation == RowOperation::multiply) {
    multiply(row, a, b, out);
    return detail::read_out(array, out);
  }
  // The last carry remains in the cell used by all carries.
  const std::size_t carry = array.add_cells(1);
  if (operation == RowOperation::subtract) {
    subtract(row, a, b, out, carry);
    return detail::read_out(array, out, carry);
  }
  row.release(carry);
  add(row, a, b, out, carry);
  out.push_back(carry);
  return detail::read_out(array, out);
}

}  // namespace imcsim::tasks
