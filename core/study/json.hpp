#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/counts.hpp"
#include "base/describe.hpp"

namespace imcsim::study {

/// Keys in the order in which they were added. Declared only: sources that build or read a Json
/// include <nlohmann/json.hpp>, which takes seconds to compile.
using Json = nlohmann::ordered_json;

/// The fields as one object. Durations are seconds, switches are booleans.
Json to_json(const FieldList& fields);

/// The fields of `object`. `auto`, because Json is complete only where this is called.
template <class Described>
auto to_json_object(Described object) {
  return to_json(fields_of(object));
}

struct PresetAbout;
Json to_json(const PresetAbout& about);

/// The JSON of CONTRACT section 1 that every command prints, without `execution` and `timing`,
/// which are the host's. `cost`: of cost_json, null where nothing is priced.
Json envelope(std::string_view command, std::uint64_t seed, Json config, Json result,
              const OperationCounts& counts, std::uint64_t digest, Json cost);
Json envelope(std::string_view command, std::uint64_t seed, Json config, Json result,
              const OperationCounts& counts, std::uint64_t digest);

/// Everything that is said about each field: key, help, unit, kind, range, choices, default,
/// source, group, audience. For pages and documentation.
Json describe_json(const FieldList& fields);

}  // namespace imcsim::study
