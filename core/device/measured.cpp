#include "device/measured.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "device/power_law.hpp"
#include "numeric/events.hpp"

namespace imcsim::device {
namespace {

std::vector<float> floats_of(const Numbers& numbers) {
  std::vector<float> floats;
  floats.reserve(numbers.size());
  for (const double number : numbers) floats.push_back(static_cast<float>(number));
  return floats;
}

/// Ascending grid points, and the position of a number between them.
class Axis {
 public:
  explicit Axis(const Numbers& points) : points_(floats_of(points)) {}

  struct Place {
    std::size_t low;
    float part;  ///< fraction of the distance to the next point; 0 without a next point
  };
  Place place(float x) const {
    if (points_.empty() || x <= points_.front()) return {0, 0.0F};
    if (x >= points_.back()) return {points_.size() - 1, 0.0F};
    const auto above = std::upper_bound(points_.begin(), points_.end(), x);
    const auto low = static_cast<std::size_t>(above - points_.begin()) - 1;
    return {low, (x - points_[low]) / (points_[low + 1] - points_[low])};
  }

 private:
  std::vector<float> points_;
};

/// Table over [pulse × G], or over G alone; an empty table gives 0.
class Table {
 public:
  Table(const Numbers& values, std::size_t columns)
      : values_(floats_of(values)), columns_(columns), rows_(values.size() / columns) {}

  bool empty() const { return values_.empty(); }

  /// Bilinear interpolation.
  float at(const Axis::Place& g, const Axis::Place& pulse = {0, 0.0F}) const {
    if (values_.empty()) return 0.0F;
    if (rows_ == 1) return in_row(0, g);
    const float here = in_row(pulse.low, g);
    if (pulse.part == 0.0F) return here;
    return here + pulse.part * (in_row(pulse.low + 1, g) - here);
  }

 private:
  float in_row(std::size_t row, const Axis::Place& g) const {
    const float* const low = &values_[row * columns_ + g.low];
    return g.part == 0.0F ? low[0] : low[0] + g.part * (low[1] - low[0]);
  }

  std::vector<float> values_;
  std::size_t columns_, rows_;
};

void check_ascends(std::string_view key, const Numbers& points) {
  const auto wrong = std::adjacent_find(points.begin(), points.end(), std::greater_equal<>());
  if (wrong != points.end()) {
    throw InputError(at_field(key), fmt::format("{} follows {}", wrong[1], wrong[0]),
                     "ascending numbers");
  }
}

/// Refuses a table unless it is empty or has one of the two sizes.
void check_size(std::string_view key, const Numbers& table, std::size_t one, std::size_t other) {
  if (table.empty() || table.size() == one || table.size() == other) return;
  throw InputError(at_field(key), fmt::format("has {} entries", table.size()),
                   one == other ? fmt::format("{}, one per grid point", one)
                                : fmt::format("{} or {}", one, other));
}

void check_has(std::string_view key, const Numbers& mean, const Numbers& deviation) {
  if (!mean.empty() || deviation.empty()) return;
  throw InputError(at_field(key), "is empty but standard deviations are given", "both or neither");
}

const MeasuredConfig& checked(const MeasuredConfig& c) {
  constexpr std::string_view correction =
      "a preset made by imcsim fit CURVES.csv -o my-device.toml";
  const std::size_t columns = c.conductance_us.size();
  const std::size_t cells = columns * std::max<std::size_t>(c.pulse.size(), 1);
  if (columns == 0) {
    throw InputError(at_field("measured-conductance-us"), "the device has no tables",
                     std::string(correction));
  }
  if (c.set_mean_us.empty()) {
    throw InputError(at_field("measured-set-mean-us"), "the device has no table of SET pulses",
                     std::string(correction));
  }
  check_ascends("measured-conductance-us", c.conductance_us);
  check_ascends("measured-pulse", c.pulse);
  check_size("measured-set-mean-us", c.set_mean_us, cells, cells);
  check_size("measured-set-std-us", c.set_std_us, cells, cells);
  check_size("measured-depress-mean-us", c.depress_mean_us, columns, cells);
  check_size("measured-depress-std-us", c.depress_std_us, columns, cells);
  check_size("measured-drift-mean", c.drift_mean, columns, columns);
  check_size("measured-drift-std", c.drift_std, columns, columns);
  check_size("measured-read-noise-us", c.read_noise_us, columns, columns);
  check_has("measured-depress-mean-us", c.depress_mean_us, c.depress_std_us);
  check_has("measured-drift-mean", c.drift_mean, c.drift_std);
  return c;
}

/// Configuration of the power law: with a table of drift exponents, each device has its own.
DeviceConfig with_own_exponents(DeviceConfig config) {
  if (config.measured.drift_mean.empty()) return config;
  config.common.drift_exponent = 1.0;
  config.common.drift_exponent_std = 0.0;
  return config;
}

class MeasuredModel final : public DeviceModel {
 public:
  MeasuredModel(const DeviceConfig& config, double pulse_us, const MeasuredConfig& c)
      : read_(with_own_exponents(config)),
        conductance_(c.conductance_us),
        pulse_(c.pulse),
        set_mean_(c.set_mean_us, c.conductance_us.size()),
        set_std_(c.set_std_us, c.conductance_us.size()),
        depress_mean_(c.depress_mean_us, c.conductance_us.size()),
        depress_std_(c.depress_std_us, c.conductance_us.size()),
        drift_mean_(c.drift_mean, c.conductance_us.size()),
        drift_std_(c.drift_std, c.conductance_us.size()),
        read_noise_table_(c.read_noise_us, c.conductance_us.size()),
        read_noise_(config.read_noise),
        programming_noise_(config.programming_noise),
        device_spread_(config.device_spread),
        own_exponents_(config.drift && !drift_mean_.empty()),
        pulse_us_(config.update_nonlinearity ? 0.0F : static_cast<float>(pulse_us)),
        reset_mean_us_(static_cast<float>(config.common.reset_mean_us)),
        reset_std_us_(static_cast<float>(config.common.reset_std_us)),
        conductance_min_us_(static_cast<float>(config.common.conductance_min_us)),
        conductance_max_us_(static_cast<float>(config.common.conductance_max_us)),
        max_std_(config.device_spread ? static_cast<float>(config.common.conductance_max_std)
                                      : 0.0F) {}

