#include "study/ablation.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "study/safetensors.hpp"

namespace imcsim::study {
namespace {

constexpr std::string_view where = "ablate";
constexpr std::string_view granularity = "granularity";
constexpr std::array<std::string_view, 5> converter_bits = {"8", "7", "6", "5", "4"};
constexpr std::string_view stuck_devices = "0.01";

bool is_zero(std::string_view text) {
  return text == "0" || text == "0s" || text == "[]" || text == "off" || text == "none";
}

/// The field, if it exists in the configuration and has an effect.
const Field* active_field(const FieldList& fields, std::string_view key) {
  const Field* field = fields.find(key);
  return field != nullptr && field->active ? field : nullptr;
}

std::string scaled_text(const Field& field, double factor) {
  if (auto* const* number = std::get_if<double*>(&field.value)) {
    return fmt::format("{}", **number * factor);
  }
  if (auto* const* number = std::get_if<std::int64_t*>(&field.value)) {
    return fmt::format("{}", std::llround(static_cast<double>(**number) * factor));
  }
  std::string text;
  for (const double value : *std::get<Numbers*>(field.value)) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", value * factor);
  }
  return "[" + text + "]";
}

std::string edited_text(const Field& field, const Edit& edit) {
  switch (edit.how) {
    case Edit::How::times: return scaled_text(field, edit.factor);
    case Edit::How::set_if_chosen: {
      std::string now = text_of(field);
      if (now == "auto" || now == "off") return now;
      break;
    }
    case Edit::How::set: break;
  }
  return std::string(edit.text);
}

/// The changes of an entry as settings, without changes that have no effect.
Settings settings_of(const NonIdeality& entry, const FieldList& fields) {
  Settings settings;
  for (const Edit& edit : entry.off) {
    const Field* field = active_field(fields, edit.key);
    if (field == nullptr) continue;
    const std::string text = edited_text(*field, edit);
    if (text == text_of(*field)) continue;
    settings.push_back({std::string(edit.key), text, std::string(where), "ablation"});
  }
  return settings;
}

bool is_there(const NonIdeality& entry, const FieldList& fields) {
  if (entry.needs.empty()) return true;
  return std::any_of(entry.needs.begin(), entry.needs.end(), [&](std::string_view key) {
    const Field* field = active_field(fields, key);
    return field != nullptr && !is_zero(text_of(*field));
  });
}

std::string text_at(const FieldList& fields, std::string_view key) {
  const Field* field = fields.find(key);
  return field == nullptr ? std::string() : text_of(*field);
}

/// An entry present in the configuration, with the settings that turn it off.
struct Present {
  const NonIdeality* entry;
  Settings off;
};

std::vector<Present> present_in(AblatedCommand command, const FieldList& fields) {
  const bool limits_pulses =
      command == AblatedCommand::train && text_at(fields, "method") != "mixed-precision";
  std::vector<Present> present;
  for (const NonIdeality& entry : non_idealities()) {
    const bool requested =
        std::find(entry.commands.begin(), entry.commands.end(), command) != entry.commands.end();
    if (!requested || !is_there(entry, fields)) continue;
    if (limits_pulses && entry.name == granularity) continue;
    Settings off = settings_of(entry, fields);
    if (!off.empty()) present.push_back({&entry, std::move(off)});
  }
  return present;
}

Setting one_setting(std::string_view key, std::string_view text) {
  return {std::string(key), std::string(text), std::string(where), "ablation"};
}

/// The variant with a single non-ideality; its reference is `none`.
AblationVariant alone(const Present& kept, const std::vector<Present>& present, std::size_t none) {
  const bool needs_full_pulse = kept.entry->needs_full_pulse;
  AblationVariant only{
      std::string(kept.entry->name),
      VariantKind::only,
      needs_full_pulse ? "everything else off except granularity" : "everything else off",
      {},
      none};
  for (const Present& one : present) {
    if (&one == &kept || (needs_full_pulse && one.entry->name == granularity)) continue;
    only.settings.insert(only.settings.end(), one.off.begin(), one.off.end());
  }
  return only;
}

void add_extras(const FieldList& fields, std::vector<AblationVariant>& variants) {
  for (const std::string_view bits : converter_bits) {
    variants.push_back({fmt::format("converters {} bits", bits),
                        VariantKind::extra,
                        fmt::format("all, with converters of {} bits at inputs and outputs", bits),
                        {one_setting("dac-bits", bits), one_setting("adc-bits", bits)}});
  }
  if (is_zero(text_at(fields, "fault-rate"))) {
    variants.push_back({"1 % stuck devices",
                        VariantKind::extra,
                        "all, with 1 % stuck-at faults",
                        {one_setting("fault-rate", stuck_devices)}});
  }
  const Field* refresh = fields.find("method") == nullptr ? nullptr : fields.find("refresh-every");
  if (refresh != nullptr && !is_zero(text_of(*refresh))) {
    variants.push_back({"no refresh",
                        VariantKind::extra,
                        "all, without refresh of saturated pairs",
                        {one_setting("refresh-every", "0")}});
  }
}

/// Mean of b − a over runs, and its standard error.
struct Difference {
  double mean = 0.0;
  std::optional<double> error;
};

Difference paired_difference(const std::vector<AblationRun>& a, const std::vector<AblationRun>& b) {
  std::vector<double> differences;
  for (std::size_t r = 0; r < a.size(); ++r) differences.push_back(b[r].value - a[r].value);
  const MeanAndDeviation of = mean_and_deviation(differences);
  if (a.size() < 2) return {of.mean, {}};
  return {of.mean, of.deviation / std::sqrt(static_cast<double>(a.size()))};
}

bool has_failed(const std::vector<AblationRun>& runs) {
  return std::any_of(runs.begin(), runs.end(),
                     [](const AblationRun& run) { return !run.failed.empty(); });
}

Json number_or_null(const std::optional<double>& number) {
  if (!number) return nullptr;
  return *number;
}

std::uint64_t digest_of_runs(const std::vector<AblationRun>& runs) {
  std::vector<std::uint64_t> digests;
  digests.reserve(runs.size());
  for (const AblationRun& run : runs) digests.push_back(run.digest);
  return digest_of(digests);
}

Json row_json(const std::vector<AblationRow>& rows, std::size_t number) {
  const AblationRow& row = rows[number];
  const AblationVariant& variant = row.variant;
  Json runs = Json::array();
  for (const AblationRun& run : row.runs) {
    Json entry = {{"seed", run.seed}};
    if (run.failed.empty()) {
      entry["value"] = run.value;
      entry["digest"] = digest_text(run.digest);
    } else {
      entry["value"] = nullptr;
      entry["failed"] = run.failed;
    }
    runs.push_back(std::move(entry));
  }
  const bool compared = variant.reference != number;
  Json json = {{"name", variant.name},
               {"variant", names_of(variant.kind)[static_cast<std::size_t>(variant.kind)]},
               {"meaning", variant.meaning},
               {"settings", options_text(variant.settings)},
               {"mean", number_or_null(row.mean)},
               {"std", number_or_null(row.std)},
               {"runs", std::move(runs)},
               {"reference", nullptr},
               {"cost_of_it", number_or_null(row.cost)},
               {"cost_error", number_or_null(row.cost_error)},
               {"same_bits", row.same_bits},
               {"digest", digest_text(digest_of_runs(row.runs))}};
  if (compared) json["reference"] = title_of(rows[variant.reference].variant);
  return json;
}

}  // namespace

