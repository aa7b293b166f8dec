#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>

#include "crossbar/crossbar.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(crossbar_product)

namespace {

using crossbar::Crossbar;
using crossbar::CrossbarConfig;
using crossbar::DrivenLines;
using crossbar::Read;
using crossbar::Scratch;

CrossbarConfig exact_config(device::ModelName model) {
  CrossbarConfig config;
  config.device.model = model;
  config.converters.dac_bits = 0;
  config.converters.adc_bits = 0;
  return config;
}

struct Array {
  std::size_t rows, columns, backward_rows;
  Crossbar crossbar;
  Scratch scratch;
  AlignedVector<float> y;
  DrivenLines lines;

  Array(const CrossbarConfig& config, std::size_t rows_, std::size_t columns_,
        std::size_t backward_rows_, const Execution& execution = {best_isa(), 1})
      : rows(rows_),
        columns(columns_),
        backward_rows(backward_rows_),
        crossbar(config, device::make_model(config.device, 0.768), rows, columns, backward_rows, 0,
                 0, 1, execution),
        scratch(std::max(rows, columns)),
        y(padded(std::max(rows, columns))),
        lines(std::max(rows, columns)) {}

  std::vector<float> forward(const std::vector<float>& x, std::uint64_t event = 0) {
    lines.gather(x);
    crossbar.forward(lines, {Stream(1, Purpose::training_read), event}, scratch, y.data());
    return {y.begin(), y.begin() + static_cast<std::ptrdiff_t>(columns)};
  }
  std::vector<float> backward(const std::vector<float>& d, std::uint64_t event = 0) {
    lines.gather(d);
    crossbar.backward(lines, {Stream(1, Purpose::training_read), event}, scratch, y.data());
    return {y.begin(), y.begin() + static_cast<std::ptrdiff_t>(backward_rows)};
  }
};

/// Inputs, a third of which is zero.
std::vector<float> some_vector(std::size_t n, float scale, std::uint64_t seed) {
  testing::Draws draws(seed);
  std::vector<float> x(n);
  for (std::size_t i = 0; i < n; ++i) {
    const float value = draws(scale);
    x[i] = i % 3 == 1 ? 0.0F : value;
  }
  return x;
}

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return sum;
}

/// Variance of a read of each crossing [weight²], from the stored conductances.
double read_variance(const Crossbar& c, std::size_t i, std::size_t j) {
  const std::size_t crossing = i * c.columns() + j;
  const auto sigma = [](float g) { return 0.03 * static_cast<double>(g) + 0.13; };
  const double plus = sigma(c.plus().conductance_us[crossing]);
  const double minus = sigma(c.minus().conductance_us[crossing]);
  return (plus * plus + minus * minus) / 64.0;
}

}  // namespace

BOOST_AUTO_TEST_CASE(set_exact_programs_the_exact_weights) {
  Array a(exact_config(device::ModelName::pcm), 5, 7, 4);
  const Matrix<float> w = testing::random_matrix(5, 7, 0.9F, 1);
  a.crossbar.set_exact(w);
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < 7; ++j) {
      const std::size_t crossing = i * 7 + j;
      BOOST_TEST(a.crossbar.plus().conductance_us[crossing] ==
                 0.1F + 8.0F * std::max(w(i, j), 0.0F));
      BOOST_TEST(a.crossbar.minus().conductance_us[crossing] ==
                 0.1F + 8.0F * std::max(-w(i, j), 0.0F));
      BOOST_TEST(a.crossbar.plus().memory[crossing] == 1.0F);
      BOOST_TEST(a.crossbar.plus().programmed_at_s[crossing] == 0.0);
      BOOST_TEST(std::fabs(a.crossbar.weights()(i, j) - w(i, j)) < 2e-7F);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_ideal_array_multiplies_as_plain_loops) {
  for (const auto& [rows, columns] :
       {std::pair<std::size_t, std::size_t>{37, 21}, {1, 1}, {20, 10}, {33, 256}, {64, 16}}) {
    Array a(exact_config(device::ModelName::ideal), rows, columns, rows - (rows > 1 ? 1 : 0));
    const Matrix<float> w = testing::random_matrix(rows, columns, 0.9F, rows);
    a.crossbar.set_exact(w);
    const std::vector<float> x = some_vector(rows, 1.0F, 2);
    std::vector<float> expected(columns, 0.0F);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) expected[j] += x[i] * w(i, j);
    }
    BOOST_TEST(a.forward(x) == expected, boost::test_tools::per_element());

    const std::vector<float> d = some_vector(columns, 0.2F, 3);
    const std::vector<float> e = a.backward(d);
    for (std::size_t i = 0; i < a.backward_rows; ++i) {
      double sum = 0.0;
      for (std::size_t j = 0; j < columns; ++j) {
        sum += static_cast<double>(d[j]) * static_cast<double>(w(i, j));
      }
      BOOST_TEST(std::fabs(static_cast<double>(e[i]) - sum) < 1e-5);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_backward_product_uses_the_same_devices) {
  CrossbarConfig config = exact_config(device::ModelName::pcm);
  config.device.read_noise = false;
  Array a(config, 30, 45, 30);
  a.crossbar.set_exact(testing::random_matrix(30, 45, 0.9F, 4));
  OperationCounts counts;
  std::vector<crossbar::PulseRequest> pulses;
  for (std::uint32_t k = 0; k < 200; ++k) {
    pulses.push_back({(k * 37) % 1350, k % 2 == 0 ? 1 : -2});
  }
  a.crossbar.pulse(pulses, 0.0, counts);
  const std::vector<float> x = some_vector(30, 1.0F, 5);
  const std::vector<float> d = some_vector(45, 1.0F, 6);
  const double forward = dot(a.forward(x), d);
  const double backward = dot(x, a.backward(d));
  BOOST_TEST(std::fabs(forward - backward) < 1e-5 * (1.0 + std::fabs(forward)));
}

