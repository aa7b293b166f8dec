// A command of the tool as the page asks for it: its words, settings and files as bytes.
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

/// An array of a result, beside its JSON.
struct NamedBytes {
  std::string name, type;  ///< u8, u32, f32, f64
  std::size_t rows = 0, columns = 0;
  Bytes bytes;
};

struct CommandRequest {
  std::vector<std::string> words;  ///< `logic`, `xor`, `a`, `b`
  study::Settings settings;        ///< without what the words say
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

/// The answer that the tool prints with --json, without `execution` and `timing`. Throws
/// InputError for what a user can mend.
CommandAnswer run_command(const CommandRequest& request);

/// `{fields, presets}` of a command with its settings; of `compile` also `names`: networks and
/// topologies that are built in.
study::Json describe_command(const CommandRequest& request);

/// `infer`, part of run_command: of the data sets that the page carries.
CommandAnswer run_infer(const CommandRequest& request);

/// Keys that the configuration has not are errors that name the nearest.
void require_known(const study::Settings& settings, const FieldList& fields);

/// A network compiled and executed, with what a drawing of it needs: places of routers and cores,
/// links with their load, tiles, what each stage did when, and what its buffers held.
CommandAnswer run_system(const CommandRequest& request);

/// Elements of a padded or unpadded array, one row after the other.
NamedBytes bytes_of(const std::string& name, const ArrayView& view);

}  // namespace imcsim::web
