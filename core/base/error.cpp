#include "base/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

namespace imcsim {
namespace {

std::string one_line(const std::string& where, const std::string& what,
                     const std::string& expected) {
  std::string line = fmt::format("{}: {}", where, what);
  if (!expected.empty()) line += fmt::format(" ({})", expected);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return line;
}

/// Edit distance in which an exchange of two adjacent letters counts as one step.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      now[j] = std::min({change, last[j] + 1, now[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        now[j] = std::min(now[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(now);
  }
  return last[b.size()];
}

}  // namespace

Where at_field(std::string_view key) {
  Where where{std::string(key)};
  where.is_field = true;
  return where;
}

InputError::InputError(Where where, std::string what, std::string expected)
    : std::runtime_error(one_line(where.text, what, expected)),
      where_(std::move(where)),
      problem_(std::move(what)),
      expected_(std::move(expected)) {}

std::vector<std::string> nearest_names(std::string_view name, std::span<const std::string> known) {
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const std::string& candidate : known) {
    std::size_t distance = edit_distance(name, candidate);
    const bool begins = !name.empty() && candidate.starts_with(name);
    if (begins) distance = 1;
    if (2 * distance <= std::max(name.size(), candidate.size())) {
      ranked.emplace_back(distance, candidate);
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, ranked.size()); ++i) {
    names.push_back(ranked[i].second);
  }
  return names;
}

std::string suggest(std::string_view name, std::span<const std::string> known) {
  const std::vector<std::string> near = nearest_names(name, known);
  if (near.empty()) {
    constexpr std::size_t most = 8;
    return known.size() <= most ? fmt::format("one of {}", fmt::join(known, ", "))
                                : "no similar name; see the help";
  }
  return fmt::format("did you mean {}?", fmt::join(near, " or "));
}

}  // namespace imcsim
