#include "cost/cost.hpp"

#include <array>

namespace imcsim::cost {
namespace {

constexpr double joules_per_picojoule = 1e-12;
constexpr double seconds_per_nanosecond = 1e-9;

/// Cost of `count` operations, `parallel` of them at the same time.
Component component(std::string_view name, std::uint64_t count, double each_pj, double each_ns,
                    std::int64_t parallel = 1) {
  const auto n = static_cast<double>(count);
  return {name, n * each_pj * joules_per_picojoule,
          n / static_cast<double>(parallel) * each_ns * seconds_per_nanosecond};
}

/// Lists fields with the sources in the configuration.
class Lister {
 public:
  Lister(CostConfig& config, FieldList& fields) : config_(config), fields_(fields) {}

  template <class Value>
  void operator()(std::string_view key, Value& value, Unit unit, Range range,
                  std::string_view help) {
    fields_.field(key, value, unit, range, help, source_of(key));
  }
  void operator()(std::string_view key, std::string& value, std::string_view placeholder,
                  std::string_view help) {
    fields_.field(key, value, placeholder, help, source_of(key));
  }

 private:
  std::string_view source_of(std::string_view key) const {
    const auto source = config_.sources.find(key);
    return source == config_.sources.end() ? std::string_view{} : source->second;
  }

  CostConfig& config_;
  FieldList& fields_;
};

}  // namespace

std::span<const std::string_view> names_of(Machine) {
  static constexpr std::array<std::string_view, 2> names = {"in-memory", "digital"};
  return names;
}

void describe(CostConfig& c, FieldList& f) {
  const Range energy{0.0, 1e9};
  const Range time{0.0, 1e12};
  const Range count{1.0, 1e6};
  Lister field(c, f);
  f.group("Technology");
  field("machine", c.machine, Unit::none, {},
        "Machine type: products in crossbars, or digital products");
  field("node-nm", c.node_nm, Unit::nanometers, {1.0, 1000.0}, "Technology node of the costs");
  const bool before = f.active(c.machine == Machine::in_memory);
  f.group("Products");
  field("dac-conversion-pj", c.dac_conversion_pj, Unit::picojoules, energy,
        "Energy of an input conversion, including the line driver");
  field("adc-conversion-pj", c.adc_conversion_pj, Unit::picojoules, energy,
        "Energy of an output conversion");
  field("cell-read-pj", c.cell_read_pj, Unit::picojoules, energy,
        "Energy of a device pair per product");
  field("product-pj", c.product_pj, Unit::picojoules, energy,
        "Fixed energy of a product: control and references");
  field("product-ns", c.product_ns, Unit::nanoseconds, time,
        "Duration of a product, including conversions");
  field("converter-bits", c.converter_bits, Unit::bits, {1.0, 16.0},
        "Resolution for which the conversion energies hold");
  f.group("Programming");
  field("set-pulse-pj", c.set_pulse_pj, Unit::picojoules, energy,
        "Energy of a SET pulse in the device");
  field("set-pulse-ns", c.set_pulse_ns, Unit::nanoseconds, time, "Duration of a SET pulse");
  field("reset-pulse-pj", c.reset_pulse_pj, Unit::picojoules, energy,
        "Energy of a RESET pulse in the device");
  field("reset-pulse-ns", c.reset_pulse_ns, Unit::nanoseconds, time, "Duration of a RESET pulse");
  field("verify-read-pj", c.verify_read_pj, Unit::picojoules, energy,
        "Energy of a verify read of one device");
  field("verify-read-ns", c.verify_read_ns, Unit::nanoseconds, time, "Duration of a verify read");
  field("parallel-devices", c.parallel_devices, Unit::none, count,
        "Number of devices programmed or verified in parallel");
  f.active(before);
  f.group("Digital unit");
  field("digital-mac-pj", c.digital_mac_pj, Unit::picojoules, energy,
        "Energy of a multiply-accumulate operation in 32-bit floating point");
  field("digital-mac-ns", c.digital_mac_ns, Unit::nanoseconds, time,
        "Duration of a multiply-accumulate operation in one lane");
  field("digital-lanes", c.digital_lanes, Unit::none, count, "Number of parallel lanes");
  field("word-bits", c.word_bits, Unit::bits, {8.0, 64.0},
        "Size of a weight fetched by a digital product");
  field("sram-byte-pj", c.sram_byte_pj, Unit::picojoules, energy,
        "Energy of one byte to or from SRAM");
  field("dram-byte-pj", c.dram_byte_pj, Unit::picojoules, energy,
        "Energy of one byte to or from DRAM");
  field("dram-fraction", c.dram_fraction, Unit::fraction, {0.0, 1.0},
        "Fraction of the bytes that come from DRAM");
  f.group("Comparison");
  f.active(before && c.machine == Machine::in_memory);
  field("compare-with", c.compare_with, "NAME", "Preset of a digital machine for comparison");
  f.active(before);
}

double Cost::energy_j() const {
  double sum = 0.0;
  for (const Component& part : breakdown) sum += part.energy_j;
  return sum;
}

double Cost::time_s() const {
  double sum = 0.0;
  for (const Component& part : breakdown) sum += part.time_s;
  return sum;
}

OperationCounts in_digital(const OperationCounts& counts, std::int64_t word_bits) {
  OperationCounts digital;
  digital.digital_mac = counts.digital_mac + counts.crossbar_mac;
  digital.digital_bytes =
      counts.digital_bytes + counts.crossbar_mac * static_cast<std::uint64_t>(word_bits) / 8;
  return digital;
}

Cost price(const CostConfig& c, const OperationCounts& all) {
  const bool digital = c.machine == Machine::digital;
  const OperationCounts n = digital ? in_digital(all, c.word_bits) : all;
  Cost cost;
  if (!digital) {
    const std::uint64_t products = n.forward_mvm + n.backward_mvm;
    cost.breakdown = {
        component("dac", n.dac_conversions, c.dac_conversion_pj, 0.0),
        component("adc", n.adc_conversions, c.adc_conversion_pj, 0.0),
        component("cells", n.cells_read, c.cell_read_pj, 0.0),
        component("products", products, c.product_pj, c.product_ns),
        component("set_pulses", n.set_pulses, c.set_pulse_pj, c.set_pulse_ns, c.parallel_devices),
        component("reset_pulses", n.reset_pulses, c.reset_pulse_pj, c.reset_pulse_ns,
                  c.parallel_devices),
        component("verify_reads", n.verify_reads, c.verify_read_pj, c.verify_read_ns,
                  c.parallel_devices)};
  }
  const double byte_pj =
      (1.0 - c.dram_fraction) * c.sram_byte_pj + c.dram_fraction * c.dram_byte_pj;
  cost.breakdown.push_back(
      component("digital_mac", n.digital_mac, c.digital_mac_pj, c.digital_mac_ns, c.digital_lanes));
  cost.breakdown.push_back(component("digital_memory", n.digital_bytes, byte_pj, 0.0));
  return cost;
}

std::vector<std::string> left_out(const CostConfig& config) {
  std::vector<std::string> words = {
      "activation functions, losses, pooling and scaling of outputs",
      "moving activations and errors between layers, cores and chips",
      "leakage, clocks, control and the host computer",
      "overlap in time: operations run one after the other; memory bandwidth is not a limit"};
  if (config.machine == Machine::in_memory) {
    words.emplace_back("drivers and charge pumps of programming pulses, and device selection");
  }
  return words;
}

}  // namespace imcsim::cost
