// imcsim explain TERM: explanation of a parameter or an effect.
#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "arguments.hpp"
#include "command.hpp"
#include "files.hpp"
#include "help.hpp"
#include "run.hpp"
#include "study/glossary.hpp"

namespace imcsim::cli {
namespace {

const HelpText explain_help = {
    "imcsim explain [TERM] [OPTIONS]",
    "Explains a parameter or an effect with text, equation and source. Without "
    "TERM, lists all terms. TERM can also be the name of an option.",
    "  imcsim explain drift-exponent\n  imcsim explain projected-memory\n"};

constexpr std::size_t line_width = 88;

std::string parameter_text(const Field& field, const Style& style) {
  std::string text =
      fmt::format("{}  {}\n", style.bold(fmt::format("--{}", field.text.key)), field.text.help);
  const auto line = [&](std::string_view name, std::string_view value) {
    if (!value.empty())
      text += fmt::format("  {}  {}\n", style.dim(fmt::format("{:<8}", name)), value);
  };
  line("group", field.group);
  line("default", text_of(field));
  line("unit", unit_name(field.text.unit));
  line("range", range_of(field));
  line("source", field.text.source);
  return text;
}

void explain(const study::Glossary& glossary, const std::string& name, const ViewOptions& view) {
  const study::Explanation found = glossary.explain(name);
  if (view.json) return write_stdout(study::to_json(found).dump(2) + "\n");
  const Style style = style_for(STDOUT_FILENO, view.color);
  std::string text;
  const auto show_parameters = [&] {
    for (const Field* field : found.parameters) text += parameter_text(*field, style) + "\n";
  };
  if (!found.is_term) show_parameters();
  for (const study::Term* t : found.terms) {
    text += fmt::format("{}\n{}\n\n  {}\n\n{}\n\n", style.bold(t->name),
                        wrapped(t->text, line_width, 0), style.accent(t->equation),
                        style.dim("source: " + t->source));
  }
  if (found.is_term) show_parameters();
  text.erase(text.find_last_not_of('\n') + 1);
  write_stdout(text + "\n");
}

}  // namespace

int run_explain(const std::vector<std::string>& words) {
  ViewOptions view;
  const FieldList fields = fields_of(view);
  const ParsedArguments arguments = parse_arguments("explain", fields, words, 1);
  split_settings(arguments, fields, FieldList{});
  if (show_help(arguments, explain_help, fields)) return 0;
  const study::Glossary glossary;
  if (!arguments.positional.empty()) {
    explain(glossary, arguments.positional.front(), view);
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"term", "source"}};
  study::Json json = study::Json::array();
  for (const study::Term& t : glossary.terms()) {
    rows.push_back({t.name, t.source});
    json.push_back(t.name);
  }
  const Style style = style_for(STDOUT_FILENO, view.color);
  if (view.json) {
    write_stdout(json.dump(2) + "\n");
  } else if (view.csv) {
    write_stdout(csv_of(rows));
  } else {
    write_stdout(
        aligned_table(rows, style) +
        style.dim(
            "\n"
            "imcsim explain TERM explains a term; TERM can also be the name of an option.\n"));
  }
  return 0;
}

}  // namespace imcsim::cli
