// Conversion of counts to energy and time: manual sums, published totals, sources in the presets.
#include "cost/cost.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "study/json.hpp"
#include "study/presets.hpp"
#include "study/pricing.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(costs)

namespace {

using cost::Component;
using cost::Cost;
using cost::CostConfig;
using study::CostChoice;
using study::Json;

CostConfig preset(const std::string& name) {
  return study::parse_prices(std::string(study::find_preset(name)->toml), name);
}

const Component& part(const Cost& cost, std::string_view name) {
  for (const Component& component : cost.breakdown) {
    if (component.name == name) return component;
  }
  throw std::out_of_range(std::string(name));
}

bool near(double a, double b) { return std::fabs(a - b) <= 1e-12 * std::fabs(b); }

/// `number` forward products of `rows` × `columns` device pairs.
OperationCounts products(std::uint64_t number, std::uint64_t rows, std::uint64_t columns) {
  OperationCounts counts;
  counts.forward_mvm = number;
  counts.dac_conversions = number * rows;
  counts.adc_conversions = number * columns;
  counts.cells_read = number * rows * columns;
  counts.crossbar_mac = number * rows * columns;
  return counts;
}

std::string refusal(
    const std::string& name,
    const study::PresetReader& files = [](const auto&, auto&) { return false; }) {
  try {
    CostChoice choice{name, nullptr};
    study::read_prices(choice, "--cost", files);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

/// A preset without one line.
std::string without(const std::string& name, const std::string& key) {
  std::string toml(study::find_preset(name)->toml);
  const std::size_t at = toml.find("\n" + key + " = ");
  return toml.erase(at, toml.find('\n', at + 1) - at);
}

}  // namespace

/// doi:10.1109/JSSC.2022.3140414: 10.5 TOPS/W and 1.008 TOPS are 12.48 nJ and 130 ns.
BOOST_AUTO_TEST_CASE(a_product_of_the_whole_core_has_the_published_cost) {
  const Cost cost = price(preset("hermes-14nm"), products(1, 256, 256));
  BOOST_TEST(near(cost.energy_j(), 12.5e-9));
  BOOST_TEST(near(cost.time_s(), 130e-9));
  BOOST_TEST(near(part(cost, "adc").energy_j, 0.45 * 12.5e-9));
  BOOST_TEST(near(part(cost, "cells").energy_j, 0.35 * 12.5e-9));
  BOOST_TEST(near(part(cost, "dac").energy_j, 0.15 * 12.5e-9));
  BOOST_TEST(near(part(cost, "products").energy_j, 0.05 * 12.5e-9));
  BOOST_TEST(std::fabs(2 * 65536 / cost.energy_j() * 1e-12 - 10.5) < 0.02);  // TOPS/W
}

BOOST_AUTO_TEST_CASE(each_count_has_its_unit_cost) {
  CostConfig c;
  c.dac_conversion_pj = 2.0;
  c.adc_conversion_pj = 3.0;
  c.cell_read_pj = 5.0;
  c.product_pj = 7.0;
  c.product_ns = 100.0;
  c.set_pulse_pj = 11.0;
  c.set_pulse_ns = 50.0;
  c.reset_pulse_pj = 13.0;
  c.reset_pulse_ns = 60.0;
  c.verify_read_pj = 17.0;
  c.verify_read_ns = 70.0;
  c.parallel_devices = 4;
  c.digital_mac_pj = 19.0;
  c.digital_mac_ns = 8.0;
  c.digital_lanes = 2;
  c.sram_byte_pj = 23.0;
  c.dram_byte_pj = 123.0;
  c.dram_fraction = 0.25;
  OperationCounts n;
  n.forward_mvm = 3;
  n.backward_mvm = 4;
  n.dac_conversions = 100;
  n.adc_conversions = 200;
  n.cells_read = 300;
  n.crossbar_mac = 1000;
  n.set_pulses = 8;
  n.reset_pulses = 16;
  n.verify_reads = 4;
  n.digital_mac = 10;
  n.digital_bytes = 20;
  n.weight_updates = 12345;  // has no unit cost
  const Cost cost = price(c, n);
  const auto check = [&](std::string_view name, double energy_pj, double time_ns) {
    BOOST_TEST(near(part(cost, name).energy_j, energy_pj * 1e-12), name);
    BOOST_TEST(std::fabs(part(cost, name).time_s - time_ns * 1e-9) < 1e-18, name);
  };
  check("dac", 200.0, 0.0);
  check("adc", 600.0, 0.0);
  check("cells", 1500.0, 0.0);
  check("products", 49.0, 700.0);
  check("set_pulses", 88.0, 100.0);
  check("reset_pulses", 208.0, 240.0);
  check("verify_reads", 68.0, 70.0);
  check("digital_mac", 190.0, 40.0);
  check("digital_memory", 20.0 * (0.75 * 23.0 + 0.25 * 123.0), 0.0);
  BOOST_TEST(cost.breakdown.size() == 9U);
  BOOST_TEST(near(cost.energy_j(), 3863e-12));
  BOOST_TEST(near(cost.time_s(), 1150e-9));

  c.machine = cost::Machine::digital;
  const Cost digital = price(c, n);
  BOOST_TEST(digital.breakdown.size() == 2U);
  BOOST_TEST(near(part(digital, "digital_mac").energy_j, 1010 * 19e-12));
  BOOST_TEST(near(part(digital, "digital_memory").energy_j, 4020 * 48e-12));
  BOOST_TEST(near(digital.time_s(), 1010 * 4e-9));
}

BOOST_AUTO_TEST_CASE(digital_products_have_the_cost_in_the_table) {
  const Cost cost = price(preset("digital-32bit"), products(2, 100, 10));
  BOOST_TEST(near(cost.energy_j(), 2000 * (3.7 + 0.9 + 4 * 1.25) * 1e-12));
  const Cost later = price(preset("digital-32bit-7nm"), products(2, 100, 10));
  BOOST_TEST(near(later.energy_j(), 2000 * (1.31 + 0.38 + 4 * 7.5 / 8) * 1e-12));
}

/// The digital counterpart of training on crossbars has the counts of training in float.
BOOST_AUTO_TEST_CASE(the_digital_counterpart_is_the_work_of_the_float_trainer) {
  study::TrainConfig config;
  config.network = "784-8-10";
  config.training.epochs = 1;
  const auto counts_of = [&](training::MethodName method) {
    config.training.method = method;
    study::TrainSession session(config, testing::synthetic_digits(20, 5), {best_isa(), 1});
    Observer no_observer;
    session.run(no_observer);
    return session.counts();
  };
  const OperationCounts crossbars = counts_of(training::MethodName::mixed_precision);
  BOOST_TEST(crossbars.backward_mvm == 20U);
  const OperationCounts digital = cost::in_digital(crossbars, 32);
  const OperationCounts in_float = counts_of(training::MethodName::float32);
  BOOST_TEST(digital.digital_mac == in_float.digital_mac);
  BOOST_TEST(digital.digital_bytes == in_float.digital_bytes);
  BOOST_TEST(in_float.crossbar_mac == 0U);
}

BOOST_AUTO_TEST_CASE(only_used_unit_costs_of_presets_have_sources) {
  const std::vector<std::string> names = study::preset_names("cost");
  BOOST_TEST(names.size() >= 3U);
  for (const std::string& name : names) {
    CostConfig config = preset(name);
    const FieldList fields = fields_of(config);
    for (const Field& field : fields.all()) {
      BOOST_TEST((!field.active || !field.text.source.empty()), name << ": " << field.text.key);
      BOOST_TEST(!field.text.help.empty());
    }
    for (const auto& [key, words] : config.sources) {
      BOOST_TEST((fields.find(key) != nullptr && fields.find(key)->active), name << ": " << key);
    }
  }
}

BOOST_AUTO_TEST_CASE(unknown_and_incomplete_cost_presets_are_refused) {
  BOOST_TEST(refusal("hermes-14nm") == "accepted");
  BOOST_TEST(refusal("none") == "accepted");
  BOOST_TEST(refusal("hermes-14mm").find("hermes-14nm") != std::string::npos);
  BOOST_TEST(refusal("pcm").find("kind device") != std::string::npos);
  const auto file = [](const std::string& text) {
    return [text](const std::string&, std::string& toml) {
      toml = text;
      return true;
    };
  };
  BOOST_TEST(refusal("my.toml", file(without("digital-32bit", "digital-lanes")))
                 .find("lacks digital-lanes") != std::string::npos);
  BOOST_TEST(refusal("my.toml", file(without("hermes-14nm", "adc-conversion-pj")))
                 .find("lacks adc-conversion-pj") != std::string::npos);
  std::string odd = without("hermes-14nm", "compare-with");
  odd = "compare-with = \"hermes-14nm\"\n" + odd;
  BOOST_TEST(refusal("my.toml", file(odd)).find("is not a digital machine") != std::string::npos);
  const std::string typo = "adc-conversoin-pj = 1.0\n" + without("hermes-14nm", "product-pj");
  BOOST_TEST(refusal("my.toml", file(typo)).find("adc-conversion-pj") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_json_is_the_sum_of_its_parts) {
  const OperationCounts counts = products(10, 256, 256);
  const Json json = study::cost_json({}, {counts, counts, 10, {}});
  BOOST_TEST(json["preset"] == "hermes-14nm");
  BOOST_TEST(near(json["energy_j"], 125e-9));
  BOOST_TEST(near(json["energy_per_sample_j"], 12.5e-9));
  double energy = 0.0;
  double share = 0.0;
  for (const auto& [name, entry] : json["breakdown"].items()) {
    energy += entry["energy_j"].get<double>();
    share += entry["share"].get<double>();
  }
  BOOST_TEST(near(energy, json["energy_j"]));
  BOOST_TEST(near(share, 1.0));
  BOOST_TEST(json["digital"]["preset"] == "digital-32bit");
  BOOST_TEST(near(json["digital"]["energy_j"], 655360 * 9.6e-12));
  BOOST_TEST(near(json["ratio"], 655360 * 9.6e-12 / 125e-9));
  BOOST_TEST(json["left_out"].size() >= 4U);
  const std::string words = study::cost_words(json, "product");
  BOOST_TEST(words ==
             "12.5 nJ per product (hermes-14nm); on digital-32bit, 45 nm: 50.3 times as much");

  crossbar::ConverterConfig other;
  other.adc_bits = 6;
  BOOST_TEST(study::cost_json({}, {counts, counts, 10, other})["left_out"].size() ==
             json["left_out"].size() + 1);
  const Json itself = study::cost_json({"digital-32bit", nullptr}, {counts, counts, 10, {}});
  BOOST_TEST(near(itself["energy_j"], json["digital"]["energy_j"]));
  BOOST_TEST(itself["ratio"] == 1.0);
}

BOOST_AUTO_TEST_CASE(no_cost_model_gives_null_and_no_work_gives_no_ratio) {
  BOOST_TEST(study::cost_json({"none", nullptr}, {}).is_null());
  const Json nothing = study::cost_json({}, {});
  BOOST_TEST(nothing["energy_j"] == 0.0);
  BOOST_TEST(nothing["energy_per_sample_j"].is_null());
  BOOST_TEST(nothing["ratio"].is_null());
  BOOST_TEST(study::cost_words(nothing, "image").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
