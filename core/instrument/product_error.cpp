#include <algorithm>
#include <cmath>

#include "instrument/instrument.hpp"
#include "numeric/events.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::instrument {
namespace {

using crossbar::CrossbarConfig;
using crossbar::DrivenLines;

constexpr std::size_t samples_per_part = 32;
constexpr std::size_t calibration_samples = 64;

/// log₂ from numeric::log, bit-identical on all machines.
double log2_of(double x) {
  constexpr double ln2 = 0.69314718055994531;
  return numeric::log_of(x) / ln2;
}

/// y = Σᵢ xᵢ·wᵢⱼ in double precision, rounded to float once.
Matrix<float> exact_products(const ProductTask& task, const Execution& execution) {
  const std::size_t samples = task.inputs.shape(0);
  Matrix<float> exact = padded_matrix<float>(samples, task.columns);
  const std::size_t parts = (samples + samples_per_part - 1) / samples_per_part;
  parallel_for(execution.threads, parts, [&](std::size_t part) {
    std::vector<double> sum(task.columns);
    const std::size_t end = std::min(samples, (part + 1) * samples_per_part);
    for (std::size_t k = part * samples_per_part; k < end; ++k) {
      std::fill(sum.begin(), sum.end(), 0.0);
      for (std::size_t i = 0; i < task.weights.shape(0); ++i) {
        const auto x = static_cast<double>(task.inputs(k, i));
        if (x == 0.0) continue;
        for (std::size_t j = 0; j < task.columns; ++j) {
          sum[j] += x * static_cast<double>(task.weights(i, j));
        }
      }
      for (std::size_t j = 0; j < task.columns; ++j) exact(k, j) = static_cast<float>(sum[j]);
    }
  });
  return exact;
}

double relative_error(const Matrix<float>& seen, const Matrix<float>& exact, std::size_t columns) {
  double off = 0.0;
  double all = 0.0;
  for (std::size_t k = 0; k < exact.shape(0); ++k) {
    for (std::size_t j = 0; j < columns; ++j) {
      const auto truth = static_cast<double>(exact(k, j));
      const double difference = static_cast<double>(seen(k, j)) - truth;
      off += difference * difference;
      all += truth * truth;
    }
  }
  return all > 0.0 ? std::sqrt(off / all) : 0.0;
}

double mean_square(const Matrix<float>& values, std::size_t columns) {
  double sum = 0.0;
  for (std::size_t i = 0; i < values.shape(0); ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      sum += static_cast<double>(values(i, j)) * static_cast<double>(values(i, j));
    }
  }
  return sum / static_cast<double>(values.shape(0) * columns);
}

double largest(const Matrix<float>& values, std::size_t columns) {
  float most = 0.0F;
  for (std::size_t i = 0; i < values.shape(0); ++i) {
    for (std::size_t j = 0; j < columns; ++j) most = std::max(most, std::fabs(values(i, j)));
  }
  return static_cast<double>(most);
}

/// The configuration without any source of error.
CrossbarConfig ideal_config(CrossbarConfig config) {
  config.device.read_noise = false;
  config.device.programming_noise = false;
  config.device.device_spread = false;
  config.device.drift = false;
  config.device.temperature_k = 300.0;
  config.programming.method = device::ProgrammingMethod::exact;
  config.array.wire_resistance_ohm = 0.0;
  config.faults = {};
  crossbar::ConverterConfig& c = config.converters;
  c.dac_bits = c.adc_bits = 0;
  c.encoding = crossbar::Encoding::pulse_width;
  c.dac_offset_std = c.dac_gain_std = c.dac_noise_std = 0.0;
  c.adc_offset_std = c.adc_gain_std = c.adc_noise_std = 0.0;
  return config;
}

struct Source {
  const char* name;
  void (*take)(const CrossbarConfig& from, CrossbarConfig& to);
  bool passes_time;
};

