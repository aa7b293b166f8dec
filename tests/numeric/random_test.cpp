#include "numeric/random.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <set>

#include "numeric/numeric_kernels.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(numeric_random)

namespace {

/// Row of normal numbers from a kernel.
AlignedVector<float> normals_row(Isa isa, const Stream& stream, std::uint64_t event,
                                 std::size_t count) {
  AlignedVector<float> row((count + 63) / 64 * 64, -99.0F);
  numeric::kernels(isa).normals(stream.name(event), count, row.data());
  return row;
}

}  // namespace

/// Known results of Philox4x32-10: all bits clear, and all bits set (Random123, kat_vectors).
BOOST_AUTO_TEST_CASE(philox_known_answers) {
  std::uint32_t block[4][1];
  numeric::philox({{0, 0}, {0, 0, 0}}, 0, block);
  BOOST_TEST(block[0][0] == 0x6627e8d5U);
  BOOST_TEST(block[1][0] == 0xe169c58dU);
  BOOST_TEST(block[2][0] == 0xbc57ac4cU);
  BOOST_TEST(block[3][0] == 0x9b00dbd8U);
  const std::uint32_t ones = 0xffffffffU;
  numeric::philox({{ones, ones}, {ones, ones, ones}}, ones, block);
  BOOST_TEST(block[0][0] == 0x408f276dU);
  BOOST_TEST(block[1][0] == 0x41c83b0eU);
  BOOST_TEST(block[2][0] == 0xa20bc7c6U);
  BOOST_TEST(block[3][0] == 0x6d5451fdU);
}

BOOST_AUTO_TEST_CASE(sixteen_blocks_are_sixteen_single_ones) {
  const numeric::PhiloxName name{{1, 2}, {3, 4, 5}};
  numeric::PhiloxBlocks many;
  numeric::philox(name, 100, many.word);
  for (std::uint32_t b = 0; b < 16; ++b) {
    std::uint32_t one[4][1];
    numeric::philox(name, 100 + b, one);
    for (int w = 0; w < 4; ++w) BOOST_TEST(many.word[w][b] == one[w][0]);
  }
}

