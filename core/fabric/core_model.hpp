#pragma once

#include "base/describe.hpp"

namespace imcsim::fabric {

/// A core: crossbar, converters, digital unit, memory, transmitter; its time and energy an
/// iteration. Presets of kind `core` set it; sources in each.
struct CoreConfig {
  std::int64_t core_rows = 256;
  std::int64_t core_columns = 256;
  double product_ns = 130.0;    ///< converters and integration of one product
  double digital_ns = 130.0;    ///< scale, offset, sums, activation of a whole row of columns
  bool double_buffered = true;  ///< digital unit and transmitter work beside the next product
  std::int64_t memory_kib = 64;

  // A full product costs fixed + rows·row + columns·column + cells·cell.
  double product_pj = 625.0;
  double row_pj = 7.32421875;
  double column_pj = 21.97265625;
  double cell_pj = 0.0667572021484375;
  double digital_column_pj = 0.0;  ///< digital unit, a column and iteration
  double memory_byte_pj = 0.29;

  double link_bytes = 8.0;     ///< a cycle
  double link_ns = 1.0;        ///< cycle
  double router_ns = 2.0;      ///< a hop beyond the first
  double link_bit_pj = 0.075;  ///< a bit over a direct link
  double router_bit_pj = 0.1;  ///< a bit and further hop
  std::int64_t activation_bits = 8;
  std::int64_t partial_sum_bits = 16;
};
void describe(CoreConfig& config, FieldList& fields);

/// Seconds of one iteration: the longest of its parts where they overlap, else their sum; `bytes`
/// are sent to each reader.
double iteration_s(const CoreConfig& config, double bytes);

/// Energy of a product with so many rows and columns of a tile in use [J].
double product_j(const CoreConfig& config, double rows, double columns);

/// Ticks between the iteration that writes and the first that may read, over `hops` links: at least
/// one; more where the way takes longer than a tick.
std::size_t delay_ticks(const CoreConfig& config, std::size_t hops, double tick_s);

}  // namespace imcsim::fabric
