#include "numeric/float_math.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "support.hpp"

namespace imcsim {

BOOST_AUTO_TEST_SUITE(numeric_float_math)

/// 200,000 arguments. The angle of sincos is a turn of 32 bits, rounded to a float.
BOOST_AUTO_TEST_CASE(exp_log_and_sincos_against_libm) {
  testing::Draws draws(1);
  double exp_error = 0.0;
  double log_error = 0.0;
  double circle_error = 0.0;
  for (int i = 0; i < 200000; ++i) {
    const float x = draws(80.0F);
    const double e = std::exp(static_cast<double>(x));
    exp_error = std::max(exp_error, std::fabs(static_cast<double>(numeric::exp(x)) - e) / e);

    const float y = std::ldexp(1.0F + std::fabs(draws()), static_cast<int>(draws(60.0F)));
    const double l = std::log(static_cast<double>(y));
    const double difference = std::fabs(static_cast<double>(numeric::log(y)) - l);
    log_error = std::max(log_error, difference / std::max(1.0, std::fabs(l)));

    const std::uint32_t turn = draws.below(0xFFFFFFFFU);
    const double angle = static_cast<double>(turn) * (6.283185307179586476925 / 4294967296.0);
    float sine = 0.0F;
    float cosine = 0.0F;
    numeric::sincos_turn(turn, sine, cosine);
    circle_error = std::max({circle_error, std::fabs(static_cast<double>(sine) - std::sin(angle)),
                             std::fabs(static_cast<double>(cosine) - std::cos(angle))});
  }
  BOOST_TEST(exp_error < 1.2e-7);
  BOOST_TEST(log_error < 1.2e-7);
  BOOST_TEST(circle_error < 1.2e-7);
}

BOOST_AUTO_TEST_CASE(ends_of_the_ranges) {
  BOOST_TEST(numeric::exp(0.0F) == 1.0F);
  BOOST_TEST(numeric::log(1.0F) == 0.0F);
  BOOST_TEST(numeric::exp(1000.0F) == numeric::exp(88.0F));
  BOOST_TEST(numeric::exp(-1000.0F) == numeric::exp(-87.0F));
  BOOST_TEST(numeric::exp(-1000.0F) > 0.0F);
  BOOST_TEST(numeric::sigmoid(0.0F) == 0.5F);
  BOOST_TEST(numeric::sigmoid(100.0F) == 1.0F);
  BOOST_TEST(numeric::sigmoid(-100.0F) < 1e-30F);
  BOOST_TEST(numeric::tanh(50.0F) == 1.0F);
  BOOST_TEST(numeric::tanh(-50.0F) == -1.0F);
  float sine = 0.0F;
  float cosine = 0.0F;
  numeric::sincos_turn(0x40000000U, sine, cosine);
  BOOST_TEST(sine == 1.0F);
  BOOST_TEST(std::fabs(cosine) == 0.0F);
}

BOOST_AUTO_TEST_CASE(sigmoid_and_tanh_against_libm) {
  for (int i = -4000; i <= 4000; ++i) {
    const float x = static_cast<float>(i) * 0.005F;
    const auto wide = static_cast<double>(x);
    BOOST_TEST(std::fabs(static_cast<double>(numeric::sigmoid(x)) - 1.0 / (1.0 + std::exp(-wide))) <
               1.5e-7);
    BOOST_TEST(std::fabs(static_cast<double>(numeric::tanh(x)) - std::tanh(wide)) < 2.5e-7);
  }
}

BOOST_AUTO_TEST_CASE(ties_go_to_even) {
  BOOST_TEST(numeric::round_even(0.5F) == 0.0F);
  BOOST_TEST(numeric::round_even(1.5F) == 2.0F);
  BOOST_TEST(numeric::round_even(2.5F) == 2.0F);
  BOOST_TEST(numeric::round_even(-1.5F) == -2.0F);
  BOOST_TEST(numeric::round_even(-2.5F) == -2.0F);
  BOOST_TEST(numeric::round_even(126.49999F) == 126.0F);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
