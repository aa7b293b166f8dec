// imcsim man: the manual page, made from the help of every command.
#include <fmt/format.h>

#include "arguments.hpp"
#include "base/error.hpp"
#include "captured_output.hpp"
#include "command.hpp"
#include "files.hpp"
#include "reference.hpp"
#include "run.hpp"
#include "study/version.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::cli {
namespace {

/// The code point whose UTF-8 encoding begins at `at`; moves `at` to its last byte.
unsigned code_point(std::string_view text, std::size_t& at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  unsigned code = first & (0x3fu >> more);
  for (std::size_t i = 0; i < more && at + 1 < text.size(); ++i) {
    code = (code << 6) | (static_cast<unsigned char>(text[++at]) & 0x3fu);
  }
  return code;
}

/// Escapes text for troff: backslashes, dashes, and lines that look like requests.
std::string troff(std::string_view text) {
  std::string quoted;
  bool at_start = true;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (at_start && (c == '.' || c == '\'')) quoted += "\\&";
    at_start = c == '\n';
    if (c == '\\') {
      quoted += "\\e";
    } else if (c == '-') {
      quoted += "\\-";
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      quoted += fmt::format("\\[u{:04X}]", code_point(text, at));
    } else {
      quoted += c;
    }
  }
  return quoted;
}

std::string section(std::string_view name, const std::string& help) {
  return fmt::format(".SS {}\n.nf\n{}.fi\n", troff(name), troff(help));
}

/// A command with all its options, or its list of tasks and each task.
std::string command_section(const Command& command) {
  std::string tasks;
  for (const tasks::TaskEntry& entry : tasks::task_entries()) {
    if (entry.command != command.name) continue;
    tasks += section(fmt::format("{} {}", command.name, entry.word),
                     output_of(command, {std::string(entry.word), "--help", "all"}));
  }
  if (tasks.empty()) return section(command.name, output_of(command, {"--help", "all"}));
  return section(command.name, output_of(command, {"--help"})) + tasks;
}

std::string page() {
  std::string text = fmt::format(
      ".TH IMCSIM 1 \"\" \"imcsim {}\" \"User Commands\"\n"
      ".SH NAME\nimcsim \\- simulator of in\\-memory computing with resistive devices\n"
      ".SH SYNOPSIS\n.B imcsim\n.I COMMAND\n[OPTIONS]\n"
      ".SH DESCRIPTION\n"
      "Simulates neural networks, logic, arithmetic, linear algebra and systems of cores on\n"
      "resistive devices. The same configuration, seed and input files give the same results on\n"
      "any machine, for any number of threads and any kernels. Results are printed on stdout,\n"
      "messages on stderr. The file name \\- means stdin or stdout.\n"
      ".SH COMMANDS\n",
      version);
  for (const Command& command : commands()) text += command_section(command);
  text +=
      ".SH EXIT STATUS\n.TP\n0\nsuccess\n.TP\n1\nthe run failed\n.TP\n2\nthe request is "
      "invalid\n"
      ".TP\n130, 143\ninterrupted by SIGINT (Ctrl\\-C) or by SIGTERM\n"
      ".SH ENVIRONMENT\n.TP\nIMCSIM_DATA\nfolder of data sets\n.TP\nNO_COLOR\nno color if set\n";
  return text;
}

const HelpText man_help = {
    "imcsim man [--markdown]",
    "Prints all commands with all options, as a manual page or as Markdown with "
    "ranges and sources.",
    "  imcsim man > imcsim.1\n"
    "  imcsim man --markdown > reference.md\n"};

}  // namespace

int run_man(const std::vector<std::string>& words) {
  bool markdown = false;
  FieldList fields;
  fields.group("Output");
  fields.field("markdown", markdown, Unit::none, {}, "Print Markdown with ranges and sources");
  fields.mark_common({"markdown"});
  const ParsedArguments arguments = parse_arguments("man", fields, words, 0);
  split_settings(arguments, fields, FieldList{});
  if (show_help(arguments, man_help, fields)) return 0;
  write_stdout(markdown ? reference() : page());
  return 0;
}

}  // namespace imcsim::cli
