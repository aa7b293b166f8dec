// Queries by bitmaps: tables, query language, known answers, errors.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>
#include <sstream>

#include "base/error.hpp"
#include "support.hpp"
#include "tasks/query_engine.hpp"
#include "tasks/task_runs.hpp"

namespace imcsim::tasks {
BOOST_AUTO_TEST_SUITE(tasks_logic_query)

namespace {

using testing::number;
using testing::TaskRun;

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

const std::string people =
    "name,city,age,height m\n"
    "Ann,Paris,31,1.70\n"
    "Bob,\"New York\",30,1.8\n"
    "\"Cy \"\"C\"\" Lee\",Paris,,1.65\n"
    "Dan,,45,-0.5\n"
    "Eve,Rome,45,\n";

Answer ask(const std::string& table, const std::string& query,
           std::vector<std::pair<std::string, std::string>> options = {}) {
  TaskRun run{"query", std::move(options), {{"table", table}}};
  run.command = "logic";
  run.texts = {{"query", query}};
  return run();
}

/// The numbers of the records found, concatenated: 13 for the first and the third.
std::string records(const Answer& answer) {
  std::string text = answer.output_bytes;
  std::erase(text, '\n');
  return text;
}

std::string birds() {
  std::ifstream file(std::string(IMCSIM_SOURCE_DIR) + "/data/examples/birdstrikes.csv");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

BOOST_AUTO_TEST_CASE(tables_are_read_with_quotes_and_holes) {
  const RecordTable table = record_table(bytes_of(people), "people.csv");
  BOOST_TEST(table.records == 5U);
  BOOST_TEST(table.columns[0].cells[2] == "Cy \"C\" Lee");
  BOOST_TEST(!table.columns[1].numeric);
  BOOST_TEST(table.columns[2].numeric);
  BOOST_TEST(table.columns[2].has_empty_cells);
  BOOST_TEST(table.columns[3].decimals == 2U);
  BOOST_TEST(table.columns[3].least == -50);
  BOOST_TEST(table.columns[3].codes[0] == 220U);
  BOOST_CHECK_THROW(record_table(bytes_of("a,b\n1\n"), "t"), InputError);
  BOOST_CHECK_THROW(record_table(bytes_of("a,a\n1,2\n"), "t"), InputError);
  BOOST_CHECK_THROW(record_table(bytes_of("a,b\n1,\"2\n"), "t"), InputError);
  BOOST_CHECK_THROW(record_table(bytes_of("a,b\n"), "t"), InputError);
}

BOOST_AUTO_TEST_CASE(the_language_in_both_cascades, *boost::unit_test::label("long")) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"city=Paris", "13"},
      {"city != Paris", "245"},
      {"city=\"\"", "4"},
      {"city IN (Paris, New York)", "123"},
      {"NOT city IN (Paris, Rome)", "24"},
      {"age>30", "145"},
      {"age>=30", "1245"},
      {"age<45", "12"},
      {"age<=45", "1245"},
      {"age=45 OR city=Paris AND age>30", "145"},
      {"(age=45 OR city=Paris) AND age>30", "145"},
      {"(age=45 OR city=Paris) AND NOT age>31", "13"},
      {"age=\"\"", "3"},
      {"age!=45", "123"},
      {"age IN (30, 31.0)", "12"},
      {"age>1e", "error"},
      {"height m>1.65", "12"},
      {"height m>1.649", "123"},
      {"height m<0", "4"},
      {"height m>-10", "1234"},
      {"height m<-10", ""},
      {"height m>=1.8", "2"},
      {"height m>1.8", ""},
      {"height m=1.655", ""},
      {"\"height m\" = '1.7'", "1"},
      {"name='Cy \"C\" Lee'", "3"},
      {"name=Zoe", ""},
      {"city<3", "error"},
      {"town=Paris", "error"},
      {"city Paris", "error"},
      {"city=Paris AND", "error"},
      {"(city=Paris", "error"},
      {"city=\"Paris", "error"},
      {"city IN (Paris", "error"},
      {"", "error"}};
  for (const auto& [query, expected] : cases) {
    for (const std::string cascade : {"register", "write"}) {
      BOOST_TEST_CONTEXT(query << " " << cascade) {
        if (expected == "error") {
          BOOST_CHECK_THROW(ask(people, query, {{"cascade", cascade}}), InputError);
          continue;
        }
        const Answer answer = ask(people, query, {{"cascade", cascade}});
        BOOST_TEST(records(answer) == expected);
        BOOST_TEST(number(answer.exact, "count") == static_cast<double>(expected.size()));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(known_answers_of_ten_thousand_records, *boost::unit_test::label("long")) {
  const std::string table = birds();
  const std::string climb = "Wildlife Size=Large AND Phase of flight=Climb AND Time of day=Night";
  const std::string damage =
      "(Wildlife Size=Large OR Wildlife Size=Medium) AND NOT Effect Amount of damage=None AND NOT "
      "Time of day=Day";
  for (const std::string cascade : {"register", "write"}) {
    const Answer first = ask(table, climb, {{"cascade", cascade}});
    BOOST_TEST(number(first.results, "count") == 70.0);
    BOOST_TEST(number(first.exact, "count") == 70.0);
    BOOST_TEST(std::get<double>(first.error) == 0.0);
    BOOST_TEST(number(first.results, "row_writes") == (cascade == "write" ? 1.0 : 0.0));
    const Answer second = ask(table, damage, {{"cascade", cascade}});
    BOOST_TEST(number(second.results, "count") == 456.0);
    BOOST_TEST(number(second.exact, "count") == 456.0);
    BOOST_TEST(number(second.results, "false_positives") == 0.0);
  }
}

// Single-shot cells: wrong bits of all steps are within 4 σ (Poisson) of the predicted sum. With a
// single step, they are the false positives and negatives.
BOOST_AUTO_TEST_CASE(noisy_cells_err_as_predicted) {
  const std::string table = birds();
  const std::vector<std::pair<std::string, std::string>> options = {
      {"stated-set-mean-us", "23.2"}, {"stated-set-std-us", "5.4"}, {"sense-noise-us", "0.5"}};
  const Answer answer = ask(table, "Wildlife Size=Large AND Time of day=Day", options);
  const double predicted = number(answer.results, "predicted_wrong_step_bits");
  const double wrong = number(answer.results, "wrong_step_bits");
  BOOST_TEST(predicted > 100.0);
  BOOST_TEST(std::fabs(wrong - predicted) < 4.0 * std::sqrt(predicted));
  BOOST_TEST(number(answer.results, "steps") == 1.0);
  BOOST_TEST(number(answer.results, "false_positives") +
                 number(answer.results, "false_negatives") ==
             wrong);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::tasks
