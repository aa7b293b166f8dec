#include "device/device.hpp"

#include <array>

#include "base/error.hpp"
#include "device/ideal.hpp"
#include "numeric/events.hpp"

namespace imcsim::device {

namespace {

/// Refuses devices without an entity before memory is allocated for them.
std::size_t with_entities(std::size_t count, std::uint32_t first) {
  entities::device_entities.block(first, count);
  return count;
}

}  // namespace

DeviceArray::DeviceArray(std::size_t count, std::uint32_t first)
    : conductance_us(with_entities(count, first), 0.0F),
      memory(count, 1.0F),
      programmed_at_s(count, 0.0),
      pulses(count, 0),
      first_entity(first) {}

void DeviceModel::prepare(DeviceArray&, const Stream&) const {}

void DeviceModel::depress(DeviceArray& array, Places places, double t_s,
                          const Stream& programming) const {
  reset(array, places, t_s, programming);
}

void DeviceModel::pulse_to_target(DeviceArray& array, std::uint32_t place, float target_us,
                                  double t_s, const Stream& programming) const {
  set_exact(array, place, target_us, t_s, programming);
}

void DeviceModel::set_exact(DeviceArray& array, std::uint32_t place, float target_us, double t_s,
                            const Stream&) const {
  array.conductance_us[place] = target_us;
  array.memory[place] = 1.0F;
  array.programmed_at_s[place] = t_s;
}

bool DeviceModel::slow_noise_us(const DeviceArray&, std::size_t, double, std::span<const float>,
                                std::span<float>) const {
  return false;
}

std::span<const std::string_view> names_of(ModelName) {
  static constexpr auto names = std::to_array<std::string_view>({
      "ideal",
      "pcm",
      "pcm-inference",
      "projected-pcm",
      "linear-step",
      "soft-bounds",
      "exponential-step",
      "measured",
  });
  return names;
}

std::unique_ptr<const DeviceModel> make_model(const DeviceConfig& config, double pulse_us) {
  if (config.common.conductance_min_us >= config.common.conductance_max_us) {
    throw InputError(at_field("conductance-min-us"), "is not below conductance-max-us",
                     "less than conductance-max-us");
  }
  switch (config.model) {
    case ModelName::ideal: return std::make_unique<IdealModel>(config, pulse_us);
    case ModelName::pcm: return make_pcm(config, pulse_us);
    case ModelName::pcm_inference: return make_pcm_inference(config, pulse_us);
    case ModelName::projected_pcm: return make_projected_pcm(config, pulse_us);
    case ModelName::linear_step: return make_linear_step(config, pulse_us, false);
    case ModelName::soft_bounds: return make_linear_step(config, pulse_us, true);
    case ModelName::exponential_step: return make_exponential_step(config, pulse_us);
    case ModelName::measured: break;
  }
  return make_measured(config, pulse_us);
}

namespace {

void describe_common(DeviceConfig& config, FieldList& f) {
  CommonConfig& c = config.common;
  constexpr double most_us = 1000.0;
  constexpr std::string_view pcm = "preset; pcm: doi:10.1063/1.5042408";
  const bool ideal = config.model == ModelName::ideal;
  const bool own_statistics = config.model == ModelName::pcm_inference;
  f.group("Conductance range");
  f.active(!ideal);
  f.field("conductance-min-us", c.conductance_min_us, Unit::siemens_us, {0.0, most_us},
          "Lowest conductance after a SET pulse", pcm);
  f.field("conductance-max-us", c.conductance_max_us, Unit::siemens_us, {0.001, most_us},
          "Highest conductance", pcm);
  f.field("conductance-max-std", c.conductance_max_std, Unit::fraction, {0.0, 2.0},
          "Device-to-device standard deviation of conductance-max-us, relative",
          "preset; 0 where the source gives none");
  f.field("reset-mean-us", c.reset_mean_us, Unit::siemens_us, {0.0, most_us},
          "Mean conductance after RESET", pcm);
  f.field("reset-std-us", c.reset_std_us, Unit::siemens_us, {0.0, most_us},
          "Standard deviation of the conductance after RESET", pcm);
  f.group("Drift and noise");
  f.active(!ideal && !own_statistics);
  f.field("read-noise-slope", c.read_noise_slope, Unit::none, {0.0, 1.0},
          "Read noise, standard deviation: slope over conductance, per µS", pcm);
  f.field("read-noise-offset-us", c.read_noise_offset_us, Unit::siemens_us, {0.0, most_us},
          "Read noise, standard deviation: constant part", pcm);
  f.field("drift-exponent", c.drift_exponent, Unit::none, {0.0, 1.0},
          "Exponent of the power law of conductance drift", pcm);
  f.field("drift-exponent-std", c.drift_exponent_std, Unit::none, {0.0, 1.0},
          "Device-to-device standard deviation of drift-exponent",
          "preset; 0 where the source gives none");
  f.active(!ideal);
  f.field("drift-reference-time", c.drift_reference_time, Unit::seconds, {1e-9, 1e9},
          "Time after programming at which the conductance is defined and drift starts", pcm);
  f.field("activation-energy-ev", c.activation_energy_ev, Unit::electronvolts, {0.0, 2.0},
          "Activation energy of the conductance", "assumed; amorphous Ge2Sb2Te5 has 0.2 to 0.3 eV");
}

}  // namespace

void describe(DeviceConfig& c, FieldList& f) {
  constexpr std::string_view choice = "set by the experiment";
  f.group("Device");
  f.field("device-model", c.model, Unit::none, {}, "Device model", "device models of imcsim");
  f.field("read-noise", c.read_noise, Unit::none, {}, "Read noise of the devices", choice);
  f.field("programming-noise", c.programming_noise, Unit::none, {},
          "Cycle-to-cycle variability of programming pulses", choice);
  f.field("drift", c.drift, Unit::none, {}, "Conductance drift since the last pulse", choice);
  f.field("update-nonlinearity", c.update_nonlinearity, Unit::none, {},
          "Dependence of the change per pulse on conductance and history (off: constant step)",
          choice);
  f.field("device-spread", c.device_spread, Unit::none, {}, "Device-to-device variability", choice);
  f.field("temperature-k", c.temperature_k, Unit::kelvin, {4.0, 500.0},
          "Ambient temperature of reads; programming takes place at 300 K", choice);
  describe_common(c, f);
  const bool accumulates = c.model == ModelName::pcm || c.model == ModelName::pcm_inference ||
                           c.model == ModelName::projected_pcm;
  f.active(c.model == ModelName::pcm_inference || c.model == ModelName::projected_pcm);
  describe(c.flicker, f);
  f.active(accumulates);
  describe(c.pcm, f);
  f.active(c.model == ModelName::pcm_inference);
  describe(c.pcm_inference, f);
  f.active(c.model == ModelName::projected_pcm);
  describe(c.projected_pcm, f);
  f.active(c.model == ModelName::linear_step || c.model == ModelName::soft_bounds);
  describe(c.linear_step, f);
  f.active(c.model == ModelName::exponential_step);
  describe(c.exponential_step, f);
  f.active(c.model == ModelName::measured);
  describe(c.measured, f);
  f.active(true);
}

}  // namespace imcsim::device
