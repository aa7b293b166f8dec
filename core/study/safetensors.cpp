#include "study/safetensors.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <bit>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/error.hpp"
#include "study/json.hpp"

namespace imcsim::study {
namespace {

static_assert(std::endian::native == std::endian::little,
              "state is hashed and saved in memory order");

constexpr std::size_t most_keys = 16384;  ///< per header; a tensor has four

std::string type_name(ElementType type) {
  switch (type) {
    case ElementType::u8: return "U8";
    case ElementType::u32: return "U32";
    case ElementType::f64: return "F64";
    case ElementType::f32: break;
  }
  return "F32";
}

std::size_t row_bytes(const ArrayView& view) { return view.columns * view.element_bytes(); }

std::uint64_t type_bytes(const std::string& type) {
  if (type == "U8") return 1;
  if (type == "F32" || type == "U32") return 4;
  return type == "F64" ? 8 : 0;
}

Safetensors::Tensor parse_tensor(const Json& entry, std::span<const std::uint8_t> body,
                                 const std::string& name, const std::string& key) {
  Safetensors::Tensor tensor;
  tensor.type = entry.at("dtype").get<std::string>();
  tensor.shape = entry.at("shape").get<std::vector<std::uint64_t>>();
  const auto offsets = entry.at("data_offsets").get<std::vector<std::uint64_t>>();
  std::uint64_t size = type_bytes(tensor.type);
  for (const std::uint64_t extent : tensor.shape) {
    // Also prevents overflow of the product.
    if (size != 0 && extent > body.size() / size) size = 0;
    size *= extent;
  }
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > body.size() ||
      offsets[1] - offsets[0] != size || size == 0) {
    throw InputError(name, fmt::format("tensor \"{}\" does not fit in the file", key),
                     "offsets that match type and shape");
  }
  tensor.data = body.subspan(static_cast<std::size_t>(offsets[0]), static_cast<std::size_t>(size));
  return tensor;
}

}  // namespace

std::vector<std::uint8_t> write_safetensors(std::span<const StateArray> arrays,
                                            const Metadata& metadata) {
  Json header = Json::object();
  header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const StateArray& array : arrays) {
    const std::uint64_t end = offset + array.view.bytes();
    header[array.name] = {{"dtype", type_name(array.view.type)},
                          {"shape", {array.view.rows, array.view.columns}},
                          {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');

  std::vector<std::uint8_t> bytes(8 + text.size() + static_cast<std::size_t>(offset));
  const std::uint64_t length = text.size();
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, text.data(), text.size());
  std::uint8_t* to = bytes.data() + 8 + text.size();
  for (const StateArray& array : arrays) {
    for (std::size_t i = 0; i < array.view.rows; ++i) {
      std::memcpy(to, array.view.row(i), row_bytes(array.view));
      to += row_bytes(array.view);
    }
  }
  return bytes;
}

Safetensors read_safetensors(std::span<const std::uint8_t> bytes, const std::string& name) {
  std::uint64_t length = 0;
  if (bytes.size() >= 8) std::memcpy(&length, bytes.data(), 8);
  if (bytes.size() < 8 || length > bytes.size() - 8) {
    throw InputError(name, "is not a safetensors file, or is truncated",
                     "a file written by imcsim");
  }
  const std::span<const std::uint8_t> body = bytes.subspan(8 + static_cast<std::size_t>(length));
  Safetensors file;
  try {
    const auto* text = reinterpret_cast<const char*>(bytes.data() + 8);
    // Each key is compared with all keys before it: a header with a million keys would take too
    // long.
    std::size_t keys = 0;
    const auto few = [&](int, Json::parse_event_t event, Json&) {
      if (event == Json::parse_event_t::key && ++keys > most_keys) {
        throw InputError(name, "header has too many keys", fmt::format("at most {}", most_keys));
      }
      return true;
    };
    const Json header = Json::parse(text, text + length, few);
    if (!header.is_object()) {
      throw InputError(name, "header is not a JSON object", "a file written by imcsim");
    }
    for (const auto& [key, entry] : header.items()) {
      if (key == "__metadata__") {
        file.metadata = entry.get<Metadata>();
      } else {
        file.tensors[key] = parse_tensor(entry, body, name, key);
      }
    }
  } catch (const Json::exception&) {
    throw InputError(name, "header is not a safetensors header", "a file written by imcsim");
  }
  return file;
}

void load_arrays(const Safetensors& file, std::span<const StateArray> arrays,
                 const std::string& name) {
  for (const StateArray& array : arrays) {
    const auto found = file.tensors.find(array.name);
    const std::vector<std::uint64_t> shape = {array.view.rows, array.view.columns};
    if (found == file.tensors.end() || found->second.type != type_name(array.view.type) ||
        found->second.shape != shape) {
      throw InputError(name,
                       fmt::format("tensor \"{}\" is missing or has a different shape", array.name),
                       fmt::format("{} [{}, {}]", type_name(array.view.type), array.view.rows,
                                   array.view.columns));
    }
  }
  for (const StateArray& array : arrays) {
    const std::uint8_t* from = file.tensors.at(array.name).data.data();
    for (std::size_t i = 0; i < array.view.rows; ++i) {
      std::memcpy(array.view.row(i), from + i * row_bytes(array.view), row_bytes(array.view));
    }
  }
}

std::uint64_t digest_of(std::span<const StateArray> arrays) {
  XXH64_state_t state;
  XXH64_reset(&state, 0);
  for (const StateArray& array : arrays) {
    if (!array.digested) continue;
    for (std::size_t i = 0; i < array.view.rows; ++i) {
      XXH64_update(&state, array.view.row(i), row_bytes(array.view));
    }
  }
  return XXH64_digest(&state);
}

std::uint64_t content_hash(std::span<const StateArray> arrays, std::uint64_t seed) {
  XXH64_state_t state;
  XXH64_reset(&state, seed);
  for (const StateArray& array : arrays) {
    for (std::size_t i = 0; i < array.view.rows; ++i) {
      XXH64_update(&state, array.view.row(i), row_bytes(array.view));
    }
  }
  return XXH64_digest(&state);
}

std::uint64_t content_hash(const Safetensors& file, std::span<const StateArray> arrays,
                           std::uint64_t seed) {
  XXH64_state_t state;
  XXH64_reset(&state, seed);
  for (const StateArray& array : arrays) {
    const auto found = file.tensors.find(array.name);
    if (found == file.tensors.end()) continue;
    XXH64_update(&state, found->second.data.data(), found->second.data.size());
  }
  return XXH64_digest(&state);
}

std::uint64_t digest_of(std::span<const std::uint64_t> digests) {
  return XXH64(digests.data(), digests.size_bytes(), 0);
}

std::uint64_t hash_of(std::span<const std::uint8_t> bytes, std::uint64_t seed) {
  return XXH64(bytes.data(), bytes.size(), seed);
}

std::uint64_t hash_of_text(std::string_view text) { return XXH64(text.data(), text.size(), 0); }

std::string digest_text(std::uint64_t digest) { return fmt::format("{:016x}", digest); }

}  // namespace imcsim::study
