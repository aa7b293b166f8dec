// Refresh, programming with verification, and cached weights under drift.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>

#include "crossbar/crossbar.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(crossbar_programming)

namespace {

using crossbar::Crossbar;
using crossbar::CrossbarConfig;
using crossbar::PulseRequest;

constexpr double pulse_us = 0.25;

/// Steps of exactly 0.25 µS from a RESET state of 0.1 µS, no randomness.
CrossbarConfig plain_config() {
  CrossbarConfig config;
  config.device.read_noise = false;
  config.device.programming_noise = false;
  config.device.update_nonlinearity = false;
  config.programming.verify_most_pulses = 100;
  return config;
}

Crossbar make_crossbar(const CrossbarConfig& config, std::size_t rows, std::size_t columns) {
  return {config,         device::make_model(config.device, pulse_us), rows, columns, rows, 0, 0, 1,
          {best_isa(), 1}};
}

void give_pulses(Crossbar& c, std::uint32_t crossing, int plus, int minus, OperationCounts& counts,
                 double t_s = 0.0) {
  if (plus > 0) c.pulse(std::vector<PulseRequest>{{crossing, plus}}, t_s, counts);
  if (minus > 0) c.pulse(std::vector<PulseRequest>{{crossing, -minus}}, t_s, counts);
}

/// A crossbar with the same state and tables recomputed at `t_s`.
Crossbar fresh_copy(Crossbar& from, const CrossbarConfig& config, double t_s) {
  Crossbar copy = make_crossbar(config, from.rows(), from.columns());
  const std::vector<StateArray> source = from.state("");
  const std::vector<StateArray> target = copy.state("");
  for (std::size_t i = 0; i < source.size(); ++i) {
    std::memcpy(target[i].view.data, source[i].view.data, source[i].view.bytes());
  }
  copy.rebuild_derived(t_s);
  return copy;
}

}  // namespace

BOOST_AUTO_TEST_CASE(pulses_go_to_the_device_of_their_sign_and_are_counted) {
  Crossbar c = make_crossbar(plain_config(), 2, 3);
  OperationCounts counts;
  c.pulse(std::vector<PulseRequest>{{1, 3}, {4, -2}}, 5.0, counts);
  BOOST_TEST(c.plus().conductance_us[1] == 0.75F);
  BOOST_TEST(c.minus().conductance_us[1] == 0.0F);
  BOOST_TEST(c.minus().conductance_us[4] == 0.5F);
  BOOST_TEST(c.weights()(0, 1) == 0.75F / 8.0F);
  BOOST_TEST(c.weights()(1, 1) == -0.5F / 8.0F);
  BOOST_TEST(c.plus().programmed_at_s[1] == 5.0);
  BOOST_TEST(counts.set_pulses == 5U);
  BOOST_TEST(counts.programmed_weights == 2U);
  BOOST_TEST(counts.reset_pulses == 0U);
}