  void prepare(DeviceArray& array, const Stream& spread) const override {
    read_.prepare(array, spread);
    if (own_exponents_) array.drift_exponent.assign(array.size(), 0.0F);
    if (max_std_ == 0.0F) return;
    array.traits.resize(array.size());
    for (std::size_t i = 0; i < array.size(); ++i) {
      const std::uint32_t entity = array.entity(i);
      array.traits[i] =
          std::max(conductance_min_us_,
                   conductance_max_us_ * (1.0F + max_std_ * trait_normal(spread, entity, 0)));
    }
  }

  void set(DeviceArray& array, Places places, double t_s,
           const Stream& programming) const override {
    for (const std::uint32_t place : places) {
      pulse(array, place, t_s, programming, set_mean_, set_std_, pulse_us_);
    }
  }
  bool depresses() const override { return !depress_mean_.empty(); }
  void depress(DeviceArray& array, Places places, double t_s,
               const Stream& programming) const override {
    if (!depresses()) return reset(array, places, t_s, programming);
    for (const std::uint32_t place : places) {
      pulse(array, place, t_s, programming, depress_mean_, depress_std_, -pulse_us_);
    }
  }

  void reset(DeviceArray& array, Places places, double t_s,
             const Stream& programming) const override {
    for (const std::uint32_t place : places) {
      float g = reset_mean_us_;
      if (programming_noise_) {
        g += reset_std_us_ *
             programming.of(array.entity(place)).normal(events::pulses(array.pulses[place]));
      }
      array.memory[place] = 1.0F;
      finish_pulse(array, place, std::clamp(g, 0.0F, highest_of(array, place)), t_s, programming);
    }
  }

  void set_exact(DeviceArray& array, std::uint32_t place, float target_us, double t_s,
                 const Stream& programming) const override {
    DeviceModel::set_exact(array, place, target_us, t_s, programming);
    draw_exponent(array, place, programming);
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
    if (read_noise_table_.empty()) return read_.read_noise_us(conductance_us, out_us);
    if (!read_noise_) return false;
    for (std::size_t i = 0; i < out_us.size(); ++i) {
      out_us[i] = read_noise_table_.at(conductance_.place(conductance_us[i]));
    }
    return true;
  }
  double drift_age(double since_s) const override { return read_.drift_age(since_s); }
  float lowest_us() const override { return reset_mean_us_; }
  float highest_us() const override { return conductance_max_us_; }

