#include "study/mvm.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "numeric/float_math.hpp"
#include "study/safetensors.hpp"

namespace imcsim::study {
namespace {

float drawn(const Stream& stream, std::uint64_t event, Distribution distribution) {
  switch (distribution) {
    case Distribution::positive: return stream.uniform(event);
    case Distribution::normal: return std::clamp(stream.normal(event) / 3.0F, -1.0F, 1.0F);
    case Distribution::uniform: break;
  }
  return 2.0F * stream.uniform(event) - 1.0F;
}

/// Copies a matrix from a file, scaled to a largest magnitude of 1.
Matrix<float> scaled(const FileMatrix& file, double& scale) {
  scale = 0.0;
  for (const double value : file.values) scale = std::max(scale, std::fabs(value));
  if (scale == 0.0) scale = 1.0;
  Matrix<float> matrix = padded_matrix<float>(file.rows, file.columns);
  for (std::size_t i = 0; i < file.rows; ++i) {
    for (std::size_t j = 0; j < file.columns; ++j) {
      matrix(i, j) = static_cast<float>(file.values[i * file.columns + j] / scale);
    }
  }
  return matrix;
}

}  // namespace

std::span<const std::string_view> names_of(Distribution) {
  static constexpr std::array<std::string_view, 3> names = {"uniform", "positive", "normal"};
  return names;
}

crossbar::CrossbarConfig MvmConfig::calibrated() {
  crossbar::CrossbarConfig config;
  config.converters.adc_range_quantile = 0.999;
  return config;
}

void describe(MvmConfig& c, FieldList& f) {
  f.group("Product");
  f.field("rows", c.rows, Unit::none, {1.0, 65536.0}, "Number of wordlines: inputs of the product");
  f.field("cols", c.cols, Unit::none, {1.0, 65536.0}, "Number of bitlines: outputs of the product");
  f.field("samples", c.samples, Unit::none, {1.0, 1e7}, "Number of input vectors");
  f.field("matrix", c.matrix, "FILE.npy", "Weight matrix, shape [rows, cols]");
  f.field("vector", c.vector, "FILE.npy", "Input vectors, shape [rows] or [samples, rows]");
  f.field("weight-distribution", c.weight_distribution, Unit::none, {},
          "Random weights: uniform in -1 … 1 or in 0 … 1, or normal with standard deviation 1/3");
  f.field("input-distribution", c.input_distribution, Unit::none, {},
          "Random inputs: uniform in -1 … 1 or in 0 … 1, or normal with standard deviation 1/3");
  f.field("input-density", c.input_density, Unit::fraction, {0.0, 1.0},
          "Fraction of random inputs that are not zero");
  f.field("device", c.device, "NAME|FILE", "Device preset, or a TOML file of device parameters");
  f.field("t", c.t, Unit::seconds, {0.0, 1e12}, "Time between programming and the products");
  f.field("by-source", c.by_source, Unit::none, {}, "Measure the error of each source separately");
  f.field("seed", c.seed, Unit::none, {}, "Random seed");
  describe(c.cost, f);
  describe(c.crossbar, f);
  f.mark_common({"rows", "cols", "matrix", "vector", "device", "t", "dac-bits", "adc-bits"});
}

MvmTask make_mvm_task(MvmConfig& config, const FileMatrix* matrix, const FileMatrix* vectors) {
  MvmTask task;
  if (matrix != nullptr) {
    if (matrix->values.empty()) throw InputError(at_field("matrix"), "is empty", "numbers");
    config.rows = static_cast<std::int64_t>(matrix->rows);
    config.cols = static_cast<std::int64_t>(matrix->columns);
    task.product.weights = scaled(*matrix, task.weight_scale);
  }
  const auto rows = static_cast<std::size_t>(config.rows);
  const auto columns = static_cast<std::size_t>(config.cols);
  crossbar::require_devices(0, crossbar::devices_of_matrix(config.crossbar.array, rows, columns));
  if (vectors != nullptr) {
    if (vectors->columns != rows) {
      throw InputError(at_field("vector"),
                       fmt::format("has {} numbers per vector", vectors->columns),
                       fmt::format("{}, one per row of the matrix", rows));
    }
    config.samples = static_cast<std::int64_t>(vectors->rows);
    task.product.inputs = scaled(*vectors, task.input_scale);
  }
  const auto samples = static_cast<std::size_t>(config.samples);
  const Stream draws(config.seed, Purpose::instrument);
  if (matrix == nullptr) {
    task.product.weights = padded_matrix<float>(rows, columns);
    const Stream own = draws.of(entities::mvm_weights);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) {
        const std::uint64_t event = events::places(std::uint64_t{i} * columns + j);
        task.product.weights(i, j) = drawn(own, event, config.weight_distribution);
      }
    }
  }
  if (vectors == nullptr) {
    task.product.inputs = padded_matrix<float>(samples, rows);
    const Stream own = draws.of(entities::mvm_inputs);
    const Stream whether = draws.of(entities::mvm_density);
    for (std::size_t k = 0; k < samples; ++k) {
      for (std::size_t i = 0; i < rows; ++i) {
        const std::uint64_t event = events::places(std::uint64_t{k} * rows + i);
        const bool driven = static_cast<double>(whether.uniform(event)) < config.input_density;
        task.product.inputs(k, i) = driven ? drawn(own, event, config.input_distribution) : 0.0F;
      }
    }
  }
  task.product.columns = columns;
  task.product.t_s = config.t.seconds;
  return task;
}

