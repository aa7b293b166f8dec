#pragma once

#include <string>
#include <vector>

#include "help.hpp"
#include "numeric/execution.hpp"
#include "study/settings.hpp"
#include "terminal.hpp"

namespace imcsim::cli {

enum class IsaChoice { automatic, baseline, avx2, avx512 };
std::span<const std::string_view> names_of(IsaChoice);

enum class ProgressKind { automatic, bar, json, none };
std::span<const std::string_view> names_of(ProgressKind);

/// How a command shows its result.
struct ViewOptions {
  bool json = false;
  bool csv = false;
  ColorChoice color = ColorChoice::automatic;
  bool quiet = false;
  bool verbose = false;
};
void describe(ViewOptions& options, FieldList& fields);

/// Options for the execution and the output of a command; none of them changes a result.
struct HostOptions {
  std::string config;
  std::string preset;
  bool print_config = false;
  std::string out;
  bool force = false;
  std::string data_dir;
  std::string save;
  std::string checkpoint;
  std::string checkpoint_every;
  std::string resume;
  std::int64_t threads = 0;
  IsaChoice isa = IsaChoice::automatic;
  ProgressKind progress = ProgressKind::automatic;
  ViewOptions view;
};
void describe(HostOptions& options, FieldList& fields);

/// The options shared by all commands that compute a result.
void describe_shared(HostOptions& options, FieldList& fields);

/// Adds the main output file of a command to `fields`, with the aliases -o and --output.
void describe_output(std::string_view key, std::string& file, std::string_view placeholder,
                     std::string_view help, FieldList& fields);

/// The additional option of commands with a data set.
void describe_data_dir(HostOptions& options, FieldList& fields);

/// How progress is shown, with `auto` resolved.
ProgressKind progress_kind(const HostOptions& options);

/// True for an option without a value. Only host options can be flags; switches of the
/// configuration take on or off.
bool is_flag(std::string_view key);

/// The words after a command's name: settings in order, with `where` = the option as written, and
/// positional arguments. The value of a flag is `on`.
struct ParsedArguments {
  std::string command;
  study::Settings settings;
  std::vector<std::string> positional;
  HelpRequest help;

  bool asks_for_help() const { return help.part != HelpRequest::Part::none; }
};

/// Parses options of `fields` with CLI11. Throws InputError; for an unknown option, the error names
/// the nearest one. `most_positional`: maximum number of positional arguments.
ParsedArguments parse_arguments(const std::string& command, const FieldList& fields,
                                const std::vector<std::string>& words, std::size_t most_positional);

/// Joins the settings of the file of --config, of the options, and `words` (settings given as
/// positional arguments), in this order. Applies host settings to `host_fields` and returns those
/// of the configuration. The error for an unknown key names the nearest one. Later errors that name
/// a field show its place in these settings (see with_place).
study::Settings split_settings(const ParsedArguments& arguments, const FieldList& host_fields,
                               const FieldList& config_fields, const study::Settings& words = {});

/// Records the settings of a preset file in use, to locate errors that name a field.
void remember_preset(const study::Settings& settings);

/// The error as the tool shows it: a field is replaced by the place where the user set it, or by
/// its option.
InputError with_place(const InputError& error);

/// Threads and kernels selected by the options. Throws InputError if this machine cannot run the
/// kernels.
Execution execution_of(const HostOptions& options);

}  // namespace imcsim::cli
