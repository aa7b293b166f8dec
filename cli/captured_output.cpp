#include "captured_output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/error.hpp"

namespace imcsim::cli {
namespace {

/// Redirects stdout to an unnamed temporary file.
class CapturedOutput {
 public:
  CapturedOutput() : file_(std::tmpfile()), kept_(::dup(STDOUT_FILENO)) {
    std::fflush(stdout);
    if (file_ == nullptr || kept_ < 0 || ::dup2(::fileno(file_), STDOUT_FILENO) < 0) {
      throw RunError(fmt::format("no temporary file: {}", std::strerror(errno)));
    }
  }
  ~CapturedOutput() {
    restore();
    if (kept_ >= 0) ::close(kept_);
    if (file_ != nullptr) std::fclose(file_);
  }
  CapturedOutput(const CapturedOutput&) = delete;
  CapturedOutput& operator=(const CapturedOutput&) = delete;

  std::string text() {
    restore();
    std::string all;
    std::rewind(file_);
    char part[1 << 14];
    for (std::size_t got = 0; (got = std::fread(part, 1, sizeof part, file_)) > 0;) {
      all.append(part, got);
    }
    return all;
  }

 private:
  void restore() {
    std::fflush(stdout);
    if (kept_ >= 0) ::dup2(kept_, STDOUT_FILENO);
  }
  std::FILE* file_;
  int kept_;
};

}  // namespace

std::string output_of(const Command& command, const std::vector<std::string>& words) {
  CapturedOutput captured;
  const int code = command.run(words);
  if (code != 0) throw RunError(fmt::format("{} ended with code {}", command.name, code));
  return captured.text();
}

const Command& command_named(const std::string& name, const Where& where) {
  std::vector<std::string> names;
  for (const Command& command : commands()) {
    if (command.name == name) return command;
    names.push_back(command.name);
  }
  throw InputError(where, fmt::format("unknown command \"{}\"", name), suggest(name, names));
}

}  // namespace imcsim::cli
