#pragma once

#include "instrument/instrument.hpp"
#include "study/device_study.hpp"
#include "study/json.hpp"
#include "study/resolve.hpp"

namespace imcsim::study {

/// Distribution of synthetic weights and inputs, all within ±1: uniform over ±1, uniform over 0 …
/// 1, or normal with standard deviation 1/3 (clipped to ±1).
enum class Distribution { uniform, positive, normal };
std::span<const std::string_view> names_of(Distribution);

/// All parameters that determine the result of `imcsim mvm`.
struct MvmConfig {
  std::string device = "pcm";
  std::uint64_t seed = 1;
  std::int64_t rows = 256;
  std::int64_t cols = 256;
  std::int64_t samples = 100;
  std::string matrix;
  std::string vector;
  Distribution weight_distribution = Distribution::uniform;
  Distribution input_distribution = Distribution::uniform;
  double input_density = 1.0;
  Duration t{0.0};
  bool by_source = true;
  CostChoice cost;
  crossbar::CrossbarConfig crossbar = calibrated();

  static crossbar::CrossbarConfig calibrated();
};
void describe(MvmConfig& config, FieldList& fields);

/// A matrix from a file, row-major.
struct FileMatrix {
  std::vector<double> values;
  std::size_t rows = 0;
  std::size_t columns = 0;
};

/// The weights [rows × cols] and inputs [samples × rows] of a configuration: from files if given
/// (which also set `rows`, `cols`, `samples`), otherwise synthetic. Both are scaled to a largest
/// magnitude of 1; the scales are kept.
struct MvmTask {
  instrument::ProductTask product;
  double weight_scale = 1.0;
  double input_scale = 1.0;
};
/// Throws InputError for inconsistent files and sizes. Null: no file.
MvmTask make_mvm_task(MvmConfig& config, const FileMatrix* matrix, const FileMatrix* vectors);

struct MvmStudy {
  instrument::ProductResult product;
  double rms_error = 0.0;    ///< absolute, in units of the task
  double output_bits = 0.0;  ///< log₂(full scale/(√12·rms_error)), full scale: the largest |y|
  std::uint64_t digest = 0;
};
MvmStudy run_mvm(const MvmConfig& config, const MvmTask& task, const Execution& execution);

/// Priced work: programming and products; a sample is one product.
PricedWork work_of(const MvmConfig& config, const MvmStudy& study);

/// The JSON result of the command, without `execution` and `timing`.
Json mvm_json(const MvmConfig& config, const MvmStudy& study);

}  // namespace imcsim::study
