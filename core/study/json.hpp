#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/counts.hpp"
#include "base/describe.hpp"

namespace imcsim::study {

/// JSON with keys in order of insertion. Only a forward declaration: sources that build or read a
/// Json include <nlohmann/json.hpp>, which takes seconds to compile.
using Json = nlohmann::ordered_json;

/// The fields as one object. Durations are seconds, switches are booleans.
Json to_json(const FieldList& fields);

/// The fields of `object`. Returns `auto`, because Json is complete only where this is called.
template <class Described>
auto to_json_object(Described object) {
  return to_json(fields_of(object));
}

struct PresetAbout;
Json to_json(const PresetAbout& about);

/// The JSON object that every command prints, without `execution` and `timing`, which
/// are added by the host. `cost`: from cost_json, null without a cost model.
Json envelope(std::string_view command, std::uint64_t seed, Json config, Json result,
              const OperationCounts& counts, std::uint64_t digest, Json cost);
Json envelope(std::string_view command, std::uint64_t seed, Json config, Json result,
              const OperationCounts& counts, std::uint64_t digest);

/// The complete description of each field: key, help, unit, kind, range, choices, default, source,
/// group, audience. For pages and documentation.
Json describe_json(const FieldList& fields);

}  // namespace imcsim::study