MvmStudy run_mvm(const MvmConfig& config, const MvmTask& task, const Execution& execution) {
  MvmStudy study;
  study.product = instrument::measure_product(config.crossbar, task.product, config.seed, execution,
                                              config.by_source);
  double squares = 0.0;
  double most = 0.0;
  const Matrix<float>& exact = study.product.exact;
  const auto scale = static_cast<float>(task.weight_scale * task.input_scale);
  for (std::size_t k = 0; k < exact.shape(0); ++k) {
    for (std::size_t j = 0; j < task.product.columns; ++j) {
      const auto truth = static_cast<double>(exact(k, j));
      const double off = static_cast<double>(study.product.output(k, j)) - truth;
      squares += off * off;
      most = std::max(most, std::fabs(truth));
    }
  }
  const double n = static_cast<double>(exact.shape(0) * task.product.columns);
  const double rms = std::sqrt(squares / n);
  study.rms_error = rms * static_cast<double>(scale);
  if (rms > 0.0) {
    constexpr double ln2 = 0.69314718055994531;
    study.output_bits = numeric::log_of(most / (std::sqrt(12.0) * rms)) / ln2;
  }
  for (Matrix<float>* matrix : {&study.product.output, &study.product.exact}) {
    for (std::size_t i = 0; i < matrix->size(); ++i) matrix->data()[i] *= scale;
  }
  Matrix<float>& output = study.product.output;
  for (std::size_t k = 0; k < output.shape(0); ++k) {
    const float* row = output.data() + k * output.shape(1);
    study.digest =
        hash_of({reinterpret_cast<const std::uint8_t*>(row), task.product.columns * sizeof(float)},
                study.digest);
  }
  return study;
}

PricedWork work_of(const MvmConfig& config, const MvmStudy& study) {
  return {study.product.counts, products_of(study.product.counts),
          static_cast<std::uint64_t>(config.samples), config.crossbar.converters};
}

Json mvm_json(const MvmConfig& config, const MvmStudy& study) {
  Json by_source = Json::object();
  for (const auto& [name, error] : study.product.by_source) by_source[name] = error;
  const crossbar::WriteReport& writing = study.product.writing;
  Json result = {{"relative_rms_error", study.product.error.relative_rms},
                 {"effective_bits", study.product.error.effective_bits},
                 {"rms_error", study.rms_error},
                 {"output_bits", study.output_bits},
                 {"error_by_source", std::move(by_source)},
                 {"programmed_devices", writing.devices},
                 {"converged_devices", writing.converged},
                 {"programming_pulses", writing.pulses}};
  return envelope("mvm", config.seed, to_json_object(config), std::move(result),
                  study.product.counts, study.digest,
                  cost_json(config.cost, work_of(config, study)));
}

}  // namespace imcsim::study
