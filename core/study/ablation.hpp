#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "study/infer.hpp"
#include "study/json.hpp"
#include "study/mvm.hpp"
#include "study/settings.hpp"
#include "study/train_config.hpp"

namespace imcsim::study {

/// The command whose configuration is taken apart.
enum class AblatedCommand { train, infer, mvm };
std::span<const std::string_view> names_of(AblatedCommand);

/// Default number of runs of each variant.
inline constexpr std::int64_t ablation_runs = 3;

/// The configurations of these commands, with `runs` of an ablation.
struct AblatedTrainConfig : TrainConfig {
  AblatedTrainConfig() { runs = ablation_runs; }
};
struct AblatedInferConfig : InferConfig {
  AblatedInferConfig() { runs = ablation_runs; }
};
struct AblatedMvmConfig : MvmConfig {
  AblatedMvmConfig() { by_source = false; }
  std::int64_t runs = ablation_runs;
};
void describe(AblatedTrainConfig& config, FieldList& fields);
void describe(AblatedInferConfig& config, FieldList& fields);
/// Without `by-source`, which the ablation is itself.
void describe(AblatedMvmConfig& config, FieldList& fields);

/// A change to one value: another text; a factor (of a list: on each number); or another text
/// unless the value reads `auto` or `off`.
struct Edit {
  enum class How { set, times, set_if_chosen };
  std::string_view key;
  std::string_view text;
  double factor = 1.0;
  How how = How::set;
};

/// Something that keeps an array from being ideal, and what turns it off.
struct NonIdeality {
  std::string_view name;
  std::string_view meaning;  ///< what the table's row takes away
  std::vector<AblatedCommand> commands;
  /// Values that the configuration has not, or that have no effect as it stands, are passed over.
  std::vector<Edit> off;
  /// It is there only if one of these is not zero; none: ever.
  std::vector<std::string_view> needs;
  /// It belongs to pulses of their size: alone, it is seen beside `granularity`, and compared with
  /// that alone.
  bool of_a_pulse = false;
};

/// The closed list. No two entries change the same value.
const std::vector<NonIdeality>& non_idealities();

/// Part of its size that a pulse has where `granularity` is off.
inline constexpr double fine_pulse = 1.0 / 16.0;

/// What a row of the table stands for.
enum class VariantKind { all, none, without, only, extra };
std::span<const std::string_view> names_of(VariantKind);

/// One row to be run: changes to the configuration, as settings.
struct AblationVariant {
  std::string name;
  VariantKind kind = VariantKind::all;
  std::string meaning;
  Settings settings;
  std::size_t reference = 0;  ///< variant that it is compared with; its own number: with none
};

/// `all`, `none`, `without X`, `only X`, or the name of another row.
std::string title_of(const AblationVariant& variant);

/// The rows for a configuration, given as its fields, in this order: all together; without each
/// non-ideality that it has; converters of 8 … 4 bits, 1 % of stuck devices (where there are
/// none), no refresh (where there is one); none; each alone. Throws InputError where there is
/// nothing to take away.
std::vector<AblationVariant> ablation_variants(AblatedCommand command, const FieldList& fields);

/// `config` with a variant's settings. Throws InputError.
template <class Config>
Config with_settings(Config config, const Settings& settings) {
  Origins ignored;
  apply(settings, fields_of(config), ignored);
  return config;
}

/// One run of a variant. `failed`: why it has no value.
struct AblationRun {
  std::uint64_t seed = 0;
  double value = 0.0;
  std::uint64_t digest = 0;
  OperationCounts counts;
  std::string failed;
};

/// One row of the table: variant by variant, each with all its runs.
struct AblationRow {
  AblationVariant variant;
  std::vector<AblationRun> runs;
  /// Nothing where a run failed.
  std::optional<double> mean, std;
  /// By how much the row's subject makes the figure worse: seed by seed the difference to the
  /// reference row, its mean and the standard error s/√n of that mean. Nothing without reference,
  /// an error only of two runs or more.
  std::optional<double> cost, cost_error;
  bool same_bits = false;  ///< every run has the digest of the reference's
};

/// The figure that is compared: its name in the results, and whether more is better.
struct AblationFigure {
  std::string_view name;
  bool more_is_better = true;
};
AblationFigure figure_of(AblatedCommand command);

/// `runs` has those of each variant, in the same order of seeds.
std::vector<AblationRow> ablation_rows(AblatedCommand command,
                                       const std::vector<AblationVariant>& variants,
                                       const std::vector<std::vector<AblationRun>>& runs);

/// `--granularity 0.006 --drift off`: options that make the variant of its configuration.
std::string options_text(const Settings& settings);

/// The JSON result of CONTRACT section 1, without `execution` and `timing`; `config`: the complete
/// configuration. Counts are sums over all rows, and nothing is priced. Digest: XXH64 of the rows'
/// digests, each that of its runs' digests.
Json ablation_json(AblatedCommand command, std::uint64_t seed, Json config,
                   const std::vector<AblationRow>& rows);

}  // namespace imcsim::study
