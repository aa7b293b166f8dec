#pragma once

#include <cstdint>

#include "base/describe.hpp"

namespace imcsim {

/// Numbers of operations. A product counts all of its lines, driven or not. Counts do not depend on
/// unit costs; a cost preset converts them into energy and time.
struct OperationCounts {
  std::uint64_t forward_mvm = 0;         ///< matrix-vector products, forward
  std::uint64_t backward_mvm = 0;        ///< products with the transposed matrix
  std::uint64_t dac_conversions = 0;     ///< one per input line and product
  std::uint64_t adc_conversions = 0;     ///< one per differential output line and product
  std::uint64_t cells_read = 0;          ///< device pairs (or single devices) read by products
  std::uint64_t crossbar_mac = 0;        ///< multiply-accumulates done by the products
  std::uint64_t dac_saturated = 0;       ///< inputs beyond the range of their converter
  std::uint64_t adc_saturated = 0;       ///< conversions at the limit of their converter
  std::uint64_t weight_updates = 0;      ///< weights times updates
  std::uint64_t programmed_weights = 0;  ///< weights that received pulses
  std::uint64_t refreshed_pairs = 0;
  std::uint64_t set_pulses = 0;
  std::uint64_t reset_pulses = 0;  ///< RESET and other pulses that lower a conductance or overwrite
  std::uint64_t verify_reads = 0;  ///< single-device reads between programming pulses
  std::uint64_t digital_mac = 0;   ///< multiply-accumulates outside the crossbars
  std::uint64_t digital_bytes = 0;  ///< bytes moved to and from the digital unit's memory
  std::uint64_t hops = 0;           ///< links traversed by packets between cores
  std::uint64_t link_bytes = 0;     ///< bytes times links

  OperationCounts& operator+=(const OperationCounts& other);
  OperationCounts operator-(const OperationCounts& earlier) const;
  friend bool operator==(const OperationCounts&, const OperationCounts&) = default;
};

void describe(OperationCounts& counts, FieldList& fields);

}  // namespace imcsim
