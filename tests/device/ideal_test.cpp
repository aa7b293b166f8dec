#include <boost/test/unit_test.hpp>
#include <cmath>

#include "device/device.hpp"
#include "support.hpp"

namespace imcsim {

BOOST_AUTO_TEST_SUITE(device_ideal)

BOOST_AUTO_TEST_CASE(increments_are_exact) {
  device::DeviceConfig config;
  config.model = device::ModelName::ideal;
  const auto model = device::make_model(config, 0.125);
  device::DeviceArray array(3, 0);
  const Stream stream(1, Purpose::programming);
  const std::vector<std::uint32_t> places = {0, 2, 0, 0};
  model->set(array, places, 4.0, stream);
  BOOST_TEST(array.conductance_us[0] == 0.375F);
  BOOST_TEST(array.conductance_us[1] == 0.0F);
  BOOST_TEST(array.conductance_us[2] == 0.125F);
  BOOST_TEST(array.programmed_at_s[0] == 4.0);
  BOOST_TEST(array.programmed_at_s[1] == 0.0);
  BOOST_TEST(array.pulses[0] == 3U);

  std::vector<float> g(3);
  model->conductance_us(array, 0, 1e12, g);
  BOOST_TEST(g == array.conductance_us, boost::test_tools::per_element());
  BOOST_TEST(std::isinf(model->conductance_stepwise_us(array, 1, 1e12, {g.data(), 2})));
  BOOST_TEST(g[1] == 0.125F);
  BOOST_TEST(!model->read_noise_us(array, 0, 0.0, g, g));
  BOOST_TEST(model->lowest_us() == 0.0F);

  const std::vector<std::uint32_t> first = {0};
  model->reset(array, first, 9.0, stream);
  BOOST_TEST(array.conductance_us[0] == 0.0F);
  BOOST_TEST(array.programmed_at_s[0] == 9.0);
}

BOOST_AUTO_TEST_CASE(the_range_is_unlimited) {
  device::DeviceConfig config;
  config.model = device::ModelName::ideal;
  const auto model = device::make_model(config, 1.0);
  device::DeviceArray array(1, 0);
  const std::vector<std::uint32_t> place = {0};
  for (int i = 0; i < 1000; ++i) model->set(array, place, 0.0, Stream(1, Purpose::programming));
  BOOST_TEST(array.conductance_us[0] == 1000.0F);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
