#include "files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/error.hpp"
#if !defined(__EMSCRIPTEN__)
#include "gzip.hpp"
#endif

namespace imcsim::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot_read(const std::string& path, const Where& where, int error) {
  throw InputError(where, fmt::format("cannot read \"{}\": {}", path, std::strerror(error)),
                   "a readable file");
}

[[noreturn]] void cannot_write(const std::string& path, int error) {
  throw RunError(fmt::format("{}: cannot write: {}", path, std::strerror(error)));
}

std::vector<std::uint8_t> read_descriptor(int descriptor, const std::string& path,
                                          const Where& where) {
  constexpr std::int64_t most = std::int64_t{1} << 34;
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) cannot_read(path, where, errno);
  if (S_ISDIR(status.st_mode)) cannot_read(path, where, EISDIR);
  const std::int64_t size = S_ISREG(status.st_mode) ? std::int64_t{status.st_size} : 0;
  if (size > most) cannot_read(path, where, EFBIG);
  // Allocates the whole file if its size is known, which avoids copies while the buffer grows.
  std::vector<std::uint8_t> bytes(size > 0 ? static_cast<std::size_t>(size) + 1
                                           : std::size_t{1} << 16);
  std::size_t used = 0;
  while (true) {
    if (used == bytes.size()) bytes.resize(2 * bytes.size());
    const ssize_t got = ::read(descriptor, bytes.data() + used, bytes.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) cannot_read(path, where, errno);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  bytes.resize(used);
  return bytes;
}

bool is_gzip(std::span<const std::uint8_t> bytes) {
  return bytes.size() > 2 && bytes[0] == 0x1F && bytes[1] == 0x8B;
}

void write_all(int descriptor, std::span<const std::uint8_t> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(descriptor, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) cannot_write(path, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
}

/// Target of a symbolic link, whether or not the target exists; other paths are unchanged.
std::string target_of(const std::string& name) {
  fs::path path = name;
  std::error_code error;
  for (int steps = 0; steps < 40 && fs::is_symlink(path, error); ++steps) {
    const fs::path next = fs::read_symlink(path, error);
    path = next.is_absolute() ? next : path.parent_path() / next;
  }
  return path.string();
}

/// Removes a partially written file unless it was renamed.
struct TemporaryFile {
  std::string path;
  int descriptor = -1;
  ~TemporaryFile() {
    if (descriptor >= 0) ::close(descriptor);
    if (!path.empty()) ::unlink(path.c_str());
  }
};

}  // namespace

std::vector<std::uint8_t> read_bytes(const std::string& path, const Where& where) {
  std::vector<std::uint8_t> bytes;
  if (path == "-") {
    bytes = read_descriptor(STDIN_FILENO, "stdin", where);
  } else {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) cannot_read(path, where, errno);
    bytes = read_descriptor(descriptor, path, where);
    ::close(descriptor);
  }
  if (!is_gzip(bytes)) return bytes;
#if defined(__EMSCRIPTEN__)
  throw InputError(where, fmt::format("\"{}\" is compressed with gzip", path),
                   "the uncompressed file");
#else
  return gunzip(bytes, path, where);
#endif
}

std::string read_text(const std::string& path, const Where& where) {
  const std::vector<std::uint8_t> bytes = read_bytes(path, where);
  return {bytes.begin(), bytes.end()};
}

void write_file(const std::string& name, std::span<const std::uint8_t> bytes) {
  if (name == "-") {
    return write_stdout({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  std::error_code error;
  const std::string path = target_of(name);
  const fs::file_status status = fs::status(path, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) {  // a pipe or a device: no renaming
    TemporaryFile special{};
    special.descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (special.descriptor < 0) cannot_write(name, errno);
    return write_all(special.descriptor, bytes, name);
  }
  TemporaryFile file{fmt::format("{}.partial-{}", path, ::getpid())};
  file.descriptor = ::open(file.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file.descriptor < 0) cannot_write(name, errno);
  write_all(file.descriptor, bytes, name);
  if (::fsync(file.descriptor) != 0 && errno != EINVAL) cannot_write(name, errno);
  const int closed = ::close(file.descriptor);
  file.descriptor = -1;
  if (closed != 0) cannot_write(name, errno);
  if (::rename(file.path.c_str(), path.c_str()) != 0) cannot_write(name, errno);
  file.path.clear();
}

void write_file(const std::string& path, std::string_view text) {
  write_file(path, std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

void require_writable(const std::string& path, const Where& where) {
  if (path.empty() || path == "-") return;
  std::error_code error;
  if (fs::is_directory(path, error)) {
    throw InputError(where, fmt::format("\"{}\" is a folder", path), "a file name");
  }
  fs::path folder = fs::path(path).parent_path();
  if (folder.empty()) folder = ".";
  if (!fs::is_directory(folder, error)) {
    throw InputError(where, fmt::format("folder \"{}\" does not exist", folder.string()),
                     "a file in an existing folder");
  }
  if (fs::exists(path, error) && ::access(path.c_str(), W_OK) != 0) {
    throw InputError(where, fmt::format("cannot write to \"{}\"", path), "a writable file");
  }
  if (::access(folder.c_str(), W_OK) != 0 && !fs::exists(path, error)) {
    throw InputError(where, fmt::format("cannot write in \"{}\"", folder.string()),
                     "a file in a writable folder");
  }
}

void write_stdout(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    cannot_write("stdout", errno);
  }
}

void write_stderr(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

fs::path program_folder() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path{} : program.parent_path();
}

}  // namespace imcsim::cli
