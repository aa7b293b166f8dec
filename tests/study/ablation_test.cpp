// Ablation table: settings that turn non-idealities off, rows for a configuration, costs and
// errors.
#include "study/ablation.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.hpp"
#include "study/presets.hpp"
#include "study/resolve.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(ablation)

namespace {

using study::AblatedCommand;
using study::AblationRun;
using study::AblationVariant;
using study::NonIdeality;
using study::Settings;
using study::VariantKind;
using testing::contains;

bool no_files(const std::string&, std::string&) { return false; }

Settings flags(const std::vector<std::pair<std::string, std::string>>& values) {
  Settings settings;
  for (const auto& [key, text] : values) settings.push_back({key, text, "--" + key, "flag"});
  return settings;
}

template <class Config>
Config configured(const std::vector<std::pair<std::string, std::string>>& values) {
  return study::resolve_config<Config>(flags(values), no_files).config;
}

std::vector<AblationVariant> train_variants(
    const std::vector<std::pair<std::string, std::string>>& values) {
  auto config = configured<study::AblatedTrainConfig>(values);
  return study::ablation_variants(AblatedCommand::train, fields_of(config));
}

const AblationVariant* find(const std::vector<AblationVariant>& variants, VariantKind kind,
                            const std::string& name) {
  for (const AblationVariant& variant : variants) {
    if (variant.kind == kind && variant.name == name) return &variant;
  }
  return nullptr;
}

std::set<std::string> names(const std::vector<AblationVariant>& variants, VariantKind kind) {
  std::set<std::string> found;
  for (const AblationVariant& variant : variants) {
    if (variant.kind == kind) found.insert(variant.name);
  }
  return found;
}

template <class Config>
std::string toml_of(Config config) {
  return study::to_toml(fields_of(config), {});
}

AblationRun run_of(std::uint64_t seed, double value) { return {seed, value, seed, {}, {}}; }

BOOST_AUTO_TEST_CASE(every_key_of_the_list_is_known_and_unique) {
  study::AblatedTrainConfig train;
  study::AblatedInferConfig infer;
  study::AblatedMvmConfig mvm;
  const FieldList lists[] = {fields_of(train), fields_of(infer), fields_of(mvm)};
  std::set<std::string_view> edited;
  for (const NonIdeality& entry : study::non_idealities()) {
    BOOST_TEST_CONTEXT(entry.name) {
      BOOST_TEST(!entry.commands.empty());
      BOOST_TEST(!entry.off.empty());
      for (const AblatedCommand command : entry.commands) {
        const FieldList& fields = lists[static_cast<std::size_t>(command)];
        const bool has_all = std::all_of(entry.off.begin(), entry.off.end(), [&](const auto& edit) {
          return fields.find(edit.key) != nullptr || edit.how == study::Edit::How::set_if_chosen;
        });
        BOOST_TEST(has_all);
        for (const std::string_view key : entry.needs) BOOST_TEST(fields.find(key) != nullptr);
      }
      if (entry.name == "programming") continue;  // the write noise of the other commands
      for (const study::Edit& edit : entry.off) BOOST_TEST(edited.insert(edit.key).second);
    }
  }
}

// For each device preset: the settings of every row are accepted and change the configuration.
BOOST_AUTO_TEST_CASE(each_off_setting_changes_the_configuration_of_every_device) {
  std::size_t seen = 0;
  for (const std::string& device : study::preset_names("device")) {
    if (device == "ideal") continue;
    BOOST_TEST_CONTEXT(device) {
      const auto config =
          configured<study::AblatedTrainConfig>({{"device", device},
                                                 {"wire-resistance-ohm", "0.35"},
                                                 {"fault-rate", "0.02"},
                                                 {"temperature-k", "330"},
                                                 {"nonlinearity-voltage-v", "0.3"}});
      auto copy = config;
      const auto variants = study::ablation_variants(AblatedCommand::train, fields_of(copy));
      for (const AblationVariant& variant : variants) {
        if (variant.kind == VariantKind::all) continue;
        if (variant.name.starts_with("converters")) continue;  // 8 bits are the default
        BOOST_TEST(toml_of(study::with_settings(config, variant.settings)) != toml_of(config),
                   study::title_of(variant));
        ++seen;
      }
      for (const char* name : {"granularity", "converters", "wires", "temperature", "faults",
                               "current-voltage curve"}) {
        BOOST_TEST(find(variants, VariantKind::without, name) != nullptr, name);
        BOOST_TEST(find(variants, VariantKind::only, name) != nullptr, name);
      }
    }
  }
  BOOST_TEST(seen > 100U);
}

BOOST_AUTO_TEST_CASE(rows_match_the_configuration) {
  const std::set<std::string> of_pcm = {"granularity", "nonlinearity", "write noise",
                                        "read noise",  "converters",   "drift"};
  const auto pcm = train_variants({});
  BOOST_TEST(names(pcm, VariantKind::without) == of_pcm);
  BOOST_TEST(names(pcm, VariantKind::only) == of_pcm);
  const std::set<std::string> extras = {
      "converters 8 bits", "converters 7 bits", "converters 6 bits", "converters 5 bits",
      "converters 4 bits", "1 % stuck devices", "no refresh"};
  BOOST_TEST(names(pcm, VariantKind::extra) == extras);

  const auto quiet = train_variants({{"read-noise", "off"},
                                     {"drift", "off"},
                                     {"dac-bits", "0"},
                                     {"adc-bits", "0"},
                                     {"fault-rate", "0.05"},
                                     {"refresh-every", "0"}});
  const std::set<std::string> of_quiet = {"granularity", "nonlinearity", "write noise", "faults"};
  BOOST_TEST(names(quiet, VariantKind::without) == of_quiet);
  BOOST_TEST(names(quiet, VariantKind::extra).count("1 % stuck devices") == 0U);
  BOOST_TEST(names(quiet, VariantKind::extra).count("no refresh") == 0U);

  // An ideal device has neither noise nor drift, although the switches are on.
  const std::set<std::string> of_ideal = {"granularity", "converters"};
  BOOST_TEST(names(train_variants({{"device", "ideal"}}), VariantKind::without) == of_ideal);
  // Methods with stochastic pulse trains have no row for the granularity.
  const auto in_situ = train_variants({{"method", "in-situ"}});
  BOOST_TEST(find(in_situ, VariantKind::without, "granularity") == nullptr);
  BOOST_TEST(find(in_situ, VariantKind::without, "nonlinearity") != nullptr);

  auto mvm = configured<study::AblatedMvmConfig>({{"device", "pcm-inference"}});
  const std::set<std::string> of_mvm = {"programming", "read noise", "converters", "drift",
                                        "device spread"};
  BOOST_TEST(names(study::ablation_variants(AblatedCommand::mvm, fields_of(mvm)),
                   VariantKind::without) == of_mvm);
}

BOOST_AUTO_TEST_CASE(ideal_configurations_are_refused) {
  BOOST_CHECK_EXCEPTION(train_variants({{"method", "float"}}), InputError, [](const InputError& e) {
    return contains(e.what(), "no device non-idealities");
  });
  auto ideal = configured<study::AblatedMvmConfig>({{"device", "ideal"},
                                                    {"dac-bits", "0"},
                                                    {"adc-bits", "0"},
                                                    {"programming", "exact"},
                                                    {"programming-noise", "off"}});
  BOOST_CHECK_EXCEPTION(study::ablation_variants(AblatedCommand::mvm, fields_of(ideal)), InputError,
                        [](const InputError& e) { return contains(e.what(), "already ideal"); });
}

BOOST_AUTO_TEST_CASE(a_finer_pulse_scales_all_related_values) {
  const auto variants = train_variants({});
  const AblationVariant* fine = find(variants, VariantKind::without, "granularity");
  BOOST_REQUIRE(fine != nullptr);
  const auto before = configured<study::AblatedTrainConfig>({});
  const auto after = study::with_settings(before, fine->settings);
  BOOST_TEST(after.training.granularity == before.training.granularity / 16.0);
  const device::PcmConfig& a = before.crossbar.device.pcm;
  const device::PcmConfig& b = after.crossbar.device.pcm;
  BOOST_TEST(b.set_mean_offset_us == a.set_mean_offset_us / 16.0);
  BOOST_TEST(b.set_mean_slope == a.set_mean_slope / 16.0);
  BOOST_TEST(b.set_std_memory_us == a.set_std_memory_us / 16.0);
  BOOST_TEST(b.memory_decay_pulses == a.memory_decay_pulses * 16.0);
  BOOST_TEST(after.crossbar.programming.verify_most_pulses ==
             before.crossbar.programming.verify_most_pulses * 16);
  BOOST_TEST(after.crossbar.device.programming_noise);
}

BOOST_AUTO_TEST_CASE(pulse_noise_alone_is_evaluated_at_full_pulse_size) {
  const auto variants = train_variants({});
  const AblationVariant* noise = find(variants, VariantKind::only, "write noise");
  const AblationVariant* reads = find(variants, VariantKind::only, "read noise");
  BOOST_REQUIRE((noise != nullptr && reads != nullptr));
  BOOST_TEST(study::title_of(variants[noise->reference]) == "only granularity");
  BOOST_TEST(study::title_of(variants[reads->reference]) == "none");
  const auto config = configured<study::AblatedTrainConfig>({});
  const auto noisy = study::with_settings(config, noise->settings);
  BOOST_TEST(noisy.training.granularity == config.training.granularity);
  BOOST_TEST(noisy.crossbar.device.programming_noise);
  BOOST_TEST(!noisy.crossbar.device.update_nonlinearity);
  BOOST_TEST(!noisy.crossbar.device.read_noise);
  BOOST_TEST(noisy.crossbar.converters.adc_bits == 0);
}

BOOST_AUTO_TEST_CASE(programming_off_keeps_the_devices_of_a_model) {
  const auto off = [](const std::string& reprogram) {
    auto config = configured<study::AblatedInferConfig>({{"reprogram", reprogram}});
    const auto variants = study::ablation_variants(AblatedCommand::infer, fields_of(config));
    const AblationVariant* without = find(variants, VariantKind::without, "programming");
    BOOST_REQUIRE(without != nullptr);
    return study::with_settings(config, without->settings).reprogram;
  };
  BOOST_TEST((off("auto") == study::Reprogram::automatic));
  BOOST_TEST((off("off") == study::Reprogram::off));
  BOOST_TEST((off("single-shot") == study::Reprogram::exact));
}

// Manual example: all {0.90, 0.94}, none {0.95, 0.97}, without X {0.93, 0.95}.
BOOST_AUTO_TEST_CASE(costs_are_paired_differences_with_their_standard_error) {
  const std::vector<AblationVariant> variants = {{"all", VariantKind::all, "", {}, 2},
                                                 {"x", VariantKind::without, "", {}, 0},
                                                 {"none", VariantKind::none, "", {}, 2},
                                                 {"worse", VariantKind::extra, "", {}, 0}};
  const std::vector<std::vector<AblationRun>> runs = {{run_of(1, 0.90), run_of(2, 0.94)},
                                                      {run_of(1, 0.93), run_of(2, 0.95)},
                                                      {run_of(1, 0.95), run_of(2, 0.97)},
                                                      {run_of(1, 0.80), run_of(2, 0.80)}};
  const auto tolerance = boost::test_tools::tolerance(1e-12);
  const auto rows = study::ablation_rows(AblatedCommand::train, variants, runs);
  BOOST_TEST(*rows[0].mean == 0.92, tolerance);
  BOOST_TEST(*rows[0].std == 0.04 / std::sqrt(2.0), tolerance);
  BOOST_TEST(*rows[0].cost == 0.04, tolerance);        // (0.05 + 0.03)/2
  BOOST_TEST(*rows[0].cost_error == 0.01, tolerance);  // s = 0.01·√2, over √2
  BOOST_TEST(*rows[1].cost == 0.02, tolerance);        // (0.03 + 0.01)/2
  BOOST_TEST(!rows[2].cost.has_value());
  BOOST_TEST(*rows[3].cost == 0.12, tolerance);  // (0.10 + 0.14)/2
  // If smaller is better, the signs are inverted.
  const auto errors = study::ablation_rows(AblatedCommand::mvm, variants, runs);
  BOOST_TEST(*errors[1].cost == -0.02, tolerance);
}

BOOST_AUTO_TEST_CASE(one_run_has_no_error_and_a_failed_one_no_mean) {
  const std::vector<AblationVariant> variants = {{"all", VariantKind::all, "", {}, 1},
                                                 {"none", VariantKind::none, "", {}, 1},
                                                 {"x", VariantKind::without, "", {}, 0}};
  AblationRun failed = run_of(1, 0.0);
  failed.failed = "loss is not finite";
  const auto rows = study::ablation_rows(AblatedCommand::train, variants,
                                         {{run_of(1, 0.9)}, {run_of(1, 0.9)}, {failed}});
  BOOST_TEST(*rows[0].cost == 0.0);
  BOOST_TEST(!rows[0].cost_error.has_value());
  BOOST_TEST(rows[0].same_bits);
  BOOST_TEST(!rows[2].mean.has_value());
  BOOST_TEST(!rows[2].cost.has_value());
  const study::Json json = study::ablation_json(AblatedCommand::train, 1, {}, rows);
  BOOST_TEST(json["result"]["rows"][2]["mean"].is_null());
  BOOST_TEST(json["result"]["rows"][2]["runs"][0]["failed"] == failed.failed);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace imcsim
