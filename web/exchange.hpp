// Conversions between C++ and JavaScript for class Simulator: JSON texts and typed arrays.
#pragma once

#include <emscripten/val.h>

#include <exception>
#include <new>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "numeric/tensor.hpp"
#include "study/json.hpp"
#include "study/settings.hpp"

namespace imcsim::web {

using study::Json;

inline std::string json_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

inline Json error_json(const std::string& where, const std::string& what,
                       const std::string& expected) {
  return {{"error", {{"where", where}, {"what", what}, {"expected", expected}}}};
}

/// The current exception as JSON; for use in a catch block.
Json caught_error();

/// The JSON result of `work`, or its error.
template <class Work>
std::string answer(Work work) {
  try {
    return json_text(work());
  } catch (...) {
    return json_text(caught_error());
  }
}

/// `[{"key", "text", "where"}, …]`; `where` is the place of the key in errors.
study::Settings read_settings(const std::string& json);

std::vector<std::uint8_t> bytes_of(const emscripten::val& array);
emscripten::val float_copy(const std::vector<float>& values);
emscripten::val float_copy(const ArrayView& view);

}  // namespace imcsim::web
