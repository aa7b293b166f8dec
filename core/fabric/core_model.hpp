#pragma once

#include "base/describe.hpp"

namespace imcsim::fabric {

/// Model of a core (crossbar, converters, digital unit, memory, transmitter): time and energy per
/// iteration. Set by presets of kind `core`, which state the sources.
struct CoreConfig {
  std::int64_t core_rows = 256;
  std::int64_t core_columns = 256;
  double product_ns = 130.0;  ///< converters and integration of one product
  double digital_ns = 130.0;  ///< scale, offset, sums and activation for all columns of one product
  /// Digital unit and transmitter work in parallel with the next product.
  bool double_buffered = true;
  std::int64_t memory_kib = 64;

  // A product on the full tile costs fixed + rows·row + columns·column + cells·cell.
  double product_pj = 625.0;
  double row_pj = 7.32421875;
  double column_pj = 21.97265625;
  double cell_pj = 0.0667572021484375;
  double digital_column_pj = 0.0;  ///< digital unit, per column and iteration
  double memory_byte_pj = 0.29;

  double link_bytes = 8.0;     ///< per cycle
  double link_ns = 1.0;        ///< duration of one cycle
  double router_ns = 2.0;      ///< per hop after the first
  double link_bit_pj = 0.075;  ///< per bit over a direct link
  double router_bit_pj = 0.1;  ///< per bit and hop after the first
  std::int64_t activation_bits = 8;
  std::int64_t partial_sum_bits = 16;
};
void describe(CoreConfig& config, FieldList& fields);

/// Duration of one iteration [s]: the longest of its parts if they overlap, otherwise their sum;
/// `bytes` are sent to each reader.
double iteration_s(const CoreConfig& config, double bytes);

/// Energy of a product with `rows` and `columns` of a tile in use [J].
double product_j(const CoreConfig& config, double rows, double columns);

/// Ticks from the iteration that writes to the first iteration that may read, over `hops` links: at
/// least 1, more if the transfer takes longer than one tick.
std::size_t delay_ticks(const CoreConfig& config, std::size_t hops, double tick_s);

}  // namespace imcsim::fabric
