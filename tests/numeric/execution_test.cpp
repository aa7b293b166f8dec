#include "numeric/execution.hpp"

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <stdexcept>

#include "numeric/numeric_kernels.hpp"
#include "numeric/statistics.hpp"
#include "support.hpp"

namespace imcsim {

BOOST_AUTO_TEST_SUITE(numeric_execution)

BOOST_AUTO_TEST_CASE(each_index_is_visited_once_at_any_number_of_threads) {
  for (const int threads : {1, 2, 7, 64}) {
    std::vector<int> visits(1000, 0);
    parallel_for(threads, visits.size(), [&](std::size_t i) { visits[i] += 1; });
    BOOST_TEST(std::count(visits.begin(), visits.end(), 1) == 1000);
  }
  parallel_for(3, 0, [](std::size_t) { BOOST_ERROR("called for nothing"); });
}

BOOST_AUTO_TEST_CASE(an_exception_is_rethrown_after_all_calls) {
  for (const int threads : {1, 3}) {
    std::vector<int> visits(50, 0);
    BOOST_CHECK_THROW(parallel_for(threads, visits.size(),
                                   [&](std::size_t i) {
                                     visits[i] = 1;
                                     if (i == 7) throw std::runtime_error("seven");
                                   }),
                      std::runtime_error);
    BOOST_TEST(std::count(visits.begin(), visits.end(), 1) == 50);
  }
}

BOOST_AUTO_TEST_CASE(the_widest_supported_instruction_set_is_best) {
  BOOST_TEST(is_supported(Isa::baseline));
  BOOST_TEST(is_supported(best_isa()));
  BOOST_TEST((best_isa() == testing::supported_isas().back()));
  BOOST_TEST(hardware_threads() >= 1);
}

BOOST_AUTO_TEST_CASE(activations_have_the_same_bits_on_every_instruction_set) {
  testing::Draws draws(9);
  AlignedVector<float> input(256);
  for (float& x : input) x = draws(12.0F);
  using Kernel = void (*numeric::Kernels::*)(std::size_t, float*) noexcept;
  for (const Kernel kernel :
       {&numeric::Kernels::sigmoid, &numeric::Kernels::tanh, &numeric::Kernels::relu}) {
    AlignedVector<float> expected = input;
    (numeric::kernels(Isa::baseline).*kernel)(expected.size(), expected.data());
    for (const Isa isa : testing::supported_isas()) {
      AlignedVector<float> values = input;
      (numeric::kernels(isa).*kernel)(values.size(), values.data());
      BOOST_TEST(std::memcmp(values.data(), expected.data(), 256 * sizeof(float)) == 0);
    }
  }
  AlignedVector<float> relu = {-1.0F, 0.0F, 2.0F, -0.0F};
  relu.resize(16);
  numeric::kernels(Isa::baseline).relu(16, relu.data());
  BOOST_TEST(relu[0] == 0.0F);
  BOOST_TEST(relu[2] == 2.0F);
}

BOOST_AUTO_TEST_CASE(mean_and_deviation_of_small_samples) {
  const std::vector<double> values = {1.0, 2.0, 4.0};
  const MeanAndDeviation md = mean_and_deviation(values);
  BOOST_TEST(md.mean == 7.0 / 3.0);
  BOOST_TEST(std::fabs(md.deviation - std::sqrt(7.0 / 3.0)) < 1e-14);
  BOOST_TEST(mean_and_deviation(std::vector<double>{5.0}).deviation == 0.0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
