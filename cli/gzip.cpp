#include "gzip.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "base/error.hpp"

namespace imcsim::cli {
namespace {

constexpr std::size_t most = std::size_t{1} << 32;
constexpr std::size_t most_at_once = std::size_t{1} << 30;

/// State of zlib, released on every exit path.
struct Inflater {
  z_stream stream{};
  Inflater() { inflateInit2(&stream, 15 + 16); }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// One step from `in` to `out`; both are advanced past the bytes used.
  int step(std::span<const std::uint8_t>& in, std::span<std::uint8_t>& out) {
    stream.next_in = const_cast<std::uint8_t*>(in.data());
    stream.avail_in = static_cast<unsigned>(std::min(in.size(), most_at_once));
    stream.next_out = out.data();
    stream.avail_out = static_cast<unsigned>(std::min(out.size(), most_at_once));
    const unsigned given = stream.avail_in;
    const unsigned room = stream.avail_out;
    const int state = inflate(&stream, Z_NO_FLUSH);
    in = in.subspan(given - stream.avail_in);
    out = out.subspan(room - stream.avail_out);
    return state;
  }
};

bool is_padding(std::span<const std::uint8_t> rest) {
  return std::all_of(rest.begin(), rest.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

std::vector<std::uint8_t> gunzip(std::span<const std::uint8_t> packed, const std::string& path,
                                 const Where& where) {
  std::vector<std::uint8_t> bytes(std::max<std::size_t>(4 * packed.size(), 4096));
  std::size_t used = 0;
  Inflater inflater;
  int state = Z_OK;
  while (state == Z_OK) {
    if (used == most)
      throw InputError(where, fmt::format("\"{}\" is too large", path), "at most 4 GiB");
    if (used == bytes.size()) bytes.resize(std::min(2 * bytes.size(), most));
    std::span<std::uint8_t> room = std::span(bytes).subspan(used);
    state = inflater.step(packed, room);
    used = bytes.size() - room.size();
    if (state == Z_STREAM_END && !is_padding(packed)) state = inflateReset(&inflater.stream);
  }
  if (state != Z_STREAM_END) {
    throw InputError(where, fmt::format("\"{}\" is damaged or truncated", path),
                     "a complete gzip file");
  }
  bytes.resize(used);
  return bytes;
}

}  // namespace imcsim::cli
