#include "device/linear_step.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "device/power_law.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::device {
namespace {

/// Exponential relaxation, as by leakage of a capacitor: G(t) = G₀ + (G − G₀)·e^(−u),
/// u = (t − t_p)/τ.
class Relaxation {
 public:
  Relaxation(const DeviceConfig& config, float origin_us)
      : on_(config.drift && config.linear_step.decay_time.seconds > 0.0),
        time_s_(config.linear_step.decay_time.seconds),
        origin_us_(origin_us) {
    const CommonConfig& common = config.common;
    if (on_ && (common.drift_exponent > 0.0 || common.drift_exponent_std > 0.0)) {
      throw InputError(at_field("step-decay-time"), "relaxation cannot be combined with drift",
                       "0, or drift-exponent = 0 and drift-exponent-std = 0");
    }
  }

  bool on() const { return on_; }
  double time_s(float factor) const { return time_s_ * static_cast<double>(factor); }

  float at(float g, double lifetimes) const {
    if (!(lifetimes > 0.0)) return g;
    return origin_us_ + (g - origin_us_) * numeric::exp(static_cast<float>(-lifetimes));
  }

  /// Step function of time: steps of equal length in u. The error is at most the tolerance times
  /// the value, or times a thousandth of G₀ where the value is smaller. `until` is the u at which
  /// the step ends.
  float stepwise(float g, double lifetimes, double& until) const {
    until = std::numeric_limits<double>::infinity();
    const float distance = std::fabs(g - origin_us_);
    const float least = std::max(std::min(g, origin_us_), 1e-3F * origin_us_);
    const float height = 0.999F * static_cast<float>(drift_step_tolerance) * least;
    if (distance <= height) return g;
    const double width = 2.0 * static_cast<double>(height) / static_cast<double>(distance);
    const double step =
        static_cast<double>(static_cast<std::int64_t>(std::clamp(lifetimes, 0.0, 100.0) / width));
    if (step * width > static_cast<double>(numeric::log(distance / height)) + 1e-3) {
      return origin_us_;
    }
    until = (step + 1.0) * width * (1.0 - 1e-9);
    return at(g, (step + 0.5) * width);
  }

 private:
  bool on_;
  double time_s_;
  float origin_us_;
};

class LinearStepModel final : public DeviceModel {
 public:
  LinearStepModel(const DeviceConfig& config, double pulse_us, bool soft_bounds)
      : pulses_(config, config.linear_step.step, pulse_us, own_count),
        relaxation_(config, pulses_.origin_us()),
        read_(config),
        soft_bounds_(soft_bounds),
        multiplicative_(config.linear_step.noise_form == StepNoise::multiplicative),
        slope_up_(static_cast<float>(config.linear_step.slope_up)),
        slope_down_(static_cast<float>(config.linear_step.slope_down)),
        slope_std_(config.device_spread ? static_cast<float>(config.linear_step.slope_std) : 0.0F),
        decay_std_(config.device_spread ? static_cast<float>(config.linear_step.decay_time_std)
                                        : 0.0F),
        thermal_(thermal_factor(config.common.activation_energy_ev, config.temperature_k)) {}

  void prepare(DeviceArray& array, const Stream& spread) const override {
    pulses_.prepare(array, spread);
    read_.prepare(array, spread);
    if (array.traits.empty()) return;
    for (std::size_t i = 0; i < array.size(); ++i) {
      const std::uint32_t entity = array.entity(i);
      const auto draw = [&](std::uint32_t index) { return trait_normal(spread, entity, index); };
      const std::span<float> own = pulses_.own_traits(array, i);
      own[0] = std::fabs(slope_up_ + slope_std_ * draw(4));
      own[1] = std::fabs(slope_down_ + slope_std_ * draw(5));
      own[2] = std::max(shortest_decay, 1.0F + decay_std_ * draw(6));
    }
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
    if (!relaxation_.on()) return read_.conductance_us(array, first, t_s, out_us);
    for (std::size_t i = 0; i < out_us.size(); ++i) {
      out_us[i] = thermal_ *
                  relaxation_.at(array.conductance_us[first + i], lifetimes(array, first + i, t_s));
    }
  }
  double conductance_stepwise_us(const DeviceArray& array, std::size_t first, double t_s,
                                 std::span<float> out_us) const override {
    if (!relaxation_.on()) return read_.conductance_stepwise_us(array, first, t_s, out_us);
    double earliest = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < out_us.size(); ++i) {
      const std::size_t place = first + i;
      double until = 0.0;
      out_us[i] = thermal_ * relaxation_.stepwise(array.conductance_us[place],
                                                  lifetimes(array, place, t_s), until);
      earliest = std::min(earliest, array.programmed_at_s[place] + until * decay_s(array, place));
    }
    return earliest;
  }
  bool read_noise_us(const DeviceArray&, std::size_t, double, std::span<const float> conductance_us,
                     std::span<float> out_us) const override {
    return read_.read_noise_us(conductance_us, out_us);
  }
  double drift_age(double since_s) const override { return read_.drift_age(since_s); }
  float lowest_us() const override { return pulses_.lowest_us(); }
  float highest_us() const override { return pulses_.highest_us(); }

