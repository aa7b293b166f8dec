#include "study/sweep_study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.hpp"
#include "study/safetensors.hpp"
#include "study/sweep_axis.hpp"
#include "study/version.hpp"

namespace imcsim::study {
namespace {

using PlacedGroups = std::vector<std::pair<Place, AxisGroup>>;

void read_crossed(const SweepReader& reader, const toml::table& table, PlacedGroups& groups) {
  for (const auto& [key, node] : table) {
    groups.emplace_back(place_of(node), AxisGroup{reader.axis(key.str(), node)});
  }
}

void read_zipped(const SweepReader& reader, const toml::node* node, PlacedGroups& groups) {
  if (node == nullptr) return;
  const toml::array* list = node->as_array();
  if (list == nullptr || !list->is_array_of_tables()) {
    throw InputError(reader.where(*node), "zip is not a list of tables", "[[zip]]");
  }
  for (const toml::node& item : *list) {
    std::vector<std::pair<Place, Axis>> placed;
    for (const auto& [key, value] : *item.as_table()) {
      placed.emplace_back(place_of(value), reader.axis(key.str(), value));
    }
    if (placed.empty())
      throw InputError(reader.where(item), "[[zip]] is empty", "at least two axes");
    std::stable_sort(placed.begin(), placed.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    AxisGroup group;
    for (auto& [place, axis] : placed) group.push_back(std::move(axis));
    for (const Axis& axis : group) {
      if (axis.values.size() == group.front().values.size()) continue;
      throw InputError(axis.where,
                       fmt::format("{} has {} values, {} has {}", axis.key, axis.values.size(),
                                   group.front().key, group.front().values.size()),
                       "the same number of values for all axes of a [[zip]]");
    }
    groups.emplace_back(placed.front().first, std::move(group));
  }
}

void read_axes(const SweepReader& reader, const toml::table& root, SweepStudy& study) {
  PlacedGroups groups;
  read_crossed(reader, reader.table_at(root, "axes"), groups);
  read_zipped(reader, root.get("zip"), groups);
  std::stable_sort(groups.begin(), groups.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [place, group] : groups) study.groups.push_back(std::move(group));
  std::vector<std::string> seen;
  for (const Axis* axis : study.axes()) {
    if (std::find(seen.begin(), seen.end(), axis->key) != seen.end()) {
      throw InputError(axis->where, fmt::format("{} is an axis twice", axis->key),
                       "one axis per key");
    }
    seen.push_back(axis->key);
  }
}

std::uint64_t base_seed(const Settings& base) {
  const Setting* given = find_last(base, "seed");
  if (given == nullptr) return 1;
  std::uint64_t seed = 0;
  const char* end = given->text.data() + given->text.size();
  const auto [last, error] = std::from_chars(given->text.data(), end, seed);
  if (error != std::errc{} || last != end) {
    throw InputError(given->where, fmt::format("\"{}\" is not a seed", given->text),
                     "a whole number, 0 or more");
  }
  return seed;
}

void read_seeds(const SweepReader& reader, const toml::table& table, SweepStudy& study) {
  const toml::node* repetitions = table.get("repetitions");
  const toml::node* seeds = table.get("seeds");
  study.seeded = repetitions != nullptr || seeds != nullptr;
  if (repetitions != nullptr && seeds != nullptr) {
    throw InputError(reader.where(*seeds), "seeds and repetitions are both given",
                     "one of the two");
  }
  const std::uint64_t first = base_seed(study.base);
  const toml::node* counted = repetitions != nullptr ? repetitions : seeds;
  if (counted == nullptr) {
    study.seeds = {first};
  } else if (const toml::array* list = counted->as_array(); list != nullptr && seeds != nullptr) {
    for (const toml::node& item : *list) {
      const std::int64_t seed = item.value<std::int64_t>().value_or(-1);
      const auto value = static_cast<std::uint64_t>(seed);
      if (seed < 0 || std::count(study.seeds.begin(), study.seeds.end(), value) > 0) {
        throw InputError(reader.where(item), "seeds is not a list of seeds",
                         "distinct whole numbers, 0 or more");
      }
      study.seeds.push_back(value);
    }
  } else {
    const std::int64_t count = counted->value<std::int64_t>().value_or(0);
    if (count < 1 || count > static_cast<std::int64_t>(most_variants)) {
      throw InputError(reader.where(*counted), "is not a number of repetitions",
                       fmt::format("a whole number from 1 to {}", most_variants));
    }
    for (std::int64_t r = 0; r < count; ++r) {
      study.seeds.push_back(first + static_cast<std::uint64_t>(r));
    }
  }
  if (study.seeds.empty()) throw InputError(reader.where(*counted), "no seeds", "at least one");
}

std::string string_at(const SweepReader& reader, const toml::table& table, std::string_view key) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return {};
  const auto text = node->value<std::string>();
  if (!text) throw InputError(reader.where(*node), fmt::format("{} is not text", key), "\"…\"");
  return *text;
}

void read_head(const SweepReader& reader, const toml::table& table, SweepStudy& study) {
  reader.check_keys(table, {"name", "command", "repetitions", "seeds", "metric", "columns"});
  study.name = string_at(reader, table, "name");
  study.metric = string_at(reader, table, "metric");
  std::string words = string_at(reader, table, "command");
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    if (end > at) study.words.push_back(words.substr(at, end - at));
    at = end + 1;
  }
  if (study.words.empty()) {
    throw InputError(reader.name, "[study] has no command", "command = \"train\"");
  }
  study.command = study.words.front();
  study.words.erase(study.words.begin());
  const toml::node* columns = table.get("columns");
  if (columns == nullptr) return;
  const toml::array* list = columns->as_array();
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    study.columns.push_back(list->get(i)->value_or(std::string{}));
  }
  if (study.columns.empty() ||
      std::find(study.columns.begin(), study.columns.end(), "") != study.columns.end()) {
    throw InputError(reader.where(*columns), "columns is not a list of column names",
                     "[\"test_accuracy\"], or no key columns for all columns");
  }
}

