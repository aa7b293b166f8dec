#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace imcsim::cli {

/// Decompresses a gzip file: the concatenation of its members (RFC 1952, 2.2). Trailing zero bytes
/// (tape padding) are ignored. Throws InputError{where, …} that names `path` if the file is
/// damaged, truncated, followed by other bytes, or larger than 4 GiB. Native builds only.
std::vector<std::uint8_t> gunzip(std::span<const std::uint8_t> packed, const std::string& path,
                                 const Where& where);

}  // namespace imcsim::cli
