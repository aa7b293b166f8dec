// imcsim man: the manual page, made from the help of every command.
#include <fmt/format.h>

#include "arguments.hpp"
#include "base/error.hpp"
#include "caught_output.hpp"
#include "command.hpp"
#include "files.hpp"
#include "reference.hpp"
#include "study/version.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::cli {
namespace {

/// The code point of UTF-8 that begins at `at`, which is moved to its last byte.
unsigned code_point(std::string_view text, std::size_t& at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  unsigned code = first & (0x3fu >> more);
  for (std::size_t i = 0; i < more && at + 1 < text.size(); ++i) {
    code = (code << 6) | (static_cast<unsigned char>(text[++at]) & 0x3fu);
  }
  return code;
}

/// Text as troff shows it: backslashes and dashes as they are, no line taken for a request.
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

std::string section(std::string_view name, std::string_view summary, const std::string& help) {
  return fmt::format(".SS {}\n{}.\n.PP\n.nf\n{}.fi\n", troff(name), troff(summary), troff(help));
}

/// A command, and each of its words where it has such.
std::string command_section(const Command& command) {
  std::string text = section(command.name, command.summary, output_of(command, {"--help"}));
  for (const tasks::TaskEntry& entry : tasks::task_entries()) {
    if (entry.command != command.name) continue;
    text += section(fmt::format("{} {}", command.name, entry.word), entry.summary,
                    output_of(command, {std::string(entry.word), "--help"}));
  }
  return text;
}

std::string page() {
  std::string text = fmt::format(
      ".TH IMCSIM 1 \"\" \"imcsim {}\" \"User Commands\"\n"
      ".SH NAME\nimcsim \\- in\\-memory computing with resistive devices, simulated\n"
      ".SH SYNOPSIS\n.B imcsim\n.I COMMAND\n[options]\n"
      ".SH DESCRIPTION\n"
      "Trains and runs networks, logic, solvers and whole chips on simulated resistive devices.\n"
      "The same seed and configuration give the same bits on any machine, whatever the number of\n"
      "threads and the kernels. Results go to stdout, everything else to stderr; where a file "
      "goes\n"
      "in or out, \\- is stdin or stdout.\n"
      ".SH COMMANDS\n",
      version);
  for (const Command& command : commands()) text += command_section(command);
  text +=
      ".SH EXIT STATUS\n.TP\n0\ndone\n.TP\n1\nit ran and failed\n.TP\n2\nthe request was wrong\n"
      ".TP\n130, 143\nstopped by Ctrl\\-C or TERM\n"
      ".SH ENVIRONMENT\n.TP\nIMCSIM_DATA\nfolder of the data sets\n.TP\nNO_COLOR\nno colours\n";
  return text;
}

}  // namespace

int run_man(const std::vector<std::string>& words) {
  if (words.size() == 1 && (words[0] == "-h" || words[0] == "--help")) {
    write_stdout(
        "Prints the manual page, all commands with all options.\n\n"
        "Usage: imcsim man [--markdown]\n\n"
        "  --markdown   the same as tables with ranges and sources, for reading in a browser\n\n"
        "Examples\n"
        "  imcsim man > imcsim.1\n"
        "  imcsim man --markdown > reference.md\n");
    return 0;
  }
  if (words.size() == 1 && words[0] == "--markdown") {
    write_stdout(reference());
    return 0;
  }
  if (!words.empty()) {
    throw InputError("man", fmt::format("does not know what to do with \"{}\"", words.front()),
                     "imcsim man, or imcsim man --markdown");
  }
  write_stdout(page());
  return 0;
}

}  // namespace imcsim::cli
