// Logic by reading several rows: closed forms, error rates, simulation of every cell, invalid
// input.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "base/error.hpp"
#include "support.hpp"
#include "tasks/bulk_logic.hpp"
#include "tasks/error_positions.hpp"
#include "tasks/normal_tail.hpp"
#include "tasks/task_runs.hpp"

namespace imcsim::tasks {
BOOST_AUTO_TEST_SUITE(tasks_logic_read)

namespace {

using testing::number;
using testing::TaskRun;

const std::vector<std::string> words = {"and", "or", "xor", "nand", "nor"};

/// `count` bytes that depend on `name`.
std::string bytes_of(std::size_t count, std::uint32_t name) {
  const Stream draws(11, Purpose::instrument, name);
  std::string bytes(count, '\0');
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(draws.word(i) & 0xFFU);
  return bytes;
}

TaskRun run_of(const std::string& word, const std::vector<std::string>& files,
               std::vector<std::pair<std::string, std::string>> options = {}) {
  TaskRun run{word, std::move(options)};
  run.command = "logic";
  for (const std::string& file : files) run.files.emplace_back("operands", file);
  return run;
}

std::uint8_t byte_of(const std::string& word, std::uint8_t a, std::uint8_t b) {
  const unsigned result = word == "and"    ? a & b
                          : word == "or"   ? a | b
                          : word == "xor"  ? a ^ b
                          : word == "nand" ? ~(a & b)
                                           : ~(a | b);
  return static_cast<std::uint8_t>(result);
}

const std::vector<std::uint8_t>& output_of(const Answer& answer) {
  return std::get<std::vector<std::uint8_t>>(answer.arrays[0].values);
}

/// Largest deviation of a class's measured rate from the closed form, in binomial standard
/// deviations.
double worst_deviation(const Answer& answer) {
  const auto columns = testing::column(answer.results, "classes", "columns");
  const auto wrong = testing::column(answer.results, "classes", "wrong");
  const auto rates = testing::column(answer.results, "classes", "predicted_error");
  double worst = 0.0;
  for (std::size_t k = 0; k < rates.size(); ++k) {
    const auto n = static_cast<double>(std::get<std::int64_t>(columns[k]));
    const double p = std::get<double>(rates[k]);
    const double found = static_cast<double>(std::get<std::int64_t>(wrong[k]));
    if (n * p < 1e-3) {
      BOOST_TEST(found == 0.0);
    } else {
      worst = std::max(worst, std::fabs(found - n * p) / std::sqrt(n * p * (1.0 - p)));
    }
  }
  return worst;
}

const std::vector<std::pair<std::string, std::string>> single_shot = {
    {"stated-set-mean-us", "23.2"}, {"stated-set-std-us", "5.4"}, {"sense-noise-us", "0.5"}};

}  // namespace

BOOST_AUTO_TEST_CASE(normal_tail_has_known_values) {
  BOOST_TEST(normal_tail(0.0) == 0.5, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(normal_tail(1.0) == 0.15865525393145705, boost::test_tools::tolerance(1e-13));
  BOOST_TEST(normal_tail(-2.0) == 0.9772498680518208, boost::test_tools::tolerance(1e-13));
  BOOST_TEST(normal_tail(6.0) == 9.865876450376946e-10, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(normal_tail(20.0) == 2.7536241186062337e-89, boost::test_tools::tolerance(1e-12));
  for (const double x : {-3.0, 0.1, 0.7, 5.0}) {
    BOOST_TEST(exact_exp(x) == std::exp(x), boost::test_tools::tolerance(1e-15));
    BOOST_TEST(exact_log(std::fabs(x)) == std::log(std::fabs(x)),
               boost::test_tools::tolerance(1e-14));
  }
}

// n positions at probability p: binomial, 4 σ.
BOOST_AUTO_TEST_CASE(error_positions_occur_at_their_rate, *boost::unit_test::label("long")) {
  for (const double p : {0.5, 0.01, 1e-5}) {
    const double n = 1e7;
    ErrorPositions positions(p, Stream(3, Purpose::instrument), 0);
    double found = 0.0;
    std::uint64_t last = 0;
    for (std::uint64_t at = positions.next(); at < 10000000; at = positions.next()) {
      BOOST_REQUIRE((found == 0.0 || at > last));
      last = at;
      found += 1.0;
    }
    BOOST_TEST(std::fabs(found - n * p) < 4.0 * std::sqrt(n * p * (1.0 - p)));
  }
  BOOST_TEST(ErrorPositions(0.0, Stream(3, Purpose::instrument), 0).next() == ErrorPositions::none);
}

// Published table of worst-case classes for σ_sense = 0.5 µS, with two digits.
BOOST_AUTO_TEST_CASE(closed_forms_of_known_cells) {
  const CellStatistics shot{23.2, 5.4, 0.1, 0.05, 0.5};
  const CellStatistics verified{20.0, 1.0, 0.1, 0.05, 0.5};
  const auto worst = [](LogicOperation operation, const CellStatistics& cells, std::size_t n) {
    const std::vector<double> rates = error_probabilities(operation, cells, n);
    return *std::max_element(rates.begin(), rates.end());
  };
  using enum LogicOperation;
  const auto near = boost::test_tools::tolerance(0.05);
  BOOST_TEST(worst(disjunction, shot, 2) == 4.9e-5, near);
  BOOST_TEST(worst(conjunction, shot, 2) == 3.9e-2, near);
  BOOST_TEST(worst(exclusive, shot, 2) == 3.9e-2, near);
  BOOST_TEST(worst(majority, shot, 3) == 3.9e-2, near);
  BOOST_TEST(worst(conjunction, shot, 4) == 1.3e-1, near);
  BOOST_TEST(worst(conjunction, shot, 8) == 2.2e-1, near);
  BOOST_TEST(worst(conjunction, verified, 2) == 1.5e-14, boost::test_tools::tolerance(0.3));
  BOOST_TEST(worst(conjunction, verified, 4) == 1.3e-7, boost::test_tools::tolerance(0.1));
  BOOST_TEST(worst(conjunction, verified, 8) == 1.8e-4, near);
}

BOOST_AUTO_TEST_CASE(ideal_cells_make_no_error) {
  for (const std::size_t size : {1U, 7U, 8U, 1000U}) {
    const std::string a = bytes_of(size, 1);
    const std::string b = bytes_of(size, 2);
    for (const std::string& word : words) {
      for (const std::string simulate : {"rates", "cells"}) {
        const Answer answer =
            run_of(word, {a, b},
                   {{"device-model", "ideal"}, {"sense-noise-us", "0"}, {"simulate", simulate}})();
        BOOST_TEST(number(answer.results, "wrong_bits") == 0.0);
        for (std::size_t i = 0; i < size; ++i) {
          BOOST_REQUIRE(output_of(answer)[i] == byte_of(word, static_cast<std::uint8_t>(a[i]),
                                                        static_cast<std::uint8_t>(b[i])));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(many_operands_and_majority) {
  std::vector<std::string> files;
  for (std::uint32_t r = 0; r < 5; ++r) files.push_back(bytes_of(100, r));
  const Answer all = run_of("and", files, {{"device-model", "ideal"}})();
  const Answer most = run_of("majority", files, {{"device-model", "ideal"}})();
  const Answer inverse = run_of("not", {files[0]}, {{"device-model", "ideal"}})();
  for (std::size_t bit = 0; bit < 800; ++bit) {
    std::size_t ones = 0;
    const auto at = [&](const std::string& bytes) {
      return ((static_cast<unsigned char>(bytes[bit / 8]) >> (bit % 8)) & 1U) != 0;
    };
    for (const std::string& file : files) ones += at(file) ? 1 : 0;
    const auto found = [&](const Answer& answer) {
      return ((output_of(answer)[bit / 8] >> (bit % 8)) & 1U) != 0;
    };
    BOOST_REQUIRE(found(all) == (ones == 5));
    BOOST_REQUIRE(found(most) == (ones >= 3));
    BOOST_REQUIRE(found(inverse) != at(files[0]));
  }
}

// 1e7 bits, verified programming: no error, as predicted (below 1e-12).
BOOST_AUTO_TEST_CASE(verified_cells_make_no_error) {
  const Answer answer = run_of("xor", {bytes_of(1250000, 1), bytes_of(1250000, 2)})();
  BOOST_TEST(number(answer.results, "wrong_bits") == 0.0);
  BOOST_TEST(std::get<double>(*answer.predicted_error) < 1e-12);
  BOOST_TEST(std::get<double>(*answer.predicted_error) > 0.0);
}

// 1e6 bits of single-shot cells: each class is within 4 σ of its closed form, for simulated rates
// and for simulation of every cell; the largest rate is the published 3.9 %.
BOOST_AUTO_TEST_CASE(single_shot_cells_err_as_predicted, *boost::unit_test::label("long")) {
  const std::string a = bytes_of(125000, 1);
  const std::string b = bytes_of(125000, 2);
  for (const std::string& word : words) {
    for (const std::string simulate : {"rates", "cells"}) {
      auto options = single_shot;
      options.emplace_back("simulate", simulate);
      const Answer answer = run_of(word, {a, b}, options)();
      BOOST_TEST(worst_deviation(answer) < 4.0, word << " " << simulate);
      if (word != "and" && word != "xor") continue;
      const double rate =
          std::get<double>(testing::column(answer.results, "classes", "predicted_error")[2]);
      BOOST_TEST(rate == 0.039, boost::test_tools::tolerance(0.02));
    }
  }
}

// A device model instead of given statistics: programming error 5 µS at the top, white read noise,
// no 1/f noise, which would not be normal. The closed form uses the mean and standard deviation of
// the cells that were read.
BOOST_AUTO_TEST_CASE(drawn_devices_err_as_predicted, *boost::unit_test::label("long")) {
  const Answer answer = run_of("and", {bytes_of(125000, 1), bytes_of(125000, 2)},
                               {{"simulate", "cells"},
                                {"programming", "single-shot"},
                                {"programming-error-us", "5"},
                                {"conductance-max-us", "25"},
                                {"flicker-power", "0,0.65,0"},
                                {"drift", "off"}})();
  BOOST_TEST(worst_deviation(answer) < 4.0);
  BOOST_TEST(number(answer.results, "set_std_us") > 4.5);
  BOOST_TEST(std::get<double>(*answer.predicted_error) > 1e-3);
}

// Encryption and decryption: error 2p within 4 σ (1e6 bits, p = 2.9 %).
BOOST_AUTO_TEST_CASE(a_one_time_pad_has_twice_the_error_rate) {
  const Answer answer = run_of("xor", {bytes_of(125000, 1), bytes_of(125000, 2)}, single_shot)();
  for (const Result& result : answer.results) {
    if (result.name != "decryption") continue;
    const auto& section = std::get<Section>(result.value);
    const double p = number(section, "predicted_error");
    // Two errors at one position cancel: 2p(1 − p); error rates of classes differ by some percent.
    BOOST_TEST(number(section, "error") == p, boost::test_tools::tolerance(0.1));
    BOOST_TEST(p == 2.0 * std::get<double>(*answer.predicted_error));
    return;
  }
  BOOST_FAIL("no decryption");
}

BOOST_AUTO_TEST_CASE(write_back_costs_pulses) {
  const std::vector<std::string> files = {bytes_of(100, 1), bytes_of(100, 2)};
  const Answer once = run_of("and", files)();
  const Answer twice = run_of("and", files, {{"write-back", "on"}})();
  const auto pulses = [](const Answer& answer) {
    return answer.counts.set_pulses + answer.counts.reset_pulses;
  };
  BOOST_TEST(pulses(once) >= 1600U);
  BOOST_TEST(pulses(twice) >= pulses(once) + 800U);
  BOOST_TEST(once.von_neumann.bytes_moved == 300U);
}

BOOST_AUTO_TEST_CASE(results_are_equal_for_any_number_of_threads) {
  const std::vector<std::string> files = {bytes_of(200000, 1), bytes_of(200000, 2)};
  TaskRun run = run_of("xor", files, single_shot);
  const std::vector<std::uint8_t> one = output_of(run());
  run.threads = 4;
  BOOST_TEST((output_of(run()) == one));
}

BOOST_AUTO_TEST_CASE(unsupported_operands_are_refused) {
  const std::string a = bytes_of(10, 1);
  BOOST_CHECK_THROW(run_of("and", {a, bytes_of(11, 2)})(), InputError);
  BOOST_CHECK_THROW(run_of("and", {a})(), InputError);
  BOOST_CHECK_THROW(run_of("xor", {a, a, a})(), InputError);
  BOOST_CHECK_THROW(run_of("not", {a, a})(), InputError);
  BOOST_CHECK_THROW(run_of("majority", {a, a})(), InputError);
  BOOST_CHECK_THROW(run_of("and", {"", ""})(), InputError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::tasks
