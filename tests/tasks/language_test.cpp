#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>
#include <sstream>

#include "base/error.hpp"
#include "support.hpp"
#include "tasks/associative_memory.hpp"
#include "tasks/letters.hpp"
#include "tasks/task_runs.hpp"
#include "tasks/typed_runs.hpp"

namespace imcsim::testing {
BOOST_AUTO_TEST_SUITE(language_task)

namespace {

std::string letters(std::string_view text) {
  std::string found;
  const std::span<const std::uint8_t> bytes{reinterpret_cast<const std::uint8_t*>(text.data()),
                                            text.size()};
  for (const std::uint8_t letter : tasks::letters_of(bytes, "text")) {
    found += letter == 0 ? ' ' : static_cast<char>('a' + letter - 1);
  }
  return found;
}

std::vector<TypedRun::File> udhr() {
  std::vector<TypedRun::File> files;
  for (const std::string folder : {"train", "test"}) {
    for (const std::string language :
         {"bul", "ces", "dan", "deu", "ell", "eng", "est", "fin", "fra", "hun", "ita",
          "lav", "lit", "nld", "pol", "por", "ron", "slk", "slv", "spa", "swe"}) {
      const std::string path = std::string(IMCSIM_SOURCE_DIR) + "/data/examples/languages/" +
                               folder + "/" + language + ".txt";
      std::ifstream file(path);
      std::stringstream text;
      text << file.rdbuf();
      files.push_back({folder, path, text.str()});
    }
  }
  return files;
}

tasks::Answer language(std::vector<std::pair<std::string, std::string>> options,
                       std::vector<TypedRun::File> files, std::uint64_t seed = 1, int threads = 2) {
  TypedRun run{"task", "language", std::move(options)};
  run.files = std::move(files);
  run.seed = seed;
  run.threads = threads;
  return run();
}

const std::vector<TypedRun::File> few = {{"train", "a/x.txt", "abc abc abc cab bac abc"},
                                         {"train", "a/y.txt", "uvw xyz uvw zyx wvu uvw"},
                                         {"test", "b/x.txt", "abc cab\n\nabc bac\n"},
                                         {"test", "b/y.txt", "uvw uvw\n12\nxyz zyx uvw\n"}};

}  // namespace

BOOST_AUTO_TEST_CASE(diacritics_are_removed_in_all_encodings) {
  BOOST_TEST(letters("Größe,  ÆØÅ; Đặng łódź") == "grosse aeoa dang lodz");
  BOOST_TEST(letters("\u00e9t\u00e9 e\u0301te\u0301") == "ete ete");
  BOOST_TEST(letters("Ξέρω Ψυχή ἐν θάλασσα") == "xero psychi en thalassa");
  BOOST_TEST(letters("Щастие жълт Й и\u0306") == "shtastie zhalt i i");
  BOOST_TEST(letters(" 12 a—b\n(c) ") == "a b c");
  BOOST_TEST(letters("日本") == "");
  BOOST_CHECK_THROW(letters("a\xff"), InputError);
  BOOST_CHECK_THROW(letters("\xe2\x82"), InputError);
}

BOOST_AUTO_TEST_CASE(two_minterms_have_the_predicted_density) {
  // 2^(1−n); rotated item vectors are independent to 1/√D: 4σ of a binomial fraction of D = 20,000.
  for (const std::size_t n : {2U, 3U, 4U}) {
    const tasks::TextEncoder encoder(tasks::NgramEncoder::two_minterms, 20000, n, 27,
                                     Stream(1, Purpose::task_data));
    std::vector<std::uint8_t> text(n);
    for (std::size_t i = 0; i < n; ++i) text[i] = static_cast<std::uint8_t>(3 * i + 1);
    double ones = 0.0;
    for (const std::uint32_t count : encoder.bundle(text).counts) ones += count;
    const double p = std::pow(2.0, 1.0 - static_cast<double>(n));
    BOOST_TEST(std::fabs(ones / 20000.0 - p) <= 4.0 * std::sqrt(p * (1.0 - p) / 20000.0));
  }
}

BOOST_AUTO_TEST_CASE(counts_of_a_bundle_are_sums_of_its_ngrams) {
  for (const auto kind : {tasks::NgramEncoder::exclusive, tasks::NgramEncoder::two_minterms}) {
    const tasks::TextEncoder encoder(kind, 130, 2, 27, Stream(1, Purpose::task_data));
    const std::vector<std::uint8_t> text = {1, 2, 1, 2, 2, 5, 0, 1, 2};
    const tasks::Bundle whole = encoder.bundle(text);
    BOOST_TEST(whole.ngrams == 8U);
    std::vector<std::uint32_t> sums(130, 0);
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      const tasks::Bundle one = encoder.bundle(std::span(text).subspan(i, 2));
      for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += one.counts[k];
    }
    BOOST_TEST(whole.counts == sums, boost::test_tools::per_element());
    const std::uint64_t ones = tasks::count_ones(encoder.class_vector(whole));
    if (kind == tasks::NgramEncoder::two_minterms) BOOST_TEST(ones == 65U);
  }
}

