#include "study/json.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "study/presets.hpp"
#include "study/safetensors.hpp"
#include "study/version.hpp"

namespace imcsim::study {
namespace {

Json value_json(const Field& field) {
  return std::visit(
      [&](const auto& value) -> Json {
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, EnumReference>) {
          return text_of(field);
        } else if constexpr (std::is_same_v<Value, Duration*>) {
          return value->seconds;
        } else {
          return *value;
        }
      },
      field.value);
}

std::string_view kind_of(const Field& field) {
  static constexpr std::string_view kinds[] = {"switch",   "integer", "integer", "number",
                                               "duration", "text",    "choice",  "numbers"};
  return kinds[field.value.index()];
}

}  // namespace

Json to_json(const FieldList& fields) {
  Json object = Json::object();
  for (const Field& field : fields.all()) {
    if (field.active) object[std::string(field.text.key)] = value_json(field);
  }
  return object;
}

Json to_json(const PresetAbout& about) {
  return {{"name", about.name},
          {"kind", about.kind},
          {"summary", about.summary},
          {"source", about.source}};
}

Json envelope(std::string_view command, std::uint64_t seed, Json config, Json result,
              const OperationCounts& counts, std::uint64_t digest, Json cost) {
  return {{"imcsim", version},
          {"command", command},
          {"seed", seed},
          {"config", std::move(config)},
          {"result", std::move(result)},
          {"counts", to_json_object(counts)},
          {"cost", std::move(cost)},
          {"digest", digest_text(digest)}};
}

Json envelope(std::string_view command, std::uint64_t seed, Json config, Json result,
              const OperationCounts& counts, std::uint64_t digest) {
  return envelope(command, seed, std::move(config), std::move(result), counts, digest, nullptr);
}

Json describe_json(const FieldList& fields) {
  Json list = Json::array();
  for (const Field& field : fields.all()) {
    Json item = {{"key", field.text.key},
                 {"group", field.group},
                 {"kind", kind_of(field)},
                 {"help", field.text.help},
                 {"unit", unit_name(field.text.unit)},
                 {"source", field.text.source},
                 {"common", field.common},
                 {"output", field.is_output},
                 {"placeholder", field.text.placeholder},
                 {"active", field.active},
                 {"value", text_of(field)}};
    if (std::isfinite(field.text.range.low)) item["low"] = field.text.range.low;
    if (std::isfinite(field.text.range.high)) item["high"] = field.text.range.high;
    if (const auto* choice = std::get_if<EnumReference>(&field.value)) {
      item["choices"] = choice->names;
    }
    list.push_back(std::move(item));
  }
  return list;
}

}  // namespace imcsim::study
