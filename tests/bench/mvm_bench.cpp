// Multiply-accumulates per second of matrix–vector products in a crossbar with every effect at
// once, compared with a plain float product of the same matrix and vectors, for each instruction
// set, on one thread.
//
// 512 × 512, 1,000 vectors, inputs all driven. Effects: programmed phase-change memory after a day
// (programming error, drift, 1/f and fresh read noise), 8-bit converters with offset, gain and
// noise, nonlinear current–voltage curve, 1 % faults, wires of 0.35 Ω (fast model). The crossbar
// and the plain product alternate in slices of vectors; each rate is that of the best slice.
#include <chrono>
#include <cstdio>
#include <limits>
#include <string>

#include "crossbar/crossbar.hpp"
#include "support.hpp"

namespace imcsim {
namespace {

constexpr std::size_t side = 512;
constexpr std::size_t vectors = 1000;
constexpr std::size_t slice = 50;

crossbar::CrossbarConfig every_effect() {
  crossbar::CrossbarConfig config;
  device::DeviceConfig& device = config.device;
  device.model = device::ModelName::pcm_inference;
  device.common.conductance_min_us = 0.0;
  device.common.conductance_max_us = 25.0;
  device.common.reset_mean_us = 0.0;
  device.common.drift_reference_time = {20.0};
  device.flicker.flicker_power = {0.0088, 0.65, 0.2};
  config.array.conductance_per_weight_us = 25.0;
  config.array.wire_resistance_ohm = 0.35;
  config.programming.method = device::ProgrammingMethod::single_shot;
  config.converters.adc_full_scale_forward = 40.0;
  config.converters.nonlinearity_voltage_v = 0.4;
  config.converters.dac_offset_std = config.converters.adc_offset_std = 0.002;
  config.converters.dac_gain_std = config.converters.adc_gain_std = 0.01;
  config.converters.dac_noise_std = config.converters.adc_noise_std = 0.002;
  config.faults.fault_rate = 0.01;
  return config;
}

/// y = Wᵀx in two plain loops.
void plain_product(const Matrix<float>& w, const float* x, float* y) {
  for (std::size_t j = 0; j < side; ++j) y[j] = 0.0F;
  for (std::size_t i = 0; i < side; ++i) {
    const float* row = w.data() + i * side;
    for (std::size_t j = 0; j < side; ++j) y[j] += x[i] * row[j];
  }
}

template <class Body>
double seconds(const Body& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  return time.count();
}

void run() {
  const Matrix<float> weights = testing::random_matrix(side, side, 1.0F, 1);
  const Matrix<float> inputs = testing::random_matrix(vectors, side, 1.0F, 2);
  const double macs = static_cast<double>(side) * side * slice;
  std::printf("%zu x %zu, %zu vectors, every effect but exact wires, one thread, best slice\n",
              side, side, vectors);
  std::printf("%-9s %18s %18s %12s\n", "isa", "crossbar GMAC/s", "plain GMAC/s", "time ratio");
  for (const Isa isa : testing::supported_isas()) {
    const crossbar::CrossbarConfig config = every_effect();
    crossbar::Crossbar array(config, device::make_model(config.device, config.pulse_us), side, side,
                             0, 0, 0, 1, {isa, 1});
    OperationCounts counts;
    array.program_devices(weights, 0.0, counts);
    array.observe(86400.0, 1);
    crossbar::Scratch scratch(side);
    crossbar::DrivenLines x(side);
    AlignedVector<float> y(side);
    const Stream noise(1, Purpose::evaluation_read);
    double best_s = std::numeric_limits<double>::infinity();
    double plain_s = best_s;
    double kept = 0.0;
    for (std::size_t first = 0; first + slice <= vectors; first += slice) {
      best_s = std::min(best_s, seconds([&] {
                          for (std::size_t k = first; k < first + slice; ++k) {
                            x.gather({inputs.data() + k * side, side});
                            array.forward(x, {noise, k}, scratch, y.data());
                            kept += static_cast<double>(y[0]);
                          }
                        }));
      plain_s = std::min(plain_s, seconds([&] {
                           for (std::size_t k = first; k < first + slice; ++k) {
                             plain_product(weights, inputs.data() + k * side, y.data());
                             kept += static_cast<double>(y[0]);
                           }
                         }));
    }
    std::printf("%-9s %18.1f %18.1f %12.3f\n",
                std::string(names_of(isa)[static_cast<std::size_t>(isa)]).c_str(),
                1e-9 * macs / best_s, 1e-9 * macs / plain_s, best_s / plain_s);
    if (kept == 0.5) std::printf("\n");  // uses the sum, so that the compiler removes nothing
  }
}

}  // namespace
}  // namespace imcsim

int main() {
  imcsim::run();
  return 0;
}