std::span<const std::string_view> names_of(AblatedCommand) {
  static constexpr std::array<std::string_view, 3> names = {"train", "infer", "mvm"};
  return names;
}

std::span<const std::string_view> names_of(VariantKind) {
  static constexpr std::array<std::string_view, 5> names = {"all", "none", "without", "only",
                                                            "extra"};
  return names;
}

void describe(AblatedTrainConfig& c, FieldList& f) { describe(static_cast<TrainConfig&>(c), f); }

void describe(AblatedInferConfig& c, FieldList& f) { describe(static_cast<InferConfig&>(c), f); }

void describe(AblatedMvmConfig& c, FieldList& f) {
  const FieldList all = fields_of(static_cast<MvmConfig&>(c));
  for (const Field& field : all.all()) {
    if (field.text.key == "by-source") continue;
    f.add(field);
    if (field.text.key != "seed") continue;
    f.group(field.group);
    f.field("runs", c.runs, Unit::none, {1.0, 1e6}, "Number of runs; run k uses seed + k");
  }
}

std::string title_of(const AblationVariant& variant) {
  switch (variant.kind) {
    case VariantKind::without: return "without " + variant.name;
    case VariantKind::only: return "only " + variant.name;
    case VariantKind::all:
    case VariantKind::none:
    case VariantKind::extra: break;
  }
  return variant.name;
}

