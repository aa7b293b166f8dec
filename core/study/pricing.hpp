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

/// The name that asks for no prices.
inline constexpr std::string_view no_cost = "none";

/// The prices of a preset, and those of the digital machine that it is compared with.
struct Prices {
  std::string name;
  cost::CostConfig config;
  std::string digital_name;
  cost::CostConfig digital;
};

/// Which prices a configuration asks for. They decide no result but `cost`.
struct CostChoice {
  std::string name = "hermes-14nm";
  std::shared_ptr<const Prices> prices;  ///< of a file: read_prices has put them there
};
void describe(CostChoice& choice, FieldList& fields);

/// Presets of kind `cost`, and `none`.
std::vector<std::string> cost_names();

/// Prices of a preset's text, which must state each that its machine uses. Throws
/// InputError{name, …}.
cost::CostConfig parse_prices(const std::string& toml, const std::string& name);

/// Looks the prices of a choice up. Throws InputError{where, …}: unknown names bring neighbours.
void read_prices(CostChoice& choice, const Where& where, const PresetReader& read_file);

/// The prices of a choice; those of a built-in preset need no read_prices. Null for `none`.
std::shared_ptr<const Prices> prices_of(const CostChoice& choice);

/// What is priced. `sample_counts` is the part of the work that its samples share (programming
/// before them is none of it); the converters tell what the prices do not fit.
struct PricedWork {
  OperationCounts counts;
  OperationCounts sample_counts;
  std::uint64_t samples = 0;
  crossbar::ConverterConfig converters;
};

/// The counts without pulses and the reads between them.
OperationCounts products_of(OperationCounts counts);

/// `cost` of CONTRACT section 1: preset, energy_j, time_s, a sample's, breakdown, left_out, and
/// the same work in digital arithmetic with `ratio`: how many times this energy its samples take
/// (what programs weights before them, digital machines do not do). Null for `none`; figures that
/// would divide by zero are null.
Json cost_json(const CostChoice& choice, const PricedWork& work);

/// The same for people: `812 nJ an image (hermes-14nm); 32-bit digital, 45 nm: 6.0 x`. Empty where
/// there is nothing to say.
std::string cost_words(const Json& cost, std::string_view sample);

/// energy_j and time_s alone.
Json totals_json(const CostChoice& choice, const OperationCounts& counts);

}  // namespace imcsim::study
