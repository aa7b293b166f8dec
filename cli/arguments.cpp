#include "arguments.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "files.hpp"
#include "numeric/execution.hpp"

namespace imcsim::cli {

std::span<const std::string_view> names_of(IsaChoice) {
  static constexpr std::array<std::string_view, 4> names = {"auto", "baseline", "avx2", "avx512"};
  return names;
}

std::span<const std::string_view> names_of(ProgressKind) {
  static constexpr std::array<std::string_view, 4> names = {"auto", "bar", "json", "none"};
  return names;
}

void describe(ViewOptions& o, FieldList& f) {
  f.group("Output");
  f.field("json", o.json, Unit::none, {}, "Print the result as one JSON object on stdout");
  f.field("csv", o.csv, Unit::none, {}, "Print the result table as CSV on stdout");
  f.field("color", o.color, Unit::none, {},
          "Use of color (auto: on a terminal unless NO_COLOR is set)");
  f.field("quiet", o.quiet, Unit::none, {}, "Print only results and errors");
  f.field("verbose", o.verbose, Unit::none, {},
          "Print the settings in use and their origins to stderr");
  f.mark_common({"json"});
}

void describe_shared(HostOptions& o, FieldList& f) {
  f.group("Configuration");
  f.field("config", o.config, "FILE.toml",
          "TOML file of options; options on the command line override it");
  f.field("preset", o.preset, "NAME|FILE", "Preset of options; imcsim presets lists the names");
  f.field("print-config", o.print_config, Unit::none, {},
          "Print the complete configuration as TOML and exit");
  describe(o.view, f);
  f.field("out", o.out, "DIR", "Write all results to DIR (result, configuration, tables, arrays)");
  f.mark_common({"out"});
  f.field("force", o.force, Unit::none, {}, "Replace an existing run directory");
  f.group("Execution");
  f.field("threads", o.threads, Unit::none, {0.0, 4096.0},
          "Number of threads (0: all cores); affects time only");
  f.field("isa", o.isa, Unit::none, {}, "Instruction set of the kernels; affects time only");
  f.field("progress", o.progress, Unit::none, {},
          "Progress display on stderr (auto: a bar on a terminal)");
}

void describe_data_dir(HostOptions& o, FieldList& f) {
  f.field("data-dir", o.data_dir, "DIR",
          "Folder of data sets, searched before $IMCSIM_DATA and the folder of ./dev");
}

void describe_output(std::string_view key, std::string& file, std::string_view placeholder,
                     std::string_view help, FieldList& f) {
  f.group("Output");
  f.field(key, file, placeholder, help);
  f.mark_common({key});
  f.mark_output(key);
}

void describe(HostOptions& o, FieldList& f) {
  describe_shared(o, f);
  describe_data_dir(o, f);
  describe_output("save", o.save, "FILE",
                  "File for the trained model, in safetensors format (-: stdout)", f);
  f.group("Checkpoints");
  f.field("checkpoint", o.checkpoint, "FILE",
          "File for the training state, written when the run is stopped");
  f.field("checkpoint-every", o.checkpoint_every, "N|TIME",
          "Interval between checkpoints, in samples or as a wall time such as 30s");
  f.field("resume", o.resume, "FILE",
          "Continue from a checkpoint; the digest equals that of an uninterrupted run");
}

ProgressKind progress_kind(const HostOptions& options) {
  if (options.view.quiet) return ProgressKind::none;
  if (options.progress != ProgressKind::automatic) return options.progress;
  return is_terminal(STDERR_FILENO) ? ProgressKind::bar : ProgressKind::none;
}

bool is_flag(std::string_view key) {
  static constexpr std::array<std::string_view, 8> flags = {
      "json", "csv", "quiet", "force", "verbose", "print-config", "dry-run", "markdown"};
  return std::find(flags.begin(), flags.end(), key) != flags.end();
}

namespace {

/// Names of a field on the command line; errors use the first.
std::vector<std::string> names_of_option(const Field& field) {
  std::vector<std::string> names = {fmt::format("--{}", field.text.key)};
  if (!field.is_output) return names;
  if (field.text.key != "output") names.emplace_back("--output");
  names.emplace_back("-o");
  return names;
}

/// Name of the option of a field as written in `words`; the last one if there are several.
std::string written_name(const Field& field, const std::vector<std::string>& words) {
  const std::vector<std::string> names = names_of_option(field);
  for (auto word = words.rbegin(); word != words.rend(); ++word) {
    for (const std::string& name : names) {
      const bool is_short = name.size() == 2 && word->starts_with(name);
      if (is_short || *word == name || word->starts_with(name + "=")) return name;
    }
  }
  return names.front();
}

std::vector<std::string> option_names(const FieldList& fields) {
  std::vector<std::string> names;
  for (const Field& field : fields.all()) {
    for (std::string& name : names_of_option(field)) names.push_back(std::move(name));
  }
  names.insert(names.end(), {"--help", "-h"});
  return names;
}

/// Removes -h, --help, --help GROUP and --help=GROUP from the words, and --json if help is
/// requested.
HelpRequest take_help(const FieldList& fields, std::vector<std::string>& words) {
  using Part = HelpRequest::Part;
  HelpRequest request;
  std::vector<std::string> groups = {"all"};
  for (const Field& field : fields.all()) groups.push_back(group_word(field.group));
  std::vector<std::string> rest;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool with_group = word.starts_with("--help=");
    if (word != "-h" && word != "--help" && !with_group) {
      rest.push_back(word);
      continue;
    }
    if (word == "-h") {
      if (request.part == Part::none) request.part = Part::common;
      continue;
    }
    request.part = Part::applicable;
    std::string group = with_group ? word.substr(7) : std::string();
    const bool follows = !with_group && i + 1 < words.size() &&
                         std::find(groups.begin(), groups.end(), words[i + 1]) != groups.end();
    if (follows) group = words[++i];
    if (group.empty()) continue;
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) {
      throw InputError("--help", fmt::format("unknown group \"{}\"", group),
                       suggest(group, groups));
    }
    request.part = group == "all" ? Part::all : Part::group;
    request.group = group;
  }
  if (request.part != Part::none) request.as_json = std::erase(rest, "--json") > 0;
  words = std::move(rest);
  return request;
}

}  // namespace