/// n = 60,000 products with the same input: mean the exact product, variance Σx²σ². Bounds: k = 4
/// standard errors, and 2⁻⁷ of the variance for the packed table. 24 columns, and 11 rows back.
BOOST_AUTO_TEST_CASE(the_noise_of_a_line_is_the_sum_of_its_devices) {
  Array a(exact_config(device::ModelName::pcm), 12, 24, 11);
  a.crossbar.set_exact(testing::random_matrix(12, 24, 0.9F, 7));
  const std::vector<float> x = some_vector(12, 1.0F, 8);
  const std::vector<float> d = some_vector(24, 0.05F, 9);
  constexpr std::uint64_t n = 60000;
  std::vector<testing::Sample> columns(24);
  std::vector<testing::Sample> rows(11);
  double adjacent = 0.0;
  double directions = 0.0;
  for (std::uint64_t event = 0; event < n; ++event) {
    const std::vector<float> y = a.forward(x, event);
    const std::vector<float> e = a.backward(d, event);
    for (std::size_t j = 0; j < 24; ++j) columns[j].add(static_cast<double>(y[j]));
    for (std::size_t i = 0; i < 11; ++i) rows[i].add(static_cast<double>(e[i]));
    adjacent += static_cast<double>(y[0]) * static_cast<double>(y[1]);
    directions += static_cast<double>(y[0]) * static_cast<double>(e[0]);
  }
  const auto check = [&](const testing::Sample& s, double mean, double variance) {
    BOOST_TEST(std::fabs(s.mean() - mean) < 4.0 * testing::mean_error(std::sqrt(variance), s.n()));
    BOOST_TEST(std::fabs(s.variance() - variance) <
               4.0 * testing::variance_error(std::sqrt(variance), s.n()) + variance / 128.0);
  };
  const Matrix<float>& w = a.crossbar.weights();
  for (std::size_t j = 0; j < 24; ++j) {
    double mean = 0.0;
    double variance = 0.0;
    for (std::size_t i = 0; i < 12; ++i) {
      const auto xi = static_cast<double>(x[i]);
      mean += xi * static_cast<double>(w(i, j));
      variance += xi * xi * read_variance(a.crossbar, i, j);
    }
    BOOST_TEST_CONTEXT("column " << j) { check(columns[j], mean, variance); }
  }
  for (std::size_t i = 0; i < 11; ++i) {
    double mean = 0.0;
    double variance = 0.0;
    for (std::size_t j = 0; j < 24; ++j) {
      const auto dj = static_cast<double>(d[j]);
      mean += dj * static_cast<double>(w(i, j));
      variance += dj * dj * read_variance(a.crossbar, i, j);
    }
    BOOST_TEST_CONTEXT("row " << i) { check(rows[i], mean, variance); }
  }
  // Columns are independent of each other, as are both directions.
  const auto correlation = [&](double products, const testing::Sample& p,
                               const testing::Sample& q) {
    return (products / static_cast<double>(n) - p.mean() * q.mean()) /
           (p.deviation() * q.deviation());
  };
  BOOST_TEST(std::fabs(correlation(adjacent, columns[0], columns[1])) < 4.0 / std::sqrt(6e4));
  BOOST_TEST(std::fabs(correlation(directions, columns[0], rows[0])) < 4.0 / std::sqrt(6e4));
}