/// Each source of error: its name in results, and the settings it takes from the configuration.
constexpr Source sources[] = {
    {"programming",
     [](const CrossbarConfig& from, CrossbarConfig& to) {
       to.device.programming_noise = from.device.programming_noise;
       to.device.device_spread = from.device.device_spread;
       to.programming = from.programming;
     },
     false},
    {"read_noise",
     [](const CrossbarConfig& from, CrossbarConfig& to) {
       to.device.read_noise = from.device.read_noise;
     },
     true},
    {"drift",
     [](const CrossbarConfig& from, CrossbarConfig& to) {
       to.device.drift = from.device.drift;
       to.device.device_spread = from.device.device_spread;
       to.device.temperature_k = from.device.temperature_k;
     },
     true},
    {"dac",
     [](const CrossbarConfig& from, CrossbarConfig& to) {
       const crossbar::ConverterConfig& c = from.converters;
       to.converters.dac_bits = c.dac_bits;
       to.converters.dac_offset_std = c.dac_offset_std;
       to.converters.dac_gain_std = c.dac_gain_std;
       to.converters.dac_noise_std = c.dac_noise_std;
     },
     false},
    {"adc",
     [](const CrossbarConfig& from, CrossbarConfig& to) {
       const crossbar::ConverterConfig& c = from.converters;
       to.converters.adc_bits = c.adc_bits;
       to.converters.adc_offset_std = c.adc_offset_std;
       to.converters.adc_gain_std = c.adc_gain_std;
       to.converters.adc_noise_std = c.adc_noise_std;
     },
     false},
    {"nonlinearity",
     [](const CrossbarConfig& from, CrossbarConfig& to) {
       if (from.converters.encoding == crossbar::Encoding::amplitude) {
         to.converters.encoding = from.converters.encoding;
       }
     },
     false},
    {"wires",
     [](const CrossbarConfig& from, CrossbarConfig& to) {
       to.array.wire_resistance_ohm = from.array.wire_resistance_ohm;
     },
     false},
    {"faults", [](const CrossbarConfig& from, CrossbarConfig& to) { to.faults = from.faults; },
     false},
};

struct Run {
  Matrix<float> output;
  OperationCounts counts;
  crossbar::WriteReport writing;
};

/// Programs, waits, multiplies. Weight 1 is mapped to the whole range of the device.
Run run(CrossbarConfig config, const ProductTask& task, double t_s, std::uint64_t seed,
        const Execution& execution) {
  const std::shared_ptr<const device::DeviceModel> model =
      device::make_model(config.device, config.pulse_us);
  config.array.conductance_per_weight_us = crossbar::weight_range_us(*model, config.array.synapse);
  const std::size_t rows = task.weights.shape(0);
  const std::size_t samples = task.inputs.shape(0);
  crossbar::Crossbar array(config, model, rows, task.columns, 0, 0, 0, seed, execution);
  Run done;
  done.writing = array.program_devices(task.weights, 0.0, done.counts);
  array.observe(t_s, 1);

  const std::size_t most = std::max(rows, task.columns);
  const Stream noise(seed, Purpose::evaluation_read);
  crossbar::Scratch calibration(most);
  std::vector<DrivenLines> some;
  for (std::size_t k = 0; k < std::min(samples, calibration_samples); ++k) {
    some.emplace_back(rows).gather({task.inputs.data() + k * task.inputs.shape(1), rows});
  }
  array.calibrate(some, {noise, events::mvm_calibration.block(0, some.size())}, calibration);

  done.output = padded_matrix<float>(samples, task.columns);
  const std::size_t parts = (samples + samples_per_part - 1) / samples_per_part;
  std::vector<OperationCounts> counts(parts);
  parallel_for(execution.threads, parts, [&](std::size_t part) {
    crossbar::Scratch scratch(most);
    DrivenLines x(rows);
    const std::size_t end = std::min(samples, (part + 1) * samples_per_part);
    for (std::size_t k = part * samples_per_part; k < end; ++k) {
      x.gather({task.inputs.data() + k * task.inputs.shape(1), rows});
      array.forward(x, {noise, events::mvm_samples(k)}, scratch,
                    done.output.data() + k * done.output.shape(1));
    }
    counts[part] = scratch.counts;
  });
  for (const OperationCounts& part : counts) done.counts += part;
  return done;
}

}  // namespace

double effective_bits(double relative_error, const Matrix<float>& weights,
                      const Matrix<float>& inputs, std::size_t columns) {
  if (relative_error <= 0.0) return 0.0;
  const double w = largest(weights, columns);
  const double x = largest(inputs, weights.shape(0));
  const double one_bit =
      4.0 *
      (w * w / mean_square(weights, columns) + x * x / mean_square(inputs, weights.shape(0))) /
      12.0;
  return 0.5 * log2_of(one_bit) - log2_of(relative_error);
}

ProductResult measure_product(const CrossbarConfig& config, const ProductTask& task,
                              std::uint64_t seed, const Execution& execution, bool by_source) {
  ProductResult result;
  result.exact = exact_products(task, execution);
  Run whole = run(config, task, task.t_s, seed, execution);
  result.error.relative_rms = relative_error(whole.output, result.exact, task.columns);
  result.error.effective_bits =
      effective_bits(result.error.relative_rms, task.weights, task.inputs, task.columns);
  result.output = std::move(whole.output);
  result.counts = whole.counts;
  result.writing = whole.writing;
  result.macs =
      static_cast<std::uint64_t>(task.weights.shape(0)) * task.columns * task.inputs.shape(0);
  if (!by_source) return result;
  for (const Source& source : sources) {
    CrossbarConfig alone = ideal_config(config);
    source.take(config, alone);
    const Run done = run(alone, task, source.passes_time ? task.t_s : 0.0, seed, execution);
    result.by_source.emplace_back(source.name,
                                  relative_error(done.output, result.exact, task.columns));
  }
  return result;
}

}  // namespace imcsim::instrument
