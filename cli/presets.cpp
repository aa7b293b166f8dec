// imcsim presets [NAME]: the built-in presets, or one of them value by value.
#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "arguments.hpp"
#include "base/error.hpp"
#include "command.hpp"
#include "files.hpp"
#include "help.hpp"
#include "run.hpp"
#include "study/compile_study.hpp"
#include "study/task_study.hpp"
#include "study/train_config.hpp"

namespace imcsim::cli {
namespace {

const HelpText presets_help = {
    "imcsim presets [NAME] [OPTIONS]",
    "Lists the built-in presets. With NAME, lists the values of a preset with "
    "unit, range and source.",
    "  imcsim presets\n  imcsim presets pcm\n"};

/// The configuration that a preset gives, with the origin of each value.
study::ResolvedTrainConfig resolved_preset(const study::PresetAbout& about) {
  const std::string key = about.kind == "device" ? "device" : "preset";
  return study::resolve_train_config({{key, about.name, "presets", "flag"}},
                                     [](const std::string&, std::string&) { return false; });
}

/// True for a field that the preset sets and, for a device preset, for each field of its model.
bool belongs(const Field& field, const study::PresetAbout& about,
             study::ResolvedTrainConfig& resolved) {
  const auto origin = resolved.origins.find(std::string(field.text.key));
  const bool set = origin != resolved.origins.end() && origin->second.starts_with("preset");
  const FieldList device_fields = fields_of(resolved.config.crossbar.device);
  const Field* of_device = device_fields.find(field.text.key);
  return set || (about.kind == "device" && of_device != nullptr && of_device->active &&
                 field.group != "Device");
}

/// Prints the fields of a preset.
void show_fields(const study::PresetAbout& about, const FieldList& fields,
                 const ViewOptions& view) {
  if (view.json) {
    study::Json json = study::to_json(about);
    json["values"] = study::describe_json(fields);
    return write_stdout(json.dump(2) + "\n");
  }
  const Style style = style_for(STDOUT_FILENO, view.color);
  std::vector<std::vector<std::string>> rows = {
      {"key", "value", "unit", "range", "meaning", "source"}};
  for (const Field& field : fields.all()) {
    rows.push_back({std::string(field.text.key), text_of(field),
                    std::string(unit_name(field.text.unit)), range_of(field),
                    std::string(field.text.help), std::string(field.text.source)});
  }
  if (view.csv) return write_stdout(csv_of(rows));
  write_stdout(fmt::format("{} ({}): {}\n{}\n\n{}", style.bold(about.name), about.kind,
                           about.summary, style.dim("source: " + about.source),
                           aligned_table(rows, style)));
}

/// Prints the values that a preset of a task sets. Input files are not required.
void show_of_task(const study::PresetAbout& about, const tasks::TaskEntry& entry,
                  const ViewOptions& view) {
  study::Settings settings = {{"preset", about.name, "presets", "flag"}};
  for (const tasks::InputSpec& input : entry.make(entry.word)->inputs()) {
    settings.push_back({std::string(input.key), "-", "presets", "default"});
  }
  study::ResolvedTask resolved =
      study::resolve_task(entry, settings, [](const std::string&, std::string&) { return false; });
  const FieldList fields = fields_of(resolved.config);
  FieldList shown;
  for (const Field& field : fields.all()) {
    const auto origin = resolved.origins.find(std::string(field.text.key));
    const bool set =
        origin != resolved.origins.end() && origin->second == fmt::format("preset {}", about.name);
    if (set) shown.add(field);
  }
  show_fields(about, shown, view);
}

void show(const study::PresetAbout& about, const ViewOptions& view) {
  FieldList shown;
  if (about.kind == "cost") {
    const study::EmbeddedPreset* preset = study::find_preset(about.name);
    cost::CostConfig prices = study::parse_prices(std::string(preset->toml), about.name);
    const FieldList fields = fields_of(prices);
    for (const Field& field : fields.all()) {
      if (field.active) shown.add(field);
    }
    return show_fields(about, shown, view);
  }
  if (about.kind == "core") {
    study::ResolvedCompile resolved =
        study::resolve_compile({{"core", about.name, "presets", "flag"}}, read_preset_file);
    const FieldList fields = fields_of(resolved.config.compile.core);
    return show_fields(about, fields, view);
  }
  if (!about.task.empty()) return show_of_task(about, tasks::find_task("task", about.task), view);
  study::ResolvedTrainConfig resolved = resolved_preset(about);
  const FieldList fields = fields_of(resolved.config);
  for (const Field& field : fields.all()) {
    if (belongs(field, about, resolved)) shown.add(field);
  }
  show_fields(about, shown, view);
}

}  // namespace

int run_presets(const std::vector<std::string>& words) {
  ViewOptions view;
  const FieldList fields = fields_of(view);
  const ParsedArguments arguments = parse_arguments("presets", fields, words, 1);
  split_settings(arguments, fields, FieldList{});
  const Style style = style_for(STDOUT_FILENO, view.color);
  if (show_help(arguments, presets_help, fields)) return 0;
  const std::vector<study::PresetAbout> presets = study::list_presets();
  if (!arguments.positional.empty()) {
    const std::string& name = arguments.positional.front();
    for (const study::PresetAbout& about : presets) {
      if (about.name != name) continue;
      show(about, view);
      return 0;
    }
    throw InputError("presets", fmt::format("unknown preset \"{}\"", name),
                     suggest(name, study::preset_names("")));
  }
  if (view.json) {
    study::Json list = study::Json::array();
    for (const study::PresetAbout& about : presets) list.push_back(study::to_json(about));
    write_stdout(list.dump(2) + "\n");
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"preset", "kind", "summary"}};
  for (const study::PresetAbout& about : presets) {
    rows.push_back({about.name, about.kind, about.summary});
  }
  write_stdout(view.csv ? csv_of(rows)
                        : aligned_table(rows, style) +
                              style.dim("\n"
                                        "imcsim presets NAME lists the values; --device, --cost or "
                                        "--preset NAME uses them.\n"));
  return 0;
}

}  // namespace imcsim::cli
