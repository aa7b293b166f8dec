#include "fabric/core_model.hpp"

#include <algorithm>
#include <cmath>

namespace imcsim::fabric {

void describe(CoreConfig& c, FieldList& f) {
  constexpr Audience all = Audience::everyone;
  constexpr Range ns = {0.0, 1e9};
  constexpr Range pj = {0.0, 1e9};
  f.group("Core");
  f.field("core-rows", c.core_rows, Unit::none, {2.0, 65536.0}, "wordlines of a core's crossbar",
          "doi:10.1109/JSSC.2022.3140414", all);
  f.field("core-columns", c.core_columns, Unit::none, {2.0, 65536.0},
          "differential columns of a core's crossbar", "doi:10.1109/JSSC.2022.3140414", all);
  f.field("product-ns", c.product_ns, Unit::nanoseconds, ns,
          "time of one product, converters with it",
          "derived: 131072 operations at 1.008 TOPS, doi:10.1109/JSSC.2022.3140414", all);
  f.field("digital-ns", c.digital_ns, Unit::nanoseconds, ns,
          "time of the digital unit for one product's columns", "assumed: hides behind the product",
          all);
  f.field("double-buffered", c.double_buffered, Unit::none, {},
          "digital unit and links work while the next product runs", "assumed");
  f.field("memory-kib", c.memory_kib, Unit::none, {1.0, 1e6}, "memory of a core in KiB",
          "as the tiles of ISAAC and PUMA");
  f.field("product-pj", c.product_pj, Unit::picojoules, pj, "fixed energy of a product",
          "assumed: 5 % of 12.5 nJ, doi:10.1109/JSSC.2022.3140414");
  f.field("row-pj", c.row_pj, Unit::picojoules, pj, "of a driven row and product",
          "assumed: 15 % of 12.5 nJ over 256 rows");
  f.field("column-pj", c.column_pj, Unit::picojoules, pj, "of a converted column and product",
          "assumed: 45 % of 12.5 nJ over 256 columns");
  f.field("cell-pj", c.cell_pj, Unit::picojoules, pj, "of a cell and product",
          "assumed: 35 % of 12.5 nJ over 256 x 256 cells");
  f.field("digital-column-pj", c.digital_column_pj, Unit::picojoules, pj,
          "of the digital unit for a column and product", "not published; 0: left out");
  f.field("memory-byte-pj", c.memory_byte_pj, Unit::picojoules, pj, "of a byte read or written",
          "derived: 1.25 pJ at 45 nm, Horowitz ISSCC 2014, scaled to 14 nm");
  f.field("link-bytes", c.link_bytes, Unit::none, {0.125, 1024.0}, "that a link carries a cycle",
          "assumed");
  f.field("link-ns", c.link_ns, Unit::nanoseconds, {1e-3, 1e6}, "cycle of a link",
          "assumed: 1 GHz");
  f.field("router-ns", c.router_ns, Unit::nanoseconds, ns,
          "of a router on the way, beyond the first link", "assumed: two cycles");
  f.field("link-bit-pj", c.link_bit_pj, Unit::picojoules, pj, "of a bit over a direct link",
          "assumed: 0.05 pJ/bit/mm over 1.5 mm");
  f.field("router-bit-pj", c.router_bit_pj, Unit::picojoules, pj, "of a bit and further hop",
          "public power tables of network simulators: 0.1 pJ/bit/hop");
  f.field("activation-bits", c.activation_bits, Unit::bits, {1.0, 32.0}, "of a value on a link",
          "doi:10.1109/JSSC.2022.3140414", all);
  f.field("partial-sum-bits", c.partial_sum_bits, Unit::bits, {1.0, 32.0},
          "of a partial sum on a link", "assumed: 16");
}

double iteration_s(const CoreConfig& c, double bytes) {
  const double send_ns = bytes / c.link_bytes * c.link_ns;
  const double ns = c.double_buffered ? std::max({c.product_ns, c.digital_ns, send_ns})
                                      : c.product_ns + c.digital_ns + send_ns;
  return ns * 1e-9;
}

double product_j(const CoreConfig& c, double rows, double columns) {
  return 1e-12 * (c.product_pj + rows * c.row_pj + columns * (c.column_pj + c.digital_column_pj) +
                  rows * columns * c.cell_pj);
}

std::size_t delay_ticks(const CoreConfig& c, std::size_t hops, double tick_s) {
  if (hops <= 1 || tick_s <= 0.0) return 1;
  const double way_s = static_cast<double>(hops - 1) * (c.router_ns + c.link_ns) * 1e-9;
  return 1 + static_cast<std::size_t>(std::floor(way_s / tick_s));
}

}  // namespace imcsim::fabric