 private:
  static constexpr std::size_t own_count = 3;  ///< γ↑, γ↓, factor of τ
  static constexpr float shortest_decay = 0.01F;
  /// Smallest distance of a limit from G₀, relative to the window; f is 1 below it.
  static constexpr float narrowest = 1e-6F;

  std::array<float, own_count> own(const DeviceArray& array, std::size_t place) const {
    const std::span<const float> traits = pulses_.own_traits(array, place);
    if (traits.empty()) return {slope_up_, slope_down_, 1.0F};
    return {traits[0], traits[1], traits[2]};
  }

  double decay_s(const DeviceArray& array, std::size_t place) const {
    return relaxation_.time_s(own(array, place)[2]);
  }
  double lifetimes(const DeviceArray& array, std::size_t place, double t_s) const {
    return (t_s - array.programmed_at_s[place]) / decay_s(array, place);
  }

  void move(DeviceArray& array, Places places, double t_s, const Stream& programming,
            bool up) const {
    for (const std::uint32_t place : places) {
      const StepPulses::Device device = pulses_.device(array, place);
      float g = pulses_.hidden_us(array, place);
      if (relaxation_.on()) g = relaxation_.at(g, lifetimes(array, place, t_s));
      const float step = up ? device.up_us : -device.down_us;
      const float shape = shape_at(g, device, own(array, place), up);
      const float deviation = pulses_.noise() * step * (multiplicative_ ? shape : 1.0F);
      const StepPulses::Change change{up, step * shape, deviation};
      pulses_.pulse(array, place, device, g, change, t_s, programming);
    }
  }

  /// f↑ or f↓.
  float shape_at(float g, const StepPulses::Device& device,
                 const std::array<float, own_count>& slopes, bool up) const {
    const float high = soft_bounds_ ? device.max_us : pulses_.highest_us();
    const float low = soft_bounds_ ? device.min_us : pulses_.lowest_us();
    const float reach = up ? high - pulses_.origin_us() : pulses_.origin_us() - low;
    const float done = up ? g - pulses_.origin_us() : pulses_.origin_us() - g;
    if (reach <= narrowest * (high - low)) return 1.0F;
    return 1.0F - (soft_bounds_ ? 1.0F : slopes[up ? 0 : 1]) * (done / reach);
  }

  StepPulses pulses_;
  Relaxation relaxation_;
  PowerLaw read_;
  bool soft_bounds_, multiplicative_;
  float slope_up_, slope_down_, slope_std_, decay_std_, thermal_;
};

}  // namespace

std::span<const std::string_view> names_of(StepNoise) {
  static constexpr std::array<std::string_view, 2> names = {"multiplicative", "additive"};
  return names;
}

void describe(LinearStepConfig& c, FieldList& f) {
  constexpr StepKeys keys = {
      "step-up-us",          "step-down-us", "step-origin",           "step-noise",
      "step-write-noise-us", "step-spread",  "step-spread-lognormal", "step-asymmetry-std",
      "step-min-std-us"};
  f.group("Linear-step pulses");
  describe(c.step, f, keys, {0.01, 0.99});
  f.field("step-noise-form", c.noise_form, Unit::none, {},
          "Step noise: proportional to the step, or to the step at the origin", step_source);
  f.field("step-slope-up", c.slope_up, Unit::fraction, {0.0, 1.0},
          "Relative decrease of the up step from the origin to the highest conductance",
          step_source);
  f.field("step-slope-down", c.slope_down, Unit::fraction, {0.0, 1.0},
          "Relative decrease of the down step from the origin to the lowest conductance",
          step_source);
  f.field("step-slope-std", c.slope_std, Unit::fraction, {0.0, 2.0},
          "Device-to-device standard deviation of both slopes", step_source);
  f.field("step-decay-time", c.decay_time, Unit::seconds, {0.0, 1e12},
          "Time constant of the relaxation to the origin (0: no relaxation)", step_source);
  f.field("step-decay-time-std", c.decay_time_std, Unit::fraction, {0.0, 2.0},
          "Device-to-device standard deviation of step-decay-time, relative", step_source);
}

std::unique_ptr<const DeviceModel> make_linear_step(const DeviceConfig& config, double pulse_us,
                                                    bool soft_bounds) {
  return std::make_unique<LinearStepModel>(config, pulse_us, soft_bounds);
}

}  // namespace imcsim::device
