#include "child_process.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "base/error.hpp"

#if !defined(__EMSCRIPTEN__)
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace imcsim::cli {

#if defined(__EMSCRIPTEN__)

ChildOutput run_child(const std::vector<std::string>& words) {
  throw RunError(fmt::format("{}: this build cannot start other programs", words.front()));
}

#else

ChildOutput run_child(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    throw RunError(fmt::format("{}: no pipe: {}", words.front(), std::strerror(errno)));
  }
  const pid_t child = ::fork();
  if (child < 0) {
    throw RunError(fmt::format("{}: cannot be started: {}", words.front(), std::strerror(errno)));
  }
  if (child == 0) {
    ::setpgid(0, 0);  // own process group: Ctrl-C does not reach the child
    const int nothing = ::open("/dev/null", O_RDONLY);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::execvp(pointers.front(), pointers.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  ChildOutput output;
  char part[4096];
  while (true) {
    const ssize_t got = ::read(ends[0], part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    output.text.append(part, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  output.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return output;
}

#endif

}  // namespace imcsim::cli
