#include "base/describe.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/error.hpp"

namespace imcsim {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

struct TimeUnit {
  std::string_view name;
  double seconds;
};

constexpr std::array<TimeUnit, 9> time_units = {{{"y", 365.0 * 86400.0},
                                                 {"mo", 30.0 * 86400.0},
                                                 {"d", 86400.0},
                                                 {"h", 3600.0},
                                                 {"min", 60.0},
                                                 {"s", 1.0},
                                                 {"ms", 1e-3},
                                                 {"us", 1e-6},
                                                 {"ns", 1e-9}}};

/// Reads a decimal number that spans all of `text`.
template <class Number>
bool parse_number(std::string_view text, Number& out) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) return false;
  }
  if (text.empty() || text.find_first_not_of("0123456789.+-eE") != std::string_view::npos) {
    return false;
  }
  if constexpr (std::is_floating_point_v<Number>) {
    // Not every standard library has from_chars for floating point. strtod rounds correctly;
    // imcsim does not set a locale.
    const std::string copy(text);
    char* end = nullptr;
    const double value = std::strtod(copy.c_str(), &end);
    if (end != copy.c_str() + copy.size() || !std::isfinite(value)) return false;
    out = value;
  } else {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return false;
    out = value;
  }
  return true;
}

/// `text` converts a bound into text.
template <class Text>
std::string range_words(const Range& range, const Text& text) {
  const bool low = std::isfinite(range.low);
  const bool high = std::isfinite(range.high);
  if (low && high) return fmt::format("{} to {}", text(range.low), text(range.high));
  if (low) return fmt::format("{} or more", text(range.low));
  if (high) return fmt::format("{} or less", text(range.high));
  return {};
}

std::string range_words(const Field& field) {
  if (std::holds_alternative<Duration*>(field.value)) {
    return range_words(field.text.range, [](double s) { return format_duration({s}); });
  }
  return range_words(field.text.range, [](double bound) { return fmt::format("{}", bound); });
}

[[noreturn]] void refuse(const Field& field, std::string_view text, const Where& where,
                         std::string_view problem) {
  throw InputError(where, fmt::format("\"{}\" {}", text, problem), expected_of(field));
}

template <class Number>
void read_number(const Field& field, std::string_view text, const Where& where, Number& target) {
  Number value{};
  if (!parse_number(text, value)) {
    refuse(field, text, where,
           std::is_integral_v<Number> ? "is not a whole number" : "is not a number");
  }
  const auto as_double = static_cast<double>(value);
  if (as_double < field.text.range.low || as_double > field.text.range.high) {
    refuse(field, text, where, "is out of range");
  }
  target = value;
}

void read_switch(const Field& field, std::string_view text, const Where& where, bool& target) {
  if (text == "on" || text == "true") {
    target = true;
  } else if (text == "off" || text == "false") {
    target = false;
  } else {
    refuse(field, text, where, "is not a switch value");
  }
}

void read_numbers(const Field& field, std::string_view text, const Where& where, Numbers& target) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  Numbers values;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view word = text.substr(0, comma);
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    double value = 0.0;
    read_number(field, word, where, value);
    values.push_back(value);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  target = std::move(values);
}

void read_enum(std::string_view text, const Where& where, const EnumReference& target) {
  for (std::size_t i = 0; i < target.names.size(); ++i) {
    if (target.names[i] == text) return target.set(target.object, i);
  }
  const std::vector<std::string> known(target.names.begin(), target.names.end());
  throw InputError(
      where, fmt::format("unknown value \"{}\"", text),
      known.size() <= 6 ? fmt::format("one of {}", fmt::join(known, ", ")) : suggest(text, known));
}

}  // namespace

std::string_view unit_name(Unit unit) {
  switch (unit) {
    case Unit::siemens_us: return "µS";
    case Unit::seconds: return "s";
    case Unit::weight: return "weight";
    case Unit::bits: return "bits";
    case Unit::pulses: return "pulses";
    case Unit::samples: return "samples";
    case Unit::epochs: return "epochs";
    case Unit::fraction: return "fraction";
    case Unit::kelvin: return "K";
    case Unit::volts: return "V";
    case Unit::ohms: return "Ω";
    case Unit::kiloohms: return "kΩ";
    case Unit::microamperes: return "µA";
    case Unit::electronvolts: return "eV";
    case Unit::picojoules: return "pJ";
    case Unit::nanoseconds: return "ns";
    case Unit::nanometers: return "nm";
    case Unit::none: break;
  }
  return "";
}

void FieldList::field(std::string_view key, std::string& value, std::string_view placeholder,
                      std::string_view help, std::string_view source) {
  append({key, help, Unit::none, {}, source, placeholder}, FieldValue(&value));
}

