// The runner. Boost.Test is compiled here, once; every other file only declares its cases.
#define BOOST_TEST_MODULE imcsim core
#include <boost/test/included/unit_test.hpp>
