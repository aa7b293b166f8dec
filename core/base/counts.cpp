#include "base/counts.hpp"

namespace imcsim {

void describe(OperationCounts& c, FieldList& f) {
  f.field("forward_mvm", c.forward_mvm, Unit::none, {}, "Forward matrix-vector products");
  f.field("backward_mvm", c.backward_mvm, Unit::none, {},
          "Matrix-vector products with the transposed matrix");
  f.field("dac_conversions", c.dac_conversions, Unit::none, {}, "Digital-to-analog conversions");
  f.field("adc_conversions", c.adc_conversions, Unit::none, {}, "Analog-to-digital conversions");
  f.field("cells_read", c.cells_read, Unit::none, {}, "Device pairs read by products");
  f.field("crossbar_mac", c.crossbar_mac, Unit::none, {},
          "Multiply-accumulate operations in crossbars");
  f.field("dac_saturated", c.dac_saturated, Unit::none, {},
          "Inputs beyond the range of the input converter");
  f.field("adc_saturated", c.adc_saturated, Unit::none, {},
          "Conversions at the limit of the output converter");
  f.field("weight_updates", c.weight_updates, Unit::none, {},
          "Weight updates: number of weights times number of updates");
  f.field("programmed_weights", c.programmed_weights, Unit::none, {},
          "Weights that received pulses");
  f.field("refreshed_pairs", c.refreshed_pairs, Unit::none, {},
          "Device pairs reset and reprogrammed");
  f.field("set_pulses", c.set_pulses, Unit::none, {}, "SET pulses");
  f.field("reset_pulses", c.reset_pulses, Unit::none, {}, "RESET pulses");
  f.field("verify_reads", c.verify_reads, Unit::none, {}, "Reads between programming pulses");
  f.field("digital_mac", c.digital_mac, Unit::none, {}, "Digital multiply-accumulate operations");
  f.field("digital_bytes", c.digital_bytes, Unit::none, {},
          "Bytes read from and written to digital memory");
  f.field("hops", c.hops, Unit::none, {}, "Links traversed by packets between cores");
  f.field("link_bytes", c.link_bytes, Unit::none, {},
          "Transferred bytes times traversed links between cores");
}

namespace {

/// Calls change(a, b) for each count a of `target` and the same count b of `other`.
template <class Change>
void for_each_pair(OperationCounts& target, const OperationCounts& other, Change change) {
  OperationCounts copy = other;
  const FieldList to = fields_of(target);
  const FieldList from = fields_of(copy);
  for (std::size_t i = 0; i < to.all().size(); ++i) {
    change(*std::get<std::uint64_t*>(to.all()[i].value),
           *std::get<std::uint64_t*>(from.all()[i].value));
  }
}

}  // namespace

OperationCounts& OperationCounts::operator+=(const OperationCounts& other) {
  for_each_pair(*this, other, [](std::uint64_t& a, std::uint64_t b) { a += b; });
  return *this;
}

OperationCounts OperationCounts::operator-(const OperationCounts& earlier) const {
  OperationCounts difference = *this;
  for_each_pair(difference, earlier, [](std::uint64_t& a, std::uint64_t b) { a -= b; });
  return difference;
}

}  // namespace imcsim
