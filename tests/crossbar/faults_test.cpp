// Stuck devices and open lines: rates, dependence on the seed, effects on programming and products.
#include "crossbar/faults.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "crossbar/crossbar.hpp"
#include "support.hpp"

namespace imcsim::crossbar {
BOOST_AUTO_TEST_SUITE(crossbar_faults)

namespace {

/// Highest conductance 12 µS, lowest 0.1 µS.
const std::shared_ptr<const device::DeviceModel>& pcm() {
  static const std::shared_ptr<const device::DeviceModel> model =
      device::make_model(device::DeviceConfig{}, 0.768);
  return model;
}

struct Counted {
  double high = 0.0, low = 0.0, zero = 0.0;
};

/// Numbers of faults among `n` devices on working lines.
Counted count(const FaultConfig& config, std::size_t n, std::uint64_t seed,
              std::uint32_t pulses = 0) {
  const Faults faults(config, 1, 1, 0, seed);
  device::DeviceArray array(n, 0);
  std::fill(array.pulses.begin(), array.pulses.end(), pulses);
  Counted counted;
  for (std::size_t i = 0; i < n; ++i) {
    const std::optional<float> us = faults.stuck_us(*pcm(), array, i, 0, 0);
    if (!us) continue;
    (*us == 0.0F ? counted.zero : *us == 12.0F ? counted.high : counted.low) += 1.0;
  }
  return counted;
}

/// Checks that `seen` of n events of probability p is within k = 4 standard errors.
void check_share(double seen, double n, double p) {
  BOOST_TEST(std::fabs(seen / n - p) < 4.0 * std::sqrt(p * (1.0 - p) / n),
             seen << " of " << n << ", expected a share of " << p);
}

Crossbar make(const CrossbarConfig& config, std::size_t rows, std::size_t columns,
              std::uint64_t seed = 1) {
  return {config,
          device::make_model(config.device, config.pulse_us),
          rows,
          columns,
          rows,
          0,
          0,
          seed,
          {best_isa(), 1}};
}

CrossbarConfig exact_config() {
  CrossbarConfig config;
  config.device.read_noise = false;
  config.converters.dac_bits = 0;
  config.converters.adc_bits = 0;
  return config;
}

Matrix<float> all_alike(std::size_t rows, std::size_t columns, float weight) {
  Matrix<float> w = padded_matrix<float>(rows, columns);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) w(i, j) = weight;
  }
  return w;
}

}  // namespace

BOOST_AUTO_TEST_CASE(no_faults_by_default) {
  BOOST_TEST(!Faults(FaultConfig{}, 4, 4, 0, 1).any());
  const Counted counted = count(FaultConfig{}, 1000, 1);
  BOOST_TEST(counted.high + counted.low + counted.zero == 0.0);
}

BOOST_AUTO_TEST_CASE(rates_are_as_configured) {
  FaultConfig config;
  config.fault_rate = 0.1;
  config.stuck_high_share = 0.3;
  BOOST_TEST(Faults(config, 4, 4, 0, 1).any());
  const Counted counted = count(config, 100000, 1);
  check_share(counted.high, 1e5, 0.03);
  check_share(counted.low, 1e5, 0.07);
  BOOST_TEST(counted.zero == 0.0);
}

/// Faults follow from the seed; faults at a low rate are also faults at a higher rate.
BOOST_AUTO_TEST_CASE(faults_follow_from_the_seed_and_nest) {
  FaultConfig few;
  few.fault_rate = 0.05;
  few.stuck_high_share = 1.0;
  FaultConfig more = few;
  more.fault_rate = 0.2;
  const device::DeviceArray array(2000, 0);
  const Faults a(few, 1, 1, 0, 1);
  const Faults again(few, 1, 1, 0, 1);
  const Faults other(few, 1, 1, 0, 2);
  const Faults b(more, 1, 1, 0, 1);
  int differ = 0;
  for (std::size_t i = 0; i < 2000; ++i) {
    const bool broken = a.stuck_us(*pcm(), array, i, 0, 0).has_value();
    BOOST_REQUIRE(again.stuck_us(*pcm(), array, i, 0, 0).has_value() == broken);
    if (broken) BOOST_REQUIRE(b.stuck_us(*pcm(), array, i, 0, 0).has_value());
    differ += other.stuck_us(*pcm(), array, i, 0, 0).has_value() != broken ? 1 : 0;
  }
  BOOST_TEST(differ > 50);  // 190 expected
}

/// 40,000 lines: rates within 4 standard errors; arrays with other ids have other faults.
BOOST_AUTO_TEST_CASE(open_lines_have_their_rate_and_differ_between_arrays) {
  FaultConfig config;
  config.open_row_rate = 0.03;
  config.open_column_rate = 0.06;
  constexpr std::size_t n = 40000;
  const Faults faults(config, n, n / 2, 3, 1);
  const Faults other(config, n, n / 2, 4, 1);
  FaultConfig rows_only = config;
  rows_only.open_column_rate = 0.0;
  FaultConfig columns_only = config;
  columns_only.open_row_rate = 0.0;
  const Faults rows(rows_only, n, n / 2, 3, 1);
  const Faults columns(columns_only, n, n / 2, 3, 1);
  const device::DeviceArray array(1, 0);
  double open_rows = 0.0;
  double open_columns = 0.0;
  int differ = 0;
  for (std::size_t line = 0; line < n; ++line) {
    const auto row = rows.stuck_us(*pcm(), array, 0, line, 0);
    const auto column = columns.stuck_us(*pcm(), array, 0, 0, line);
    if (row) BOOST_REQUIRE(*row == 0.0F);
    if (column) BOOST_REQUIRE(*column == 0.0F);
    open_rows += row ? 1.0 : 0.0;
    open_columns += column ? 1.0 : 0.0;
    const bool either = faults.stuck_us(*pcm(), array, 0, line, line).has_value();
    BOOST_REQUIRE(either == (row.has_value() || column.has_value()));
    differ += other.stuck_us(*pcm(), array, 0, line, line).has_value() != either ? 1 : 0;
  }
  check_share(open_rows, n, 0.03);
  check_share(open_columns, n, 0.06);
  BOOST_TEST(differ > 1000);
}

