// The TOML files of the tool: options, device presets, studies, tables of texts; the first byte
// selects the reader. A complete configuration must not change when written and read again.
#include <algorithm>

#include "fuzz.hpp"
#include "study/presets.hpp"
#include "study/sweep_study.hpp"
#include "study/train_config.hpp"

namespace imcsim::fuzz {
namespace {

bool no_files(const std::string&, std::string&) { return false; }

void read_options(std::string_view text) {
  const study::Settings settings = study::parse_settings(text, "x.toml", "file x.toml");
  study::ResolvedTrainConfig resolved = study::resolve_train_config(settings, no_files);
  const std::string whole = study::to_toml(fields_of(resolved.config), resolved.origins);
  study::ResolvedTrainConfig again = study::resolve_train_config(
      study::parse_settings(whole, "whole.toml", "file whole.toml"), no_files);
  require(study::to_toml(fields_of(again.config), resolved.origins) == whole, "TOML and back");
}

void read_device(std::string_view text) {
  const auto file = [&](const std::string& name, std::string& toml) {
    if (name == "x") toml = text;
    return name == "x";
  };
  study::resolve_train_config({{"device", "x", "--device", "flag"}}, file);
}

void read_study(std::string_view text) {
  const study::SweepStudy study = study::parse_sweep(text, "study.toml");
  require(study.points() >= 1 && study.variants() <= study::most_variants, "some variants");
  for (const std::size_t point : {std::size_t{0}, study.points() - 1}) {
    require(study::values_at(study, point).size() == study.axes().size(), "one value per axis");
    study::settings_at(study, point);
  }
  study::seed_of(study, study.variants() - 1);
  study::fingerprint(study);
}

}  // namespace

void run(Bytes bytes) {
  const std::size_t kind = take_number(bytes) % 4;
  const std::string_view text = text_of(bytes);
  if (kind == 0) return read_options(text);
  if (kind == 1) return read_device(text);
  if (kind == 2) return read_study(text);
  study::text_tables(text, "terms.toml");
  study::preset_settings(text, "preset");
}

}  // namespace imcsim::fuzz
