#include "study/toml_nodes.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace imcsim::study {
namespace {

[[noreturn]] void refuse_value(const std::string& where, std::string_view key) {
  throw InputError(fmt::format("{}: {}", where, key), "has an unsupported type",
                   "a number, a string, true or false, or a list of numbers");
}

}  // namespace

toml::table parse_toml(std::string_view text, const std::string& name) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw InputError(fmt::format("{}:{}", name, error.source().begin.line),
                     fmt::format("not TOML: {}", error.description()), "lines of key = value");
  } catch (const TomlParserError&) {
    throw InputError(name, "not TOML: a table or a key begins with a sign", "lines of key = value");
  }
}

std::string scalar_text(const toml::node& node, const std::string& where, std::string_view key) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "on" : "off";
  if (const auto* list = node.as_array()) {
    std::string text;
    for (const toml::node& item : *list) {
      if (item.is_array()) refuse_value(where, key);
      if (!text.empty()) text += ", ";
      text += scalar_text(item, where, key);
    }
    return "[" + text + "]";
  }
  refuse_value(where, key);
}

}  // namespace imcsim::study