ParsedArguments parse_arguments(const std::string& command, const FieldList& fields,
                                const std::vector<std::string>& given,
                                std::size_t most_positional) {
  ParsedArguments parsed;
  parsed.command = command;
  std::vector<std::string> words = given;
  parsed.help = take_help(fields, words);
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  for (const Field& field : fields.all()) {
    const std::string key(field.text.key);
    const std::string name = written_name(field, words);
    const std::string all = fmt::format("{}", fmt::join(names_of_option(field), ","));
    const auto take = [&parsed, key, name](const std::string& text) {
      parsed.settings.push_back({key, text, name, "flag"});
    };
    if (is_flag(field.text.key)) {
      app.add_flag_callback(all, [take] { take("on"); });
    } else if (key == "preset") {  // may be given several times; later ones win
      app.add_option_function<std::vector<std::string>>(
             all,
             [take](const std::vector<std::string>& texts) {
               for (const std::string& text : texts) take(text);
             })
          ->expected(1)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    } else {
      app.add_option_function<std::string>(all, take)->multi_option_policy(
          CLI::MultiOptionPolicy::TakeLast);
    }
  }
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(reversed);
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();
    const std::string name = text.substr(0, text.find(':'));
    const Field* field = fields.find(name.substr(std::min<std::size_t>(2, name.size())));
    throw InputError(name, "lacks a value", field != nullptr ? expected_of(*field) : "one value");
  } catch (const CLI::ParseError& error) {
    throw InputError(command, error.what(), "see imcsim " + command + " -h");
  }
  for (const std::string& word : app.remaining()) {
    const std::string name = word.substr(0, word.find('='));
    if (word.size() > 1 && word.starts_with('-')) {
      throw InputError(command, fmt::format("unknown option \"{}\"", name),
                       suggest(name, option_names(fields)));
    }
    if (parsed.positional.size() == most_positional) {
      throw InputError(command, fmt::format("unexpected argument \"{}\"", word),
                       "see imcsim " + command + " -h");
    }
    parsed.positional.push_back(word);
  }
  return parsed;
}

