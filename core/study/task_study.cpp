#include "study/task_study.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "study/safetensors.hpp"

namespace imcsim::study {
namespace {

using tasks::Cell;
using tasks::Section;
using tasks::Value;

Json cell_json(const Cell& cell) {
  return std::visit([](const auto& value) -> Json { return value; }, cell);
}

Json table_to_json(const tasks::Table& table) {
  Json rows = Json::array();
  for (const std::vector<Cell>& row : table.rows) {
    Json item = Json::object();
    for (std::size_t c = 0; c < row.size(); ++c) item[table.columns[c]] = cell_json(row[c]);
    rows.push_back(std::move(item));
  }
  return rows;
}

Json section_json(const Section& section) {
  Json object = Json::object();
  for (const tasks::Result& result : section) object[result.name] = to_json(result.value);
  return object;
}

std::string number_text(double value, bool for_display) {
  return for_display ? fmt::format("{:.4g}", value) : fmt::format("{}", value);
}

std::string cell_text(const Cell& cell, bool for_display) {
  return text_of(std::visit([](const auto& value) -> Value { return value; }, cell), for_display);
}

void add_rows(const std::string& prefix, const Section& section, bool for_display,
              std::vector<std::vector<std::string>>& rows) {
  for (const tasks::Result& result : section) {
    if (const auto* inner = std::get_if<Section>(&result.value)) {
      add_rows(prefix + result.name + ".", *inner, for_display, rows);
      continue;
    }
    const std::string text = text_of(result.value, for_display);
    if (!text.empty()) rows.push_back({prefix + result.name, text});
  }
}

const tasks::Table* table_of(const tasks::Answer& answer) {
  for (const tasks::Result& result : answer.results) {
    if (result.name == answer.table) return std::get_if<tasks::Table>(&result.value);
  }
  return nullptr;
}

Json result_json(const tasks::Answer& answer) {
  Json result = section_json(answer.results);
  result["exact"] = section_json(answer.exact);
  result["error"] = to_json(answer.error);
  if (answer.predicted_error) result["predicted_error"] = to_json(*answer.predicted_error);
  result["von_neumann"] = {{"bytes_moved", answer.von_neumann.bytes_moved},
                           {"operations", answer.von_neumann.operations}};
  if (!answer.failure.empty()) result["failure"] = answer.failure;
  return result;
}

/// Placeholder for the value of an input in help.
std::string_view placeholder_of(const tasks::InputSpec& input) {
  if (!input.word.empty()) return input.word;
  switch (input.kind) {
    case tasks::InputKind::file: return "FILE";
    case tasks::InputKind::folder: return "DIR";
    case tasks::InputKind::text: break;
  }
  return "TEXT";
}

}  // namespace

TaskConfig::TaskConfig(const tasks::TaskEntry& its_entry)
    : entry(its_entry),
      task(its_entry.make(its_entry.word)),
      inputs(task->inputs()),
      given(inputs.size()),
      device(task->default_device()) {}

void describe(TaskConfig& c, FieldList& f) {
  if (!c.inputs.empty()) f.group("Input");
  for (std::size_t i = 0; i < c.inputs.size(); ++i) {
    const tasks::InputSpec& input = c.inputs[i];
    f.field(input.key, c.given[i], placeholder_of(input), input.help);
    f.mark_common({input.key});
  }
  FieldList own;
  c.task->describe(own);
  // The device name comes before the device fields and after the task's own fields.
  const auto of_devices = [&](const Field& field) {
    return field.group == "Device" || field.group == "Array";
  };
  const std::vector<Field>& all = own.all();
  const auto devices = std::find_if(all.begin(), all.end(), of_devices);
  for (auto field = all.begin(); field != devices; ++field) f.add(*field);
  f.group("General");
  if (c.task->device() != nullptr) {
    f.field("device", c.device, "NAME|FILE", "Device preset, or a TOML file of device parameters");
  }
  f.field("seed", c.seed, Unit::none, {}, "Random seed");
  f.mark_common({"device", "seed"});
  describe(c.cost, f);
  for (auto field = devices; field != all.end(); ++field) f.add(*field);
}

ResolvedTask layered_task(const tasks::TaskEntry& entry, const Settings& settings,
                          const PresetReader& read_file) {
  ResolvedTask resolved{TaskConfig(entry), {}};
  TaskConfig& config = resolved.config;
  device::DeviceConfig unused;
  device::DeviceConfig* const own = config.task->device();
  const FieldList fields = fields_of(config);
  apply_layers({fields, config.device, own == nullptr ? unused : *own, resolved.origins}, settings,
               read_file);
  return resolved;
}

ResolvedTask resolve_task(const tasks::TaskEntry& entry, const Settings& settings,
                          const PresetReader& read_file) {
  ResolvedTask resolved = layered_task(entry, settings, read_file);
  TaskConfig& config = resolved.config;
  refuse_idle_flags(settings, fields_of(config));
  read_prices(config.cost, at_field("cost"), read_file);
  for (std::size_t i = 0; i < config.inputs.size(); ++i) {
    const tasks::InputSpec& spec = config.inputs[i];
    if (!spec.required || !config.given[i].empty()) continue;
    if (spec.word.empty())
      throw InputError(at_field(spec.key), "is missing", std::string(spec.help));
    throw InputError(task_name(entry), fmt::format("{} is missing", spec.word),
                     std::string(spec.help));
  }
  return resolved;
}

std::string task_name(const tasks::TaskEntry& entry) {
  return fmt::format("{} {}", entry.command, entry.word);
}

TaskStudy run_task(TaskConfig& config, std::span<const tasks::Input> inputs,
                   const Execution& execution, Observer& observer, const std::string& output_name) {
  TaskStudy study;
  study.answer = config.task->run({inputs, config.seed, execution, observer, output_name});
  std::vector<StateArray> arrays;
  for (tasks::NamedArray& array : study.answer.arrays) {
    if (array.digested) arrays.push_back({array.name, view_of(array), true});
  }
  study.digest =
      arrays.empty() ? hash_of_text(section_json(study.answer.results).dump()) : digest_of(arrays);
  return study;
}

ArrayView view_of(tasks::NamedArray& array) {
  return std::visit([&](auto& values) { return array_view(values, array.rows, array.columns); },
                    array.values);
}

Json to_json(const Value& value) {
  return std::visit(
      [](const auto& v) -> Json {
        using Held = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<Held, tasks::Table>) {
          return table_to_json(v);
        } else if constexpr (std::is_same_v<Held, Section>) {
          return section_json(v);
        } else {
          return v;
        }
      },
      value);
}

