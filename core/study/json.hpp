#pragma once

#include <nlohmann/json.hpp>

#include "base/base.hpp"

namespace imcsim::study {

/// Keys in the order in which they were added.
using Json = nlohmann::ordered_json;

/// The fields as one object. Durations are seconds, switches are booleans.
Json to_json(const FieldList& fields);

template <class Described>
Json to_json_object(Described object) {
  return to_json(fields_of(object));
}

struct PresetAbout;
Json to_json(const PresetAbout& about);

/// Everything that is said about each field: key, help, unit, kind, range, choices, default,
/// source, group, audience. For pages and documentation.
Json describe_json(const FieldList& fields);

}  // namespace imcsim::study