/// Pairs around both thresholds: a device above 8 µS and a difference below 6 µS.
BOOST_AUTO_TEST_CASE(refresh_selects_by_its_criterion) {
  Crossbar c = make_crossbar(plain_config(), 1, 6);
  c.set_exact(padded_matrix<float>(1, 6));  // 0.1 µS everywhere
  OperationCounts counts;
  const std::pair<int, int> pulses[] = {{32, 20},   // 8.1 and 5.1: refresh
                                        {31, 20},   // 7.85: below 8
                                        {36, 12},   // 9.1 − 3.1 = 6: difference too large
                                        {36, 13},   // 9.1 − 3.35: refresh
                                        {13, 36},   // the same with the other sign: refresh
                                        {40, 40}};  // 10.1 twice, no difference: refresh
  for (std::uint32_t k = 0; k < 6; ++k) {
    give_pulses(c, k, pulses[k].first, pulses[k].second, counts);
  }
  const std::vector<float> plus = c.plus().conductance_us;
  const std::vector<float> minus = c.minus().conductance_us;
  counts = {};
  c.refresh_pairs(1.0, counts);
  BOOST_TEST(counts.refreshed_pairs == 4U);
  BOOST_TEST(counts.reset_pulses == 8U);
  std::uint64_t set_pulses = 0;
  for (std::size_t k = 0; k < 6; ++k) {
    BOOST_TEST_CONTEXT("pair " << k) {
      if (k == 1 || k == 2) {
        BOOST_TEST(c.plus().conductance_us[k] == plus[k]);
        BOOST_TEST(c.minus().conductance_us[k] == minus[k]);
        continue;
      }
      const double before = static_cast<double>(plus[k]) - static_cast<double>(minus[k]);
      const double after = static_cast<double>(c.plus().conductance_us[k]) -
                           static_cast<double>(c.minus().conductance_us[k]);
      // The last pulse is the first that reaches |target| − margin.
      const double sign = before < 0.0 ? -1.0 : 1.0;
      BOOST_TEST(sign * (after - before) >= -0.385 - 1e-5);
      BOOST_TEST(sign * (after - before) < std::max(-0.385 + pulse_us + 1e-5, 1e-5));
      BOOST_TEST(static_cast<double>(c.weights()(0, k)) == after / 8.0,
                 boost::test_tools::tolerance(1e-6));
      BOOST_TEST(std::min(c.plus().conductance_us[k], c.minus().conductance_us[k]) == 0.1F);
      const double pulses_given = std::fabs(after) / pulse_us;
      set_pulses += static_cast<std::uint64_t>(pulses_given + 0.5);
    }
  }
  BOOST_TEST(counts.set_pulses == set_pulses);
  BOOST_TEST(counts.verify_reads == set_pulses + 4);  // plus the last read of each pair
  counts = {};
  c.refresh_pairs(2.0, counts);
  BOOST_TEST((counts == OperationCounts{}));  // no pulses since the last refresh
}

BOOST_AUTO_TEST_CASE(refresh_considers_only_pulsed_pairs) {
  CrossbarConfig config = plain_config();
  config.array.refresh_above_us = 0.0;
  Crossbar c = make_crossbar(config, 1, 3);
  c.set_exact(testing::random_matrix(1, 3, 0.5F, 1));
  OperationCounts counts;
  give_pulses(c, 2, 1, 0, counts);
  c.refresh_pairs(0.0, counts);
  BOOST_TEST(counts.refreshed_pairs == 1U);
}

BOOST_AUTO_TEST_CASE(programming_stops_after_the_maximum_number_of_pulses) {
  CrossbarConfig config = plain_config();
  config.programming.verify_most_pulses = 3;
  Crossbar c = make_crossbar(config, 1, 1);
  Matrix<float> w = padded_matrix<float>(1, 1);
  w(0, 0) = 1.0F;
  OperationCounts counts;
  c.reset_and_set(w, 4.0, counts);
  BOOST_TEST(c.plus().conductance_us[0] == 0.85F);
  BOOST_TEST(counts.set_pulses == 3U);
  BOOST_TEST(counts.reset_pulses == 2U);
  BOOST_TEST(counts.verify_reads == 3U);
  BOOST_TEST(c.plus().programmed_at_s[0] == 4.0);
}

BOOST_AUTO_TEST_CASE(refresh_uses_drifted_conductances) {
  Crossbar c = make_crossbar(plain_config(), 1, 1);
  c.set_exact(padded_matrix<float>(1, 1));
  OperationCounts counts;
  give_pulses(c, 0, 32, 20, counts);  // 8.1 µS, which falls below 8 within an hour
  counts = {};
  c.refresh_pairs(3600.0, counts);
  BOOST_TEST(counts.refreshed_pairs == 0U);
}

