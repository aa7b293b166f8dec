#include "crossbar/accumulator.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(crossbar_accumulator)

namespace {

using crossbar::Accumulator;
using crossbar::PulseRequest;
using crossbar::Rounding;

constexpr double granularity = 0.5;

struct Bench {
  std::size_t rows, columns;
  Accumulator chi;
  crossbar::DrivenLines lines;

  Bench(std::size_t rows_, std::size_t columns_, Rounding rounding = Rounding::truncate)
      : rows(rows_),
        columns(columns_),
        chi(rows, columns, granularity, 1, rounding, Stream(1, Purpose::rounding), {best_isa(), 1}),
        lines(rows) {}

  /// χ += x·gᵀ.
  void add(const std::vector<float>& x, std::vector<float> g) {
    lines.gather(x);
    AlignedVector<float> gradient(padded(columns), 0.0F);
    for (std::size_t j = 0; j < columns; ++j) gradient[j] = -g[j];
    chi.accumulate(lines, gradient);
  }
  std::vector<PulseRequest> transfer(std::uint64_t event = 0) {
    const auto requests = chi.transfer(event);
    return {requests.begin(), requests.end()};
  }
};

/// Pulses and residue of a single crossing that has accumulated `chi`.
std::pair<int, double> one(Rounding rounding, float chi, std::uint64_t event = 0) {
  Bench b(1, 1, rounding);
  b.add({1.0F}, {chi});
  const auto requests = b.transfer(event);
  return {requests.empty() ? 0 : requests[0].count, b.chi.weight(0, 0)};
}

}  // namespace

BOOST_AUTO_TEST_CASE(pulses_are_issued_exactly_at_the_granularity) {
  BOOST_TEST(one(Rounding::truncate, 0.5F).first == 1);
  BOOST_TEST(one(Rounding::truncate, 0.5F).second == 0.0);
  BOOST_TEST(one(Rounding::truncate, -0.5F).first == -1);
  const float below = std::nextafter(0.5F, 0.0F);
  BOOST_TEST(one(Rounding::truncate, below).first == 0);
  BOOST_TEST(one(Rounding::truncate, below).second == static_cast<double>(below));
  BOOST_TEST(one(Rounding::truncate, -below).first == 0);
}

BOOST_AUTO_TEST_CASE(truncation_keeps_a_residue_of_the_same_sign) {
  BOOST_TEST(one(Rounding::truncate, 1.375F).first == 2);
  BOOST_TEST(one(Rounding::truncate, 1.375F).second == 0.375);
  BOOST_TEST(one(Rounding::truncate, -1.375F).first == -2);
  BOOST_TEST(one(Rounding::truncate, -1.375F).second == -0.375);
}

BOOST_AUTO_TEST_CASE(rounding_to_nearest_may_overshoot_but_waits_for_the_granularity) {
  BOOST_TEST(one(Rounding::nearest, 0.4375F).first == 0);
  BOOST_TEST(one(Rounding::nearest, 0.625F).first == 1);  // 1.25
  BOOST_TEST(one(Rounding::nearest, 0.875F).first == 2);  // 1.75
  BOOST_TEST(one(Rounding::nearest, 0.875F).second == -0.125);
  BOOST_TEST(one(Rounding::nearest, 0.75F).first == 2);  // 1.5, to even
  BOOST_TEST(one(Rounding::nearest, 1.25F).first == 2);  // 2.5, to even
  BOOST_TEST(one(Rounding::nearest, -0.875F).first == -2);
  BOOST_TEST(one(Rounding::nearest, -0.875F).second == 0.125);
}

/// n = 20,000 events at χ = 1.25 ε: one or two pulses, 1.25 on average (σ² = 0.1875), k = 4.
BOOST_AUTO_TEST_CASE(stochastic_rounding_is_exact_on_average) {
  for (const float sign : {1.0F, -1.0F}) {
    testing::Sample pulses;
    for (std::uint64_t event = 0; event < 20000; ++event) {
      const int count = one(Rounding::stochastic, sign * 0.625F, event).first;
      BOOST_REQUIRE((std::abs(count) == 1 || std::abs(count) == 2));
      pulses.add(static_cast<double>(count));
    }
    BOOST_TEST(std::fabs(pulses.mean() - static_cast<double>(sign) * 1.25) <
               4.0 * testing::mean_error(std::sqrt(0.1875), pulses.n()));
  }
  BOOST_TEST(one(Rounding::stochastic, 0.4375F).first == 0);
  BOOST_TEST(one(Rounding::stochastic, 1.0F).first == 2);  // a whole number is not rounded
}

