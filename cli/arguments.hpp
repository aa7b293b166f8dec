#pragma once

#include <string>
#include <vector>

#include "numeric/execution.hpp"
#include "study/settings.hpp"
#include "terminal.hpp"

namespace imcsim::cli {

enum class IsaChoice { automatic, baseline, avx2, avx512 };
std::span<const std::string_view> names_of(IsaChoice);

enum class ProgressKind { automatic, bar, json, none };
std::span<const std::string_view> names_of(ProgressKind);

/// How a command shows what it has to say.
struct ViewOptions {
  bool json = false;
  bool csv = false;
  ColorChoice color = ColorChoice::automatic;
  bool quiet = false;
  bool verbose = false;
};
void describe(ViewOptions& options, FieldList& fields);

/// Options that say how a command is executed and shown; none of them changes a result.
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

/// Those of them that every command has which computes something and prints it.
void describe_shared(HostOptions& options, FieldList& fields);

/// The one that commands with a data set have besides.
void describe_data_dir(HostOptions& options, FieldList& fields);

/// How progress is shown, with `auto` resolved.
ProgressKind progress_kind(const HostOptions& options);

/// True for an option that stands alone: a switch of the host. Switches of the configuration take
/// on or off.
bool is_flag(const Field& field);

/// What a user typed after the command's name, as settings in order, with `where` = the option.
/// A switch of the host becomes `on`. `help` is the first of -h and --help, or empty.
struct ParsedArguments {
  study::Settings settings;
  std::vector<std::string> positional;
  std::string help;
};

/// Reads options of `fields` with CLI11. Throws InputError: unknown options name their nearest.
/// `most_positional`: how many other words the command takes.
ParsedArguments parse_arguments(const std::string& command, const FieldList& fields,
                                const std::vector<std::string>& words, std::size_t most_positional);

/// Flags and the file of --config, split into what is the host's (applied to
/// `host_fields`) and what is
/// the configuration's (returned, file first). An unknown key of the file names its nearest.
study::Settings split_settings(const ParsedArguments& arguments, const FieldList& host_fields,
                               const FieldList& config_fields);

/// Threads and kernels that the options ask for, as this machine has them.
Execution execution_of(const HostOptions& options);

}  // namespace imcsim::cli