void FieldList::append(const FieldText& text, FieldValue value) {
  fields_.push_back({text, group_, value, active_});
}

void FieldList::add(const Field& field) { fields_.push_back(field); }

void FieldList::add(const FieldList& more) {
  fields_.insert(fields_.end(), more.fields_.begin(), more.fields_.end());
}

void FieldList::mark_common(std::initializer_list<std::string_view> keys) {
  for (Field& field : fields_) {
    if (std::find(keys.begin(), keys.end(), field.text.key) != keys.end()) field.common = true;
  }
}

void FieldList::mark_output(std::string_view key) {
  for (Field& field : fields_) {
    if (field.text.key == key) field.is_output = true;
  }
}

const Field* FieldList::find(std::string_view key) const {
  for (const Field& field : fields_) {
    if (field.text.key == key) return &field;
  }
  return nullptr;
}

std::vector<std::string> FieldList::keys() const {
  std::vector<std::string> keys;
  for (const Field& field : fields_) keys.emplace_back(field.text.key);
  return keys;
}

std::string text_of(const Field& field) {
  return std::visit(
      Overloaded{
          [](const bool* v) { return std::string(*v ? "on" : "off"); },
          [](const Duration* v) { return format_duration(*v); },
          [](const std::string* v) { return *v; },
          [](const EnumReference& v) { return std::string(v.names[v.get(v.object)]); },
          [](const Numbers* v) { return fmt::format("[{}]", fmt::join(*v, ", ")); },
          [](const auto* v) { return fmt::format("{}", *v); },
      },
      field.value);
}

std::string range_of(const Field& field) {
  if (const auto* choice = std::get_if<EnumReference>(&field.value)) {
    return fmt::format("{}", fmt::join(choice->names, "|"));
  }
  return std::holds_alternative<bool*>(field.value) ? "on|off" : range_words(field);
}

std::string expected_of(const Field& field) {
  const std::string range = range_words(field);
  const auto with_range = [&](std::string kind) {
    return range.empty() ? kind : fmt::format("{}, {}", kind, range);
  };
  return std::visit(
      Overloaded{
          [](const bool*) { return std::string("on|off"); },
          [&](const std::int64_t*) { return with_range("a whole number"); },
          [&](const std::uint64_t*) { return with_range("a whole number, 0 or more"); },
          [&](const double*) { return with_range("a number"); },
          [&](const Duration*) { return with_range("a duration such as 250ns, 90s or 1mo"); },
          [](const std::string*) { return std::string("text"); },
          [](const EnumReference& v) { return fmt::format("{}", fmt::join(v.names, "|")); },
          [&](const Numbers*) { return with_range("numbers separated by commas"); },
      },
      field.value);
}

void read_field(const Field& field, std::string_view text, const Where& where) {
  std::visit(
      Overloaded{
          [&](bool* v) { read_switch(field, text, where, *v); },
          [&](std::int64_t* v) { read_number(field, text, where, *v); },
          [&](std::uint64_t* v) { read_number(field, text, where, *v); },
          [&](double* v) { read_number(field, text, where, *v); },
          [&](Duration* v) {
            const Duration value = parse_duration(text, where);
            if (value.seconds < field.text.range.low || value.seconds > field.text.range.high) {
              refuse(field, text, where, "is out of range");
            }
            *v = value;
          },
          [&](std::string* v) { *v = std::string(text); },
          [&](const EnumReference& v) { read_enum(text, where, v); },
          [&](Numbers* v) { read_numbers(field, text, where, *v); },
      },
      field.value);
}

Duration parse_duration(std::string_view text, const Where& where) {
  const std::size_t letters = text.find_first_not_of("0123456789.+-eE");
  // No unit begins with an `e`, so an `e` belongs to the exponent of the number.
  const std::string_view number = text.substr(0, letters);
  const std::string_view unit = letters == std::string_view::npos ? "s" : text.substr(letters);
  double value = 0.0;
  for (const TimeUnit& candidate : time_units) {
    if (candidate.name == unit && parse_number(number, value)) {
      return {value * candidate.seconds};
    }
  }
  throw InputError(where, fmt::format("\"{}\" is not a duration", text),
                   "a number with ns, us, ms, s, min, h, d, mo or y; without a unit: seconds");
}

std::string format_duration(Duration duration) {
  std::string best = fmt::format("{}s", duration.seconds);
  for (const TimeUnit& unit : time_units) {
    const std::string text = fmt::format("{}{}", duration.seconds / unit.seconds, unit.name);
    const bool exact = parse_duration(text, "").seconds == duration.seconds;
    if (exact && text.size() < best.size()) best = text;
  }
  return best;
}

}  // namespace imcsim