AblationFigure figure_of(AblatedCommand command) {
  switch (command) {
    case AblatedCommand::train: return {"test_accuracy", true};
    case AblatedCommand::infer: return {"accuracy at the last time", true};
    case AblatedCommand::mvm: break;
  }
  return {"relative_rms_error", false};
}

std::vector<AblationVariant> ablation_variants(AblatedCommand command, const FieldList& fields) {
  if (command == AblatedCommand::train && text_at(fields, "method") == "float") {
    throw InputError(at_field("method"), "float training has no device non-idealities",
                     "mixed-precision, in-situ or tiki-taka");
  }
  const std::vector<Present> present = present_in(command, fields);
  if (present.empty()) {
    throw InputError("ablate", "the configuration is already ideal", "at least one non-ideality");
  }
  std::vector<AblationVariant> variants = {{"all", VariantKind::all, "as configured", {}, 0}};
  for (const Present& one : present) {
    variants.push_back({std::string(one.entry->name), VariantKind::without,
                        std::string(one.entry->meaning), one.off});
  }
  add_extras(fields, variants);
  const std::size_t none = variants.size();
  AblationVariant ideal{"none", VariantKind::none, "everything off", {}, none};
  for (const Present& one : present) {
    ideal.settings.insert(ideal.settings.end(), one.off.begin(), one.off.end());
  }
  variants.front().reference = none;
  variants.push_back(std::move(ideal));
  if (present.size() == 1) return variants;  // the single non-ideality alone equals `all`
  for (const Present& kept : present) variants.push_back(alone(kept, present, none));
  const auto coarse =
      std::find_if(variants.begin(), variants.end(), [](const AblationVariant& variant) {
        return variant.kind == VariantKind::only && variant.name == granularity;
      });
  if (coarse == variants.end()) return variants;
  for (std::size_t k = 0; k < present.size(); ++k) {
    if (!present[k].entry->needs_full_pulse) continue;
    variants[none + 1 + k].reference = static_cast<std::size_t>(coarse - variants.begin());
  }
  return variants;
}

std::vector<AblationRow> ablation_rows(AblatedCommand command,
                                       const std::vector<AblationVariant>& variants,
                                       const std::vector<std::vector<AblationRun>>& runs) {
  const double better = figure_of(command).more_is_better ? 1.0 : -1.0;
  std::vector<AblationRow> rows;
  for (std::size_t v = 0; v < variants.size(); ++v) {
    AblationRow row{variants[v], runs[v], {}, {}, {}, {}, false};
    const std::size_t reference = variants[v].reference;
    if (!has_failed(runs[v])) {
      std::vector<double> values;
      for (const AblationRun& run : runs[v]) values.push_back(run.value);
      const MeanAndDeviation of = mean_and_deviation(values);
      row.mean = of.mean;
      row.std = of.deviation;
    }
    if (reference != v && row.mean && !has_failed(runs[reference])) {
      // The variant without a non-ideality is better than its reference; others are worse.
      const bool freed = variants[v].kind == VariantKind::without;
      const Difference difference = freed ? paired_difference(runs[reference], runs[v])
                                          : paired_difference(runs[v], runs[reference]);
      row.cost = difference.mean == 0.0 ? 0.0 : better * difference.mean;
      row.cost_error = difference.error;
      row.same_bits = digest_of_runs(runs[v]) == digest_of_runs(runs[reference]);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string options_text(const Settings& settings) {
  std::string text;
  for (const Setting& setting : settings) {
    std::string value = setting.text;
    std::erase_if(value, [](char c) { return c == '[' || c == ']' || c == ' '; });
    text += fmt::format("{}--{} {}", text.empty() ? "" : " ", setting.key, value);
  }
  return text;
}

Json ablation_json(AblatedCommand command, std::uint64_t seed, Json config,
                   const std::vector<AblationRow>& rows) {
  OperationCounts counts;
  std::vector<std::uint64_t> digests;
  Json list = Json::array();
  for (std::size_t v = 0; v < rows.size(); ++v) {
    for (const AblationRun& run : rows[v].runs) counts += run.counts;
    digests.push_back(digest_of_runs(rows[v].runs));
    list.push_back(row_json(rows, v));
  }
  const AblationFigure figure = figure_of(command);
  Json result = {{"of", names_of(command)[static_cast<std::size_t>(command)]},
                 {"figure", figure.name},
                 {"more_is_better", figure.more_is_better},
                 {"rows", std::move(list)}};
  return envelope("ablate", seed, std::move(config), std::move(result), counts, digest_of(digests));
}

}  // namespace imcsim::study
