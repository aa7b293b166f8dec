#include "crossbar/converter.hpp"

#include <boost/test/unit_test.hpp>

#include "numeric/numeric_kernels.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(crossbar_converter)

namespace {

/// Result of an ADC for one value, and the number of saturated values.
std::pair<float, std::size_t> convert(const crossbar::Quantizer& adc, float value) {
  AlignedVector<float> y(16, 0.0F);
  y[5] = value;
  const std::size_t saturated =
      crossbar::kernels(best_isa()).read_out(16, y.data(), nullptr, nullptr, adc);
  return {y[5], saturated};
}

}  // namespace

BOOST_AUTO_TEST_CASE(codes_are_signed_and_symmetric) {
  const crossbar::Quantizer eight = crossbar::make_quantizer("adc-bits", 8, 127.0);
  BOOST_TEST(eight.max_code == 127.0F);
  BOOST_TEST(eight.lsb == 1.0F);
  BOOST_TEST(crossbar::make_quantizer("adc-bits", 8, 8.0).lsb == 8.0F / 127.0F);
  BOOST_TEST(crossbar::make_quantizer("adc-bits", 2, 1.0).max_code == 1.0F);
  BOOST_TEST(crossbar::make_quantizer("adc-bits", 16, 1.0).max_code == 32767.0F);
}

BOOST_AUTO_TEST_CASE(ties_go_to_even_and_saturation_is_counted) {
  const crossbar::Quantizer eight = crossbar::make_quantizer("adc-bits", 8, 127.0);
  const std::pair<float, float> cases[] = {{0.5F, 0.0F},     {1.5F, 2.0F},  {2.5F, 2.0F},
                                           {-2.5F, -2.0F},   {3.49F, 3.0F}, {126.5F, 126.0F},
                                           {127.4F, 127.0F}, {0.0F, 0.0F}};
  for (const auto& [in, out] : cases) {
    BOOST_TEST(convert(eight, in).first == out);
    BOOST_TEST(convert(eight, in).second == 0U, in << " counted as saturated");
    BOOST_TEST(convert(eight, -in).first == -out);
  }
  for (const float beyond : {127.5F, 128.0F, 1e9F, 1e38F}) {
    BOOST_TEST(convert(eight, beyond).first == 127.0F);
    BOOST_TEST(convert(eight, beyond).second == 1U);
    BOOST_TEST(convert(eight, -beyond).first == -127.0F);
    BOOST_TEST(convert(eight, -beyond).second == 1U);
  }
}

BOOST_AUTO_TEST_CASE(zero_bits_are_exact) {
  const crossbar::Quantizer none = crossbar::make_quantizer("adc-bits", 0, 8.0);
  for (const float value : {0.123456F, -77.0F, 1e20F}) {
    BOOST_TEST(convert(none, value).first == value);
    BOOST_TEST(convert(none, value).second == 0U);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
