// The test runner. Boost.Test is compiled once, in this file; other files only declare test cases.
#define BOOST_TEST_MODULE imcsim core
#include <boost/test/included/unit_test.hpp>
