#include "device/exponential_step.hpp"

#include <algorithm>
#include <cmath>

#include "device/power_law.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::device {
namespace {

class ExponentialStepModel final : public DeviceModel {
 public:
  ExponentialStepModel(const DeviceConfig& config, double pulse_us)
      : pulses_(config, config.exponential_step.step, pulse_us, 0),
        read_(config),
        argument_slope_(static_cast<float>(2.0 * config.exponential_step.argument_slope)),
        argument_offset_(static_cast<float>(config.exponential_step.argument_offset)),
        gamma_up_(static_cast<float>(config.exponential_step.gamma_up)),
        gamma_down_(static_cast<float>(config.exponential_step.gamma_down)),
        amplitude_up_(static_cast<float>(config.exponential_step.amplitude_up)),
        amplitude_down_(static_cast<float>(config.exponential_step.amplitude_down)),
        noise_offset_us_(static_cast<float>(config.exponential_step.noise_offset_us)),
        noise_slope_(static_cast<float>(config.exponential_step.noise_slope)) {}

  void prepare(DeviceArray& array, const Stream& spread) const override {
    pulses_.prepare(array, spread);
    read_.prepare(array, spread);
  }
  void set(DeviceArray& array, Places places, double t_s,
           const Stream& programming) const override {
    move(array, places, t_s, programming, true);
  }
  bool depresses() const override { return true; }
  void depress(DeviceArray& array, Places places, double t_s,
               const Stream& programming) const override {
    move(array, places, t_s, programming, false);
  }
  void reset(DeviceArray& array, Places places, double t_s,
             const Stream& programming) const override {
    pulses_.reset(array, places, t_s, programming);
  }
  void conductance_us(const DeviceArray& array, std::size_t first, double t_s,
                      std::span<float> out_us) const override {
    read_.conductance_us(array, first, t_s, out_us);
  }
  double conductance_stepwise_us(const DeviceArray& array, std::size_t first, double t_s,
                                 std::span<float> out_us) const override {
    return read_.conductance_stepwise_us(array, first, t_s, out_us);
  }
  bool read_noise_us(const DeviceArray&, std::size_t, double, std::span<const float> conductance_us,
                     std::span<float> out_us) const override {
    return read_.read_noise_us(conductance_us, out_us);
  }
  double drift_age(double since_s) const override { return read_.drift_age(since_s); }
  float lowest_us() const override { return pulses_.lowest_us(); }
  float highest_us() const override { return pulses_.highest_us(); }

 private:
  void move(DeviceArray& array, Places places, double t_s, const Stream& programming,
            bool up) const {
    for (const std::uint32_t place : places) {
      const StepPulses::Device device = pulses_.device(array, place);
      const float g = pulses_.hidden_us(array, place);
      const float from_origin = g - pulses_.origin_us();
      const float window = std::max(device.max_us - device.min_us, narrowest_us);
      const float z = argument_slope_ * (from_origin / window) + argument_offset_;
      const float part = up ? 1.0F - amplitude_up_ * numeric::exp(gamma_up_ * z)
                            : 1.0F - amplitude_down_ * numeric::exp(-gamma_down_ * z);
      const float size = std::clamp(part * (up ? device.up_us : device.down_us), 0.0F, window);
      const float deviation =
          pulses_.noise() * (size + noise_offset_us_ + noise_slope_ * std::fabs(from_origin));
      pulses_.pulse(array, place, device, g, {up, up ? size : -size, deviation}, t_s, programming);
    }
  }

  static constexpr float narrowest_us = 1e-6F;

  StepPulses pulses_;
  PowerLaw read_;
  float argument_slope_, argument_offset_, gamma_up_, gamma_down_, amplitude_up_, amplitude_down_;
  float noise_offset_us_, noise_slope_;
};

}  // namespace

void describe(ExponentialStepConfig& c, FieldList& f) {
  constexpr StepKeys keys = {"exponential-up-us",
                             "exponential-down-us",
                             "exponential-origin",
                             "exponential-noise",
                             "exponential-write-noise-us",
                             "exponential-spread",
                             "exponential-spread-lognormal",
                             "exponential-asymmetry-std",
                             "exponential-min-std-us"};
  constexpr Range any{-1000.0, 1000.0};
  f.group("Exponential-step pulses");
  describe(c.step, f, keys, {0.0, 1.0});
  f.field("exponential-argument-slope", c.argument_slope, Unit::none, any,
          "Slope a of the step argument z = 2a(G - G0)/(Gmax - Gmin) + b", step_source);
  f.field("exponential-argument-offset", c.argument_offset, Unit::none, any,
          "Offset b of the step argument z", step_source);
  f.field("exponential-gamma-up", c.gamma_up, Unit::none, any,
          "Growth rate gamma of the up step with z", step_source);
  f.field("exponential-gamma-down", c.gamma_down, Unit::none, any,
          "Decay rate gamma of the down step with z", step_source);
  f.field("exponential-amplitude-up", c.amplitude_up, Unit::none, any,
          "Amplitude A of the up step, 1 - A exp(gamma z)", step_source);
  f.field("exponential-amplitude-down", c.amplitude_down, Unit::none, any,
          "Amplitude A of the down step, 1 - A exp(-gamma z)", step_source);
  f.field("exponential-noise-offset-us", c.noise_offset_us, Unit::siemens_us, {0.0, 1000.0},
          "Constant c in the standard deviation exponential-noise (step + c + s |G - G0|)",
          step_source);
  f.field("exponential-noise-slope", c.noise_slope, Unit::none, {0.0, 1000.0},
          "Slope s in the standard deviation exponential-noise (step + c + s |G - G0|)",
          step_source);
}

std::unique_ptr<const DeviceModel> make_exponential_step(const DeviceConfig& config,
                                                         double pulse_us) {
  return std::make_unique<ExponentialStepModel>(config, pulse_us);
}

}  // namespace imcsim::device