BOOST_AUTO_TEST_CASE(noise_is_named_by_its_event) {
  Array a(exact_config(device::ModelName::pcm), 12, 24, 11);
  a.crossbar.set_exact(testing::random_matrix(12, 24, 0.9F, 7));
  const std::vector<float> x = some_vector(12, 1.0F, 8);
  const std::vector<float> first = a.forward(x, 5);
  BOOST_TEST(a.forward(x, 6) != first, boost::test_tools::per_element());
  BOOST_TEST(a.forward(x, 5) == first, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_instruction_set_gives_the_same_bits) {
  for (const std::size_t columns : {10U, 24U, 250U}) {
    const CrossbarConfig config;
    Array reference(config, 60, columns, 59, {Isa::baseline, 1});
    reference.crossbar.set_exact(testing::random_matrix(60, columns, 0.9F, 7));
    const std::vector<float> x = some_vector(60, 1.0F, 8);
    const std::vector<float> d = some_vector(columns, 0.01F, 9);
    for (const Isa isa : testing::supported_isas()) {
      Array a(config, 60, columns, 59, {isa, 1});
      a.crossbar.set_exact(testing::random_matrix(60, columns, 0.9F, 7));
      BOOST_TEST(a.forward(x, 3) == reference.forward(x, 3), boost::test_tools::per_element());
      BOOST_TEST(a.backward(d, 3) == reference.backward(d, 3), boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(converters_act_on_inputs_and_outputs) {
  CrossbarConfig config;
  config.device.model = device::ModelName::ideal;
  config.converters.dac_bits = 3;
  config.converters.adc_bits = 3;
  config.converters.adc_full_scale_forward = 3.0;   // lsb 1
  config.converters.adc_full_scale_backward = 1.5;  // lsb 1/2
  Array a(config, 2, 1, 2);
  Matrix<float> w = padded_matrix<float>(2, 1);
  w(0, 0) = 2.0F;
  w(1, 0) = -1.0F;
  a.crossbar.set_exact(w);
  // DAC: codes of 1/3. 0.4 → 1/3, 0.9 → 1; 2/3 − 1 = −1/3 → 0.
  BOOST_TEST(a.forward({0.4F, 0.9F})[0] == 0.0F);
  BOOST_TEST(a.forward({1.0F, 0.0F})[0] == 2.0F);
  BOOST_TEST(a.forward({5.0F, -5.0F})[0] == 3.0F);  // both inputs at full scale: 2 + 1
  // Backward: δ is scaled to 1, so the DAC is exact; 2 saturates at 1.5, −1 fits.
  BOOST_TEST(a.scratch.counts.adc_saturated == 0U);
  const std::vector<float> e = a.backward({0.01F});
  BOOST_TEST(e[0] == 0.015F);
  BOOST_TEST(e[1] == -0.01F);
  BOOST_TEST(a.scratch.counts.adc_saturated == 1U);
}

BOOST_AUTO_TEST_CASE(every_line_of_a_product_is_counted) {
  Array a(CrossbarConfig{}, 9, 5, 8);
  a.crossbar.set_exact(testing::random_matrix(9, 5, 0.5F, 1));
  a.forward({0, 0, 0, 1, 0, 0, 0, 0, 0});
  OperationCounts expected;
  expected.forward_mvm = 1;
  expected.dac_conversions = 9;
  expected.adc_conversions = 5;
  expected.cells_read = 9 * 5;
  expected.crossbar_mac = 9 * 5;
  BOOST_TEST((a.scratch.counts == expected));
  a.backward({0, 0, 1, 0, 0});
  expected.backward_mvm = 1;
  expected.dac_conversions += 5;
  expected.adc_conversions += 8;
  expected.cells_read += 8 * 5;
  expected.crossbar_mac += 8 * 5;
  BOOST_TEST((a.scratch.counts == expected));
  const std::vector<float> e = a.backward({0, 0, 0, 0, 0});
  BOOST_TEST(e == std::vector<float>(8, 0.0F), boost::test_tools::per_element());
  BOOST_TEST((a.scratch.counts == expected));
}

/// 250 columns in rows of 256 entries: padding must not saturate. At a full scale of 4 no column of
/// these products saturates, because σ is below 0.5.
BOOST_AUTO_TEST_CASE(padding_never_saturates) {
  for (const std::size_t columns : {10U, 24U, 250U}) {
    CrossbarConfig config;
    config.converters.adc_full_scale_forward = 4.0;
    config.converters.adc_full_scale_backward = 4.0;
    Array a(config, 60, columns, 59);
    a.crossbar.set_exact(testing::random_matrix(60, columns, 1e-3F, 7));
    const std::vector<float> x(60, 1.0F);
    const std::vector<float> d(columns, 0.01F);
    int not_zero = 0;
    for (std::uint64_t event = 0; event < 20; ++event) {
      a.forward(x, event);
      for (std::size_t j = columns; j < padded(columns); ++j) not_zero += a.y[j] != 0.0F ? 1 : 0;
    }
    BOOST_TEST(not_zero == 0, not_zero << " outputs behind " << columns << " columns");
    BOOST_TEST(a.scratch.counts.adc_saturated == 0U, "forward, " << columns << " columns");
    a.scratch.counts = {};
    for (std::uint64_t event = 0; event < 20; ++event) a.backward(d, event);
    BOOST_TEST(a.scratch.counts.adc_saturated == 0U, "backward, " << columns << " columns");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
