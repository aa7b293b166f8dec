// The kernels of every instruction set must give the same bits as the plain loops in this file.
#include "crossbar/crossbar_kernels.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>

#include "crossbar/crossbar.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(crossbar_kernels)

namespace {

using crossbar::DrivenLines;

constexpr std::size_t rows = 40;

struct Case {
  std::size_t stride;
  DrivenLines x{rows};
  Matrix<float> w;
  Matrix<std::uint32_t> v;
  AlignedVector<float> g;

  Case(std::size_t stride_, std::size_t lines, std::uint64_t seed)
      : stride(stride_),
        w(testing::random_matrix(rows, stride_, 1.5F, seed)),
        v({rows, crossbar::variance_pairs(stride_)}, 0U),
        g(stride_) {
    testing::Draws draws(seed + 1);
    std::vector<float> dense(rows, 0.0F);
    for (std::size_t l = 0; l < lines; ++l) dense[(l * 7 + 3) % rows] = draws(2.0F);
    x.gather(dense);
    for (std::uint32_t& word : v) {
      word = crossbar::pack_variances(std::fabs(draws(0.1F)), std::fabs(draws(0.1F)));
    }
    for (float& value : g) value = draws(1.5F);
  }
};

template <class Check>
void for_each_case(Check check) {
  for (const std::size_t stride : {16U, 32U, 48U, 256U}) {
    for (const std::size_t lines : {0U, 1U, 3U, 4U, 5U, 16U, 17U, 40U}) {
      const Case c(stride, lines, 100 * stride + lines);
      BOOST_TEST_REQUIRE(c.x.count == lines);
      for (const Isa isa : testing::supported_isas()) {
        BOOST_TEST_CONTEXT("stride " << stride << ", lines " << lines << ", isa "
                                     << names_of(isa)[static_cast<std::size_t>(isa)]) {
          check(c, crossbar::kernels(isa));
        }
      }
    }
  }
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

AlignedVector<float> plain_product(const Case& c) {
  AlignedVector<float> y(c.stride, 0.0F);
  for (std::size_t l = 0; l < c.x.count; ++l) {
    for (std::size_t j = 0; j < c.stride; ++j) y[j] += c.x.value[l] * c.w(c.x.line[l], j);
  }
  return y;
}

AlignedVector<float> plain_variance(const Case& c) {
  const std::size_t pairs = crossbar::variance_pairs(c.stride);
  AlignedVector<float> s(2 * pairs, 0.0F);
  for (std::size_t l = 0; l < c.x.count; ++l) {
    const float q = c.x.value[l] * c.x.value[l];
    for (std::size_t k = 0; k < pairs; ++k) {
      const std::uint32_t word = c.v(c.x.line[l], k);
      s[k] += q * __builtin_bit_cast(float, word << 16);
      s[pairs + k] += q * __builtin_bit_cast(float, word);
    }
  }
  return s;
}

}  // namespace

BOOST_AUTO_TEST_CASE(multiply_as_plain_loops) {
  for_each_case([](const Case& c, const crossbar::Kernels& kernels) {
    AlignedVector<float> y(c.stride, 0.0F);
    kernels.multiply(c.x.line.data(), c.x.value.data(), c.x.count, c.w.data(), c.stride, y.data());
    BOOST_TEST(same_bits(y, plain_product(c)));
  });
}

BOOST_AUTO_TEST_CASE(multiply_noisy_as_plain_loops) {
  for_each_case([](const Case& c, const crossbar::Kernels& kernels) {
    const std::size_t pairs = crossbar::variance_pairs(c.stride);
    AlignedVector<float> y(c.stride, 0.0F);
    AlignedVector<float> s(2 * pairs, 0.0F);
    kernels.multiply_noisy(c.x.line.data(), c.x.value.data(), c.x.count, c.w.data(), c.stride,
                           c.v.data(), pairs, y.data(), s.data());
    BOOST_TEST(same_bits(y, plain_product(c)));
    // Entries after the columns of a row are unspecified.
    BOOST_TEST(same_bits(std::span(s).first(c.stride),
                         std::span<const float>(plain_variance(c)).first(c.stride)));
  });
}

BOOST_AUTO_TEST_CASE(outer_products_as_plain_loops) {
  for_each_case([](const Case& c, const crossbar::Kernels& kernels) {
    Matrix<float> expected = c.w;
    std::vector<bool> overflow(c.x.count, false);
    for (std::size_t l = 0; l < c.x.count; ++l) {
      for (std::size_t j = 0; j < c.stride; ++j) {
        float& m = expected(c.x.line[l], j);
        m -= c.x.value[l] * c.g[j];
        if (std::fabs(m) >= 2.0F) overflow[l] = true;
      }
    }
    Matrix<float> subtracted = c.w;
    kernels.subtract_outer(c.x.line.data(), c.x.value.data(), c.x.count, subtracted.data(),
                           c.stride, c.g.data());
    BOOST_TEST(std::memcmp(subtracted.data(), expected.data(), expected.size() * 4) == 0);

    Matrix<float> accumulated = c.w;
    std::vector<std::uint32_t> flags(c.x.count + 1, 77);
    kernels.accumulate_outer(c.x.line.data(), c.x.value.data(), c.x.count, accumulated.data(),
                             c.stride, c.g.data(), flags.data());
    BOOST_TEST(std::memcmp(accumulated.data(), expected.data(), expected.size() * 4) == 0);
    for (std::size_t l = 0; l < c.x.count; ++l) BOOST_TEST((flags[l] != 0) == overflow[l]);
    BOOST_TEST(flags[c.x.count] == 77U);
  });
}

BOOST_AUTO_TEST_CASE(overflow_is_flagged_exactly_from_two_on) {
  for (const Isa isa : testing::supported_isas()) {
    for (const float sign : {1.0F, -1.0F}) {
      for (std::size_t column = 0; column < 48; ++column) {
        Matrix<float> m = padded_matrix<float>(1, 48);
        DrivenLines x(1);
        x.gather(std::vector<float>{1.0F});
        AlignedVector<float> g(48, 0.0F);
        std::uint32_t flag = 7;
        g[column] = sign * std::nextafter(2.0F, 0.0F);
        crossbar::kernels(isa).accumulate_outer(x.line.data(), x.value.data(), 1, m.data(), 48,
                                                g.data(), &flag);
        BOOST_TEST(flag == 0U);
        m(0, column) = 0.0F;
        g[column] = sign * 2.0F;
        crossbar::kernels(isa).accumulate_outer(x.line.data(), x.value.data(), 1, m.data(), 48,
                                                g.data(), &flag);
        BOOST_TEST(flag != 0U);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(read_out_as_plain_loops) {
  for (const std::size_t stride : {16U, 32U, 48U, 256U}) {
    testing::Draws draws(stride);
    AlignedVector<float> y(stride), s(stride), noise(stride);
    for (std::size_t j = 0; j < stride; ++j) {
      y[j] = draws(12.0F);
      s[j] = std::fabs(draws(0.5F));
      noise[j] = draws(3.0F);
    }
    for (const std::int64_t bits : {0, 2, 4, 8, 16}) {
      const crossbar::Quantizer adc = crossbar::make_quantizer("--adc-bits", bits, 8.0);
      for (const bool noisy : {false, true}) {
        AlignedVector<float> expected = y;
        std::size_t saturated = 0;
        for (std::size_t j = 0; j < stride; ++j) {
          float& value = expected[j];
          if (noisy) value += std::sqrt(s[j]) * noise[j];
          if (bits == 0) continue;
          const auto scaled = static_cast<double>(value * adc.inverse_lsb);
          const double code = std::nearbyint(scaled);
          saturated += std::fabs(code) > static_cast<double>(adc.max_code) ? 1U : 0U;
          const double limit = static_cast<double>(adc.max_code);
          value = static_cast<float>(std::max(-limit, std::min(limit, code))) * adc.lsb;
        }
        for (const Isa isa : testing::supported_isas()) {
          AlignedVector<float> out = y;
          const std::size_t counted = crossbar::kernels(isa).read_out(
              stride, out.data(), noisy ? s.data() : nullptr, noise.data(), adc);
          for (std::size_t j = 0; j < stride; ++j) BOOST_TEST(out[j] == expected[j]);
          BOOST_TEST(counted == saturated);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(drive_as_plain_loops) {
  testing::Draws draws(5);
  for (const std::size_t count : {16U, 32U, 48U, 256U}) {
    AlignedVector<float> x(count);
    for (float& value : x) value = draws(1.3F);
    for (const std::int64_t bits : {0, 2, 8}) {
      const crossbar::Quantizer dac = crossbar::make_quantizer("--adc-bits", bits, 1.0);
      for (const float scale : {1.0F, 0.37F}) {
        for (const Isa isa : testing::supported_isas()) {
          AlignedVector<float> driven(count);
          crossbar::kernels(isa).drive(count, x.data(), scale, dac, driven.data());
          for (std::size_t i = 0; i < count; ++i) {
            const float exact = x[i] / scale;
            const double limit = static_cast<double>(dac.max_code);
            const double code = std::nearbyint(static_cast<double>(exact * dac.inverse_lsb));
            const float expected =
                bits == 0 ? exact
                          : static_cast<float>(std::max(-limit, std::min(limit, code))) * dac.lsb;
            BOOST_TEST(driven[i] == expected);
          }
        }
      }
    }
  }
}

/// 100,000 pairs over the range of read variances (weight²): each within 2⁻⁷ of its value.
BOOST_AUTO_TEST_CASE(packed_variances_are_right_to_one_part_in_128) {
  testing::Draws draws(6);
  double worst = 0.0;
  for (int i = 0; i < 100000; ++i) {
    const float low = std::exp(draws(12.0F));
    const float high = std::exp(draws(12.0F));
    const std::uint32_t word = crossbar::pack_variances(low, high);
    const auto error = [](float packed, float value) {
      return std::fabs(static_cast<double>(packed) / static_cast<double>(value) - 1.0);
    };
    worst = std::max({worst, error(__builtin_bit_cast(float, word << 16), low),
                      error(__builtin_bit_cast(float, word), high)});
  }
  BOOST_TEST(worst <= 1.0 / 128.0);
  BOOST_TEST(crossbar::variance_pairs(16) == 16U);
  BOOST_TEST(crossbar::variance_pairs(32) == 16U);
  BOOST_TEST(crossbar::variance_pairs(48) == 32U);
  BOOST_TEST(crossbar::variance_pairs(256) == 128U);
}

/// 200,000 pairs of PCM devices with weights up to ±0.5: rounding errors uniform in ±2⁻⁷ would have
/// a mean below 4·2⁻⁷/√(3n) = 4e-5. The bound of 5e-4 is negligible: 0.025 % of a standard
/// deviation.
BOOST_AUTO_TEST_CASE(packed_variances_have_no_bias) {
  testing::Draws draws(7);
  const auto variance = [&] {
    const float weight = draws(0.5F);
    const float plus = 0.03F * (0.1F + 8.0F * std::max(weight, 0.0F)) + 0.13F;
    const float minus = 0.03F * (0.1F + 8.0F * std::max(-weight, 0.0F)) + 0.13F;
    return (plus * plus + minus * minus) / 64.0F;
  };
  testing::Sample low_error;
  testing::Sample high_error;
  for (int i = 0; i < 200000; ++i) {
    const float low = variance();
    const float high = variance();
    const std::uint32_t word = crossbar::pack_variances(low, high);
    low_error.add(static_cast<double>(__builtin_bit_cast(float, word << 16) / low) - 1.0);
    high_error.add(static_cast<double>(__builtin_bit_cast(float, word) / high) - 1.0);
  }
  BOOST_TEST(std::fabs(low_error.mean()) < 5e-4);
  BOOST_TEST(std::fabs(high_error.mean()) < 5e-4);
}

BOOST_AUTO_TEST_CASE(packed_variances_of_extreme_values_stay_positive_and_normal) {
  for (const float value : {0.0F, 1e-45F, 1e-38F, 1e30F}) {
    const std::uint32_t word = crossbar::pack_variances(value, value);
    for (const float packed :
         {__builtin_bit_cast(float, word << 16), __builtin_bit_cast(float, word)}) {
      BOOST_TEST(std::fpclassify(packed) == FP_NORMAL);
      BOOST_TEST(packed > 0.0F);
    }
  }
}

BOOST_AUTO_TEST_CASE(gathered_lines_ascend_and_are_padded_with_zeros) {
  DrivenLines lines(20);
  lines.gather(std::vector<float>{0.0F, 2.0F, -0.0F, 0.0F, -3.0F});
  BOOST_TEST(lines.count == 2U);
  BOOST_TEST(lines.line[0] == 1U);
  BOOST_TEST(lines.value[0] == 2.0F);
  BOOST_TEST(lines.line[1] == 4U);
  BOOST_TEST(lines.value[1] == -3.0F);
  for (std::size_t i = 2; i < 16; ++i) {
    BOOST_TEST(lines.line[i] == 0U);
    BOOST_TEST(lines.value[i] == 0.0F);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
