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

/// Lists the main output file of a command: -o and --output name it, too.
void describe_output(std::string_view key, std::string& file, std::string_view placeholder,
                     std::string_view help, FieldList& fields);

/// The additional option of commands with a data set.
void describe_data_dir(HostOptions& options, FieldList& fields);

/// How progress is shown, with `auto` resolved.
ProgressKind progress_kind(const HostOptions& options);

/// True for an option without a value: a switch of the host. Switches of the configuration take on
/// or off.
bool is_flag(std::string_view key);

/// The words after a command's name: settings in order, with `where` = the option as it was
/// written, and other words. A switch of the host becomes `on`.
struct ParsedArguments {
  std::string command;
  study::Settings settings;
  std::vector<std::string> positional;
  HelpRequest help;

  bool asks_for_help() const { return help.part != HelpRequest::Part::none; }
};

/// Reads options of `fields` with CLI11. Throws InputError: unknown options name their nearest.
/// `most_positional`: number of other words that the command accepts.
ParsedArguments parse_arguments(const std::string& command, const FieldList& fields,
                                const std::vector<std::string>& words, std::size_t most_positional);

/// The settings of the file of --config, of the options, and `words` of the command line that are
/// settings, in this order. Settings of the host are applied to `host_fields`, those of the
/// configuration are returned. An unknown key of the file names its nearest. Errors that name a
/// field are shown with the place in these settings from here on (see with_place).
study::Settings split_settings(const ParsedArguments& arguments, const FieldList& host_fields,
                               const FieldList& config_fields, const study::Settings& words = {});

/// For errors that name a field: settings of a preset file that is in use.
void remember_preset(const study::Settings& settings);

/// The error as the tool shows it: a field is replaced by the place where the user set it, or by
/// its option.
InputError with_place(const InputError& error);

/// Threads and kernels that the options ask for, as this machine has them.
Execution execution_of(const HostOptions& options);

}  // namespace imcsim::cli
