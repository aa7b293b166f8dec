#include "study/fit_study.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

#include "study/presets.hpp"
#include "study/safetensors.hpp"
#include "study/train_config.hpp"

namespace imcsim::study {
namespace {

using instrument::Curve;
using instrument::CurveKind;
using instrument::Estimate;

const Estimate* find(std::span<const Estimate> estimates, std::string_view key) {
  const auto found = std::find_if(estimates.begin(), estimates.end(),
                                  [&](const Estimate& e) { return e.key == key; });
  return found == estimates.end() ? nullptr : &*found;
}

/// Rounded to seven digits for the preset; always a TOML float.
std::string number_text(double value) {
  std::string text = fmt::format("{:.7g}", value == 0.0 ? 0.0 : value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string value_text(const Estimate& estimate) {
  if (!estimate.text.empty()) return toml_quoted(estimate.text);
  if (!estimate.table) return number_text(estimate.values.front());
  std::vector<std::string> words;
  for (const double value : estimate.values) words.push_back(number_text(value));
  return fmt::format("[{}]", fmt::join(words, ", "));
}

/// Training and programming values for the fitted device: the same fractions of the range as the
/// defaults for pcm, and the mean change by a pulse in the lower half of the range.
std::vector<Estimate> companions(std::span<const Estimate> estimates,
                                 std::span<const Curve> curves) {
  const Estimate* highest = find(estimates, "conductance-max-us");
  if (highest == nullptr) return {};
  const double range_us = highest->values.front();
  double sum = 0.0;
  double pulses = 0.0;
  for (const Curve& curve : curves) {
    if (curve.kind != CurveKind::pulses) continue;
    for (const instrument::Trace& trace : curve.traces) {
      for (std::size_t i = 1; i < trace.us.size(); ++i) {
        if (!trace.up[i] || trace.us[i - 1] > 0.5 * range_us) continue;
        sum += trace.us[i] - trace.us[i - 1];
        pulses += 1.0;
      }
    }
  }
  const double weight_us = std::max(1e-3, range_us * 8.0 / 12.0);
  const double granularity = pulses > 0.0 ? std::max(1e-6, sum / pulses / weight_us) : 0.096;
  const std::string share = "share of the range as pcm's";
  return {{"conductance-per-weight-us", {weight_us}, {}, share},
          {"granularity", {granularity}, {}, "mean of a pulse in the lower half of the range"},
          {"refresh-above-us", {weight_us}, {}, share},
          {"refresh-difference-us", {range_us * 0.5}, {}, share},
          {"verify-margin-us", {range_us * 0.385 / 12.0}, {}, share}};
}

/// Sets values without a measurement to zero, and describes these assumptions.
std::vector<std::string> assume(std::vector<Estimate>& estimates) {
  std::vector<std::string> assumed;
  const auto add = [&](std::string_view key, const std::string& words,
                       std::vector<std::string> keys) {
    if (find(estimates, key) != nullptr) return;
    assumed.push_back(words);
    for (std::string& zero : keys) {
      estimates.push_back({std::move(zero), {0.0}, {}, "not measured: left out"});
    }
  };
  if (find(estimates, "conductance-max-us") == nullptr) {
    assumed.emplace_back("range and pulses: those of pcm");
  }
  add("drift-exponent", "drift: none", {"drift-exponent", "drift-exponent-std"});
  add("read-noise-offset-us", "read noise: none", {"read-noise-slope", "read-noise-offset-us"});
  return assumed;
}

std::string comment_of(const Estimate& estimate, const FieldList& fields) {
  std::vector<std::string> words;
  const bool error =
      !estimate.table && !estimate.errors.empty() && std::isfinite(estimate.errors.front());
  if (error) words.push_back(fmt::format("± {:.2g}", estimate.errors.front()));
  if (const Field* field = fields.find(estimate.key)) {
    if (field->text.unit != Unit::none) words.emplace_back(unit_name(field->text.unit));
  }
  if (!estimate.note.empty()) words.push_back(estimate.note);
  return fmt::format("{}", fmt::join(words, "; "));
}

std::string preset_text(const FitConfig& config, const FitStudy& study,
                        std::span<const Estimate> companion_values) {
  TrainConfig reference;
  const FieldList fields = fields_of(reference);
  const std::string_view model = names_of(config.model)[static_cast<std::size_t>(config.model)];
  std::vector<std::string> names;
  for (const Curve& curve : study.curves) {  // without folders, which depend on the computer
    names.push_back(curve.name.substr(curve.name.find_last_of('/') + 1));
  }
  std::string text = fmt::format(
      "# Fitted by imcsim fit. Behind a value: its standard error.\n"
      "device-model = \"{}\"\n",
      model);
  for (const std::string& words : study.assumed) text += fmt::format("# Not measured: {}\n", words);
  const auto add = [&](const Estimate& estimate) {
    const std::string line = fmt::format("{} = {}", estimate.key, value_text(estimate));
    const std::string comment = comment_of(estimate, fields);
    if (estimate.table) {
      text += comment.empty() ? line + "\n" : fmt::format("# {}\n{}\n", comment, line);
    } else {
      text += comment.empty() ? line + "\n" : fmt::format("{:<44} # {}\n", line, comment);
    }
  };
  for (const Estimate& estimate : study.estimates) add(estimate);
  if (!companion_values.empty()) text += "\n# What goes with such a device (assumed)\n";
  for (const Estimate& estimate : companion_values) add(estimate);
  return text + fmt::format("\n[about]\nkind = \"device\"\nsummary = {}\nsource = {}\n",
                            toml_quoted(fmt::format("A measured device, fitted as {}", model)),
                            toml_quoted(fmt::format("measured: {}", fmt::join(names, ", "))));
}

/// The preset as read by `--device`. Throws InputError for values out of range.
device::DeviceConfig device_of_preset(const std::string& preset) {
  TrainConfig config;
  Origins origins;
  const FieldList fields = fields_of(config);
  for (Setting setting : preset_settings(preset, "the fitted device")) {
    setting.where = setting.key;
    apply({setting}, fields, origins);
  }
  device::make_model(config.crossbar.device, 1.0);
  return config.crossbar.device;
}

Json errors_json(const Estimate& estimate) {
  Json list = Json::array();
  for (const double error : estimate.errors) {
    list.push_back(std::isfinite(error) ? Json(error) : Json(nullptr));
  }
  if (estimate.table) return list;
  return list.empty() ? Json(nullptr) : list.front();
}

Json row_json(const instrument::FitRow& row) {
  return {{"x", row.x},
          {"measured_us", row.measured_us},
          {"measured_std_us", row.measured_std_us},
          {"fitted_us", row.fitted_us},
          {"fitted_std_us", row.fitted_std_us}};
}

}  // namespace

void describe(FitConfig& c, FieldList& f) {
  f.group("General");
  f.field("curves", c.curves, "FILE,…", "CSV files of measured curves, also accepted as arguments");
  f.field("model", c.model, Unit::none, {}, "Device model to fit (measured: tables of the curves)");
  f.field("seed", c.seed, Unit::none, {},
          "Random seed of the simulated devices (compared with the curves)");
  f.mark_common({"curves", "model", "seed"});
}

FitStudy run_fit_study(const FitConfig& config, std::span<const CurveFile> files) {
  FitStudy study;
  for (const CurveFile& file : files) {
    study.curves.push_back(instrument::read_curve(file.text, file.name));
  }
  study.estimates = instrument::fit_curves(study.curves, config.model);
  const std::vector<Estimate> companion_values = companions(study.estimates, study.curves);
  study.assumed = assume(study.estimates);
  study.preset = preset_text(config, study, companion_values);
  const device::DeviceConfig device = device_of_preset(study.preset);
  std::uint64_t hash = hash_of_text(study.preset);
  for (const Curve& curve : study.curves) {
    study.checks.push_back(instrument::check_fit(curve, device, config.seed));
    for (const instrument::FitRow& row : study.checks.back().rows) {
      const double numbers[] = {row.x, row.measured_us, row.fitted_us, row.fitted_std_us};
      hash = hash_of({reinterpret_cast<const std::uint8_t*>(numbers), sizeof numbers}, hash);
    }
  }
  study.digest = hash;
  return study;
}

Json fit_study_json(const FitConfig& config, const FitStudy& study) {
  Json values = Json::object();
  TrainConfig reference;
  const FieldList fields = fields_of(reference);
  for (const Estimate& estimate : study.estimates) {
    const Field* field = fields.find(estimate.key);
    Json value = estimate.values;
    if (!estimate.table) {
      value = estimate.text.empty() ? Json(estimate.values.front()) : Json(estimate.text);
    }
    values[estimate.key] = {{"value", std::move(value)},
                            {"standard_error", errors_json(estimate)},
                            {"unit", field != nullptr ? unit_name(field->text.unit) : ""},
                            {"note", estimate.note}};
  }
  Json curves = Json::array();
  for (std::size_t i = 0; i < study.curves.size(); ++i) {
    const Curve& curve = study.curves[i];
    Json rows = Json::array();
    for (const instrument::FitRow& row : study.checks[i].rows) rows.push_back(row_json(row));
    curves.push_back({{"name", curve.name},
                      {"kind", names_of(curve.kind)[static_cast<std::size_t>(curve.kind)]},
                      {"statistics", curve.statistics},
                      {"devices", curve.devices},
                      {"points", curve.points},
                      {"residual_rms_us", study.checks[i].rms_us},
                      {"r_squared", study.checks[i].r_squared},
                      {"rows", std::move(rows)}});
  }
  Json result = {{"model", names_of(config.model)[static_cast<std::size_t>(config.model)]},
                 {"values", std::move(values)},
                 {"not_measured", study.assumed},
                 {"curves", std::move(curves)},
                 {"preset", study.preset}};
  return envelope("fit", config.seed, to_json_object(config), std::move(result), {}, study.digest);
}

}  // namespace imcsim::study