 private:
  float highest_of(const DeviceArray& array, std::size_t place) const {
    return array.traits.empty() ? conductance_max_us_ : array.traits[place];
  }

  /// One pulse by its tables; `linear_us`: mean change without update nonlinearity, else 0 [µS].
  void pulse(DeviceArray& array, std::uint32_t place, double t_s, const Stream& programming,
             const Table& mean, const Table& deviation, float linear_us) const {
    const float g = array.conductance_us[place];
    const Axis::Place at_g = conductance_.place(g);
    const Axis::Place at_pulse = pulse_.place(array.memory[place]);
    float change = linear_us != 0.0F ? linear_us : mean.at(at_g, at_pulse);
    if (programming_noise_ && !deviation.empty()) {
      change += deviation.at(at_g, at_pulse) *
                programming.of(array.entity(place)).normal(events::pulses(array.pulses[place]));
    }
    array.memory[place] += 1.0F;
    finish_pulse(array, place,
                 std::clamp(g + change, conductance_min_us_, highest_of(array, place)), t_s,
                 programming);
  }

  /// Stores the state after a pulse.
  void finish_pulse(DeviceArray& array, std::uint32_t place, float g, double t_s,
                    const Stream& programming) const {
    array.conductance_us[place] = g;
    array.programmed_at_s[place] = t_s;
    draw_exponent(array, place, programming);
    ++array.pulses[place];
  }

  void draw_exponent(DeviceArray& array, std::uint32_t place, const Stream& programming) const {
    if (!own_exponents_) return;
    const Axis::Place at_g = conductance_.place(array.conductance_us[place]);
    float exponent = drift_mean_.at(at_g);
    if (device_spread_ && !drift_std_.empty()) {
      exponent +=
          drift_std_.at(at_g) *
          programming.of(array.entity(place)).normal(events::second_draws(array.pulses[place]));
    }
    array.drift_exponent[place] = std::fabs(exponent);
  }

  PowerLaw read_;
  Axis conductance_, pulse_;
  Table set_mean_, set_std_, depress_mean_, depress_std_;
  Table drift_mean_, drift_std_, read_noise_table_;
  bool read_noise_, programming_noise_, device_spread_, own_exponents_;
  float pulse_us_, reset_mean_us_, reset_std_us_;
  float conductance_min_us_, conductance_max_us_, max_std_;
};

}  // namespace

void describe(MeasuredConfig& c, FieldList& f) {
  constexpr std::string_view source = "measurement; imcsim fit makes the tables from curves";
  constexpr double most_us = 1000.0;
  f.group("Measured pulses");
  f.field("measured-conductance-us", c.conductance_us, Unit::siemens_us, {0.0, most_us},
          "Conductances of the table columns, ascending", source);
  f.field("measured-pulse", c.pulse, Unit::pulses, {1.0, 1e6},
          "Pulse numbers since RESET of the table rows, ascending (none: one row)", source);
  f.field("measured-set-mean-us", c.set_mean_us, Unit::siemens_us, {-most_us, most_us},
          "Mean conductance change per SET pulse, row by row", source);
  f.field("measured-set-std-us", c.set_std_us, Unit::siemens_us, {0.0, most_us},
          "Standard deviation of the change per SET pulse, row by row (none: 0)", source);
  f.field("measured-depress-mean-us", c.depress_mean_us, Unit::siemens_us, {-most_us, most_us},
          "Mean (negative) change per down pulse; one row or all rows (none: no down pulses)",
          source);
  f.field("measured-depress-std-us", c.depress_std_us, Unit::siemens_us, {0.0, most_us},
          "Standard deviation of the change per down pulse; one row or all rows (none: 0)", source);
  f.field("measured-drift-mean", c.drift_mean, Unit::none, {0.0, 1.0},
          "Mean drift exponent over conductance (none: drift-exponent)", source);
  f.field("measured-drift-std", c.drift_std, Unit::none, {0.0, 1.0},
          "Standard deviation of the drift exponent over conductance (none: 0)", source);
  f.field("measured-read-noise-us", c.read_noise_us, Unit::siemens_us, {0.0, most_us},
          "Read noise over conductance (none: read-noise-slope and read-noise-offset-us)", source);
}

std::unique_ptr<const DeviceModel> make_measured(const DeviceConfig& config, double pulse_us) {
  return std::make_unique<MeasuredModel>(config, pulse_us, checked(config.measured));
}

}  // namespace imcsim::device