/// 40 × 50 weights on PCM devices. Pulses stop when a read gives target − 0.385 µS or more; a pulse
/// changes the conductance by 1.8 µS or less on average and 15 pulses reach 8.8 µS: the mean error
/// is between −0.4 and 2 µS, and every weight has the correct sign or is small.
BOOST_AUTO_TEST_CASE(programming_error_is_within_the_limits_of_the_model) {
  const CrossbarConfig config;
  Crossbar c = make_crossbar(config, 40, 50);
  const Matrix<float> w = testing::random_matrix(40, 50, 0.5F, 5);
  OperationCounts counts;
  c.reset_and_set(w, 0.0, counts);
  BOOST_TEST(counts.reset_pulses == 4000U);
  BOOST_TEST(counts.verify_reads >= counts.set_pulses);
  testing::Sample error;
  for (std::size_t i = 0; i < 40; ++i) {
    for (std::size_t j = 0; j < 50; ++j) {
      const float sign = w(i, j) > 0.0F ? 1.0F : -1.0F;
      error.add(static_cast<double>(8.0F * sign * (c.weights()(i, j) - w(i, j))));
      BOOST_TEST((sign * c.weights()(i, j) >= -0.02F));
    }
  }
  BOOST_TEST(error.mean() > -0.4);
  BOOST_TEST(error.mean() < 2.0);
}

/// Pulses at random times under drift: the updated tables have the same bits as those of a crossbar
/// restored from the same state; so have both products, including noise.
BOOST_AUTO_TEST_CASE(cached_weights_equal_recomputed_weights) {
  CrossbarConfig config;
  config.device.update_nonlinearity = false;
  Crossbar c = make_crossbar(config, 20, 21);
  c.set_exact(testing::random_matrix(20, 21, 0.5F, 3));
  testing::Draws draws(8);
  OperationCounts counts;
  double t = 0.0;
  crossbar::Scratch scratch(32);
  crossbar::DrivenLines x(32);
  x.gather(std::vector<float>(20, 0.7F));
  crossbar::DrivenLines d(32);
  d.gather(std::vector<float>(21, 0.01F));
  const crossbar::Read read{Stream(1, Purpose::training_read), 4};
  int changed = 0;
  for (int step = 0; step < 300; ++step) {
    t += std::exp(3.0 + 5.0 * static_cast<double>(draws()));
    const Matrix<float> before = c.weights();
    c.advance_to(t);
    if (before != c.weights()) ++changed;
    for (std::uint32_t k = draws.below(4); k > 0; --k) {
      const int count = draws() > 0.0F ? 1 : -2;
      c.pulse(std::vector<PulseRequest>{{draws.below(420), count}}, t, counts);
    }
    if (step % 25 == 24) c.refresh_pairs(t, counts);
    Crossbar fresh = fresh_copy(c, config, t);
    BOOST_TEST_REQUIRE(std::memcmp(fresh.weights().data(), c.weights().data(),
                                   c.weights().size() * sizeof(float)) == 0);
    AlignedVector<float> y1(32), y2(32);
    c.forward(x, read, scratch, y1.data());
    fresh.forward(x, read, scratch, y2.data());
    BOOST_TEST_REQUIRE(std::memcmp(y1.data(), y2.data(), 21 * sizeof(float)) == 0);
    c.backward(d, read, scratch, y1.data());
    fresh.backward(d, read, scratch, y2.data());
    BOOST_TEST_REQUIRE(std::memcmp(y1.data(), y2.data(), 20 * sizeof(float)) == 0);
  }
  BOOST_TEST(changed > 50);  // drift has an effect
}

BOOST_AUTO_TEST_CASE(weights_follow_drift_within_the_tolerance) {
  CrossbarConfig config = plain_config();
  Crossbar c = make_crossbar(config, 3, 4);
  const Matrix<float> w = testing::random_matrix(3, 4, 0.9F, 9);
  c.set_exact(w);
  for (const double t : {10.0, 100.0, 3600.0, 1e5, 1e7}) {
    c.advance_to(t);
    const double factor = t > 38.6 ? std::pow(t / 38.6, -0.04) : 1.0;
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 4; ++j) {
        const auto expected = static_cast<double>(w(i, j)) * factor;
        BOOST_TEST(std::fabs(static_cast<double>(c.weights()(i, j)) - expected) <=
                   1.001e-3 * std::fabs(expected) + 1e-6);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
