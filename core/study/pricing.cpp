#include "study/pricing.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/error.hpp"

namespace imcsim::study {
namespace {

Json quotient(double part, double whole) {
  if (whole == 0.0) return nullptr;
  return part / whole;
}

Json breakdown_json(const cost::Cost& cost) {
  const double energy_j = cost.energy_j();
  Json parts = Json::object();
  for (const cost::Component& part : cost.breakdown) {
    parts[std::string(part.name)] = {{"energy_j", part.energy_j},
                                     {"time_s", part.time_s},
                                     {"share", quotient(part.energy_j, energy_j)}};
  }
  return parts;
}

std::string energy_words(double energy_j) {
  if (energy_j >= 1e-3) return fmt::format("{:.3g} mJ", 1e3 * energy_j);
  if (energy_j >= 1e-6) return fmt::format("{:.3g} µJ", 1e6 * energy_j);
  return fmt::format("{:.3g} nJ", 1e9 * energy_j);
}

Json left_out_json(const cost::CostConfig& config, const crossbar::ConverterConfig& converters) {
  Json words = cost::left_out(config);
  if (config.machine == cost::Machine::digital) return words;
  const std::int64_t bits = config.converter_bits;
  if (converters.dac_bits != bits || converters.adc_bits != bits) {
    words.push_back(
        fmt::format("differences of other resolutions: conversions are priced for {} bits", bits));
  }
  if (converters.encoding == crossbar::Encoding::bit_serial) {
    words.push_back("additional time of bit-serial inputs: each product counts once");
  }
  return words;
}

void require_all(const FieldList& fields, const Settings& given, const std::string& name) {
  for (const Field& field : fields.all()) {
    if (field.active && find_last(given, field.text.key) == nullptr) {
      throw InputError(name, fmt::format("lacks {}", field.text.key),
                       fmt::format("every cost parameter of the machine: {}", expected_of(field)));
    }
  }
}

/// Reads the digital preset used for comparison.
void read_digital(Prices& prices, const std::string& name, const PresetReader& read_file) {
  const std::string where = fmt::format("{}: compare-with", prices.name);
  const LoadedPreset preset = load_preset_text({"cost", name, where, ""}, "cost", read_file);
  prices.digital_name = preset.name;
  prices.digital = parse_prices(preset.toml, preset.name);
  if (prices.digital.machine != cost::Machine::digital) {
    throw InputError(where, fmt::format("\"{}\" is not a digital machine", name),
                     "a preset with machine = \"digital\"");
  }
}

}  // namespace

void describe(CostChoice& c, FieldList& f) {
  f.field("cost", c.name, "NAME|FILE|none", "Cost model: preset, file, or none");
}

std::vector<std::string> cost_names() {
  std::vector<std::string> names = preset_names("cost");
  names.emplace_back(no_cost);
  return names;
}

cost::CostConfig parse_prices(const std::string& toml, const std::string& name) {
  cost::CostConfig config;
  Origins origins;
  const Settings given = preset_settings(toml, name);
  apply(given, fields_of(config), origins);
  require_all(fields_of(config), given, name);
  for (auto& [table, words] : text_tables(toml, name)) {
    if (table == "source") config.sources.insert(words.begin(), words.end());
  }
  return config;
}

void read_prices(CostChoice& choice, const Where& where, const PresetReader& read_file) {
  choice.prices = nullptr;
  if (choice.name == no_cost) return;
  const LoadedPreset preset = load_preset_text({"cost", choice.name, where, ""}, "cost", read_file);
  auto prices = std::make_shared<Prices>();
  prices->name = preset.name;
  prices->config = parse_prices(preset.toml, preset.name);
  if (prices->config.machine == cost::Machine::digital) {
    prices->digital_name = prices->name;
    prices->digital = prices->config;
  } else {
    read_digital(*prices, prices->config.compare_with, read_file);
  }
  choice.prices = std::move(prices);
}

std::shared_ptr<const Prices> prices_of(const CostChoice& choice) {
  if (choice.name == no_cost) return nullptr;
  if (choice.prices != nullptr && choice.prices->name == choice.name) return choice.prices;
  CostChoice built_in{choice.name, nullptr};
  read_prices(built_in, at_field("cost"), [](const std::string&, std::string&) { return false; });
  return built_in.prices;
}

OperationCounts products_of(OperationCounts counts) {
  counts.set_pulses = 0;
  counts.reset_pulses = 0;
  counts.verify_reads = 0;
  return counts;
}

Json cost_json(const CostChoice& choice, const PricedWork& work) {
  const std::shared_ptr<const Prices> prices = prices_of(choice);
  if (prices == nullptr) return nullptr;
  const cost::Cost own = cost::price(prices->config, work.counts);
  const cost::Cost sample = cost::price(prices->config, work.sample_counts);
  const cost::Cost digital = cost::price(prices->digital, work.counts);
  const double digital_sample_j = cost::price(prices->digital, work.sample_counts).energy_j();
  const auto samples = static_cast<double>(work.samples);
  return {{"preset", prices->name},
          {"node_nm", prices->config.node_nm},
          {"energy_j", own.energy_j()},
          {"time_s", own.time_s()},
          {"energy_per_sample_j", quotient(sample.energy_j(), samples)},
          {"time_per_sample_s", quotient(sample.time_s(), samples)},
          {"breakdown", breakdown_json(own)},
          {"left_out", left_out_json(prices->config, work.converters)},
          {"digital",
           {{"preset", prices->digital_name},
            {"node_nm", prices->digital.node_nm},
            {"energy_j", digital.energy_j()},
            {"time_s", digital.time_s()},
            {"energy_per_sample_j", quotient(digital_sample_j, samples)},
            {"breakdown", breakdown_json(digital)}}},
          {"ratio", quotient(digital_sample_j, sample.energy_j())}};
}

std::string cost_words(const Json& cost, std::string_view sample) {
  if (cost.is_null() || cost["energy_per_sample_j"].is_null()) return {};
  std::string words = fmt::format("{} per {} ({})", energy_words(cost["energy_per_sample_j"]),
                                  sample, cost["preset"].get<std::string>());
  const Json& digital = cost["digital"];
  // A ratio of 0: the digital cost model covers none of the counted operations.
  if (digital["preset"] == cost["preset"] || cost["ratio"].is_null() || cost["ratio"] == 0.0) {
    return words;
  }
  return words + fmt::format("; on {}, {} nm: {:.3g} times as much",
                             digital["preset"].get<std::string>(), digital["node_nm"].get<double>(),
                             cost["ratio"].get<double>());
}

Json totals_json(const CostChoice& choice, const OperationCounts& counts) {
  const std::shared_ptr<const Prices> prices = prices_of(choice);
  if (prices == nullptr) return nullptr;
  const cost::Cost cost = cost::price(prices->config, counts);
  return {{"energy_j", cost.energy_j()}, {"time_s", cost.time_s()}};
}

}  // namespace imcsim::study
