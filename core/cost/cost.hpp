// cost: what counted operations cost in energy and time.
//
// CostConfig     the prices of one technology; presets of kind `cost` set them
// price          counts times prices, component by component
// in_digital     the counts of the same work where digital arithmetic does the products
//
// Counting never depends on prices: nothing that simulates includes this.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/counts.hpp"
#include "base/describe.hpp"

namespace imcsim::cost {

/// Where products happen: in crossbars, or as digital multiply-accumulates on weights from memory.
enum class Machine { in_memory, digital };
std::span<const std::string_view> names_of(Machine);

/// Prices. None has a default that means anything: a preset states each that its machine uses.
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

  std::string compare_with;  ///< the digital preset that does the same work

  /// Where each number is from, by key: what a preset says in its table [source].
  std::map<std::string, std::string, std::less<>> sources;
};
/// The sources are those of the configuration itself; prices of crossbars are inactive where the
/// machine is digital.
void describe(CostConfig& config, FieldList& fields);

/// A part of the price.
struct Component {
  std::string_view name;
  double energy_j = 0.0;
  double time_s = 0.0;
};

struct Cost {
  std::vector<Component> breakdown;
  double energy_j() const;
  double time_s() const;  ///< one operation after the other
};

/// Energy: Σ count · price. Time: Σ products · product_ns + pulses and verifying reads, so many
/// devices at a time, + digital MACs · digital_mac_ns / lanes. A digital machine is given
/// in_digital(counts). Every component is listed, also where it is zero.
Cost price(const CostConfig& config, const OperationCounts& counts);

/// The same network, data and updates without crossbars: each multiply-accumulate of a product is
/// a digital one that fetches its weight, a word, from memory. There are no conversions and no
/// pulses.
OperationCounts in_digital(const OperationCounts& counts, std::int64_t word_bits);

/// What has no price, in words.
std::vector<std::string> left_out(const CostConfig& config);

}  // namespace imcsim::cost
