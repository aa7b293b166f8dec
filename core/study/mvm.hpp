#pragma once

#include "instrument/instrument.hpp"
#include "study/device_study.hpp"
#include "study/json.hpp"
#include "study/resolve.hpp"

namespace imcsim::study {

/// How made-up weights and inputs are distributed, all within ±1: evenly over ±1, evenly over
/// 0 … 1, or normally with deviation 1/3 (what is beyond ±1 is set to ±1).
enum class Distribution { uniform, positive, normal };
std::span<const std::string_view> names_of(Distribution);

/// Everything that decides the result of `imcsim mvm`.
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

/// A matrix of a file, rows one after the other.
struct FileMatrix {
  std::vector<double> values;
  std::size_t rows = 0;
  std::size_t columns = 0;
};

/// The weights [rows × cols] and inputs [samples × rows] of a configuration: from the files where
/// it names some (`rows`, `cols`, `samples` are then set to theirs), made up otherwise. Both are
/// scaled to a largest size of 1; the scales are kept.
struct MvmTask {
  instrument::ProductTask product;
  double weight_scale = 1.0;
  double input_scale = 1.0;
};
/// Throws InputError where files and sizes do not go together. Null: no file.
MvmTask make_mvm_task(MvmConfig& config, const FileMatrix* matrix, const FileMatrix* vectors);

struct MvmStudy {
  instrument::ProductResult product;
  double rms_error = 0.0;    ///< absolute, in units of the task
  double output_bits = 0.0;  ///< log₂(full scale/(√12·rms_error)), full scale: the largest |y|
  std::uint64_t digest = 0;
};
MvmStudy run_mvm(const MvmConfig& config, const MvmTask& task, const Execution& execution);

/// What is priced: programming and products; a sample is a product.
PricedWork work_of(const MvmConfig& config, const MvmStudy& study);

/// The JSON result of CONTRACT section 1, without `execution` and `timing`.
Json mvm_json(const MvmConfig& config, const MvmStudy& study);

}  // namespace imcsim::study