Settings read_base(const SweepReader& reader, const toml::table& table) {
  std::vector<std::pair<Place, Setting>> placed;
  for (const auto& [key, node] : table) {
    const std::string where = reader.where(node);
    placed.emplace_back(place_of(node),
                        Setting{std::string(key.str()), scalar_text(node, where, key.str()), where,
                                fmt::format("file {}", reader.name)});
  }
  std::stable_sort(placed.begin(), placed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  Settings base;
  for (auto& [place, setting] : placed) base.push_back(std::move(setting));
  return base;
}

}  // namespace

std::size_t SweepStudy::points() const {
  std::size_t product = 1;
  for (const AxisGroup& group : groups) product *= group.front().values.size();
  return product;
}

std::vector<const Axis*> SweepStudy::axes() const {
  std::vector<const Axis*> all;
  for (const AxisGroup& group : groups) {
    for (const Axis& axis : group) all.push_back(&axis);
  }
  return all;
}

SweepStudy parse_sweep(std::string_view text, const std::string& name) {
  const SweepReader reader{name};
  const toml::table root = parse_toml(text, name);
  reader.check_keys(root, {"study", "base", "axes", "zip"});
  SweepStudy study;
  read_head(reader, reader.table_at(root, "study"), study);
  study.base = read_base(reader, reader.table_at(root, "base"));
  read_seeds(reader, reader.table_at(root, "study"), study);
  read_axes(reader, root, study);
  double total = static_cast<double>(study.seeds.size());
  for (const AxisGroup& group : study.groups) {
    total *= static_cast<double>(group.front().values.size());
  }
  if (total > static_cast<double>(most_variants)) {
    throw InputError(name, fmt::format("has {:.0f} variants", total),
                     fmt::format("at most {}", most_variants));
  }
  return study;
}

std::vector<std::string> values_at(const SweepStudy& study, std::size_t point) {
  std::vector<std::size_t> places(study.groups.size());
  for (std::size_t g = study.groups.size(); g-- > 0;) {
    const std::size_t size = study.groups[g].front().values.size();
    places[g] = point % size;
    point /= size;
  }
  std::vector<std::string> values;
  for (std::size_t g = 0; g < study.groups.size(); ++g) {
    for (const Axis& axis : study.groups[g]) values.push_back(axis.values[places[g]]);
  }
  return values;
}

Settings settings_at(const SweepStudy& study, std::size_t point) {
  Settings settings = study.base;
  const std::vector<std::string> values = values_at(study, point);
  const std::vector<const Axis*> axes = study.axes();
  for (std::size_t a = 0; a < axes.size(); ++a) {
    settings.push_back({axes[a]->key, values[a], axes[a]->where, "axis"});
  }
  return settings;
}

std::uint64_t seed_of(const SweepStudy& study, std::size_t variant) {
  return study.seeds[variant % study.seeds.size()];
}

std::uint64_t fingerprint(const SweepStudy& study) {
  std::string all = fmt::format("imcsim {}\n{}\n", version, study.command);
  for (const std::string& word : study.words) all += word + "\n";
  for (const Setting& setting : study.base) all += setting.key + "=" + setting.text + "\n";
  for (const AxisGroup& group : study.groups) {
    all += "group\n";
    for (const Axis& axis : group) {
      all += axis.key + ":\n";
      for (const std::string& value : axis.values) all += toml_quoted(value) + "\n";
    }
  }
  for (const std::uint64_t seed : study.seeds) all += fmt::format("seed {}\n", seed);
  return hash_of_text(all);
}

}  // namespace imcsim::study
