// Interventions in a training run: reading, pulsing and breaking devices; tracing an image.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "base/error.hpp"
#include "study/settings.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(training_intervention)

namespace {

using crossbar::DeviceSite;
using crossbar::Intervention;

study::TrainSession session_of(const std::string& toml) {
  const study::ResolvedTrainConfig resolved = study::resolve_train_config(
      study::parse_settings("network = \"784-20-10\"\nepochs = 1\n" + toml, "t", "file t"),
      [](const auto&, auto&) { return false; });
  return {resolved.config, testing::synthetic_digits(200, 50), {best_isa(), 1}};
}

float weight_at(study::TrainSession& session, const DeviceSite& site) {
  return session.trainer().network().layer(0).weights()(site.row, site.column);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_stuck_device_stays_at_its_end_of_the_range_until_repaired) {
  study::TrainSession session = session_of("");
  const DeviceSite site{300, 7, false, 0};
  const float minus_us = session.read_device(0, {300, 7, true, 0}).now_us;
  const float before_us = session.read_device(0, site).now_us;
  const float before = weight_at(session, site);
  session.intervene(0, site, Intervention::stuck_high);
  BOOST_TEST(session.read_device(0, site).now_us == 12.0F);
  BOOST_TEST(session.read_device(0, site).broken);
  BOOST_TEST(weight_at(session, site) == (12.0F - minus_us) / 8.0F,
             boost::test_tools::tolerance(1e-5F));
  session.intervene(0, site, Intervention::set);  // no effect on a stuck device
  BOOST_TEST(session.read_device(0, site).now_us == 12.0F);
  session.intervene(0, site, Intervention::stuck_low);
  BOOST_TEST(session.read_device(0, site).now_us == 0.1F);
  session.intervene(0, site, Intervention::repair);
  // Includes the pulse applied while it was stuck.
  BOOST_TEST(session.read_device(0, site).now_us > before_us);
  BOOST_TEST(weight_at(session, site) > before);
  BOOST_TEST(!session.read_device(0, site).broken);
}

BOOST_AUTO_TEST_CASE(manual_pulses_are_counted_and_have_effect) {
  study::TrainSession session = session_of("");
  const DeviceSite site{300, 7, true, 0};
  const std::uint64_t sets = session.counts().set_pulses;
  const std::uint32_t pulses = session.read_device(0, site).pulses;
  session.intervene(0, site, Intervention::reset);
  BOOST_TEST(session.read_device(0, site).now_us < 0.2F);  // 0.1 ± 0.01 µS
  for (int k = 0; k < 10; ++k) session.intervene(0, site, Intervention::set);
  BOOST_TEST(session.read_device(0, site).now_us > 2.0F);  // about 0.77 µS per pulse at first
  BOOST_TEST(session.counts().set_pulses == sets + 10);
  BOOST_TEST(session.read_device(0, site).pulses == pulses + 11);
}

BOOST_AUTO_TEST_CASE(a_modified_run_differs_from_its_configuration) {
  study::TrainSession modified = session_of("");
  study::TrainSession alone = session_of("");
  BOOST_TEST(!modified.modified());
  for (std::size_t i = 0; i < 784; ++i) {
    modified.intervene(0, {i, 3, false, 0}, Intervention::stuck_high);
  }
  BOOST_TEST(modified.modified());
  Observer no_observer;
  modified.run(no_observer);
  alone.run(no_observer);
  BOOST_TEST(modified.digest() != alone.digest());
}

BOOST_AUTO_TEST_CASE(inspection_does_not_affect_the_run) {
  study::TrainSession looked = session_of("");
  study::TrainSession alone = session_of("");
  const dataset::Dataset data = testing::synthetic_digits(200, 50);
  Observer no_observer;
  looked.advance(50);
  looked.follow(data.test.image(0), 0);
  looked.read_device(0, {300, 7, false, 0});
  looked.run(no_observer);
  alone.run(no_observer);
  BOOST_TEST(looked.digest() == alone.digest());
  BOOST_TEST(looked.counts().forward_mvm == alone.counts().forward_mvm);
}

BOOST_AUTO_TEST_CASE(missing_devices_are_refused) {
  study::TrainSession session = session_of("");
  BOOST_CHECK_THROW(session.read_device(0, {785, 0, false, 0}), InputError);
  BOOST_CHECK_THROW(session.read_device(0, {0, 20, false, 0}), InputError);
  BOOST_CHECK_THROW(session.read_device(0, {0, 0, false, 1}), InputError);
  BOOST_CHECK_THROW(session.read_device(2, {0, 0, false, 0}), InputError);
  study::TrainSession single = session_of("device = \"ecram\"\nsynapse = \"single\"\n");
  BOOST_CHECK_THROW(single.read_device(0, {0, 0, true, 0}), InputError);
  study::TrainSession exact = session_of("method = \"float\"\n");
  BOOST_CHECK_THROW(exact.intervene(0, {0, 0, false, 0}, Intervention::set), InputError);
}

BOOST_AUTO_TEST_CASE(tiles_are_found_by_position_in_the_matrix) {
  study::TrainSession session = session_of("tile = \"100x8\"\n");
  const DeviceSite site{150, 17, false, 0};
  const float minus_us = session.read_device(0, {150, 17, true, 0}).now_us;
  session.intervene(0, site, Intervention::stuck_high);
  BOOST_TEST(weight_at(session, site) == (12.0F - minus_us) / 8.0F,
             boost::test_tools::tolerance(1e-5F));
}

BOOST_AUTO_TEST_CASE(a_traced_image_equals_the_forward_pass) {
  for (const std::string toml : {"", "tile = \"100x8\"\n", "dac-bits = 4\nadc-bits = 5\n"}) {
    study::TrainSession session = session_of(toml);
    const dataset::Dataset data = testing::synthetic_digits(200, 50);
    const auto layers = session.follow(data.test.image(3), 5);
    BOOST_REQUIRE(layers.size() == 2U);
    network::Workspace work(session.trainer().network().architecture());
    const Stream noise(1, Purpose::evaluation_read);
    const std::uint64_t event = (((std::uint64_t{1} << 31) + 1) << 32) + 5;
    session.trainer().network().forward(data.test.image(3), {noise, event}, work,
                                        numeric::kernels(best_isa()));
    for (std::size_t j = 0; j < 10; ++j) BOOST_TEST(layers[1].activated[j] == work.output[j]);
    const bool tiled = toml.find("tile") != std::string::npos;
    for (const training::FollowedLayer& layer : layers) {
      for (std::size_t i = 0; i < layer.rows; ++i) {  // half a code, within full scale
        BOOST_TEST(std::fabs(layer.driven[i] - layer.input[i]) <= 0.5F * layer.input_step + 1e-6F);
      }
      for (std::size_t j = 0; j < layer.outputs; ++j) {  // half a code per tile
        const float bound = (tiled ? 4.0F : 0.5F) * layer.output_step + 1e-4F;
        BOOST_TEST(std::fabs(layer.output[j] - layer.current[j]) <= bound);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_noise_of_a_traced_read_is_that_of_its_devices) {
  study::TrainSession session = session_of("");
  const dataset::Dataset data = testing::synthetic_digits(200, 50);
  double sum = 0.0;
  double squares = 0.0;
  constexpr int reads = 400;
  for (int k = 0; k < reads; ++k) {
    const auto layers = session.follow(data.test.image(3), static_cast<std::uint64_t>(k));
    const double noise = static_cast<double>(layers[0].current[7] - layers[0].sum[7]);
    sum += noise;
    squares += noise * noise;
  }
  double variance = 0.0;
  const auto layers = session.follow(data.test.image(3), 0);
  for (std::size_t i = 0; i < 785; ++i) {
    for (const bool minus : {false, true}) {
      const double sigma =
          static_cast<double>(session.read_device(0, {i, 7, minus, 0}).read_noise_us) / 8.0;
      const double x = static_cast<double>(layers[0].driven[i]);
      variance += x * x * sigma * sigma;
    }
  }
  const double n = reads;
  BOOST_TEST(std::fabs(sum / n) < 4.0 * std::sqrt(variance / n));                  // 4 sigma
  BOOST_TEST(std::fabs(squares / n / variance - 1.0) < 4.0 * std::sqrt(2.0 / n));  // 4 sigma
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
