#include "fabric/core_model.hpp"

#include <algorithm>
#include <cmath>

namespace imcsim::fabric {

void describe(CoreConfig& c, FieldList& f) {
  constexpr Range ns = {0.0, 1e9};
  constexpr Range pj = {0.0, 1e9};
  f.group("Core");
  f.field("core-rows", c.core_rows, Unit::none, {2.0, 65536.0},
          "Number of wordlines of a core's crossbar", "doi:10.1109/JSSC.2022.3140414");
  f.field("core-columns", c.core_columns, Unit::none, {2.0, 65536.0},
          "Number of differential columns of a core's crossbar", "doi:10.1109/JSSC.2022.3140414");
  f.field("product-ns", c.product_ns, Unit::nanoseconds, ns,
          "Duration of one product, including conversions",
          "derived: 131072 operations at 1.008 TOPS, doi:10.1109/JSSC.2022.3140414");
  f.field("digital-ns", c.digital_ns, Unit::nanoseconds, ns,
          "Duration of digital processing of one product's columns",
          "assumed: hidden by the product");
  f.field("double-buffered", c.double_buffered, Unit::none, {},
          "Overlap digital processing and transfers with the next product", "assumed");
  f.field("memory-kib", c.memory_kib, Unit::none, {1.0, 1e6}, "Memory of a core, in KiB",
          "tiles of ISAAC and PUMA");
  f.field("product-pj", c.product_pj, Unit::picojoules, pj, "Fixed energy of a product",
          "assumed: 5 % of 12.5 nJ, doi:10.1109/JSSC.2022.3140414");
  f.field("row-pj", c.row_pj, Unit::picojoules, pj, "Energy of a driven row per product",
          "assumed: 15 % of 12.5 nJ over 256 rows");
  f.field("column-pj", c.column_pj, Unit::picojoules, pj,
          "Energy of a converted column per product", "assumed: 45 % of 12.5 nJ over 256 columns");
  f.field("cell-pj", c.cell_pj, Unit::picojoules, pj, "Energy of a cell per product",
          "assumed: 35 % of 12.5 nJ over 256 x 256 cells");
  f.field("digital-column-pj", c.digital_column_pj, Unit::picojoules, pj,
          "Energy of digital processing per column and product", "not published; 0: omitted");
  f.field("memory-byte-pj", c.memory_byte_pj, Unit::picojoules, pj,
          "Energy of reading or writing one byte of memory",
          "derived: 1.25 pJ at 45 nm, Horowitz ISSCC 2014, scaled to 14 nm");
  f.field("link-bytes", c.link_bytes, Unit::none, {0.125, 1024.0}, "Link width, in bytes per cycle",
          "assumed");
  f.field("link-ns", c.link_ns, Unit::nanoseconds, {1e-3, 1e6}, "Duration of a link cycle",
          "assumed: 1 GHz");
  f.field("router-ns", c.router_ns, Unit::nanoseconds, ns,
          "Latency of each router after the first link", "assumed: two cycles");
  f.field("link-bit-pj", c.link_bit_pj, Unit::picojoules, pj,
          "Energy of one bit over a direct link", "assumed: 0.05 pJ/bit/mm over 1.5 mm");
  f.field("router-bit-pj", c.router_bit_pj, Unit::picojoules, pj,
          "Energy of one bit for each further hop",
          "public power tables of network simulators: 0.1 pJ/bit/hop");
  f.field("activation-bits", c.activation_bits, Unit::bits, {1.0, 32.0},
          "Size of an activation on a link", "doi:10.1109/JSSC.2022.3140414");
  f.field("partial-sum-bits", c.partial_sum_bits, Unit::bits, {1.0, 32.0},
          "Size of a partial sum on a link", "assumed: 16");
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
