#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "help.hpp"
#include "study/device_study.hpp"
#include "study/json.hpp"
#include "study/settings.hpp"

namespace imcsim::cli {

/// Time spent; never part of a result.
struct Timing {
  double wall_s = 0.0;
  double cpu_s = 0.0;
};

/// Measures time from its construction.
class Stopwatch {
 public:
  Stopwatch();
  Timing elapsed() const;

 private:
  double wall_start_s_, cpu_start_s_;
};

/// Wall time since `start`.
double seconds_since(std::chrono::steady_clock::time_point start);

/// The text of a file; false if there is no file of this name.
bool read_named_file(const std::string& name, std::string& text);

/// Reads a preset or device from a file; false if there is no file of this name. Errors that name a
/// field of the file show its line (see with_place).
bool read_preset_file(const std::string& name, std::string& toml);

/// The request to a command whose configuration is a `Config`.
template <class Config>
struct Request {
  HostOptions host;
  study::Resolved<Config> resolved;
  Execution execution;
};

/// If the arguments request help, prints it and returns true. `fields`: with the current values.
bool show_help(const ParsedArguments& arguments, const HelpText& help, const FieldList& fields);

/// The same for a configuration with a device, after applying `settings`.
template <class Config>
bool show_help_of(const ParsedArguments& arguments, const HelpText& help,
                  const study::Settings& settings, const FieldList& host_fields) {
  if (!arguments.asks_for_help()) return false;
  study::Resolved<Config> shown = study::layered_config<Config>(settings, read_preset_file);
  FieldList fields = fields_of(shown.config);
  fields.add(host_fields);
  return show_help(arguments, help, fields);
}

/// With --print-config, prints the configuration and returns true. Throws InputError if --json or
/// --csv is given, too.
bool show_config(const HostOptions& host, const FieldList& fields, const study::Origins& origins);

/// Refuses --json together with --csv.
void check_view(const ViewOptions& view);

/// Throws InputError if outputs exclude each other or cannot be written. `file`: the main output
/// file, named by the option `key`, if the command has one.
void check_outputs(const HostOptions& host, std::string_view key = {},
                   const std::string& file = {});

/// Reads and checks a request; false if only help or the configuration was requested.
/// `host_fields` refer to `request.host`; `words`: settings given as positional arguments.
template <class Config>
bool read_request(Request<Config>& request, const ParsedArguments& arguments, const HelpText& help,
                  const FieldList& host_fields, const study::Settings& words = {}) {
  Config reference;
  const study::Settings all = split_settings(arguments, host_fields, fields_of(reference), words);
  if (show_help_of<Config>(arguments, help, all, host_fields)) return false;
  request.resolved = study::resolve_config<Config>(all, read_preset_file);
  if (show_config(request.host, fields_of(request.resolved.config), request.resolved.origins)) {
    return false;
  }
  request.execution = execution_of(request.host);
  return true;
}

/// All options of a command: configuration and host.
template <class Config>
FieldList command_fields(Config& config, const FieldList& host_fields) {
  FieldList fields = fields_of(config);
  fields.add(host_fields);
  return fields;
}

/// The JSON result with `execution` inserted after `config`, and `timing` appended.
std::string host_json(const study::Json& json, const study::Json& execution_info,
                      const Execution& execution, const Timing& timing);

/// The entries of `execution` in every result: `threads` and `isa`.
study::Json execution_json(const Execution& execution);

/// Files of the run directory: name and content.
using NamedFiles = std::vector<std::pair<std::string, std::string>>;

/// Prints a finished result in the requested format, after writing the files of --out.
void finish(const HostOptions& host, const std::string& json, const std::string& csv,
            const std::function<std::string(const Style&)>& text, const NamedFiles& files);

/// Rows of a table as text: all digits for CSV, four digits for display.
std::vector<std::vector<std::string>> text_rows(const study::Table& table, bool for_display);

}  // namespace imcsim::cli
