// cost: energy and time of counted operations.
//
// CostConfig     unit costs of one technology, set by presets of kind `cost`
// price          counts times unit costs, by component
// in_digital     counts of the same work with digital products
//
// Counts do not depend on unit costs: no simulation code includes this header.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/counts.hpp"
#include "base/describe.hpp"

namespace imcsim::cost {

/// Type of products: in crossbars, or digital multiply-accumulates with weights from memory.
enum class Machine { in_memory, digital };
std::span<const std::string_view> names_of(Machine);

/// Unit costs, in pJ and ns. The defaults have no meaning: a preset sets all that its machine uses.
struct CostConfig {
  Machine machine = Machine::in_memory;
  double node_nm = 0.0;

  double dac_conversion_pj = 0.0;
  double adc_conversion_pj = 0.0;
  double cell_read_pj = 0.0;
  double product_pj = 0.0;
  double product_ns = 0.0;
  std::int64_t converter_bits = 0;

  double set_pulse_pj = 0.0;
  double set_pulse_ns = 0.0;
  double reset_pulse_pj = 0.0;
  double reset_pulse_ns = 0.0;
  double verify_read_pj = 0.0;
  double verify_read_ns = 0.0;
  std::int64_t parallel_devices = 1;

  double digital_mac_pj = 0.0;
  double digital_mac_ns = 0.0;
  std::int64_t digital_lanes = 1;
  std::int64_t word_bits = 32;
  double sram_byte_pj = 0.0;
  double dram_byte_pj = 0.0;
  double dram_fraction = 0.0;

  std::string compare_with;  ///< preset of a digital machine for comparison

  /// Source of each number, by key: the table [source] of a preset.
  std::map<std::string, std::string, std::less<>> sources;
};
/// The sources are those in `config.sources`. Unit costs of crossbars are inactive for a digital
/// machine.
void describe(CostConfig& config, FieldList& fields);

/// Energy and time of one component.
struct Component {
  std::string_view name;
  double energy_j = 0.0;
  double time_s = 0.0;
};

struct Cost {
  std::vector<Component> breakdown;
  double energy_j() const;
  double time_s() const;  ///< operations in sequence
};

/// Energy: Σ count · unit energy. Time: products · product_ns + digital MACs · digital_mac_ns /
/// digital_lanes + pulses and verify reads times their durations / parallel_devices. For a digital
/// machine the counts are in_digital(counts). Components of zero cost are included.
Cost price(const CostConfig& config, const OperationCounts& counts);

/// Counts of the same work without crossbars: each multiply-accumulate operation of a product is
/// digital and fetches its weight (one word) from memory. No conversions, no pulses.
OperationCounts in_digital(const OperationCounts& counts, std::int64_t word_bits);

/// Descriptions of the costs that are not included.
std::vector<std::string> left_out(const CostConfig& config);

}  // namespace imcsim::cost
