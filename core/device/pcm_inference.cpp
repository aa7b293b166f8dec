#include "device/pcm_inference.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "device/accumulation.hpp"
#include "device/power_law.hpp"
#include "numeric/events.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::device {
namespace {

class PcmInferenceModel final : public DeviceModel {
 public:
  PcmInferenceModel(const DeviceConfig& config, double pulse_us)
      : pulses_(config, pulse_us),
        read_(config, PowerLaw::Onset::shifted),
        flicker_(config.flicker),
        c_(config.pcm_inference),
        read_noise_(config.read_noise),
        programming_noise_(config.programming_noise),
        drift_(config.drift),
        spread_(config.device_spread ? 1.0F : 0.0F),
        highest_us_(static_cast<float>(config.common.conductance_max_us)) {
    check("programming-error-us", c_.programming_error_us.empty());
    check("drift-mean-log", c_.drift_mean_log.size() != 4);
    check("drift-std-log", c_.drift_std_log.size() != 4);
  }

  void prepare(DeviceArray& array, const Stream& spread) const override {
    pulses_.prepare(array, spread);
    array.drift_exponent.assign(array.size(), 0.0F);
  }

  void set(DeviceArray& array, Places places, double t_s,
           const Stream& programming) const override {
    for (const std::uint32_t place : places) {
      const std::uint64_t event = array.pulses[place];
      pulses_.set(array, {&place, 1}, t_s, programming);
      draw_exponent(array, place, array.conductance_us[place], programming, event);
    }
  }

  void reset(DeviceArray& array, Places places, double t_s,
             const Stream& programming) const override {
    for (const std::uint32_t place : places) {
      const std::uint64_t event = array.pulses[place];
      pulses_.reset(array, {&place, 1}, t_s, programming);
      draw_exponent(array, place, array.conductance_us[place], programming, event);
    }
  }

  bool has_target_pulses() const override { return true; }

  void pulse_to_target(DeviceArray& array, std::uint32_t place, float target_us, double t_s,
                       const Stream& programming) const override {
    const std::uint64_t event = array.pulses[place];
    const float target = std::clamp(target_us, 0.0F, highest_us_);
    float g = target;
    if (programming_noise_) {
      g += programming_error_us(target / highest_us_) *
           programming.of(array.entity(place)).normal(events::pulses(event));
    }
    array.conductance_us[place] = std::max(g, 0.0F);
    array.memory[place] = 1.0F;
    array.programmed_at_s[place] = t_s;
    ++array.pulses[place];
    draw_exponent(array, place, target, programming, event);
  }

  void set_exact(DeviceArray& array, std::uint32_t place, float target_us, double t_s,
                 const Stream& programming) const override {
    DeviceModel::set_exact(array, place, target_us, t_s, programming);
    draw_exponent(array, place, target_us, programming, array.pulses[place]);
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
    if (!read_noise_ || c_.white_read_noise == 0.0) return false;
    const auto w = static_cast<float>(c_.white_read_noise);
    for (std::size_t i = 0; i < out_us.size(); ++i) {
      out_us[i] = w * std::sqrt(std::max(conductance_us[i], 0.0F) * highest_us_);
    }
    return true;
  }

  bool slow_noise_us(const DeviceArray& array, std::size_t first, double t_s,
                     std::span<const float> conductance_us,
                     std::span<float> out_us) const override {
    if (!read_noise_ || !flicker_.on()) return false;
    for (std::size_t i = 0; i < out_us.size(); ++i) {
      const float x = array.conductance_us[first + i] / highest_us_;
      const double age_s = read_.age(array, first + i, t_s) * read_.reference_time_s();
      out_us[i] = conductance_us[i] * flicker_.strength(x) * flicker_.growth(age_s);
    }
    return true;
  }

  float flicker_strength(const DeviceArray& array, std::size_t place) const override {
    return read_noise_ ? flicker_.strength(array.conductance_us[place] / highest_us_) : 0.0F;
  }
  double drift_age(double since_s) const override { return read_.drift_age(since_s); }
  float lowest_us() const override { return pulses_.lowest_us(); }
  float highest_us() const override { return highest_us_; }

 private:
  static void check(std::string_view key, bool wrong) {
    if (wrong) {
      throw InputError(at_field(key), "has the wrong number of entries",
                       key == "programming-error-us" ? "c0, c1, ..." : "[a, b, min, max]");
    }
  }

  float programming_error_us(float x) const {
    float value = 0.0F;
    for (std::size_t i = c_.programming_error_us.size(); i-- > 0;) {
      value = value * x + static_cast<float>(c_.programming_error_us[i]);
    }
    const float scale = highest_us_ / static_cast<float>(c_.programming_error_reference_us);
    return std::max(value, 0.0F) * scale;
  }

  void draw_exponent(DeviceArray& array, std::uint32_t place, float target_us,
                     const Stream& programming, std::uint64_t event) const {
    if (!drift_) return;
    const float x = std::max(target_us / highest_us_, 1e-7F);
    const float mean = log_then_polynomial(c_.drift_mean_log, c_.drift_mean_polynomial, x);
    const float deviation = log_then_polynomial(c_.drift_std_log, c_.drift_std_polynomial, x);
    const float draw = programming.of(array.entity(place)).normal(events::second_draws(event));
    array.drift_exponent[place] = std::fabs(mean + spread_ * deviation * draw);
  }

  Accumulation pulses_;
  PowerLaw read_;
  Flicker flicker_;
  PcmInferenceConfig c_;
  bool read_noise_, programming_noise_, drift_;
  float spread_;
  float highest_us_;
};

}  // namespace

void describe(PcmInferenceConfig& c, FieldList& f) {
  constexpr std::string_view source = "doi:10.1038/s41467-020-16108-9; public fit";
  constexpr Range any{-1e3, 1e3};
  f.group("PCM inference statistics");
  f.field("programming-error-us", c.programming_error_us, Unit::siemens_us, any,
          "Programming error: coefficients c0, c1, ... of a polynomial in x = G/Gmax", source);
  f.field("programming-error-reference-us", c.programming_error_reference_us, Unit::siemens_us,
          {1e-3, 1e3}, "Gmax for which programming-error-us holds; the error scales with Gmax",
          source);
  f.field("drift-mean-log", c.drift_mean_log, Unit::none, any,
          "Mean drift exponent: a, b, min, max in a ln(x) + b, limited to min … max, x = G/Gmax",
          source);
  f.field("drift-mean-polynomial", c.drift_mean_polynomial, Unit::none, any,
          "Polynomial in place of the logarithm for x ≥ x1: x1, p0, p1, ...", source);
  f.field("drift-std-log", c.drift_std_log, Unit::none, any,
          "Standard deviation of the drift exponent: a, b, min, max, as in drift-mean-log", source);
  f.field("drift-std-polynomial", c.drift_std_polynomial, Unit::none, any,
          "Polynomial in place of the logarithm for x ≥ x1: x1, p0, p1, ...", source);
  f.field("white-read-noise", c.white_read_noise, Unit::none, {0.0, 1.0},
          "Coefficient w of the white read noise w sqrt(G Gmax) of each read",
          "PCM preset of a public inference simulator");
}

std::unique_ptr<const DeviceModel> make_pcm_inference(const DeviceConfig& config, double pulse_us) {
  return std::make_unique<PcmInferenceModel>(config, pulse_us);
}

}  // namespace imcsim::device