namespace {

/// Settings of the running command, which locate errors: those of preset files, and those of the
/// configuration file and the options.
struct GivenSettings {
  study::Settings preset, given;
};
GivenSettings& given_settings() {
  static thread_local GivenSettings settings;
  return settings;
}

/// The key `output` of a configuration file names the main output file, like --output.
void resolve_output_key(study::Settings& settings, const FieldList& fields) {
  for (const Field& field : fields.all()) {
    if (!field.is_output) continue;
    for (study::Setting& setting : settings) {
      if (setting.key == "output") setting.key = field.text.key;
    }
  }
}

}  // namespace

study::Settings split_settings(const ParsedArguments& arguments, const FieldList& host_fields,
                               const FieldList& config_fields, const study::Settings& words) {
  study::Settings all;
  if (const study::Setting* file = study::find_last(arguments.settings, "config")) {
    all = study::parse_settings(read_text(file->text, file->where), file->text,
                                fmt::format("file {}", file->text));
    resolve_output_key(all, host_fields);
  }
  all.insert(all.end(), arguments.settings.begin(), arguments.settings.end());
  all.insert(all.end(), words.begin(), words.end());
  given_settings() = {{}, all};

  std::vector<std::string> known = host_fields.keys();
  for (const std::string& key : config_fields.keys()) known.push_back(key);
  study::Settings config;
  study::Origins ignored;
  for (const study::Setting& setting : all) {
    if (host_fields.find(setting.key) != nullptr) {
      if (setting.text.empty()) {
        throw InputError(study::place_of_value(setting), "is empty", "a name");
      }
      if (setting.key == "config" && setting.origin != "flag") {
        throw InputError(study::place_of_value(setting), "cannot name another configuration file",
                         "a file without the key config");
      }
      study::apply({setting}, host_fields, ignored);
      if (setting.key == "preset") config.push_back(setting);
    } else if (config_fields.find(setting.key) != nullptr) {
      config.push_back(setting);
    } else {
      throw InputError(setting.where, fmt::format("unknown key \"{}\"", setting.key),
                       suggest(setting.key, known));
    }
  }
  return config;
}

void remember_preset(const study::Settings& settings) { given_settings().preset = settings; }

InputError with_place(const InputError& error) {
  const InputError by_user = study::located(error, given_settings().given);
  InputError placed = study::located(by_user, given_settings().preset);
  if (!placed.names_field()) return placed;
  return {"--" + placed.where(), placed.problem(), placed.expected()};
}

Execution execution_of(const HostOptions& options) {
  Execution execution;
#if defined(__EMSCRIPTEN__)
  execution.threads = 1;
#else
  execution.threads = options.threads > 0 ? static_cast<int>(options.threads) : hardware_threads();
#endif
  if (options.isa == IsaChoice::automatic) {
    execution.isa = best_isa();
    return execution;
  }
  execution.isa = static_cast<Isa>(static_cast<int>(options.isa) - 1);
  if (!is_supported(execution.isa)) {
    std::string have = "auto";
    for (const Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512}) {
      if (is_supported(isa)) {
        have += fmt::format(", {}", names_of(isa)[static_cast<std::size_t>(isa)]);
      }
    }
    throw InputError(at_field("isa"),
                     fmt::format("no kernels for {} on this machine",
                                 names_of(options.isa)[static_cast<std::size_t>(options.isa)]),
                     fmt::format("one of {}", have));
  }
  return execution;
}

}  // namespace imcsim::cli
