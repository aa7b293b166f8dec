// Layers of settings with a device: every preset, changes between devices, flags without effect.
#include "study/resolve.hpp"

#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "study/device_study.hpp"
#include "study/mvm.hpp"
#include "study/presets.hpp"
#include "study/train_config.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(study_resolve)

namespace {

using study::Setting;
using study::Settings;

bool no_files(const std::string&, std::string&) { return false; }

Setting flag(const std::string& key, const std::string& text) {
  return {key, text, "--" + key, "flag"};
}

Settings file(const std::string& toml) {
  return study::parse_settings(toml, "run.toml", "file run.toml");
}

template <class Config>
study::Resolved<Config> resolve(const Settings& settings,
                                const study::PresetReader& files = no_files) {
  return study::resolve_config<Config>(settings, files);
}

Settings joined(Settings first, const Settings& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

template <class Config>
std::string toml_of(Config config) {
  return study::to_toml(fields_of(config), {});
}

template <class Config>
std::string error_of(const Settings& settings, const study::PresetReader& files = no_files) {
  try {
    resolve<Config>(settings, files);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

/// The printed configuration of a device reads back as itself, and a device model can be created
/// from it.
template <class Config>
void check_round_trip(const std::string& device) {
  const Config config = resolve<Config>({flag("device", device)}).config;
  const std::string toml = toml_of(config);
  const Config again = resolve<Config>(file(toml)).config;
  BOOST_TEST(toml_of(again) == toml);
  Config copy = config;
  Config other = again;
  const device::DeviceConfig& values = study::device_of(copy);
  BOOST_TEST((device::make_model(values, 0.768) != nullptr));
  // Hidden fields, such as parameters of other models, are equal as well.
  const FieldList one = fields_of(copy);
  const FieldList two = fields_of(other);
  for (std::size_t i = 0; i < one.all().size(); ++i) {
    BOOST_TEST(text_of(one.all()[i]) == text_of(two.all()[i]), one.all()[i].text.key);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_device_preset_makes_a_model_and_reads_back) {
  const std::vector<std::string> names = study::preset_names("device");
  BOOST_TEST(names.size() >= 6U);
  for (const std::string& name : names) {
    BOOST_TEST_CONTEXT(name) {
      check_round_trip<study::TrainConfig>(name);
      check_round_trip<study::DeviceStudyConfig>(name);
      check_round_trip<study::MvmConfig>(name);
    }
  }
}

/// Changes between any two devices: the result does not depend on the first device, whether the
/// second one is in the same layer or a later one.
BOOST_AUTO_TEST_CASE(another_device_resets_all_values_of_the_previous_one) {
  const std::vector<std::string> names = study::preset_names("device");
  for (const std::string& first : names) {
    for (const std::string& second : names) {
      const std::string alone =
          toml_of(resolve<study::TrainConfig>({flag("device", second)}).config);
      const Settings switched =
          joined(file("device = \"" + first + "\"\n"), {flag("device", second)});
      BOOST_TEST(toml_of(resolve<study::TrainConfig>(switched).config) == alone,
                 first << " then " << second);
    }
  }
}

BOOST_AUTO_TEST_CASE(array_values_set_by_a_device_are_reset_with_it) {
  const auto files = [](const std::string& name, std::string& toml) {
    toml =
        "device-model = \"projected-pcm\"\ndrift-exponent = 0.1\nrefresh-above-us = 16\n"
        "verify-most-pulses = 200\nflicker-power = [0.0088, 0.65, 0.2]\n";
    return name == "mine.toml";
  };
  const Settings mine = file("device = \"mine.toml\"\n");
  const study::TrainConfig before = resolve<study::TrainConfig>(mine, files).config;
  BOOST_TEST(before.crossbar.array.refresh_above_us == 16.0);
  BOOST_TEST(before.crossbar.programming.verify_most_pulses == 200);
  const auto back = resolve<study::TrainConfig>(joined(mine, {flag("device", "pcm")}), files);
  BOOST_TEST(back.config.crossbar.array.refresh_above_us == 8.0);
  BOOST_TEST(back.config.crossbar.programming.verify_most_pulses == 15);
  BOOST_TEST(back.config.crossbar.device.common.drift_exponent == 0.04);
  BOOST_TEST(back.config.crossbar.device.flicker.flicker_power.empty());
  BOOST_TEST(back.origins.count("refresh-above-us") == 0U);
  BOOST_TEST(back.origins.at("device") == "flag");
}

/// Values set by the user are kept unless they belong to the device: the refresh settings of a file
/// are kept when a flag changes the device, the drift of the previous device is not.
BOOST_AUTO_TEST_CASE(values_of_the_experiment_are_kept) {
  const auto resolved = resolve<study::TrainConfig>(
      joined(file("device = \"projected-pcm\"\nrefresh-every = 50\nrefresh-above-us = 9\n"
                  "drift-exponent = 0.2\nread-noise = false\ntemperature-k = 320\n"),
             {flag("device", "pcm-inference")}));
  BOOST_TEST(resolved.config.crossbar.array.refresh_every == 50);
  BOOST_TEST(resolved.config.crossbar.array.refresh_above_us == 9.0);
  BOOST_TEST(!resolved.config.crossbar.device.read_noise);
  BOOST_TEST(resolved.config.crossbar.device.temperature_k == 320.0);
  BOOST_TEST(resolved.config.crossbar.device.common.drift_exponent == 0.04);
  BOOST_TEST(resolved.origins.count("drift-exponent") == 0U);
}

BOOST_AUTO_TEST_CASE(values_given_with_a_device_override_its_preset) {
  const auto resolved = resolve<study::MvmConfig>(
      {flag("conductance-max-us", "30"), flag("device", "pcm-inference")});
  BOOST_TEST(resolved.config.crossbar.device.common.conductance_max_us == 30.0);
  BOOST_TEST(resolved.config.crossbar.device.common.drift_reference_time.seconds == 20.0);
  BOOST_TEST(resolved.origins.at("conductance-max-us") == "flag");
  BOOST_TEST(resolved.origins.at("drift-reference-time") == "preset pcm-inference");
}

/// A device preset also holds values for training; commands without these keys ignore them, but
/// refuse unknown keys.
BOOST_AUTO_TEST_CASE(keys_of_another_command_are_ignored) {
  const auto files = [](const std::string& name, std::string& toml) {
    toml = name == "good.toml" ? "granularity = 0.05\nrefresh-every = 7\ndrift-exponent = 0.09\n"
                               : "drift-exponnt = 0.09\n";
    return name == "good.toml" || name == "bad.toml";
  };
  const auto study = resolve<study::DeviceStudyConfig>({flag("device", "good.toml")}, files);
  BOOST_TEST(study.config.device_config.common.drift_exponent == 0.09);
  BOOST_TEST(study.config.device == "custom");
  BOOST_TEST(testing::contains(
      error_of<study::DeviceStudyConfig>({flag("device", "bad.toml")}, files), "drift-exponnt"));
  BOOST_TEST(testing::contains(error_of<study::DeviceStudyConfig>({flag("refresh-every", "7")}),
                               "refresh-every"));
}

BOOST_AUTO_TEST_CASE(flags_without_effect_are_refused) {
  const auto refused = [](const Settings& settings, const std::string& key) {
    const std::string error = error_of<study::MvmConfig>(settings);
    BOOST_TEST(testing::contains(error, "--" + key), error);
    BOOST_TEST(testing::contains(error, "has no effect"), error);
  };
  refused({flag("drift-exponent", "0.1"), flag("device", "pcm-inference")}, "drift-exponent");
  refused({flag("set-mean-slope", "-0.1"), flag("device", "ideal")}, "set-mean-slope");
  refused({flag("projection", "3")}, "projection");
  refused({flag("flicker-power", "0.01,0.6,0.2")}, "flicker-power");
  // In a file, or together with a model that uses it, the value is accepted.
  BOOST_TEST(error_of<study::MvmConfig>(joined(file("drift-exponent = 0.1\n"),
                                               {flag("device", "pcm-inference")})) == "accepted");
  BOOST_TEST(error_of<study::MvmConfig>(
                 {flag("projection", "3"), flag("device-model", "projected-pcm")}) == "accepted");
}

BOOST_AUTO_TEST_CASE(flags_of_another_curve_are_refused) {
  BOOST_TEST(testing::contains(error_of<study::DeviceStudyConfig>({flag("times", "1s,1h")}),
                               "has no effect"));
  BOOST_TEST(error_of<study::DeviceStudyConfig>({flag("times", "1s,1h"), flag("curve", "drift")}) ==
             "accepted");
}

BOOST_AUTO_TEST_CASE(lists_of_numbers_parse_in_files_and_flags) {
  const auto targets = [](const Settings& settings) {
    Settings all = settings;
    all.push_back(flag("curve", "program"));
    return resolve<study::DeviceStudyConfig>(all).config.targets_us;
  };
  BOOST_TEST((targets({flag("targets-us", "0.1,2.5,12")}) == Numbers{0.1, 2.5, 12.0}));
  BOOST_TEST((targets({flag("targets-us", "5")}) == Numbers{5.0}));
  BOOST_TEST((targets(file("targets-us = [1, 2.5]\n")) == Numbers{1.0, 2.5}));
  BOOST_TEST((targets(file("targets-us = []\n")) == Numbers{}));
  for (const std::string bad : {"1,,2", "1,x", "1;2", "20000", "-1,2"}) {
    BOOST_TEST(testing::contains(error_of<study::DeviceStudyConfig>(
                                     {flag("curve", "program"), flag("targets-us", bad)}),
                                 "--targets-us"),
               bad);
  }
}

BOOST_AUTO_TEST_CASE(presets_of_the_wrong_kind_and_unknown_ones_are_refused) {
  BOOST_TEST(testing::contains(error_of<study::MvmConfig>({flag("device", "softmax")}),
                               "\"softmax\" is a preset of kind experiment"));
  BOOST_TEST(testing::contains(error_of<study::MvmConfig>({flag("device", "pcm-inferense")}),
                               "did you mean pcm-inference"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
