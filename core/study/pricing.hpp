#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cost/cost.hpp"
#include "crossbar/crossbar.hpp"
#include "study/json.hpp"
#include "study/presets.hpp"

namespace imcsim::study {

/// Name for no cost model.
inline constexpr std::string_view no_cost = "none";

/// The cost model of a preset, and that of the digital machine for comparison.
struct Prices {
  std::string name;
  cost::CostConfig config;
  std::string digital_name;
  cost::CostConfig digital;
};

/// The cost model selected by a configuration. It affects only `cost` in results.
struct CostChoice {
  std::string name = "hermes-14nm";
  std::shared_ptr<const Prices> prices;  ///< of a file: set by read_prices
};
void describe(CostChoice& choice, FieldList& fields);

/// Names of the presets of kind `cost`, and `none`.
std::vector<std::string> cost_names();

/// Cost model from a preset's text, which must contain every value used by its machine. Throws
/// InputError{name, …}.
cost::CostConfig parse_prices(const std::string& toml, const std::string& name);

/// Reads the cost model of a choice. Throws InputError{where, …} for an unknown name, with the
/// nearest ones.
void read_prices(CostChoice& choice, const Where& where, const PresetReader& read_file);

/// The cost model of a choice; built-in presets need no read_prices. Null for `none`.
std::shared_ptr<const Prices> prices_of(const CostChoice& choice);

/// Work to be priced. `sample_counts`: the part attributed to samples, without programming before
/// them; `converters`: to report properties that the cost model does not cover.
struct PricedWork {
  OperationCounts counts;
  OperationCounts sample_counts;
  std::uint64_t samples = 0;
  crossbar::ConverterConfig converters;
};

/// The counts without programming: no pulses and no verify reads.
OperationCounts products_of(OperationCounts counts);

/// `cost` of the JSON result: preset, energy_j, time_s, values per sample, breakdown, left_out,
/// and the same work in digital arithmetic. `ratio`: digital energy over this energy, for the
/// samples (programming of weights is excluded, because digital machines do not need it). Null for
/// `none`; figures with a zero divisor are null.
Json cost_json(const CostChoice& choice, const PricedWork& work);

/// The cost as text: `812 nJ per image (hermes-14nm); on …, 45 nm: 6.0 times as much`. Empty
/// without a cost per sample.
std::string cost_words(const Json& cost, std::string_view sample);

/// energy_j and time_s alone.
Json totals_json(const CostChoice& choice, const OperationCounts& counts);

}  // namespace imcsim::study
