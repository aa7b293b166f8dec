#include "base/error.hpp"

#include <boost/test/unit_test.hpp>

namespace imcsim {
BOOST_AUTO_TEST_SUITE(base_error)

namespace {

const std::vector<std::string> keys = {"epochs", "batch-size", "learning-rate",
                                       "learning-rate-decay", "read-noise"};

}  // namespace

BOOST_AUTO_TEST_CASE(an_input_error_is_one_line) {
  const InputError error("run.toml:3", "unknown key \"x\"", "did you mean y?");
  BOOST_TEST(std::string(error.what()) == "run.toml:3: unknown key \"x\" (did you mean y?)");
  BOOST_TEST(error.where() == "run.toml:3");
  BOOST_TEST(error.problem() == "unknown key \"x\"");
  BOOST_TEST(error.expected() == "did you mean y?");
  BOOST_TEST(std::string(InputError("a", "b").what()) == "a: b");
}

BOOST_AUTO_TEST_CASE(an_error_names_a_field_or_another_place) {
  const InputError of_field(at_field("adc-bits"), "a 1-bit converter has only the code 0",
                            "2 to 16");
  BOOST_TEST(of_field.names_field());
  BOOST_TEST(of_field.where() == "adc-bits");
  BOOST_TEST(std::string(of_field.what()) ==
             "adc-bits: a 1-bit converter has only the code 0 (2 to 16)");
  BOOST_TEST(!InputError("run.toml:3", "is empty").names_field());
}

BOOST_AUTO_TEST_CASE(nearest_names_by_edit_distance) {
  BOOST_TEST(nearest_names("epoch", keys).front() == "epochs");
  BOOST_TEST(nearest_names("epcohs", keys).front() == "epochs");  // exchanged letters
  BOOST_TEST(nearest_names("reed-noise", keys).front() == "read-noise");
  BOOST_TEST(nearest_names("learning", keys).front() == "learning-rate");  // prefix
  BOOST_TEST(nearest_names("qqqqqqqq", keys).empty());
  BOOST_TEST(nearest_names("", keys).empty());
  const std::vector<std::string> many = {"aa", "ab", "ac", "ad", "ae"};
  BOOST_TEST(nearest_names("aa", many).size() == 3U);
  BOOST_TEST(nearest_names("aa", many).front() == "aa");
}

BOOST_AUTO_TEST_CASE(suggestions_are_sentences) {
  BOOST_TEST(suggest("epoch", keys) == "did you mean epochs?");
  BOOST_TEST(suggest("qqqqqqqq", std::vector<std::string>{"a", "b"}) == "one of a, b");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
