#pragma once

#include <string>

#include "base/describe.hpp"
#include "terminal.hpp"

namespace imcsim::cli {

/// Help of a command, without its options.
struct HelpText {
  std::string usage;
  std::string description;   ///< sentences, printed after the summary
  std::string examples;      ///< commands that run, one per line, each indented by two spaces
  std::string summary = {};  ///< empty: the summary in the list of commands
};

/// Requested part of the help.
struct HelpRequest {
  enum class Part {
    none,
    common,      ///< -h: one screen with the common options
    applicable,  ///< --help: every option that has an effect with the present choices
    group,       ///< --help GROUP
    all          ///< --help all
  };
  Part part = Part::none;
  std::string group;  ///< of Part::group, as group_word gives it
  bool as_json = false;
};

/// A group's heading as a word of the command line: `drift-and-noise`.
std::string group_word(std::string_view heading);

/// The page, wrapped to `width` columns. `summary`: one line.
std::string help_page(const HelpText& text, const std::string& summary, const FieldList& fields,
                      const HelpRequest& request, std::size_t width, const Style& style);

}  // namespace imcsim::cli
