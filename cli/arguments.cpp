#include "arguments.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "files.hpp"
#include "numeric/execution.hpp"

namespace imcsim::cli {
namespace {

std::vector<std::string> option_names(const FieldList& fields) {
  std::vector<std::string> names;
  for (const std::string& key : fields.keys()) names.push_back("--" + key);
  names.insert(names.end(), {"--help", "-h"});
  return names;
}

}  // namespace

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
  f.field("json", o.json, Unit::none, {}, "the result as one JSON object on stdout", "",
          Audience::everyone);
  f.field("csv", o.csv, Unit::none, {}, "the result's table as CSV on stdout", "",
          Audience::everyone);
  f.field("color", o.color, Unit::none, {}, "auto: on a terminal, unless NO_COLOR is set");
  f.field("quiet", o.quiet, Unit::none, {}, "nothing but results and errors");
  f.field("verbose", o.verbose, Unit::none, {}, "say on stderr what is used from where");
}

void describe_shared(HostOptions& o, FieldList& f) {
  constexpr Audience all = Audience::everyone;
  f.group("Configuration");
  f.field("config", o.config, Unit::none, {}, "TOML file of options; flags win over it", "", all);
  f.field("preset", o.preset, Unit::none, {}, "named set of values, or a file; see imcsim presets",
          "", all);
  f.field("print-config", o.print_config, Unit::none, {},
          "print the complete configuration as TOML and stop", "", all);
  describe(o.view, f);
  f.field("out", o.out, Unit::none, {}, "run directory: result, configuration, tables, arrays", "",
          all);
  f.field("force", o.force, Unit::none, {}, "replace an existing run directory");
  f.group("Execution");
  f.field("threads", o.threads, Unit::none, {0.0, 4096.0}, "0: all cores; never changes a result",
          "", all);
  f.field("isa", o.isa, Unit::none, {}, "compiled kernels to run; never changes a result");
  f.field("progress", o.progress, Unit::none, {}, "on stderr; auto: a bar on a terminal");
}

void describe_data_dir(HostOptions& o, FieldList& f) {
  f.field("data-dir", o.data_dir, Unit::none, {},
          "where data sets lie; then $IMCSIM_DATA, then where ./dev put them");
}

void describe(HostOptions& o, FieldList& f) {
  constexpr Audience all = Audience::everyone;
  describe_shared(o, f);
  describe_data_dir(o, f);
  f.group("Keeping what was learnt");
  f.field("save", o.save, Unit::none, {}, "trained network as safetensors; - is stdout", "", all);
  f.field("checkpoint", o.checkpoint, Unit::none, {}, "file that keeps the state when stopped", "",
          all);
  f.field("checkpoint-every", o.checkpoint_every, Unit::none, {},
          "also every N samples, or wall time as 30s");
  f.field("resume", o.resume, Unit::none, {}, "go on from a checkpoint; ends with the same digest",
          "", all);
}

ProgressKind progress_kind(const HostOptions& options) {
  if (options.view.quiet) return ProgressKind::none;
  if (options.progress != ProgressKind::automatic) return options.progress;
  return is_terminal(STDERR_FILENO) ? ProgressKind::bar : ProgressKind::none;
}

bool is_flag(const Field& field) {
  static constexpr std::array<std::string_view, 7> flags = {
      "json", "csv", "quiet", "force", "verbose", "print-config", "dry-run"};
  return std::find(flags.begin(), flags.end(), field.text.key) != flags.end();
}

ParsedArguments parse_arguments(const std::string& command, const FieldList& fields,
                                const std::vector<std::string>& words,
                                std::size_t most_positional) {
  ParsedArguments parsed;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  app.add_flag_callback("-h", [&] { parsed.help = parsed.help.empty() ? "-h" : parsed.help; });
  app.add_flag_callback("--help",
                        [&] { parsed.help = parsed.help.empty() ? "--help" : parsed.help; });
  for (const Field& field : fields.all()) {
    const std::string key(field.text.key);
    const std::string name = "--" + key;
    const auto take = [&parsed, key, name](const std::string& text) {
      parsed.settings.push_back({key, text, name, "flag"});
    };
    if (is_flag(field)) {
      app.add_flag_callback(name, [take] { take("on"); });
    } else if (key == "preset") {  // may be given several times; later ones win
      app.add_option_function<std::vector<std::string>>(
             name,
             [take](const std::vector<std::string>& texts) {
               for (const std::string& text : texts) take(text);
             })
          ->expected(1)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    } else {
      app.add_option_function<std::string>(name, take)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
  }
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(reversed);
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();
    const std::string name = text.substr(0, text.find(':'));
    const Field* field = fields.find(name.substr(std::min<std::size_t>(2, name.size())));
    throw InputError(name, "needs a value", field != nullptr ? expected_of(*field) : "one word");
  } catch (const CLI::ParseError& error) {
    throw InputError(command, error.what(), "see imcsim " + command + " --help");
  }
  for (const std::string& word : app.remaining()) {
    const std::string name = word.substr(0, word.find('='));
    if (word.size() > 1 && word.starts_with('-')) {
      throw InputError(command, fmt::format("unknown option \"{}\"", name),
                       suggest(name, option_names(fields)));
    }
    if (parsed.positional.size() == most_positional) {
      throw InputError(command, fmt::format("does not know what to do with \"{}\"", word),
                       "see imcsim " + command + " --help");
    }
    parsed.positional.push_back(word);
  }
  return parsed;
}

study::Settings split_settings(const ParsedArguments& arguments, const FieldList& host_fields,
                               const FieldList& config_fields) {
  study::Settings all;
  if (const study::Setting* file = study::find_last(arguments.settings, "config")) {
    all = study::parse_settings(read_text(file->text, file->where), file->text,
                                fmt::format("file {}", file->text));
  }
  all.insert(all.end(), arguments.settings.begin(), arguments.settings.end());

  std::vector<std::string> known = host_fields.keys();
  for (const std::string& key : config_fields.keys()) known.push_back(key);
  study::Settings config;
  study::Origins ignored;
  for (const study::Setting& setting : all) {
    if (host_fields.find(setting.key) != nullptr) {
      if (setting.text.empty()) throw InputError(setting.where, "is empty", "a name");
      if (setting.key == "config" && setting.origin != "flag") {
        throw InputError(setting.where, "a configuration cannot name another", "no key config");
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
    throw InputError("--isa",
                     fmt::format("no kernels for {} on this machine",
                                 names_of(options.isa)[static_cast<std::size_t>(options.isa)]),
                     fmt::format("one of {}", have));
  }
  return execution;
}

}  // namespace imcsim::cli
