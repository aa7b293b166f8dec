// Study files: variants, their order, and errors with their position.
#include "study/sweep_study.hpp"

#include <boost/test/unit_test.hpp>

#include "base/error.hpp"

namespace imcsim::study {
BOOST_AUTO_TEST_SUITE(study_sweep)

namespace {

const std::string mvm = "[study]\ncommand = \"mvm\"\n";

std::vector<std::string> values_of(const std::string& axes, std::size_t axis = 0) {
  return parse_sweep(mvm + "[axes]\n" + axes, "s.toml").axes()[axis]->values;
}

/// Position and text of the error for an invalid study.
std::string refusal(const std::string& text) {
  try {
    parse_sweep(text, "s.toml");
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing";
}

}  // namespace

BOOST_AUTO_TEST_CASE(axes_are_crossed_and_the_last_varies_fastest) {
  const SweepStudy study =
      parse_sweep(mvm +
                      "repetitions = 2\n[base]\nrows = 8\n[axes]\nadc-bits = [4, 6]\n"
                      "device = [\"pcm\", \"ideal\", \"ecram\"]\n",
                  "s.toml");
  BOOST_TEST(study.points() == 6U);
  BOOST_TEST(study.variants() == 12U);
  const std::vector<std::string> second = {"4", "ideal"};
  const std::vector<std::string> last = {"6", "ecram"};
  BOOST_TEST(values_at(study, 1) == second, boost::test_tools::per_element());
  BOOST_TEST(values_at(study, 5) == last, boost::test_tools::per_element());
  BOOST_TEST(seed_of(study, 0) == 1U);
  BOOST_TEST(seed_of(study, 1) == 2U);
  BOOST_TEST(seed_of(study, 2) == 1U);
  const Settings settings = settings_at(study, 3);
  BOOST_TEST(find_last(settings, "rows")->text == "8");
  BOOST_TEST(find_last(settings, "adc-bits")->text == "6");
  BOOST_TEST(find_last(settings, "device")->text == "pcm");
}

BOOST_AUTO_TEST_CASE(zipped_axes_vary_together) {
  const SweepStudy study = parse_sweep(
      mvm + "[axes]\nrows = [8, 16]\n[[zip]]\nadc-bits = [4, 6, 8]\ndac-bits = [5, 7, 9]\n",
      "s.toml");
  BOOST_TEST(study.points() == 6U);
  const std::vector<std::string> fifth = {"16", "6", "7"};
  BOOST_TEST(values_at(study, 4) == fifth, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(ranges_have_both_ends_and_round_numbers) {
  const std::vector<std::string> steps = {"0.1", "0.2", "0.3"};
  BOOST_TEST(values_of("read-noise-slope = {from = 0.1, to = 0.3, step = 0.1}\n") == steps,
             boost::test_tools::per_element());
  const std::vector<std::string> ratios = {"0.01", "0.1", "1"};
  BOOST_TEST(values_of("x = {from = 0.01, to = 1, count = 3, scale = \"log\"}\n") == ratios,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_fingerprint_covers_all_parameters) {
  const auto print = [](const std::string& text) {
    return fingerprint(parse_sweep(text, "s.toml"));
  };
  const std::string base = mvm + "[axes]\nrows = [8, 16]\n";
  BOOST_TEST(print(base) == print(base + "# a remark\n"));
  BOOST_TEST(print(base) != print(mvm + "[axes]\nrows = [16, 8]\n"));
  BOOST_TEST(print(base) != print(mvm + "repetitions = 2\n[axes]\nrows = [8, 16]\n"));
  BOOST_TEST(print(base) != print(mvm + "[base]\ncols = 9\n[axes]\nrows = [8, 16]\n"));
}

BOOST_AUTO_TEST_CASE(errors_name_the_line) {
  BOOST_TEST(refusal("[axes]\nrows = [8]\n").find("command") != std::string::npos);
  const auto says = [](const std::string& text, const std::string& part) {
    const std::string said = refusal(mvm + text);
    BOOST_TEST(said.find(part) != std::string::npos, said);
  };
  says("[axes]\nrows = [8]\ncolumns = []\n", "s.toml:5");
  says("[axes]\nrows = {from = 1, to = 9}\n", "s.toml:4");
  says("[axes]\nrows = {from = 0, to = 9, count = 3, scale = \"log\"}\n", "s.toml:4");
  says("[[zip]]\nrows = [1, 2]\ncols = [1]\n", "s.toml:");
  says("repetitions = 0\n", "s.toml:3");
  says("repetition = 2\n", "s.toml:3");
  says("[axes]\na = {from = 1, to = 2000, step = 1}\nb = {from = 1, to = 2000, step = 1}\n",
       "1000000");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::study
