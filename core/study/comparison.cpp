#include "study/comparison.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/error.hpp"
#include "numeric/statistics.hpp"
#include "study/version.hpp"

namespace imcsim::study {
namespace {

/// A number in one result.
struct Figure {
  std::string name;
  double value = 0.0;
  std::optional<double> std;
  std::vector<std::pair<std::uint64_t, double>> by_seed;
};

using Figures = std::vector<Figure>;

const Figure* find_figure(const Figures& figures, const std::string& name) {
  const auto found = std::find_if(figures.begin(), figures.end(),
                                  [&](const Figure& figure) { return figure.name == name; });
  return found == figures.end() ? nullptr : &*found;
}

std::string joined(const std::string& prefix, const std::string& key) {
  return prefix.empty() ? key : prefix + "." + key;
}

/// Label of a list entry: its first value; with a suffix such as `#2` if repeated.
std::string label_of(const Json& entry, std::map<std::string, int>& seen) {
  const Json& first = entry.begin().value();
  std::string label = first.is_string() ? first.get<std::string>() : first.dump();
  if (entry.begin().key() == "t_s" && first.is_number()) {
    label = format_duration({first.get<double>()});
  }
  const int count = ++seen[label];
  return count == 1 ? label : fmt::format("{}#{}", label, count);
}

/// The standard deviation that belongs to a mean in the same object: `std` for `mean`,
/// `accuracy_std` for `accuracy_mean`.
std::optional<double> std_of_mean(const Json& object, std::string key) {
  const std::size_t at = key.rfind("mean");
  if (at == std::string::npos) return {};
  const auto found = object.find(key.replace(at, 4, "std"));
  if (found == object.end() || !found->is_number()) return {};
  return found->get<double>();
}

bool belongs_to_mean(const Json& object, std::string key) {
  const std::size_t at = key.rfind("std");
  return at != std::string::npos && object.contains(key.replace(at, 3, "mean"));
}

/// Values of `list[r][key]` with their seeds; empty if one is missing.
template <class ValueOf>
std::vector<std::pair<std::uint64_t, double>> seeds_of(const Json& list, ValueOf value_of) {
  std::vector<std::pair<std::uint64_t, double>> values;
  for (const Json& run : list) {
    const Json value = value_of(run);
    if (!run.contains("seed") || !value.is_number()) return {};
    values.emplace_back(run["seed"].get<std::uint64_t>(), value.get<double>());
  }
  return values;
}

/// Collects the numbers of a result.
class Reader {
 public:
  /// `over_seeds`: standard deviations in the result are between seeds.
  explicit Reader(bool over_seeds) : over_seeds_(over_seeds) {}

  Figures read(const Json& result) {
    object("", result);
    const auto runs = result.find("runs");
    if (runs == result.end() || !runs->is_array()) return std::move(figures_);
    for (Figure& figure : figures_) {
      const std::string& name = figure.name;
      figure.by_seed = seeds_of(*runs, [&](const Json& run) { return run.value(name, Json()); });
      const auto deviation = result.find("std");
      if (deviation != result.end() && deviation->contains(name)) {
        figure.std = deviation->at(name).get<double>();
      }
    }
    read_times(result, *runs);
    return std::move(figures_);
  }

 private:
  void object(const std::string& prefix, const Json& members) {
    for (const auto& [key, value] : members.items()) {
      const bool of_seeds = key == "runs" || key == "epochs";
      const bool summary = prefix.empty() && (key == "mean" || key == "std");
      if (of_seeds || (summary && value.is_object())) continue;
      const std::string name = joined(prefix, key);
      if (value.is_object()) object(name, value);
      if (value.is_array()) list(name, value);
      if (!value.is_number() || (over_seeds_ && belongs_to_mean(members, key))) continue;
      Figure figure{name, value.get<double>(), {}, {}};
      if (over_seeds_) figure.std = std_of_mean(members, key);
      if (key == "mean" && members.contains("runs")) {
        figure.by_seed =
            seeds_of(members["runs"], [](const Json& run) { return run.value("value", Json()); });
      }
      figures_.push_back(std::move(figure));
    }
  }

