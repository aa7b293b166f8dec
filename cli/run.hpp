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

/// What the clock said; never part of a result.
struct Timing {
  double wall_s = 0.0;
  double cpu_s = 0.0;
};

/// Runs from its making on.
class Stopwatch {
 public:
  Stopwatch();
  Timing elapsed() const;

 private:
  double wall_start_s_, cpu_start_s_;
};

/// Wall time since `start`.
double seconds_since(std::chrono::steady_clock::time_point start);

/// A preset or device that is not built in: a file of that name.
bool read_preset_file(const std::string& name, std::string& toml);

/// What a user asked of a command whose configuration is a `Config`.
template <class Config>
struct Request {
  HostOptions host;
  study::Resolved<Config> resolved;
  Execution execution;
};

/// Prints help, where it is asked for: true.
bool show_help(const ParsedArguments& arguments, const HelpText& help, const FieldList& fields);

/// Prints the configuration, where it is asked for: true. Throws InputError where that goes with
/// other output.
bool show_config(const HostOptions& host, const FieldList& fields, const study::Origins& origins);

/// Refuses outputs that do not go together or cannot be written.
void check_outputs(const HostOptions& host);

/// From words to a checked request; nothing where help or the configuration was all that was asked
/// for. `given` are settings that come from the command's first words.
template <class Config>
std::optional<Request<Config>> read_request(const ParsedArguments& arguments, const HelpText& help,
                                            study::Settings given = {}) {
  Config reference;
  HostOptions unused;
  FieldList fields = fields_of(reference);
  describe_shared(unused, fields);
  if (show_help(arguments, help, fields)) return {};
  Request<Config> request;
  FieldList host_fields;
  describe_shared(request.host, host_fields);
  study::Settings all = split_settings(arguments, host_fields, fields_of(reference));
  all.insert(all.end(), given.begin(), given.end());
  request.resolved = study::resolve_config<Config>(all, read_preset_file);
  if (show_config(request.host, fields_of(request.resolved.config), request.resolved.origins)) {
    return {};
  }
  request.execution = execution_of(request.host);
  check_outputs(request.host);
  return request;
}

/// The fields that the command line of such a command knows.
template <class Config>
FieldList command_fields(Config& config, HostOptions& host) {
  FieldList fields = fields_of(config);
  describe_shared(host, fields);
  return fields;
}

/// The JSON result with `execution` and `timing` put in their places.
std::string host_json(const study::Json& json, const study::Json& execution, const Execution& how,
                      const Timing& timing);

/// `threads` and `isa`, as every result tells them.
study::Json execution_json(const Execution& execution);

/// A row for each name and value of a file of the run directory.
using NamedFiles = std::vector<std::pair<std::string, std::string>>;

/// Prints a finished result in the form that was asked for, after the files of --out are written.
void finish(const HostOptions& host, const std::string& json, const std::string& csv,
            const std::function<std::string(const Style&)>& text, const NamedFiles& files);

/// A table of a result as rows of text, for CSV or, with few digits, for people.
std::vector<std::vector<std::string>> text_rows(const study::Table& table, bool for_people);

}  // namespace imcsim::cli
