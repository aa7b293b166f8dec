// NOR networks mapped to a row; cycle counts are those of the published mapper for the same adders.
#include "tasks/simpler.hpp"
#include "base/error.hpp"

#include <boost/test/unit_test.hpp>

namespace imcsim::tasks {
BOOST_AUTO_TEST_SUITE(tasks_simpler)

namespace {

std::size_t cycles(std::size_t bits, std::size_t row_size) {
  return map_to_row(adder_netlist(bits), row_size).steps.size();
}

}  // namespace

BOOST_AUTO_TEST_CASE(adders_take_the_published_cycles) {
  BOOST_CHECK_THROW(cycles(1, 8), InputError);
  BOOST_TEST(cycles(1, 9) == 11U);
  BOOST_TEST(cycles(1, 10) == 10U);
  BOOST_TEST(cycles(1, 12) == 9U);
  BOOST_CHECK_THROW(cycles(8, 30), InputError);
  BOOST_TEST(cycles(8, 32) == 93U);
  BOOST_TEST(cycles(8, 40) == 77U);
  BOOST_TEST(cycles(8, 64) == 73U);
  BOOST_TEST(cycles(8, 128) == 72U);
  BOOST_TEST(cycles(16, 64) == 155U);
  BOOST_TEST(cycles(16, 128) == 145U);
  BOOST_TEST(cycles(16, 256) == 144U);
  BOOST_TEST(cycles(32, 110) == 319U);
  BOOST_TEST(cycles(32, 128) == 297U);
  BOOST_TEST(cycles(32, 256) == 289U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::tasks
