#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace imcsim::cli {

/// Content of a file; `-` is stdin. Gzip files are decompressed (native builds only). Throws
/// InputError{where, …} if the file cannot be read.
std::vector<std::uint8_t> read_bytes(const std::string& path, const Where& where);
std::string read_text(const std::string& path, const Where& where);

/// Writes a file under a temporary name in the same folder, synchronizes it to disk and renames it;
/// `-` is stdout. Throws RunError if this fails; an existing file is then unchanged.
void write_file(const std::string& path, std::span<const std::uint8_t> bytes);
void write_file(const std::string& path, std::string_view text);

/// Throws InputError{where, …} if a file cannot be created or written at `path`.
void require_writable(const std::string& path, const Where& where);

/// Writes to stdout. Throws RunError if this fails; on a closed pipe, SIGPIPE ends the program
/// quietly.
void write_stdout(std::string_view text);

/// Writes to stderr; ignores errors, because there is no other place to report them.
void write_stderr(std::string_view text);

/// Folder of the running program; empty if unknown.
std::filesystem::path program_folder();

}  // namespace imcsim::cli
