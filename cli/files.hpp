#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace imcsim::cli {

/// Whole content of a file; `-` is stdin; gzip is undone where the file is compressed (natively).
/// Throws InputError{where, …} where it cannot be read.
std::vector<std::uint8_t> read_bytes(const std::string& path, const Where& where);
std::string read_text(const std::string& path, const Where& where);

/// Writes a file under a temporary name beside it, brings it to the disk and renames it; `-` is
/// stdout. Throws RunError where that fails; the old file, if any, is then as it was.
void write_file(const std::string& path, std::span<const std::uint8_t> bytes);
void write_file(const std::string& path, std::string_view text);

/// Throws InputError{where, …} where a file could not be made at `path`.
void require_writable(const std::string& path, const Where& where);

/// Writes to stdout. Throws RunError where it does not take it; ends quietly on a closed pipe.
void write_stdout(std::string_view text);

/// Writes to stderr; ignores errors, because there is no other place to report them.
void write_stderr(std::string_view text);

/// Folder of the running program; empty where it cannot be told.
std::filesystem::path program_folder();

}  // namespace imcsim::cli
