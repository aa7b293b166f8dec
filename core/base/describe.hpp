#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.hpp"

namespace imcsim {

/// Unit of a number. `weight` is the logical weight.
enum class Unit {
  none,
  siemens_us,
  seconds,
  weight,
  bits,
  pulses,
  samples,
  epochs,
  fraction,
  kelvin,
  volts,
  ohms,
  kiloohms,
  microamperes,
  electronvolts,
  picojoules,
  nanoseconds,
  nanometers
};

/// Symbol of a unit, such as `µS` or `s`; empty for Unit::none.
std::string_view unit_name(Unit unit);

/// Closed interval of admissible values.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

/// Simulated time in seconds, written as `250ns`, `90s`, `1h`, `1d`, `1mo` (30 d), `1y` (365 d).
struct Duration {
  double seconds = 0.0;
  friend bool operator==(const Duration&, const Duration&) = default;
};

/// Access to an enumeration by the names of its values. An enumeration that is a field declares
/// `std::span<const std::string_view> names_of(E)`, in the order of their values from 0.
struct EnumReference {
  void* object = nullptr;
  std::span<const std::string_view> names;
  std::size_t (*get)(const void*) = nullptr;
  void (*set)(void*, std::size_t) = nullptr;
};

/// A table of numbers: `[0.1, 2.5]` in files, `0.1,2.5` after an option.
using Numbers = std::vector<double>;

using FieldValue = std::variant<bool*, std::int64_t*, std::uint64_t*, double*, Duration*,
                                std::string*, EnumReference, Numbers*>;

/// The complete description of a field.
struct FieldText {
  std::string_view key;   ///< name in options and files: words joined by dashes
  std::string_view help;  ///< at most 100 characters, a capital first, no full stop at the end;
                          ///< a special value in brackets: `(0: all)`
  Unit unit = Unit::none;
  Range range = {};
  std::string_view source = {};       ///< DOI, specification, or origin such as `assumed`
  std::string_view placeholder = {};  ///< stands for a text value in help: `FILE`, `TIME,…`
};

/// One field of a struct: its text, its group and a reference to its value.
struct Field {
  FieldText text;
  std::string_view group;
  FieldValue value;
  bool active = true;      ///< false: no effect with the present values of other fields
  bool common = false;     ///< one of the few fields that the short help lists
  bool is_output = false;  ///< the main output file: a tool also accepts -o and --output
};

/// The fields of one or more structs, in the order in which they were described. It refers to
/// the described objects and must not outlive them.
class FieldList {
 public:
  /// Heading of the fields that follow.
  void group(std::string_view name) { group_ = name; }

  /// Sets whether the fields that follow have an effect with the present values of other fields
  /// (fields of a device model that is not selected have none). Returns the previous setting.
  bool active(bool is) { return std::exchange(active_, is); }

  /// Lists `value` under `key`; the other arguments are those of FieldText.
  template <class Value>
  void field(std::string_view key, Value& value, Unit unit, Range range, std::string_view help,
             std::string_view source = {}) {
    static_assert(!std::is_same_v<Value, std::string>, "a text needs a placeholder");
    const FieldText text{key, help, unit, range, source, {}};
    if constexpr (std::is_enum_v<Value>) {
      const auto get = [](const void* e) {
        return static_cast<std::size_t>(*static_cast<const Value*>(e));
      };
      const auto set = [](void* e, std::size_t i) {
        *static_cast<Value*>(e) = static_cast<Value>(i);
      };
      append(text, EnumReference{&value, names_of(Value{}), get, set});
    } else {
      append(text, FieldValue(&value));
    }
  }

  /// The same for a text; `placeholder` stands for its value in help.
  void field(std::string_view key, std::string& value, std::string_view placeholder,
             std::string_view help, std::string_view source = {});

  /// Marks the listed fields of these keys as common.
  void mark_common(std::initializer_list<std::string_view> keys);

  /// Marks the listed field of this key as the main output file.
  void mark_output(std::string_view key);

  /// Lists a field, or all fields, of another list.
  void add(const Field& field);
  void add(const FieldList& more);

  const std::vector<Field>& all() const { return fields_; }
  const Field* find(std::string_view key) const;
  std::vector<std::string> keys() const;

 private:
  void append(const FieldText& text, FieldValue value);

  std::string_view group_;
  bool active_ = true;
  std::vector<Field> fields_;
};

/// The fields that `describe` lists for `object`.
template <class Described>
FieldList fields_of(Described& object) {
  FieldList fields;
  describe(object, fields);
  return fields;
}

/// Value as written in a file or after an option: `0.096`, `on`, `1us`, `mixed-precision`.
std::string text_of(const Field& field);

/// Range or choices of a field: `0.0001 to 1`, `ideal|pcm`; empty if any value is valid.
std::string range_of(const Field& field);

/// Description of the valid values, for help and errors: `0.0001 to 1`, `on|off`, `ideal|pcm`.
std::string expected_of(const Field& field);

/// Reads `text` into the field. Throws InputError{where, …} on a value that does not parse or
/// lies outside the range; the field is then unchanged.
void read_field(const Field& field, std::string_view text, const Where& where);

/// `90s`, `1.5h`, `1mo`, `20`; throws InputError{where, …}.
Duration parse_duration(std::string_view text, const Where& where);

/// The shortest text that parse_duration reads back as the same number.
std::string format_duration(Duration duration);

}  // namespace imcsim
