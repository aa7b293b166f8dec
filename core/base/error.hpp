#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace imcsim {

/// A request that cannot be carried out as it stands and that the user can mend.
/// `what()` is the whole line: `WHERE: WHAT (EXPECTED)`.
class InputError : public std::runtime_error {
 public:
  InputError(std::string where, std::string what, std::string expected = {});

  const std::string& where() const { return where_; }
  const std::string& problem() const { return problem_; }
  const std::string& expected() const { return expected_; }

 private:
  std::string where_;
  std::string problem_;
  std::string expected_;
};

/// Work that was asked for rightly and failed all the same: a full disk, a loss that is not finite.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Up to three of `known` that are nearest to `name` by edit distance, best first; empty where
/// none is near (more than half of the longer name's letters would have to change).
std::vector<std::string> nearest_names(std::string_view name, std::span<const std::string> known);

/// The sentence for an unknown name: `did you mean A or B?` or, where nothing is near,
/// `one of A, B, C` (a hint at the help where these are many).
std::string suggest(std::string_view name, std::span<const std::string> known);

}  // namespace imcsim
