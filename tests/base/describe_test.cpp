#include "base/describe.hpp"

#include <array>
#include <boost/test/unit_test.hpp>

#include "base/counts.hpp"
#include "base/error.hpp"
#include "support.hpp"

namespace imcsim {

enum class Color { red, green };

static std::span<const std::string_view> names_of(Color) {
  static constexpr std::array<std::string_view, 2> names = {"red", "green"};
  return names;
}

BOOST_AUTO_TEST_SUITE(base_describe)

namespace {

struct Everything {
  bool flag = true;
  std::int64_t count = 3;
  std::uint64_t seed = 1;
  double ratio = 0.096;
  Duration pause{1e-6};
  std::string name = "x";
  Color color = Color::green;
};

void describe(Everything& e, FieldList& f) {
  f.group("All");
  f.field("flag", e.flag, Unit::none, {}, "a switch");
  f.field("count", e.count, Unit::samples, {0.0, 10.0}, "a whole number");
  f.field("seed", e.seed, Unit::none, {}, "a large one");
  f.field("ratio", e.ratio, Unit::weight, {1e-4, 1.0}, "a number");
  f.field("pause", e.pause, Unit::seconds, {0.0, 1e9}, "a duration");
  f.field("name", e.name, "TEXT", "text");
  f.field("color", e.color, Unit::none, {}, "a choice");
}

std::string problem_of(Everything& e, std::string_view key, std::string_view text) {
  const FieldList fields = fields_of(e);
  try {
    read_field(*fields.find(key), text, "here");
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_kind_of_field_reads_what_it_writes) {
  Everything from;
  from.flag = false;
  from.count = 7;
  from.seed = 18446744073709551615U;
  from.ratio = 0.1;
  from.pause = {90.0};
  from.name = "a b";
  from.color = Color::red;
  Everything to;
  const FieldList written = fields_of(from);
  const FieldList read = fields_of(to);
  for (const Field& field : written.all()) {
    read_field(*read.find(field.text.key), text_of(field), "here");
  }
  BOOST_TEST(!to.flag);
  BOOST_TEST(to.count == 7);
  BOOST_TEST(to.seed == 18446744073709551615U);
  BOOST_TEST(to.ratio == 0.1);
  BOOST_TEST(to.pause.seconds == 90.0);
  BOOST_TEST(to.name == "a b");
  BOOST_TEST((to.color == Color::red));
}

BOOST_AUTO_TEST_CASE(values_have_their_usual_notation) {
  Everything e;
  const FieldList fields = fields_of(e);
  const auto text = [&](std::string_view key) { return text_of(*fields.find(key)); };
  BOOST_TEST(text("flag") == "on");
  BOOST_TEST(text("ratio") == "0.096");
  BOOST_TEST(text("pause") == "1us");
  BOOST_TEST(text("color") == "green");
  BOOST_TEST(expected_of(*fields.find("ratio")) == "a number, 0.0001 to 1");
  BOOST_TEST(expected_of(*fields.find("color")) == "red|green");
  BOOST_TEST(expected_of(*fields.find("flag")) == "on|off");
  BOOST_TEST((fields.find("nothing") == nullptr));
  BOOST_TEST(fields.all()[1].group == "All");
}

BOOST_AUTO_TEST_CASE(refused_values_name_place_value_and_range_and_change_nothing) {
  Everything e;
  BOOST_TEST(problem_of(e, "ratio", "2") == "here: \"2\" is out of range (a number, 0.0001 to 1)");
  for (const char* text : {"", "abc", "1x", "1 ", " 1", "nan", "inf", "-inf", "0x1", "1,5", "--1",
                           "1e999", "0", "-0.5", "+-0.5", "++0.5"}) {
    BOOST_TEST(problem_of(e, "ratio", text) != "accepted", "ratio took \"" << text << "\"");
  }
  for (const char* text : {"1.5", "11", "-1", "1e1", "99999999999999999999", ""}) {
    BOOST_TEST(problem_of(e, "count", text) != "accepted", "count took \"" << text << "\"");
  }
  for (const char* text : {"-1", "18446744073709551616", "1.0"}) {
    BOOST_TEST(problem_of(e, "seed", text) != "accepted", "seed took \"" << text << "\"");
  }
  for (const char* text : {"yes", "1", "ON", ""}) {
    BOOST_TEST(problem_of(e, "flag", text) != "accepted", "flag took \"" << text << "\"");
  }
  for (const char* text : {"-1s", "s", "1 s", "1fortnight", "1e", "2e9", "1m"}) {
    BOOST_TEST(problem_of(e, "pause", text) != "accepted", "pause took \"" << text << "\"");
  }
  BOOST_TEST(problem_of(e, "color", "blue") == "here: unknown value \"blue\" (one of red, green)");
  BOOST_TEST(e.ratio == 0.096);
  BOOST_TEST(e.count == 3);
  BOOST_TEST(e.seed == 1U);
  BOOST_TEST(e.flag);
  BOOST_TEST(e.pause.seconds == 1e-6);
}

BOOST_AUTO_TEST_CASE(limits_of_a_range_are_accepted) {
  Everything e;
  BOOST_TEST(problem_of(e, "ratio", "1e-4") == "accepted");
  BOOST_TEST(problem_of(e, "ratio", "1") == "accepted");
  BOOST_TEST(problem_of(e, "ratio", "+0.5") == "accepted");
  BOOST_TEST(e.ratio == 0.5);
  BOOST_TEST(problem_of(e, "count", "10") == "accepted");
  BOOST_TEST(problem_of(e, "count", "0") == "accepted");
  BOOST_TEST(problem_of(e, "flag", "false") == "accepted");
  BOOST_TEST(!e.flag);
}

BOOST_AUTO_TEST_CASE(durations_read_in_every_unit) {
  const std::pair<const char*, double> cases[] = {
      {"250ns", 250 * 1e-9}, {"1us", 1e-6},      {"2ms", 2e-3},        {"90s", 90.0},
      {"20", 20.0},          {"1min", 60.0},     {"1.5h", 5400.0},     {"1d", 86400.0},
      {"1mo", 2592000.0},    {"1y", 31536000.0}, {"10y", 315360000.0}, {"1e3s", 1000.0},
      {"1e-3", 1e-3},        {"0s", 0.0}};
  for (const auto& [text, seconds] : cases) {
    BOOST_TEST(parse_duration(text, "here").seconds == seconds, "duration " << text);
  }
}

BOOST_AUTO_TEST_CASE(durations_are_written_in_the_largest_whole_unit_and_read_back) {
  BOOST_TEST(format_duration({86400.0}) == "1d");
  BOOST_TEST(format_duration({90.0}) == "90s");
  BOOST_TEST(format_duration({2592000.0}) == "1mo");
  BOOST_TEST(format_duration({0.0}) == "0s");
  BOOST_TEST(format_duration({1e-6}) == "1us");
  testing::Draws draws(3);
  for (int i = 0; i < 2000; ++i) {
    const double seconds = std::exp(20.0 * static_cast<double>(draws()));
    const std::string text = format_duration({seconds});
    BOOST_TEST_REQUIRE(parse_duration(text, "here").seconds == seconds, "duration " << text);
  }
}

BOOST_AUTO_TEST_CASE(counts_add_and_subtract_field_by_field) {
  OperationCounts a;
  a.forward_mvm = 5;
  a.digital_bytes = 7;
  OperationCounts b;
  b.forward_mvm = 2;
  b.set_pulses = 1;
  OperationCounts sum = a;
  sum += b;
  BOOST_TEST(sum.forward_mvm == 7U);
  BOOST_TEST(sum.digital_bytes == 7U);
  BOOST_TEST(sum.set_pulses == 1U);
  BOOST_TEST((sum - b == a));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
