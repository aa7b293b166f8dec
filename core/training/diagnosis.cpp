// Diagnosis of training problems from operation counts and device state.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "numeric/float_math.hpp"
#include "training/device_layers.hpp"
#include "training/training.hpp"

namespace imcsim::training {
namespace {

// Observed in runs on MNIST. A normal run has up to 50 % of χ below a hundredth of the granularity,
// pulses at least 6e-6 of its weights per update, and has no exhausted pair. A run without refresh
// has 1.2 % exhausted pairs after the first epoch, at 76 % accuracy.
constexpr double max_fraction = 0.05;         ///< of clipped conversions, exhausted single devices
constexpr double max_exhausted_pairs = 0.01;  ///< fraction of the pulsed pairs
constexpr double max_tiny_fraction = 0.6;     ///< of the entries of χ
constexpr double min_pulsed_per_update = 1e-6;  ///< pulsed weights per weight update

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// Whether f′ at the end of the converter range is above 1 % of its largest value. Otherwise the
/// activation saturates before the converter, and clipping does not matter.
bool saturation_matters(network::Activation activation, double full_scale) {
  constexpr float min_relative_slope = 0.01F;
  const auto z = static_cast<float>(full_scale);
  switch (activation) {
    case network::Activation::sigmoid: {
      const float y = numeric::sigmoid(z);
      return 4.0F * y * (1.0F - y) > min_relative_slope;
    }
    case network::Activation::tanh: {
      const float y = numeric::tanh(z);
      return 1.0F - y * y > min_relative_slope;
    }
    case network::Activation::relu: break;
  }
  return true;
}

class Findings {
 public:
  void add(std::string_view code, std::string message, double value) {
    all_.push_back({std::string(code), std::move(message), value});
  }
  void add_part_above(double limit, std::string_view code, std::string_view what, double part) {
    if (part > limit) add(code, fmt::format("{:.0f} % of {}", 100.0 * part, what), part);
  }
  std::vector<Finding> take() { return std::move(all_); }

 private:
  std::vector<Finding> all_;
};

void examine_converters(const TrainingConfig& config, const crossbar::ConverterConfig& converters,
                        const OperationCounts& epoch, const Conversions& c, Findings& findings) {
  if (saturation_matters(config.activation, converters.adc_full_scale_forward)) {
    findings.add_part_above(max_fraction, "adc-saturated-forward",
                            "the layer outputs are clipped by the output converters below "
                            "saturation of the activation; increase adc-full-scale-forward",
                            ratio(c.forward_saturated, c.forward));
  }
  findings.add_part_above(
      max_fraction, "adc-saturated-backward",
      "the errors are clipped by the output converters; increase adc-full-scale-backward",
      ratio(c.backward_saturated, c.backward));
  findings.add_part_above(max_fraction, "dac-saturated",
                          "the layer inputs exceed the range of the input converters; increase "
                          "dac-full-scale or set input-scale = largest",
                          ratio(epoch.dac_saturated, epoch.dac_conversions));
}

/// Reports settings that differ from their defaults and have no effect.
void examine_settings(TrainingConfig config, const crossbar::ArrayConfig& array,
                      const TrainingStatus& status, Findings& findings) {
  TrainingConfig defaults;
  const FieldList given = fields_of(config);
  const FieldList usual = fields_of(defaults);
  const auto method = names_of(config.method)[static_cast<std::size_t>(config.method)];
  for (const Field& field : given.all()) {
    if (field.active || text_of(field) == text_of(*usual.find(field.text.key))) continue;
    findings.add("no-effect",
                 fmt::format("{} = {} has no effect with method = {} and the other settings",
                             field.text.key, text_of(field), method),
                 0.0);
  }
  const bool nothing_to_refresh =
      array.synapse == crossbar::Synapse::single || array.refresh_above_us >= status.highest_us;
  if (status.devices > 0 && nothing_to_refresh && array.refresh_every > 0 &&
      array.refresh_every != crossbar::ArrayConfig{}.refresh_every) {
    findings.add("no-effect",
                 fmt::format("refresh-every = {} has no effect: no device of this configuration "
                             "can exceed refresh-above-us",
                             array.refresh_every),
                 0.0);
  }
}

bool any_not_finite(const float* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (!std::isfinite(values[i])) return true;
  }
  return false;
}

}  // namespace

