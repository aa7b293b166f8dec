#pragma once

#include <cstdint>

#include "base/describe.hpp"

namespace imcsim {

/// Operations of one piece of work. A product counts all its lines, zero or not. Counting never
/// depends on prices: a cost preset turns these into energy and time.
struct OperationCounts {
  std::uint64_t forward_mvm = 0;         ///< matrix-vector products, forward
  std::uint64_t backward_mvm = 0;        ///< products with the transposed matrix
  std::uint64_t dac_conversions = 0;     ///< one a line driven and product
  std::uint64_t adc_conversions = 0;     ///< one a differential line read and product
  std::uint64_t cells_read = 0;          ///< pairs of devices (or single ones), lit by each product
  std::uint64_t crossbar_mac = 0;        ///< multiply-accumulates that the products stand for
  std::uint64_t dac_saturated = 0;       ///< inputs beyond their converter's range
  std::uint64_t adc_saturated = 0;       ///< conversions that ended at the converter's limit
  std::uint64_t weight_updates = 0;      ///< weights times updates: each could have been programmed
  std::uint64_t programmed_weights = 0;  ///< those that were given pulses
  std::uint64_t refreshed_pairs = 0;
  std::uint64_t set_pulses = 0;
  std::uint64_t reset_pulses = 0;  ///< RESET and other pulses that lower a conductance or overwrite
  std::uint64_t verify_reads = 0;  ///< single-device reads between programming pulses
  std::uint64_t digital_mac = 0;   ///< multiply-accumulates outside the crossbars
  std::uint64_t digital_bytes = 0;  ///< bytes moved to and from the digital unit's memory
  std::uint64_t hops = 0;           ///< links that packets between cores travelled
  std::uint64_t link_bytes = 0;     ///< bytes times links

  OperationCounts& operator+=(const OperationCounts& other);
  OperationCounts operator-(const OperationCounts& earlier) const;
  friend bool operator==(const OperationCounts&, const OperationCounts&) = default;
};

void describe(OperationCounts& counts, FieldList& fields);

}  // namespace imcsim