BOOST_AUTO_TEST_CASE(twenty_one_languages_are_distinguished, *boost::unit_test::label("long")) {
  const tasks::Answer answer = language({}, udhr());
  const double exact = number(answer.exact, "accuracy");
  BOOST_TEST(number(answer.results, "tests") == 294.0);
  BOOST_TEST(exact >= 0.96);
  BOOST_TEST(number(answer.results, "accuracy") >= exact - 0.035);
  // Number of answers changed by noise: within 4σ (binomial) of the predicted number.
  const double expected = 294.0 * std::get<double>(*answer.predicted_error);
  BOOST_TEST(std::fabs(294.0 * std::get<double>(answer.error) - expected) <=
             4.0 * std::sqrt(expected + 1.0));
}

BOOST_AUTO_TEST_CASE(noise_changes_as_many_answers_as_predicted) {
  // Small vectors and cells with large spread change many answers; over three seeds, 4σ as above.
  double changed = 0.0;
  double expected = 0.0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const tasks::Answer answer = language({{"dimension", "512"},
                                           {"adc-bits", "0"},
                                           {"stated-set-mean-us", "20"},
                                           {"stated-set-std-us", "8"}},
                                          udhr(), seed);
    changed += 294.0 * std::get<double>(answer.error);
    expected += 294.0 * std::get<double>(*answer.predicted_error);
  }
  BOOST_TEST(expected > 20.0);
  BOOST_TEST(std::fabs(changed - expected) <= 4.0 * std::sqrt(expected));
}

BOOST_AUTO_TEST_CASE(an_ideal_memory_answers_exactly) {
  for (const char* const similarity : {"hamming", "dot"}) {
    for (const char* const encoder : {"xor", "2-minterm"}) {
      const tasks::Answer answer = language({{"device", "ideal"},
                                             {"dimension", "1000"},
                                             {"similarity", similarity},
                                             {"encoder", encoder},
                                             {"adc-bits", "0"}},
                                            few);
      BOOST_TEST(std::get<double>(answer.error) == 0.0);
      BOOST_TEST(number(answer.results, "accuracy") == 1.0);
    }
  }
}

BOOST_AUTO_TEST_CASE(lines_are_texts_for_any_number_of_threads) {
  const tasks::Answer one = language({{"dimension", "300"}}, few, 1, 1);
  const tasks::Answer many = language({{"dimension", "300"}}, few, 1, 4);
  BOOST_TEST(number(one.results, "tests") == 4.0);
  BOOST_TEST(number(one.results, "skipped_lines") == 2.0);
  BOOST_CHECK(one.arrays[0].values == many.arrays[0].values);
  BOOST_CHECK(one.counts == many.counts);
  // Two arrays of up to 256 rows, two sets for the complements, two classes.
  BOOST_TEST(one.sample_counts.adc_conversions == 4U * 2U * 2U * 2U);
}

BOOST_AUTO_TEST_CASE(folders_that_do_not_fit_are_refused) {
  BOOST_CHECK_THROW(language({}, {few[0], few[2]}), InputError);
  BOOST_CHECK_THROW(language({}, {few[0], few[1]}), InputError);
  BOOST_CHECK_THROW(language({}, {few[0], few[1], {"test", "z.txt", "abc\n"}}), InputError);
  BOOST_CHECK_THROW(language({}, {few[0], few[0], few[1], few[2]}), InputError);
  BOOST_CHECK_THROW(language({}, {few[0], {"train", "y.txt", "12"}, few[2]}), InputError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::testing