std::vector<Finding> diagnose(const TrainingConfig& config,
                              const crossbar::CrossbarConfig& crossbar,
                              const OperationCounts& epoch, const Conversions& conversions,
                              const TrainingStatus& status) {
  Findings findings;
  examine_converters(config, crossbar.converters, epoch, conversions, findings);
  if (status.devices > 0 && epoch.weight_updates > 0 &&
      epoch.set_pulses + epoch.reset_pulses == 0) {
    findings.add("no-pulses",
                 "no device received a pulse in the last epoch; decrease granularity or increase "
                 "learning-rate",
                 0.0);
  }
  const double tiny = ratio(status.tiny, status.accumulated);
  if (tiny > max_tiny_fraction &&
      ratio(epoch.programmed_weights, epoch.weight_updates) < min_pulsed_per_update) {
    findings.add_part_above(max_tiny_fraction, "granularity-too-large",
                            "the accumulator entries are below a hundredth of the granularity, so "
                            "updates are rare; decrease granularity",
                            tiny);
  }
  const bool pairs = crossbar.array.synapse == crossbar::Synapse::differential;
  findings.add_part_above(pairs ? max_exhausted_pairs : max_fraction, "range-exhausted",
                          pairs ? "the programmed pairs have both devices in the upper third of "
                                  "the range; decrease refresh-every"
                                : "the programmed devices are at the upper end of the range; "
                                  "decrease conductance-per-weight-us",
                          ratio(status.exhausted, status.pulsed));
  examine_settings(config, crossbar.array, status, findings);
  return findings.take();
}

void DeviceLayers::add_to(TrainingStatus& status, double t_s) const {
  std::vector<float> plus_us;
  std::vector<float> minus_us;
  for (const network::CrossbarLayer* layer : layers_) {
    for (const network::CrossbarLayer::Tile& tile : layer->tiles()) {
      const device::DeviceModel& model = tile.array.model();
      const device::DeviceArray& plus = tile.array.plus();
      const device::DeviceArray& minus = tile.array.minus();
      const bool pairs = minus.size() > 0;
      const float range = model.highest_us() - model.lowest_us();
      const float border = model.highest_us() - (pairs ? range / 3.0F : 0.01F * range);
      status.highest_us = static_cast<double>(model.highest_us());
      status.devices += tile.array.device_count();
      plus_us.resize(plus.size());
      minus_us.assign(plus.size(), model.highest_us());
      model.conductance_us(plus, 0, t_s, plus_us);
      if (pairs) model.conductance_us(minus, 0, t_s, minus_us);
      for (std::size_t k = 0; k < plus_us.size(); ++k) {
        if (plus.pulses[k] + (pairs ? minus.pulses[k] : 0U) == 0) continue;
        status.pulsed += 1;
        status.exhausted += std::min(plus_us[k], minus_us[k]) >= border ? 1 : 0;
      }
    }
  }
}

std::string Trainer::where_not_finite() const {
  for (std::size_t l = 0; l < network_.layer_count(); ++l) {
    for (const crossbar::DrivenLines& lines : work_.input[l]) {
      if (any_not_finite(lines.value.data(), lines.count)) {
        return fmt::format("the inputs of layer {}", l);
      }
    }
    const Matrix<float>& weights = network_.layer(l).weights();
    if (any_not_finite(weights.data(), weights.size())) {
      return fmt::format("the weights of layer {}", l);
    }
  }
  return "the outputs";
}

}  // namespace imcsim::training
