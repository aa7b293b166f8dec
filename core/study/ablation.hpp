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

/// The command whose configuration is varied.
enum class AblatedCommand { train, infer, mvm };
std::span<const std::string_view> names_of(AblatedCommand);

/// Default number of runs of each variant.
inline constexpr std::int64_t ablation_runs = 3;

/// The configurations of these commands, with the default `runs` of an ablation.
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
/// Without `by-source`, because the ablation covers it.
void describe(AblatedMvmConfig& config, FieldList& fields);

/// A change of one value: a new text; a factor (lists: on each number); or a new text unless the
/// value is `auto` or `off`.
struct Edit {
  enum class How { set, times, set_if_chosen };
  std::string_view key;
  std::string_view text;
  double factor = 1.0;
  How how = How::set;
};

/// A non-ideality of an array, and the changes that turn it off.
struct NonIdeality {
  std::string_view name;
  std::string_view meaning;  ///< effect of turning it off, for the table row
  std::vector<AblatedCommand> commands;
  /// Changes of values that the configuration does not have, or that have no effect, are skipped.
  std::vector<Edit> off;
  /// The non-ideality is present only if one of these values is not zero; empty: always present.
  std::vector<std::string_view> needs;
  /// Pulse properties at full pulse size: the `only` row keeps `granularity` as well, and its
  /// reference is the `only granularity` row.
  bool needs_full_pulse = false;
};

/// All non-idealities. No two entries change the same value.
const std::vector<NonIdeality>& non_idealities();

/// Relative pulse size when `granularity` is turned off.
inline constexpr double fine_pulse = 1.0 / 16.0;

/// Kind of a row of the table.
enum class VariantKind { all, none, without, only, extra };
std::span<const std::string_view> names_of(VariantKind);

/// One row to run: changes of the configuration, as settings.
struct AblationVariant {
  std::string name;
  VariantKind kind = VariantKind::all;
  std::string meaning;
  Settings settings;
  std::size_t reference = 0;  ///< index of the reference variant; its own index: none
};

/// `all`, `none`, `without X`, `only X`, or the name of another row.
std::string title_of(const AblationVariant& variant);

/// The rows for a configuration, given by its fields, in this order: all non-idealities; without
/// each one present; converters of 8 … 4 bits, 1 % stuck devices (if there are none), no refresh
/// (if there is one); none; each alone. Throws InputError if no non-ideality is present.
std::vector<AblationVariant> ablation_variants(AblatedCommand command, const FieldList& fields);

/// `config` with a variant's settings. Throws InputError.
template <class Config>
Config with_settings(Config config, const Settings& settings) {
  Origins ignored;
  apply(settings, fields_of(config), ignored);
  return config;
}

/// One run of a variant. `failed`: reason of a failure; empty: success.
struct AblationRun {
  std::uint64_t seed = 0;
  double value = 0.0;
  std::uint64_t digest = 0;
  OperationCounts counts;
  std::string failed;
};

/// One row of the table, with all runs of its variant.
struct AblationRow {
  AblationVariant variant;
  std::vector<AblationRun> runs;
  /// Empty if a run failed.
  std::optional<double> mean, std;
  /// Degradation of the figure by the row's subject: mean over seeds of the difference to the
  /// reference row, and standard error s/√n of this mean. Empty without a reference; the error
  /// needs at least two runs.
  std::optional<double> cost, cost_error;
  bool same_bits = false;  ///< every run has the same digest as the run of the reference
};

/// The compared figure: its name in the results, and whether larger is better.
struct AblationFigure {
  std::string_view name;
  bool more_is_better = true;
};
AblationFigure figure_of(AblatedCommand command);

/// `runs`: runs of each variant, with the seeds in the same order.
std::vector<AblationRow> ablation_rows(AblatedCommand command,
                                       const std::vector<AblationVariant>& variants,
                                       const std::vector<std::vector<AblationRun>>& runs);

/// Options that change the configuration to the variant: `--granularity 0.006 --drift off`.
std::string options_text(const Settings& settings);

/// The JSON result of the command, without `execution` and `timing`; `config`: the complete
/// configuration. Counts are sums over all rows, without a cost. Digest: XXH64 of the digests of
/// the rows, which are the digests of their runs' digests.
Json ablation_json(AblatedCommand command, std::uint64_t seed, Json config,
                   const std::vector<AblationRow>& rows);

}  // namespace imcsim::study