BOOST_AUTO_TEST_CASE(every_instruction_set_draws_the_same_rows) {
  const Stream stream(7, Purpose::training_read, 3);
  for (const std::size_t count : {16U, 32U, 48U, 64U, 80U, 256U}) {
    const AlignedVector<float> expected = normals_row(Isa::baseline, stream, 11, count);
    BOOST_TEST(expected[0] == stream.normal(11));
    for (const Isa isa : testing::supported_isas()) {
      const AlignedVector<float> row = normals_row(isa, stream, 11, count);
      BOOST_TEST(std::memcmp(row.data(), expected.data(), count * sizeof(float)) == 0);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_row_is_the_beginning_of_a_longer_row) {
  const Stream stream(7, Purpose::training_read, 3);
  const AlignedVector<float> all = normals_row(Isa::baseline, stream, 5, 256);
  for (const std::size_t count : {16U, 48U, 64U, 112U}) {
    const AlignedVector<float> row = normals_row(Isa::baseline, stream, 5, count);
    BOOST_TEST(
        std::equal(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(count), all.begin()));
  }
}

BOOST_AUTO_TEST_CASE(different_names_give_different_draws) {
  std::set<std::uint32_t> words;
  std::size_t requested = 0;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    for (const Purpose purpose : {Purpose::shuffle, Purpose::programming, Purpose::verify_read}) {
      for (std::uint32_t entity = 0; entity < 4; ++entity) {
        for (const std::uint64_t event : {0ULL, 1ULL, 1ULL << 32, 3ULL << 32}) {
          for (std::uint32_t index = 0; index < 8; ++index, ++requested) {
            words.insert(Stream(seed, purpose, entity).word(event, index));
          }
        }
      }
    }
  }
  // 1,536 words of 32 bits: two of them are equal with a probability of 3e-4.
  BOOST_TEST(words.size() == requested);
  BOOST_TEST(Stream(1, Purpose::shuffle).of(3).word(9) == Stream(1, Purpose::shuffle, 3).word(9));
}

/// n = 1,024,000 normal numbers, as the kernels draw them: 4,000 rows of 256. Standard errors:
/// mean 1/√n, variance √(2/n), skewness √(6/n), kurtosis √(24/n); tails are binomial. k = 4.
BOOST_AUTO_TEST_CASE(normals_are_normal) {
  const Stream stream(1, Purpose::training_read, 0);
  double sum[5] = {};
  std::size_t beyond2 = 0;
  std::size_t beyond4 = 0;
  double adjacent = 0.0;
  double largest = 0.0;
  for (std::uint64_t event = 0; event < 4000; ++event) {
    const AlignedVector<float> row = normals_row(best_isa(), stream, event, 256);
    for (std::size_t i = 0; i < 256; ++i) {
      const auto x = static_cast<double>(row[i]);
      double power = 1.0;
      for (int p = 1; p <= 4; ++p) {
        power *= x;
        sum[p] += power;
      }
      beyond2 += std::fabs(x) > 2.0 ? 1U : 0U;
      beyond4 += std::fabs(x) > 4.0 ? 1U : 0U;
      largest = std::max(largest, std::fabs(x));
      adjacent += x * static_cast<double>(row[(i + 16) % 256]);
    }
  }
  const double n = 4000.0 * 256.0;
  const double k = 4.0;
  BOOST_TEST(std::fabs(sum[1] / n) < k / std::sqrt(n));
  BOOST_TEST(std::fabs(sum[2] / n - 1.0) < k * std::sqrt(2.0 / n));
  BOOST_TEST(std::fabs(sum[3] / n) < k * std::sqrt(15.0 / n));  // third moment about 0: variance 15
  BOOST_TEST(std::fabs(sum[4] / n - 3.0) < k * std::sqrt(96.0 / n));  // fourth: 105 − 9
  const auto tail = [&](std::size_t count, double p) {
    return std::fabs(static_cast<double>(count) / n - p) < k * std::sqrt(p * (1.0 - p) / n);
  };
  BOOST_TEST(tail(beyond2, 0.045500263896));
  BOOST_TEST(tail(beyond4, 6.3342484e-5));
  BOOST_TEST(std::fabs(adjacent / n) < k / std::sqrt(n));  // cosine and sine of one pair
  BOOST_TEST(largest < 5.8);
}

/// n = 200,000 numbers of `Stream::normal`, one per event. Mean and variance, k = 4.
BOOST_AUTO_TEST_CASE(single_normals_are_normal) {
  const Stream stream(2, Purpose::programming, 5);
  testing::Sample sample;
  for (std::uint64_t event = 0; event < 200000; ++event) {
    sample.add(static_cast<double>(stream.normal(event)));
  }
  BOOST_TEST(std::fabs(sample.mean()) < 4.0 * testing::mean_error(1.0, sample.n()));
  BOOST_TEST(std::fabs(sample.variance() - 1.0) < 4.0 * testing::variance_error(1.0, sample.n()));
}

/// n = 200,000 uniform numbers: mean 1/2, variance 1/12 (kurtosis 1.8), 16 equal bins by χ² with
/// 15 degrees of freedom, whose 99.99 % point is 44.3. k = 4.
BOOST_AUTO_TEST_CASE(uniforms_are_uniform) {
  const Stream stream(3, Purpose::rounding, 1);
  testing::Sample sample;
  double bins[16] = {};
  for (std::uint32_t i = 0; i < 200000; ++i) {
    const float u = stream.uniform(i / 1000, i % 1000);
    BOOST_REQUIRE(u >= 0.0F && u < 1.0F);
    sample.add(static_cast<double>(u));
    bins[static_cast<std::size_t>(u * 16.0F)] += 1.0;
  }
  const double sigma = std::sqrt(1.0 / 12.0);
  BOOST_TEST(std::fabs(sample.mean() - 0.5) < 4.0 * testing::mean_error(sigma, sample.n()));
  BOOST_TEST(std::fabs(sample.variance() - sigma * sigma) <
             4.0 * testing::variance_error(sigma, sample.n(), 1.8));
  double chi_squared = 0.0;
  for (const double bin : bins) chi_squared += (bin - 12500.0) * (bin - 12500.0) / 12500.0;
  BOOST_TEST(chi_squared < 44.3);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
