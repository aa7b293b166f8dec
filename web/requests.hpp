// A request for a command of the tool: words, settings, and files as bytes.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "dataset/dataset.hpp"
#include "study/json.hpp"
#include "study/presets.hpp"
#include "study/settings.hpp"
#include "study/task_inputs.hpp"

namespace imcsim::web {

using Bytes = std::vector<std::uint8_t>;

/// An array of a result, in addition to its JSON.
struct NamedBytes {
  std::string name, type;  ///< u8, u32, f32, f64
  std::size_t rows = 0, columns = 0;
  Bytes bytes;
};

struct CommandRequest {
  std::vector<std::string> words;  ///< `logic`, `xor`, `a`, `b`
  study::Settings settings;        ///< without those given as words
  const std::map<std::string, Bytes>& files;
  const std::map<std::string, dataset::Dataset>& data;

  study::PresetReader preset_reader() const;
  study::InputSource inputs() const;
  /// Bytes of a named file. Throws InputError{where, …}.
  const Bytes& file(const std::string& name, const Where& where) const;
};

struct CommandAnswer {
  study::Json json;
  std::vector<NamedBytes> arrays;
};

/// The JSON that the tool prints with --json, without `execution` and `timing`. Throws InputError
/// for an error that the user can correct.
CommandAnswer run_command(const CommandRequest& request);

/// `{fields, presets}` of a command with its settings; for `compile` also `names`: the built-in
/// networks and topologies.
study::Json describe_command(const CommandRequest& request);

/// `infer`, with the loaded data sets; called by run_command.
CommandAnswer run_infer(const CommandRequest& request);

/// Throws InputError for a key that is not in `fields`; the error names the nearest keys.
void require_known(const study::Settings& settings, const FieldList& fields);

/// Compiles and executes a network and returns the data of its picture: places of routers and
/// cores, links with their load, tiles, and the activity and buffer contents of each stage over
/// time.
CommandAnswer run_system(const CommandRequest& request);

/// The elements of an array in row-major order, without padding.
NamedBytes bytes_of(const std::string& name, const ArrayView& view);

}  // namespace imcsim::web
