#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace imcsim {

/// Place that an input error refers to: a field of the configuration, by its key, or another place
/// as text, such as a file and line. The user interface shows a field as the user wrote it:
/// `--adc-bits`, `run.toml:12: adc-bits`, or the label of a form.
struct Where {
  Where(std::string place) : text(std::move(place)) {}
  Where(const char* place) : text(place) {}

  std::string text;
  bool is_field = false;
};

/// The field with this key.
Where at_field(std::string_view key);

/// A request that cannot be carried out and that the user can correct.
/// `what()` is the whole line: `WHERE: WHAT (EXPECTED)`.
class InputError : public std::runtime_error {
 public:
  InputError(Where where, std::string what, std::string expected = {});

  const std::string& where() const { return where_.text; }
  bool names_field() const { return where_.is_field; }  ///< where() is the key of a field
  const std::string& problem() const { return problem_; }
  const std::string& expected() const { return expected_; }

 private:
  Where where_;
  std::string problem_;
  std::string expected_;
};

/// Failure of a valid request, such as a full disk or a loss that is not finite.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Up to three of `known` that are nearest to `name` by edit distance, best first; empty if all
/// are far (more than half of the letters of the longer name differ).
std::vector<std::string> nearest_names(std::string_view name, std::span<const std::string> known);

/// The expected value for an unknown name: `did you mean A or B?`, or, if no name is near,
/// `one of A, B, C`, or a reference to the help if there are many.
std::string suggest(std::string_view name, std::span<const std::string> known);

}  // namespace imcsim
