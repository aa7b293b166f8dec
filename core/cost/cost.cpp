#include "cost/cost.hpp"

#include <array>

namespace imcsim::cost {
namespace {

constexpr double joules_a_picojoule = 1e-12;
constexpr double seconds_a_nanosecond = 1e-9;

/// `count` operations, `parallel` of them at a time.
Component component(std::string_view name, std::uint64_t count, double each_pj, double each_ns,
                    std::int64_t parallel = 1) {
  const auto n = static_cast<double>(count);
  return {name, n * each_pj * joules_a_picojoule,
          n / static_cast<double>(parallel) * each_ns * seconds_a_nanosecond};
}

/// Lists fields with the sources that the configuration brings.
class Lister {
 public:
  Lister(CostConfig& config, FieldList& fields) : config_(config), fields_(fields) {}

  template <class Value>
  void operator()(std::string_view key, Value& value, Unit unit, Range range,
                  std::string_view help) {
    const auto source = config_.sources.find(key);
    fields_.field(key, value, unit, range, help,
                  source == config_.sources.end() ? std::string_view{} : source->second);
  }

 private:
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
  field("machine", c.machine, Unit::none, {}, "where products happen: in crossbars or digitally");
  field("node-nm", c.node_nm, Unit::nanometres, {1.0, 1000.0}, "technology that the prices are of");
  const bool before = f.active(c.machine == Machine::in_memory);
  f.group("Products");
  field("dac-conversion-pj", c.dac_conversion_pj, Unit::picojoules, energy,
        "one input conversion with its line driver");
  field("adc-conversion-pj", c.adc_conversion_pj, Unit::picojoules, energy,
        "one output conversion");
  field("cell-read-pj", c.cell_read_pj, Unit::picojoules, energy,
        "one pair of devices in one product");
  field("product-pj", c.product_pj, Unit::picojoules, energy,
        "a product, whatever its size: control, references");
  field("product-ns", c.product_ns, Unit::nanoseconds, time, "a product with its conversions");
  field("converter-bits", c.converter_bits, Unit::bits, {1.0, 16.0},
        "resolution that the conversions are priced at");
  f.group("Programming");
  field("set-pulse-pj", c.set_pulse_pj, Unit::picojoules, energy, "one SET pulse in the device");
  field("set-pulse-ns", c.set_pulse_ns, Unit::nanoseconds, time, "its duration");
  field("reset-pulse-pj", c.reset_pulse_pj, Unit::picojoules, energy,
        "one RESET pulse in the device");
  field("reset-pulse-ns", c.reset_pulse_ns, Unit::nanoseconds, time, "its duration");
  field("verify-read-pj", c.verify_read_pj, Unit::picojoules, energy,
        "reading one device between pulses");
  field("verify-read-ns", c.verify_read_ns, Unit::nanoseconds, time, "its duration");
  field("parallel-devices", c.parallel_devices, Unit::none, count,
        "devices that are programmed or verified at a time");
  f.active(before);
  f.group("Digital unit");
  field("digital-mac-pj", c.digital_mac_pj, Unit::picojoules, energy,
        "one multiply-accumulate in 32-bit floating point");
  field("digital-mac-ns", c.digital_mac_ns, Unit::nanoseconds, time, "its duration in one lane");
  field("digital-lanes", c.digital_lanes, Unit::none, count, "lanes that work at a time");
  field("word-bits", c.word_bits, Unit::bits, {8.0, 64.0},
        "size of a weight that a digital product fetches");
  field("sram-byte-pj", c.sram_byte_pj, Unit::picojoules, energy, "one byte to or from SRAM");
  field("dram-byte-pj", c.dram_byte_pj, Unit::picojoules, energy, "one byte to or from DRAM");
  field("dram-fraction", c.dram_fraction, Unit::fraction, {0.0, 1.0},
        "part of the bytes that come from DRAM");
  f.group("Comparison");
  f.active(before && c.machine == Machine::in_memory);
  field("compare-with", c.compare_with, Unit::none, {},
        "preset of a digital machine that does the same work");
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
      "leakage, clocks, control and the host",
      "overlap in time: operations follow one another, memory keeps up"};
  if (config.machine == Machine::in_memory) {
    words.emplace_back("drivers and charge pumps of programming pulses, choosing the devices");
  }
  return words;
}

}  // namespace imcsim::cost