Json task_cost_json(TaskConfig& config, const TaskStudy& study) {
  const tasks::Answer& answer = study.answer;
  PricedWork work{answer.counts, answer.sample_counts, answer.samples, {}};
  if (const crossbar::CrossbarConfig* arrays = config.task->crossbar()) {
    work.converters = arrays->converters;
  }
  return cost_json(config.cost, work);
}

Json task_json(TaskConfig& config, const TaskStudy& study) {
  return envelope(task_name(config.entry), config.seed, to_json(fields_of(config)),
                  result_json(study.answer), study.answer.counts, study.digest,
                  task_cost_json(config, study));
}

std::vector<std::vector<std::string>> table_rows(const tasks::Answer& answer, bool for_display) {
  std::vector<std::vector<std::string>> rows;
  const tasks::Table* table = table_of(answer);
  if (table == nullptr) return rows;
  rows.push_back(table->columns);
  for (const std::vector<Cell>& row : table->rows) {
    std::vector<std::string> cells;
    cells.reserve(row.size());
    for (const Cell& cell : row) cells.push_back(cell_text(cell, for_display));
    rows.push_back(std::move(cells));
  }
  return rows;
}

std::vector<std::vector<std::string>> figure_rows(const tasks::Answer& answer, bool for_display) {
  std::vector<std::vector<std::string>> rows = {{"result", "value"}};
  add_rows("", answer.results, for_display, rows);
  add_rows("exact.", answer.exact, for_display, rows);
  add_rows("", {{"error", answer.error}}, for_display, rows);
  if (answer.predicted_error) {
    add_rows("", {{"predicted_error", *answer.predicted_error}}, for_display, rows);
  }
  return rows;
}

std::string text_of(const Value& value, bool for_display) {
  return std::visit(
      [&](const auto& v) -> std::string {
        using Held = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<Held, bool>) {
          return v ? "yes" : "no";
        } else if constexpr (std::is_same_v<Held, std::int64_t>) {
          return fmt::format("{}", v);
        } else if constexpr (std::is_same_v<Held, double>) {
          return number_text(v, for_display);
        } else if constexpr (std::is_same_v<Held, std::string>) {
          return v;
        } else {
          return {};
        }
      },
      value);
}

}  // namespace imcsim::study
