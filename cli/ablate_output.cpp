#include "ablate_output.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "study/ablation.hpp"

namespace imcsim::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;
using study::AblationRow;
using study::VariantKind;

constexpr std::size_t bar_width = 20;

std::string_view kind_name(VariantKind kind) {
  return names_of(kind)[static_cast<std::size_t>(kind)];
}

std::string row_label(const std::vector<AblationRow>& rows, std::size_t number) {
  const study::AblationVariant& variant = rows[number].variant;
  switch (variant.kind) {
    case VariantKind::all: return "all, as configured";
    case VariantKind::none: return "none: everything off";
    case VariantKind::without: return "  without " + variant.name;
    case VariantKind::extra: return "  all, " + variant.name;
    case VariantKind::only: break;
  }
  const study::AblationVariant& reference = rows[variant.reference].variant;
  return reference.kind == VariantKind::only
             ? fmt::format("  only {}, {}", reference.name, variant.name)
             : "  only " + variant.name;
}

/// Full scale of the bars: the largest cost of a non-ideality. Extra rows are excluded, because
/// training without refresh can fail and would shrink the other bars.
double full_scale(const std::vector<AblationRow>& rows) {
  double most = 0.0;
  for (const AblationRow& row : rows) {
    if (row.variant.kind != VariantKind::extra) most = std::max(most, row.cost.value_or(0.0));
  }
  return most;
}

std::string bar_of(const AblationRow& row, double full) {
  if (row.same_bits) return "same bits";
  const double cost = row.cost.value_or(0.0);
  if (!(cost > 0.0)) return "";
  return cost > full ? bar(1.0, bar_width) + "»" : bar(cost / full, bar_width);
}

std::string signed_percent(double fraction, std::string_view sign = "") {
  return fmt::format("{:>7}", sign == "+" ? fmt::format("{:+.2f}", 100.0 * fraction)
                                          : fmt::format("{:.2f}", 100.0 * fraction));
}

std::string with_error(const std::string& value, const std::optional<double>& error) {
  return error ? fmt::format("{} ± {:.2f} %", value, 100.0 * *error) : value + " %";
}

std::string failure_reason(const AblationRow& row) {
  for (const study::AblationRun& run : row.runs) {
    if (!run.failed.empty()) return run.failed;
  }
  return {};
}

std::string number_text(const std::optional<double>& number) {
  return number ? fmt::format("{}", *number) : std::string();
}

}  // namespace

std::string ablation_text(study::AblatedCommand command, const std::vector<AblationRow>& rows,
                          const std::string& digest, const Timing& timing, const Style& style) {
  const study::AblationFigure figure = figure_of(command);
  std::string figure_name(figure.name);
  std::replace(figure_name.begin(), figure_name.end(), '_', ' ');
  const bool several = rows.front().runs.size() > 1;
  const double full = full_scale(rows);
  Rows table = {{"", figure_name, "effect", ""}};
  std::string failures;
  for (std::size_t v = 0; v < rows.size(); ++v) {
    const AblationRow& row = rows[v];
    const std::string name = row_label(rows, v);
    if (!row.mean) {
      table.push_back({name, " failed", "", ""});
      failures += fmt::format("{}: {}\n", title_of(row.variant), failure_reason(row));
      continue;
    }
    const std::optional<double> spread = several ? row.std : std::optional<double>();
    const std::string cost =
        row.cost ? with_error(signed_percent(*row.cost, "+"), row.cost_error) : std::string();
    table.push_back({name, with_error(signed_percent(*row.mean), spread), cost, bar_of(row, full)});
  }
  std::string text = aligned_table(table, style) + "\n" + failures;
  text += style.dim(fmt::format(
      "Effect: {} {} due to a non-ideality. \"without\" is compared with all, \"only\" with none\n"
      "or, for effects of a pulse, with granularity alone. {}\n"
      "--json gives the meaning and the settings of each row.\n",
      figure.more_is_better ? "decrease of the" : "increase of the", figure_name,
      several ? fmt::format(
                    "± of the value: standard\n"
                    "deviation between {} seeds; ± of the effect: standard error over the seeds.",
                    rows.front().runs.size())
              : "A single seed gives no standard error."));
  text += fmt::format("{}  {}\n", style.bold("digest  "), digest);
  return text + fmt::format("{}  {:.1f} s\n", style.bold("time    "), timing.wall_s);
}

std::string ablation_csv(const std::vector<AblationRow>& rows) {
  Rows table = {{"name", "variant", "mean", "std", "reference", "cost_of_it", "cost_error",
                 "same_bits", "settings"}};
  for (std::size_t v = 0; v < rows.size(); ++v) {
    const AblationRow& row = rows[v];
    const bool compared = row.variant.reference != v;
    table.push_back({row.variant.name, std::string(kind_name(row.variant.kind)),
                     number_text(row.mean), number_text(row.std),
                     compared ? title_of(rows[row.variant.reference].variant) : "",
                     number_text(row.cost), number_text(row.cost_error),
                     row.same_bits ? "true" : "false", options_text(row.variant.settings)});
  }
  return csv_of(table);
}

std::string ablation_runs_csv(const std::vector<AblationRow>& rows) {
  Rows table = {{"name", "variant", "seed", "value", "digest"}};
  for (const AblationRow& row : rows) {
    for (const study::AblationRun& run : row.runs) {
      const bool ran = run.failed.empty();
      table.push_back({row.variant.name, std::string(kind_name(row.variant.kind)),
                       fmt::format("{}", run.seed), ran ? fmt::format("{}", run.value) : "",
                       ran ? study::digest_text(run.digest) : ""});
    }
  }
  return csv_of(table);
}

}  // namespace imcsim::cli
