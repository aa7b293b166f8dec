#include "exchange.hpp"

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "numeric/tensor.hpp"

namespace imcsim::web {

using emscripten::typed_memory_view;
using emscripten::val;

Json caught_error() {
  try {
    throw;
  } catch (const InputError& e) {
    return error_json(e.where(), e.problem(), e.expected());
  } catch (const std::bad_alloc&) {
    return error_json("memory", "allocation failed", "a smaller problem");
  } catch (const std::exception& e) {
    return error_json("train", e.what(), "");
  }
}

study::Settings read_settings(const std::string& json) {
  study::Settings settings;
  for (const auto& item : Json::parse(json)) {
    settings.push_back({item.at("key").get<std::string>(), item.at("text").get<std::string>(),
                        item.at("where").get<std::string>(), "page"});
  }
  return settings;
}

std::vector<std::uint8_t> bytes_of(const val& array) {
  std::vector<std::uint8_t> bytes(array["length"].as<std::size_t>());
  val(typed_memory_view(bytes.size(), bytes.data())).call<void>("set", array);
  return bytes;
}

val float_copy(const std::vector<float>& values) {
  val out = val::global("Float32Array").new_(values.size());
  if (!values.empty()) {
    out.call<void>("set", val(typed_memory_view(values.size(), values.data())));
  }
  return out;
}

val float_copy(const ArrayView& view) {
  val out = val::global("Float32Array").new_(view.rows * view.columns);
  for (std::size_t i = 0; i < view.rows; ++i) {
    const auto* row = static_cast<const float*>(static_cast<const void*>(view.row(i)));
    out.call<void>("set", val(typed_memory_view(view.columns, row)), i * view.columns);
  }
  return out;
}

}  // namespace imcsim::web
