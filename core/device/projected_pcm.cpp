#include "device/projected_pcm.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "device/accumulation.hpp"
#include "device/flicker.hpp"
#include "device/power_law.hpp"
#include "numeric/events.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::device {
namespace {

DeviceConfig without_pulse_spread(DeviceConfig config) {
  config.pcm.set_spread = 0.0;
  config.common.conductance_max_std = 0.0;
  return config;
}

constexpr float kiloohm_us = 1000.0F;  ///< kΩ·µS

class ProjectedPcmModel final : public DeviceModel {
 public:
  ProjectedPcmModel(const DeviceConfig& config, double pulse_us)
      : pulses_(without_pulse_spread(config), pulse_us),
        curve_(config.projected_pcm.amplitude, config.common.reset_mean_us,
               config.programming_noise, config.device_spread),
        amorphous_(config),
        flicker_(config.flicker),
        read_noise_(config.read_noise),
        highest_us_(static_cast<float>(config.common.conductance_max_us)),
        noise_slope_(static_cast<float>(config.common.read_noise_slope)),
        noise_offset_us_(static_cast<float>(config.common.read_noise_offset_us)),
        exponent_(config.drift ? static_cast<float>(config.common.drift_exponent) : 0.0F),
        projection_kohm_(static_cast<float>(config.projected_pcm.projection_resistance_kohm)),
        amorphous_kohm_(projection_kohm_ * static_cast<float>(config.projected_pcm.projection)),
        rest_kohm_(static_cast<float>(config.projected_pcm.crystalline_resistance_kohm)),
        interface_kohm_(static_cast<float>(2.0 * config.projected_pcm.interface_resistance_kohm)),
        segment_kohm_(parallel(amorphous_kohm_, projection_kohm_)),
        thermal_(1.0F / thermal_factor(config.common.activation_energy_ev, config.temperature_k)),
        projection_thermal_(
            static_cast<float>(1.0 + config.projected_pcm.projection_temperature_coefficient *
                                         (config.temperature_k - reference_temperature_k))) {
    if (segment_kohm_ <= rest_kohm_) {
      throw InputError(at_field("projection-resistance-kohm"),
                       "the amorphous segment conducts better than the crystalline segment",
                       "more than crystalline-resistance-kohm");
    }
  }

  void prepare(DeviceArray& array, const Stream& spread) const override {
    amorphous_.prepare(array, spread);
    array.traits.resize(AmplitudeCurve::trait_count * array.size());
    for (std::size_t i = 0; i < array.size(); ++i) {
      curve_.draw(
          spread, array.entity(i),
          {array.traits.data() + AmplitudeCurve::trait_count * i, AmplitudeCurve::trait_count});
    }
  }

  void set(DeviceArray& array, Places places, double t_s,
           const Stream& programming) const override {
    pulses_.set(array, places, t_s, programming);
  }
  void reset(DeviceArray& array, Places places, double t_s,
             const Stream& programming) const override {
    pulses_.reset(array, places, t_s, programming);
  }

  bool has_target_pulses() const override { return true; }
  void pulse_to_target(DeviceArray& array, std::uint32_t place, float target_us, double t_s,
                       const Stream& programming) const override {
    const float noise =
        programming.of(array.entity(place)).normal(events::pulses(array.pulses[place]));
    array.conductance_us[place] = curve_.conductance_after_us(
        target_us,
        {array.traits.data() + AmplitudeCurve::trait_count * place, AmplitudeCurve::trait_count},
        noise);
    array.memory[place] = 1.0F;
    array.programmed_at_s[place] = t_s;
    ++array.pulses[place];
  }

  void conductance_us(const DeviceArray& array, std::size_t first, double t_s,
                      std::span<float> out_us) const override {
    for (std::size_t i = 0; i < out_us.size(); ++i) {
      const double age = amorphous_.age(array, first + i, t_s);
      const float log_age = age > 1.0 ? numeric::log(static_cast<float>(age)) : 0.0F;
      out_us[i] = circuit(array, first + i, log_age).conductance_us;
    }
  }

  double conductance_stepwise_us(const DeviceArray& array, std::size_t first, double t_s,
                                 std::span<float> out_us) const override {
    double until = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < out_us.size(); ++i) {
      const float exponent = exponent_of(array, first + i);
      if (exponent < 1e-6F) {
        out_us[i] = circuit(array, first + i, 0.0F).conductance_us;
        continue;
      }
      // Drift of the device is at most that of the amorphous part, so the same steps suffice.
      const auto width =
          static_cast<float>(1.999 * drift_step_tolerance / static_cast<double>(exponent));
      const double age = amorphous_.age(array, first + i, t_s);
      float middle = 0.0F;
      float next_log_age = 0.0F;
      if (age > 1.0) {
        const float log_age = numeric::log(static_cast<float>(age));
        const auto step = static_cast<float>(static_cast<std::int32_t>(log_age / width));
        middle = width * (step + 0.5F);
        next_log_age = width * (step + 1.0F);
      }
      out_us[i] = circuit(array, first + i, middle).conductance_us;
      const double next_age = static_cast<double>(numeric::exp(next_log_age)) * (1.0 - 1e-5);
      until = std::min(until,
                       array.programmed_at_s[first + i] + amorphous_.reference_time_s() * next_age);
    }
    return until;
  }

