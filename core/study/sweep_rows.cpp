#include "study/sweep_rows.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace imcsim::study {
namespace {

constexpr std::size_t longest_word = 64;

bool is_single(const Json& value) {
  return value.is_number() || value.is_boolean() ||
         (value.is_string() && value.get_ref<const std::string&>().size() <= longest_word);
}

std::string cell_text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Adds lists of rows (`[{…}, …]`) if `rows`, otherwise all other values.
void add_cells(const Json& object, const std::string& prefix, bool rows, Cells& cells) {
  for (const auto& [key, value] : object.items()) {
    const std::string name = prefix + key;
    if (value.is_object()) {
      add_cells(value, name + ".", rows, cells);
    } else if (rows && value.is_array()) {
      for (const Json& row : value) {
        if (!row.is_object() || row.empty() || !is_single(row.front())) continue;
        const std::string place =
            fmt::format("{}[{}={}].", name, row.begin().key(), cell_text_of(row.front()));
        Json rest = row;
        rest.erase(rest.begin());
        add_cells(rest, place, false, cells);
      }
    } else if (!rows && is_single(value)) {
      cells.emplace_back(name, cell_text_of(value));
    }
  }
}

Json line_head(const SweepStudy& study, std::size_t variant) {
  Json axes = Json::object();
  const std::vector<std::string> values = values_at(study, variant / study.seeds.size());
  const std::vector<const Axis*> list = study.axes();
  for (std::size_t a = 0; a < list.size(); ++a) axes[list[a]->key] = values[a];
  return {{"variant", variant}, {"axes", std::move(axes)}, {"seed", seed_of(study, variant)}};
}

std::string one_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const std::string* find_cell(const SweepRow& row, const std::string& column) {
  const auto found = std::find_if(row.cells.begin(), row.cells.end(),
                                  [&](const auto& cell) { return cell.first == column; });
  return found == row.cells.end() ? nullptr : &found->second;
}

}  // namespace

Cells result_cells(const Json& json) {
  Cells cells;
  if (const auto result = json.find("result"); result != json.end() && result->is_object()) {
    add_cells(*result, "", false, cells);
    if (cells.empty()) add_cells(*result, "", true, cells);
  }
  if (const auto cost = json.find("cost"); cost != json.end() && cost->is_object()) {
    for (const char* key : {"energy_j", "time_s"}) {
      const auto value = cost->find(key);
      if (value != cost->end() && value->is_number()) {
        cells.emplace_back(fmt::format("cost.{}", key), value->dump());
      }
    }
  }
  return cells;
}

std::string result_line(const SweepStudy& study, std::size_t variant, const Json& json,
                        const VariantTiming& timing) {
  Json line = line_head(study, variant);
  for (const char* key : {"seed", "result", "counts", "cost", "digest"}) {
    if (json.contains(key)) line[key] = json[key];
  }
  line["timing"] = {{"wall_s", timing.wall_s}, {"cpu_s", timing.cpu_s}};
  return one_line(line);
}

std::string failure_line(const SweepStudy& study, std::size_t variant, const std::string& reason,
                         const VariantTiming& timing) {
  Json line = line_head(study, variant);
  line["error"] = reason;
  line["timing"] = {{"wall_s", timing.wall_s}, {"cpu_s", timing.cpu_s}};
  return one_line(line);
}

bool read_line(const SweepStudy& study, const std::string& line, SweepRow& row) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return false;
  const Json variant = json.value("variant", Json());
  const Json seed = json.value("seed", Json());
  if (!variant.is_number_unsigned() || !seed.is_number_unsigned()) return false;
  const Json digest = json.value("digest", Json());
  const Json error = json.value("error", Json());
  if (digest.is_string() == error.is_string()) return false;
  row = {variant.get<std::size_t>(), seed.get<std::uint64_t>(), result_cells(json),
         digest.is_string() ? digest.get<std::string>() : "",
         error.is_string() ? error.get<std::string>() : ""};
  return row.variant < study.variants();
}

std::vector<std::string> result_columns(const SweepStudy& study, const SweepRows& rows) {
  if (!study.columns.empty()) return study.columns;
  std::vector<std::string> columns;
  std::set<std::string> seen;
  for (const auto& [variant, row] : rows) {
    for (const auto& cell : row.cells) {
      if (seen.insert(cell.first).second) columns.push_back(cell.first);
    }
  }
  return columns;
}

std::vector<std::string> table_heading(const SweepStudy& study,
                                       const std::vector<std::string>& columns) {
  std::vector<std::string> heading = {"variant"};
  for (const Axis* axis : study.axes()) heading.push_back(axis->key);
  heading.emplace_back("seed");
  heading.insert(heading.end(), columns.begin(), columns.end());
  heading.insert(heading.end(), {"digest", "error"});
  return heading;
}

std::vector<std::string> table_row(const SweepStudy& study, const SweepRow& row,
                                   const std::vector<std::string>& columns) {
  std::vector<std::string> texts = {fmt::format("{}", row.variant)};
  for (const std::string& value : values_at(study, row.variant / study.seeds.size())) {
    texts.push_back(value);
  }
  texts.push_back(fmt::format("{}", row.seed));
  for (const std::string& column : columns) {
    const std::string* text = find_cell(row, column);
    texts.push_back(text == nullptr ? "" : *text);
  }
  texts.push_back(row.digest);
  texts.push_back(row.error);
  return texts;
}

double number_of(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  return json.is_number() ? json.get<double>() : NAN;
}

SweepSummary summarize(const SweepStudy& study, const SweepRows& rows) {
  SweepSummary summary;
  for (const std::string& column : result_columns(study, rows)) {
    const bool numeric = std::any_of(rows.begin(), rows.end(), [&](const auto& entry) {
      const std::string* text = find_cell(entry.second, column);
      return text != nullptr && std::isfinite(number_of(*text));
    });
    if (!numeric) continue;
    const bool first = column == study.metric;
    summary.columns.insert(first ? summary.columns.begin() : summary.columns.end(), column);
  }
  const std::size_t seeds = study.seeds.size();
  for (std::size_t p = 0; p < study.points(); ++p) {
    SweepPoint point{values_at(study, p), 0, 0, {}, {}};
    std::vector<std::vector<double>> values(summary.columns.size());
    for (auto at = rows.lower_bound(p * seeds); at != rows.end() && at->first < (p + 1) * seeds;
         ++at) {
      const SweepRow& row = at->second;
      ++(row.error.empty() ? point.done : point.failed);
      for (std::size_t c = 0; c < values.size(); ++c) {
        const std::string* text = find_cell(row, summary.columns[c]);
        const double value = text == nullptr ? NAN : number_of(*text);
        if (std::isfinite(value)) values[c].push_back(value);
      }
    }
    for (const std::vector<double>& column : values) {
      point.figures.push_back(column.empty() ? MeanAndDeviation{NAN, NAN}
                                             : mean_and_deviation(column));
      point.counted.push_back(column.size());
    }
    if (point.done + point.failed > 0) summary.points.push_back(std::move(point));
  }
  return summary;
}

}  // namespace imcsim::study
