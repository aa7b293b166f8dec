#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace imcsim::cli {

/// What a gzip file holds: its members one behind the other (RFC 1952, 2.2). Zeros behind the last,
/// which tapes leave, are passed over. Throws InputError{where, …} that names `path`: damaged, cut
/// short, followed by something else, more than 4 GiB. Only in native builds.
std::vector<std::uint8_t> gunzip(std::span<const std::uint8_t> packed, const std::string& path,
                                 const Where& where);

}  // namespace imcsim::cli