  void list(const std::string& name, const Json& entries) {
    std::map<std::string, int> seen;
    for (const Json& entry : entries) {
      if (!entry.is_object() || entry.empty()) return;
      object(fmt::format("{}[{}]", name, label_of(entry, seen)), entry);
    }
  }

  /// `infer` returns the accuracy of each seed as a list over times.
  void read_times(const Json& result, const Json& runs) {
    const auto times = result.find("times");
    if (times == result.end() || !times->is_array()) return;
    std::size_t k = 0;
    for (Figure& figure : figures_) {
      if (!figure.name.ends_with(".accuracy_mean")) continue;
      figure.by_seed = seeds_of(runs, [&](const Json& run) {
        const Json list = run.value("accuracy", Json::array());
        return list.is_array() && k < list.size() ? list[k] : Json();
      });
      ++k;
    }
  }

  bool over_seeds_;
  Figures figures_;
};

void require_result(const FinishedRun& run) {
  const auto has = [&](const char* key) { return run.json.contains(key); };
  const bool is_result = run.json.is_object() && has("imcsim") && has("command") && has("config") &&
                         has("result") && has("digest") && run.json["config"].is_object() &&
                         run.json["result"].is_object() && run.json["command"].is_string() &&
                         run.json["digest"].is_string();
  if (!is_result) {
    throw InputError(run.name, "is not a result of imcsim",
                     "a run directory, or the JSON output of a command");
  }
}

std::int64_t runs_of(const Json& json) {
  const auto runs = json["config"].find("runs");
  return runs != json["config"].end() && runs->is_number_integer() ? runs->get<std::int64_t>() : 1;
}

std::string value_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Adds a row for a key whose values differ.
void add_difference(std::vector<ConfigDifference>& rows, const std::string& key,
                    std::vector<std::optional<std::string>> values) {
  const bool differs = std::any_of(values.begin(), values.end(),
                                   [&](const auto& value) { return value != values.front(); });
  if (differs) rows.push_back({key, std::move(values)});
}

std::vector<ConfigDifference> config_differences(const std::vector<FinishedRun>& runs) {
  std::vector<ConfigDifference> rows;
  std::vector<std::string> keys;
  for (const FinishedRun& run : runs) {
    for (const auto& [key, value] : run.json["config"].items()) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
  }
  const auto row = [&](const std::string& key, auto object_of) {
    std::vector<std::optional<std::string>> values;
    for (const FinishedRun& run : runs) {
      const Json& object = object_of(run);
      const auto found = object.find(key);
      values.push_back(found == object.end() ? std::optional<std::string>() : value_text(*found));
    }
    add_difference(rows, key, std::move(values));
  };
  const auto whole = [](const FinishedRun& run) -> const Json& { return run.json; };
  row("imcsim", whole);
  row("command", whole);
  for (const std::string& key : keys) {
    row(key, [](const FinishedRun& run) -> const Json& { return run.json["config"]; });
  }
  return rows;
}

bool same_seeds(const Figure& a, const Figure& b) {
  return a.by_seed.size() == b.by_seed.size() &&
         std::equal(a.by_seed.begin(), a.by_seed.end(), b.by_seed.begin(),
                    [](const auto& x, const auto& y) { return x.first == y.first; });
}

double squared_error(const Figure& figure, std::int64_t runs) {
  return *figure.std * *figure.std / static_cast<double>(runs);
}

FigureDifference difference_of(const Figure& a, std::int64_t a_runs, const Figure& b,
                               std::int64_t b_runs) {
  FigureDifference of{b.value - a.value, {}, ErrorKind::none};
  if (a.by_seed.size() > 1 && same_seeds(a, b)) {
    std::vector<double> differences;
    for (std::size_t r = 0; r < a.by_seed.size(); ++r) {
      differences.push_back(b.by_seed[r].second - a.by_seed[r].second);
    }
    of.error = mean_and_deviation(differences).deviation /
               std::sqrt(static_cast<double>(differences.size()));
    of.kind = ErrorKind::paired;
  } else if (a.std && b.std && a_runs > 1 && b_runs > 1) {
    of.error = std::sqrt(squared_error(a, a_runs) + squared_error(b, b_runs));
    of.kind = ErrorKind::independent;
  }
  return of;
}

std::vector<ComparedFigure> compared_figures(const std::vector<FinishedRun>& runs) {
  std::vector<Figures> read;
  std::vector<std::int64_t> counts;
  for (const FinishedRun& run : runs) {
    counts.push_back(runs_of(run.json));
    read.push_back(Reader(counts.back() > 1).read(run.json["result"]));
  }
  std::vector<ComparedFigure> compared;
  for (const Figure& first : read.front()) {
    ComparedFigure row{first.name, {}, {}, {}, true};
    for (std::size_t r = 0; r < runs.size(); ++r) {
      const Figure* figure = find_figure(read[r], first.name);
      if (figure == nullptr) break;
      row.values.push_back(figure->value);
      row.std.push_back(figure->std);
      row.same = row.same && figure->value == first.value;
      if (r > 0) row.differences.push_back(difference_of(first, counts[0], *figure, counts[r]));
    }
    if (row.values.size() == runs.size()) compared.push_back(std::move(row));
  }
  return compared;
}

Json optional_json(const std::optional<double>& number) {
  if (!number) return nullptr;
  return *number;
}

Json figure_json(const ComparedFigure& figure) {
  Json std_list = Json::array();
  for (const std::optional<double>& std : figure.std) std_list.push_back(optional_json(std));
  Json differences = Json::array();
  for (const FigureDifference& d : figure.differences) {
    differences.push_back({{"difference", d.difference},
                           {"error", optional_json(d.error)},
                           {"error_kind", names_of(d.kind)[static_cast<std::size_t>(d.kind)]}});
  }
  return {{"name", figure.name},
          {"values", figure.values},
          {"std", std::move(std_list)},
          {"differences", std::move(differences)},
          {"same", figure.same}};
}

}  // namespace

std::span<const std::string_view> names_of(ErrorKind) {
  static constexpr std::array<std::string_view, 3> names = {"none", "paired", "independent"};
  return names;
}

Comparison compare_runs(const std::vector<FinishedRun>& runs) {
  if (runs.size() < 2) {
    throw InputError("compare", "nothing to compare", "at least two runs");
  }
  Comparison comparison;
  for (const FinishedRun& run : runs) {
    require_result(run);
    comparison.names.push_back(run.name);
    comparison.commands.push_back(run.json["command"]);
    comparison.digests.push_back(run.json["digest"]);
  }
  comparison.config = config_differences(runs);
  comparison.figures = compared_figures(runs);
  if (comparison.figures.empty()) {
    throw InputError("compare", "the results have no value in common", "runs of one command");
  }
  comparison.same_digest =
      std::all_of(comparison.digests.begin(), comparison.digests.end(),
                  [&](const std::string& digest) { return digest == comparison.digests.front(); });
  return comparison;
}

Json comparison_json(const Comparison& comparison) {
  Json runs = Json::array();
  for (std::size_t r = 0; r < comparison.names.size(); ++r) {
    runs.push_back({{"name", comparison.names[r]},
                    {"command", comparison.commands[r]},
                    {"digest", comparison.digests[r]}});
  }
  Json config = Json::array();
  for (const ConfigDifference& row : comparison.config) {
    Json values = Json::array();
    for (const auto& value : row.values) values.push_back(value ? Json(*value) : Json());
    config.push_back({{"key", row.key}, {"values", std::move(values)}});
  }
  Json figures = Json::array();
  for (const ComparedFigure& figure : comparison.figures) figures.push_back(figure_json(figure));
  return {{"imcsim", version},
          {"command", "compare"},
          {"result",
           {{"runs", std::move(runs)},
            {"same_digest", comparison.same_digest},
            {"config", std::move(config)},
            {"figures", std::move(figures)}}}};
}

}  // namespace imcsim::study
