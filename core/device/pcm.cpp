#include "device/pcm.hpp"

#include "device/accumulation.hpp"
#include "device/power_law.hpp"

namespace imcsim::device {
namespace {

constexpr std::string_view source = "doi:10.1063/1.5042408; constants of a public implementation";

class PcmModel final : public DeviceModel {
 public:
  PcmModel(const DeviceConfig& config, double pulse_us)
      : pulses_(config, pulse_us), read_(config) {}

  void prepare(DeviceArray& array, const Stream& spread) const override {
    pulses_.prepare(array, spread);
    read_.prepare(array, spread);
  }
  void set(DeviceArray& array, Places places, double t_s,
           const Stream& programming) const override {
    pulses_.set(array, places, t_s, programming);
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
  Accumulation pulses_;
  PowerLaw read_;
};

}  // namespace

void describe(PcmConfig& c, FieldList& f) {
  constexpr double most_us = 1000.0;
  f.group("PCM pulses");
  f.field("set-mean-slope", c.set_mean_slope, Unit::none, {-1.0, 1.0},
          "Mean conductance change per SET pulse: slope over conductance, per µS", source);
  f.field("set-mean-offset-us", c.set_mean_offset_us, Unit::siemens_us, {-most_us, most_us},
          "Mean conductance change per SET pulse: constant part", source);
  f.field("set-mean-memory-us", c.set_mean_memory_us, Unit::siemens_us, {-most_us, most_us},
          "Mean conductance change per SET pulse: part that decays with the pulse number", source);
  f.field("set-std-slope", c.set_std_slope, Unit::none, {0.0, 1.0},
          "Standard deviation of the change per SET pulse: slope over conductance, per µS", source);
  f.field("set-std-offset-us", c.set_std_offset_us, Unit::siemens_us, {0.0, most_us},
          "Standard deviation of the change per SET pulse: constant part", source);
  f.field("set-std-memory-us", c.set_std_memory_us, Unit::siemens_us, {0.0, most_us},
          "Standard deviation of the change per SET pulse: part that decays with the pulse number",
          source);
  f.field("memory-decay-pulses", c.memory_decay_pulses, Unit::pulses, {0.01, 1e6},
          "Decay constant of the programming memory after RESET", source);
  f.field("set-spread", c.set_spread, Unit::fraction, {0.0, 2.0},
          "Device-to-device standard deviation of the change per SET pulse, relative",
          "0: the source gives no device-to-device variability");
}

std::unique_ptr<const DeviceModel> make_pcm(const DeviceConfig& config, double pulse_us) {
  return std::make_unique<PcmModel>(config, pulse_us);
}

}  // namespace imcsim::device