  bool read_noise_us(const DeviceArray& array, std::size_t first, double t_s,
                     std::span<const float> conductance_us,
                     std::span<float> out_us) const override {
    if (!read_noise_) return false;
    for (std::size_t i = 0; i < out_us.size(); ++i) {
      out_us[i] = (noise_slope_ * conductance_us[i] + noise_offset_us_) *
                  amorphous_share(array, first + i, t_s);
    }
    return true;
  }

  bool slow_noise_us(const DeviceArray& array, std::size_t first, double t_s,
                     std::span<const float> conductance_us,
                     std::span<float> out_us) const override {
    if (!read_noise_ || !flicker_.on()) return false;
    for (std::size_t i = 0; i < out_us.size(); ++i) {
      const float x = array.conductance_us[first + i] / highest_us_;
      const double age_s = t_s - array.programmed_at_s[first + i] + amorphous_.reference_time_s();
      out_us[i] = conductance_us[i] * flicker_.strength(x) * flicker_.growth(age_s) *
                  amorphous_share(array, first + i, t_s);
    }
    return true;
  }

  float flicker_strength(const DeviceArray& array, std::size_t place) const override {
    if (!read_noise_) return 0.0F;
    const float x = array.conductance_us[place] / highest_us_;
    return flicker_.strength(x) * circuit(array, place, 0.0F).share;
  }
  double drift_age(double since_s) const override { return amorphous_.drift_age(since_s); }
  float lowest_us() const override { return pulses_.lowest_us(); }
  float highest_us() const override { return highest_us_; }

 private:
  struct Circuit {
    float conductance_us;
    float share;  ///< G_a/(G_a + G_p)·R_s/R: factor of drift and noise of the amorphous part
  };

  static float parallel(float a, float b) { return a * b / (a + b); }

  float exponent_of(const DeviceArray& array, std::size_t place) const {
    if (array.drift_exponent.empty() || exponent_ == 0.0F) return exponent_;
    return array.drift_exponent[place];
  }

  /// Conductance and share at the age e^log_age·t₀.
  Circuit circuit(const DeviceArray& array, std::size_t place, float log_age) const {
    const float resistance = kiloohm_us / std::max(array.conductance_us[place], 1e-3F);
    const float u = std::clamp(
        (resistance - rest_kohm_ - interface_kohm_) / (segment_kohm_ - rest_kohm_), 0.0F, 1.0F);
    if (u == 0.0F) return {array.conductance_us[place], 0.0F};
    const float grown = numeric::exp(exponent_of(array, place) * log_age) * thermal_;
    const float amorphous = u * amorphous_kohm_ * grown;
    const float projection = u * projection_kohm_ * projection_thermal_;
    const float segment = parallel(amorphous, projection);
    const float total = resistance + (segment - u * segment_kohm_);
    return {kiloohm_us / total, projection / (amorphous + projection) * segment / total};
  }

  float amorphous_share(const DeviceArray& array, std::size_t place, double t_s) const {
    const double age = amorphous_.age(array, place, t_s);
    const float log_age = age > 1.0 ? numeric::log(static_cast<float>(age)) : 0.0F;
    return circuit(array, place, log_age).share;
  }

  Accumulation pulses_;
  AmplitudeCurve curve_;
  PowerLaw amorphous_;
  Flicker flicker_;
  bool read_noise_;
  float highest_us_, noise_slope_, noise_offset_us_, exponent_;
  float projection_kohm_, amorphous_kohm_, rest_kohm_, interface_kohm_;
  float segment_kohm_;  ///< r_a‖r_p at t₀ and 300 K
  float thermal_, projection_thermal_;
};

}  // namespace

void describe(ProjectedPcmConfig& c, FieldList& f) {
  constexpr std::string_view concept_source = "concept: doi:10.1038/ncomms9181; value assumed";
  f.group("Projection");
  f.field("projection", c.projection, Unit::none, {1e-3, 1e6},
          "Ratio of projection to amorphous conductance, Gp/Ga", concept_source);
  f.field("projection-resistance-kohm", c.projection_resistance_kohm, Unit::kiloohms, {1e-3, 1e9},
          "Resistance of the projection layer over the full length", concept_source);
  f.field(
      "crystalline-resistance-kohm", c.crystalline_resistance_kohm, Unit::kiloohms, {1e-3, 1e9},
      "Resistance of the crystalline segment in parallel with the projection, over the full length",
      concept_source);
  f.field("interface-resistance-kohm", c.interface_resistance_kohm, Unit::kiloohms, {0.0, 1e6},
          "Interface resistance between segment and projection, at each end", "0: assumed ideal");
  f.field("projection-temperature-coefficient", c.projection_temperature_coefficient, Unit::none,
          {-0.1, 0.1}, "Temperature coefficient of the projection resistance, per K",
          "assumed; sign and size not published");
  describe(c.amplitude, f);
}

std::unique_ptr<const DeviceModel> make_projected_pcm(const DeviceConfig& config, double pulse_us) {
  return std::make_unique<ProjectedPcmModel>(config, pulse_us);
}

}  // namespace imcsim::device
