#include "golden/golden.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "crossbar/crossbar.hpp"
#include "study/safetensors.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"
#include "support.hpp"

namespace imcsim::golden {
namespace {

using study::Json;

/// Updates `hash` with the bytes of a number.
template <class Number>
std::uint64_t hash_of_number(Number number, std::uint64_t hash) {
  return study::hash_of({reinterpret_cast<const std::uint8_t*>(&number), sizeof(number)}, hash);
}

/// Hash of all numbers and truth values in the order of the JSON. All NaNs count as one value:
/// their bits differ between processors.
std::uint64_t hash_of_numbers(const Json& json, std::uint64_t hash) {
  if (json.is_structured()) {
    for (const Json& part : json) hash = hash_of_numbers(part, hash);
    return hash;
  }
  if (json.is_boolean()) return hash_of_number<std::uint64_t>(json.get<bool>() ? 1 : 0, hash);
  if (json.is_number_float()) {
    const auto value = json.get<double>();
    return std::isnan(value) ? hash_of_number(~std::uint64_t{0}, hash)
                             : hash_of_number(value, hash);
  }
  if (json.is_number()) return hash_of_number(json.get<std::uint64_t>(), hash);
  return hash;
}

/// `crossbar` for the options that all commands share, else the command.
std::string_view owner_of(std::string_view command, std::string_view key) {
  static const std::set<std::string> shared = [] {
    crossbar::CrossbarConfig config;
    const std::vector<std::string> keys = fields_of(config).keys();
    return std::set<std::string>(keys.begin(), keys.end());
  }();
  return shared.contains(std::string(key)) ? "crossbar" : command;
}

bool is_number(const Field& field) {
  return !std::holds_alternative<std::string*>(field.value) &&
         !std::holds_alternative<EnumReference>(field.value) &&
         !std::holds_alternative<bool*>(field.value);
}

std::uint32_t word_at(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  std::uint32_t word = 0;
  for (std::size_t k = 0; k < 4; ++k) word = (word << 8U) | bytes[at + k];
  return word;
}

/// Replaces 2 × 2 pixels of an IDX file by their mean. A header of 16 bytes precedes the images.
void halve(std::vector<std::uint8_t>& bytes) {
  constexpr std::size_t header = 16;
  const std::size_t count = word_at(bytes, 4);
  const std::size_t side = word_at(bytes, 8);
  std::vector<std::uint8_t> halved(bytes.begin(), bytes.begin() + header);
  halved[11] = halved[15] = static_cast<std::uint8_t>(side / 2);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* const image = bytes.data() + header + i * side * side;
    for (std::size_t row = 0; row < side; row += 2) {
      for (std::size_t column = 0; column < side; column += 2) {
        const std::uint8_t* const p = image + row * side + column;
        halved.push_back(static_cast<std::uint8_t>((p[0] + p[1] + p[side] + p[side + 1]) / 4));
      }
    }
  }
  bytes = std::move(halved);
}

dataset::LabeledImages halved_images(std::size_t count, std::uint32_t set) {
  testing::IdxPair pair = testing::synthetic_idx(count, set);
  halve(pair.images.bytes);
  return dataset::parse_idx(std::move(pair.images), std::move(pair.labels));
}

/// Each class has its own color and position of a stripe.
dataset::LabeledImages color_set(std::size_t count, std::uint64_t seed) {
  constexpr std::uint32_t side = 32;
  testing::Draws draws(seed);
  dataset::NamedBytes file{"images", {}};
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t label = i % 10;
    file.bytes.push_back(static_cast<std::uint8_t>(label));
    for (std::uint32_t channel = 0; channel < 3; ++channel) {
      for (std::uint32_t p = 0; p < side * side; ++p) {
        const bool striped = p / side / 3 == label;
        const std::uint32_t level = striped ? 200 : 20 * ((label + 3 * channel) % 10);
        file.bytes.push_back(static_cast<std::uint8_t>(level + draws.below(50)));
      }
    }
  }
  return dataset::parse_cifar({file});
}

}  // namespace

Result result_of(const Json& json) {
  Result result;
  const auto text = json.at("digest").get<std::string>();
  std::from_chars(text.data(), text.data() + text.size(), result.digest, 16);
  for (const char* key : {"result", "counts", "evaluation_counts", "cost"}) {
    if (json.contains(key)) result.numbers = hash_of_numbers(json[key], result.numbers);
  }
  return result;
}

Choices choices_offered(std::string_view command, const FieldList& reference) {
  Choices offered;
  for (const Field& field : reference.all()) {
    const std::string key = fmt::format("{} {}", owner_of(command, field.text.key), field.text.key);
    if (const auto* choice = std::get_if<EnumReference>(&field.value)) {
      for (const std::string_view name : choice->names) {
        offered.insert(fmt::format("{}={}", key, name));
      }
    } else if (std::holds_alternative<bool*>(field.value)) {
      offered.insert({key + "=on", key + "=off"});
    } else if (is_number(field)) {
      offered.insert(key);
    }
  }
  return offered;
}

Choices choices_used(std::string_view command, const FieldList& fields,
                     const FieldList& reference) {
  Choices used;
  for (const Field& field : fields.all()) {
    if (!field.active) continue;
    const std::string text = text_of(field);
    const std::string key = fmt::format("{} {}", owner_of(command, field.text.key), field.text.key);
    if (!is_number(field)) {
      used.insert(fmt::format("{}={}", key, text));
    } else if (const Field* before = reference.find(field.text.key);
               before == nullptr || text != text_of(*before)) {
      used.insert(key);
    }
  }
  return used;
}

study::Settings options(const std::string& toml) {
  return study::parse_settings(toml, "golden", "flag");
}

bool no_files(const std::string&, std::string&) { return false; }

const dataset::Dataset& digits() {
  static const dataset::Dataset data = testing::synthetic_digits(300, 1100);
  return data;
}

const dataset::Dataset& small_digits() {
  static const dataset::Dataset data = {halved_images(60, 0), halved_images(40, 1)};
  return data;
}

const dataset::Dataset& graph_digits() {
  static const dataset::Dataset data = {halved_images(12, 0), halved_images(110, 1)};
  return data;
}

const dataset::Dataset& color_images() {
  static const dataset::Dataset data = {color_set(20, 1), color_set(20, 2)};
  return data;
}

const std::vector<std::uint8_t>& trained_model(const std::string& toml,
                                               const dataset::Dataset& data) {
  static std::map<std::string, std::vector<std::uint8_t>> models;
  std::vector<std::uint8_t>& model = models[toml];
  if (model.empty()) {
    study::TrainSession session(config_of<study::TrainConfig>(toml), data, {});
    Observer observer;
    session.run(observer);
    model = session.model();
  }
  return model;
}

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace imcsim::golden