/// The logarithm of the endurance is normal with a standard deviation of half a decade: at the
/// median half of the devices are worn out, at √10 times the median Φ(1) = 0.8413, at a tenth of it
/// Φ(−2) = 0.0228. Four fifths of these devices are stuck high.
BOOST_AUTO_TEST_CASE(devices_wear_out_over_their_pulses) {
  FaultConfig config;
  config.endurance_pulses = 10000.0;
  const std::pair<std::uint32_t, double> ages[] = {
      {0, 0.0}, {1000, 0.02275}, {10000, 0.5}, {31623, 0.84134}};
  for (const auto& [pulses, share] : ages) {
    const Counted counted = count(config, 20000, 1, pulses);
    const double worn = counted.high + counted.zero;
    BOOST_TEST(counted.low == 0.0);
    if (pulses == 0) {
      BOOST_TEST(worn == 0.0);
      continue;
    }
    check_share(worn, 20000.0, share);
    check_share(counted.high, worn, 0.8);
  }
}

/// Every weight of an array follows from its devices and lines; the columns of each polarity fail
/// independently.
BOOST_AUTO_TEST_CASE(products_include_faults) {
  CrossbarConfig config = exact_config();
  config.faults.fault_rate = 0.2;
  config.faults.open_row_rate = 0.1;
  config.faults.open_column_rate = 0.1;
  Crossbar array = make(config, 30, 40);
  array.set_exact(all_alike(30, 40, 0.5F));
  const Faults faults(config.faults, 30, 40, 0, 1);
  int plus_alone = 0;
  for (std::size_t i = 0; i < 30; ++i) {
    for (std::size_t j = 0; j < 40; ++j) {
      const std::size_t c = 40 * i + j;
      const auto plus = faults.stuck_us(array.model(), array.plus(), c, i, j);
      const auto minus = faults.stuck_us(array.model(), array.minus(), c, i, 40 + j);
      const float expected = (plus.value_or(4.1F) - minus.value_or(0.1F)) / 8.0F;
      BOOST_TEST(std::fabs(array.weights()(i, j) - expected) < 1e-6F);
      plus_alone += plus && !minus ? 1 : 0;
    }
  }
  BOOST_TEST(plus_alone > 50);
}

BOOST_AUTO_TEST_CASE(programming_of_a_stuck_device_does_not_converge) {
  CrossbarConfig config = exact_config();
  config.faults.fault_rate = 1.0;
  config.faults.stuck_high_share = 1.0;
  config.programming = {device::ProgrammingMethod::program_and_verify, 0.4, 9, 1};
  Crossbar array = make(config, 3, 3);
  OperationCounts counts;
  const WriteReport report = array.program_devices(all_alike(3, 3, 0.5F), 0.0, counts);
  // G⁻ has the lowest target, a RESET without verification; G⁺ is RESET and read ten times.
  BOOST_TEST(report.converged == 9U);
  BOOST_TEST(report.devices == 18U);
  BOOST_TEST(counts.verify_reads == 90U);
  for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(array.weights()(i, i) == 0.0F);
}

/// A device that is stuck high has the read noise of its conductance, 0.03·12 + 0.13 = 0.49 µS, for
/// any programmed value: n = 20,000 reads of one weight, σ = 0.49·√2/8; k = 4, and 2⁻⁷ of the
/// variance for the packed table.
BOOST_AUTO_TEST_CASE(a_stuck_device_has_the_noise_of_its_conductance) {
  CrossbarConfig config = exact_config();
  config.device.read_noise = true;
  config.faults.fault_rate = 1.0;
  config.faults.stuck_high_share = 1.0;
  Crossbar array = make(config, 1, 1);
  array.set_exact(all_alike(1, 1, 0.0F));
  Scratch scratch(1);
  AlignedVector<float> y(padded(1));
  DrivenLines lines(1);
  lines.gather(std::vector<float>{1.0F});
  testing::Sample sample;
  for (std::uint64_t event = 0; event < 20000; ++event) {
    array.forward(lines, {Stream(1, Purpose::training_read), event}, scratch, y.data());
    sample.add(static_cast<double>(y[0]));
  }
  const double sigma = 0.49 * std::sqrt(2.0) / 8.0;
  BOOST_TEST(std::fabs(sample.mean()) < 4.0 * testing::mean_error(sigma, sample.n()));
  BOOST_TEST(std::fabs(sample.deviation() - sigma) <
             sigma / 256.0 + 4.0 * testing::deviation_error(sigma, sample.n()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::crossbar