BOOST_AUTO_TEST_CASE(requests_ascend_by_rows_and_columns_and_occur_once) {
  Bench b(4, 5);
  b.add({0, 0, 0, 1}, {0, 0.5F, 0, -0.75F, 0});
  b.add({1, 0, 0, 0}, {0, 0, 1.0F, 0, 0.5F});
  b.add({1, 0, 1, 1}, {0.5F, 0, 0, 0, 0});
  const std::vector<PulseRequest> requests = b.transfer();
  const std::vector<std::pair<std::uint32_t, int>> expected = {{0, 1},  {2, 2},  {4, 1},  {10, 1},
                                                               {15, 1}, {16, 1}, {18, -1}};
  BOOST_TEST_REQUIRE(requests.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    BOOST_TEST(requests[i].crossing == expected[i].first);
    BOOST_TEST(requests[i].count == expected[i].second);
  }
  BOOST_TEST(b.chi.weight(3, 3) == -0.25);
  BOOST_TEST(b.transfer().empty());
}

BOOST_AUTO_TEST_CASE(pulses_are_decided_at_the_end_of_a_batch) {
  Bench b(1, 2);
  b.add({1.0F}, {0.75F, 0.25F});
  b.add({1.0F}, {-0.5F, 0.125F});  // the first is below ε again
  b.add({0.5F}, {0.0F, 0.25F});    // the second reaches ε
  const std::vector<PulseRequest> requests = b.transfer();
  BOOST_TEST_REQUIRE(requests.size() == 1U);
  BOOST_TEST(requests[0].crossing == 1U);
  BOOST_TEST(requests[0].count == 1);
  BOOST_TEST(b.chi.weight(0, 0) == 0.25);
}

/// pulses·ε + χ is the sum of all inputs, up to float rounding, and |χ| < ε after each transfer.
BOOST_AUTO_TEST_CASE(pulses_and_residue_sum_to_the_inputs) {
  constexpr std::size_t rows = 20;
  constexpr std::size_t columns = 30;
  Bench b(rows, columns);
  testing::Draws draws(11);
  std::vector<double> came_in(rows * columns, 0.0);
  std::vector<double> left(rows * columns, 0.0);
  for (int step = 0; step < 300; ++step) {
    std::vector<float> x(rows);
    std::vector<float> g(columns);
    for (float& value : x) value = draws() > 0.3F ? draws() : 0.0F;
    for (float& value : g) value = draws(0.4F);
    b.add(x, g);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) {
        came_in[i * columns + j] += static_cast<double>(x[i]) * static_cast<double>(g[j]);
      }
    }
    if (step % 3 != 2) continue;
    for (const PulseRequest& request : b.transfer()) {
      left[request.crossing] += granularity * request.count;
    }
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) {
        BOOST_REQUIRE(std::fabs(b.chi.weight(i, j)) < granularity);
      }
    }
  }
  for (std::size_t c = 0; c < rows * columns; ++c) {
    BOOST_TEST(std::fabs(left[c] + b.chi.weight(c / columns, c % columns) - came_in[c]) < 1e-5);
  }
}

BOOST_AUTO_TEST_CASE(the_default_granularity_is_met_to_an_ulp) {
  Accumulator chi(1, 1, 0.096, 1, Rounding::truncate, Stream(1, Purpose::rounding),
                  {best_isa(), 1});
  crossbar::DrivenLines x(1);
  x.gather(std::vector<float>{1.0F});
  AlignedVector<float> gradient(16, 0.0F);
  gradient[0] = -0.096F * 1.000001F;
  chi.accumulate(x, gradient);
  BOOST_TEST(chi.transfer(0).size() == 1U);
  gradient[0] = -0.096F * 0.999999F;
  chi.state()(0, 0) = 0.0F;
  chi.accumulate(x, gradient);
  BOOST_TEST(chi.transfer(0).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
