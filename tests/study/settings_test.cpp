#include "study/settings.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "study/compile_study.hpp"
#include "study/json.hpp"
#include "study/presets.hpp"
#include "study/task_study.hpp"
#include "study/train_config.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(study_settings)

namespace {

using study::ResolvedTrainConfig;
using study::Settings;

/// Preset reader without any files.
bool no_files(const std::string&, std::string&) { return false; }

Settings from_toml(const std::string& text, const std::string& origin = "file run.toml") {
  return study::parse_settings(text, "run.toml", origin);
}

ResolvedTrainConfig resolve(const std::string& toml, const Settings& flags = {},
                            const study::PresetReader& files = no_files) {
  Settings settings = from_toml(toml);
  settings.insert(settings.end(), flags.begin(), flags.end());
  return study::resolve_train_config(settings, files);
}

std::string error_of(const std::string& toml, const Settings& flags = {}) {
  try {
    resolve(toml, flags);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

std::string complete_toml(study::TrainConfig config) {
  return study::to_toml(fields_of(config), {});
}

}  // namespace

BOOST_AUTO_TEST_CASE(toml_values_become_settings_with_their_line) {
  const Settings settings = from_toml(
      "# a comment\nlearning-rate = 0.25\nepochs = 3\n\nread-noise = false\nsample-period = "
      "\"1s\"\n");
  BOOST_TEST_REQUIRE(settings.size() == 4U);
  BOOST_TEST(settings[0].key == "learning-rate");
  BOOST_TEST(settings[0].text == "0.25");
  BOOST_TEST(settings[0].where.text == "run.toml:2");
  BOOST_TEST(settings[0].origin == "file run.toml");
  BOOST_TEST(settings[1].where.text == "run.toml:3");
  BOOST_TEST(settings[2].text == "off");
  BOOST_TEST(settings[3].text == "1s");
  BOOST_TEST(study::find_last(settings, "epochs")->text == "3");
  BOOST_TEST((study::find_last(settings, "seed") == nullptr));
}

BOOST_AUTO_TEST_CASE(errors_name_line_key_and_nearest_key) {
  BOOST_TEST(error_of("epochs = 3\n[{a = 1\n").starts_with("run.toml: not TOML"));
  for (const char* letter : {"\u00fc", "\u03da", "\u3042", "\u00a0"}) {
    BOOST_TEST(error_of(std::string("seed = 3\nepochs") + letter + " = 1\n")
                   .starts_with("run.toml:2: not TOML"));
  }
  BOOST_TEST(error_of("epochs = 3\nlearning-rat = 0.1\n") ==
             "run.toml:2: unknown key \"learning-rat\" (did you mean learning-rate or "
             "learning-rate-schedule or learning-rate-decay?)");
  BOOST_TEST(error_of("\n\nepochs = \"many\"\n") ==
             "run.toml:3: epochs: \"many\" is not a whole number (a whole number, 0 to 1000000)");
  BOOST_TEST(error_of("epochs = 1.5\n") ==
             "run.toml:1: epochs: \"1.5\" is not a whole number (a whole number, 0 to 1000000)");
  BOOST_TEST(error_of("granularity = 0\n") ==
             "run.toml:1: granularity: \"0\" is out of range (a number, 1e-06 to 100)");
  BOOST_TEST(error_of("method = \"magic\"\n") ==
             "run.toml:1: method: unknown value \"magic\" (one of mixed-precision, float, in-situ, "
             "tiki-taka, hardware-aware)");
  BOOST_TEST(
      testing::contains(error_of("epochs = 3\nlearning-rate = = 4\n"), "run.toml:2: not TOML: "));
  BOOST_TEST(error_of("epochs = [1, 2]\n") ==
             "run.toml:1: epochs: \"[1, 2]\" is not a whole number (a whole number, 0 to 1000000)");
  BOOST_TEST(testing::contains(error_of("[training]\nepochs = 3\n"), "run.toml:1: "));
  BOOST_TEST(testing::contains(error_of("epochs = 1\nepochs = 2\n"), "run.toml:2: not TOML: "));
  BOOST_TEST(error_of("", {{"preset", "pcn", "--preset", "flag"}}) ==
             "--preset: unknown preset \"pcn\" (a TOML file; did you mean pcm?)");
  BOOST_TEST(testing::contains(error_of("", {{"device", "softmax", "--device", "flag"}}),
                               "--device: \"softmax\" is a preset of kind experiment (one of "));
}

BOOST_AUTO_TEST_CASE(an_error_of_a_field_is_located_where_the_user_set_the_field) {
  const InputError error(at_field("adc-bits"), "a 1-bit converter has only the code 0", "2 to 16");
  const Settings file = from_toml("epochs = 1\nadc-bits = 1\n");
  BOOST_TEST(std::string(study::located(error, file).what()) ==
             "run.toml:2: adc-bits: a 1-bit converter has only the code 0 (2 to 16)");
  Settings both = file;
  both.push_back({"adc-bits", "1", "--adc-bits", "flag"});
  BOOST_TEST(study::located(error, both).where() == "--adc-bits");
  const InputError elsewhere = study::located(error, from_toml("epochs = 1\n"));
  BOOST_TEST(elsewhere.names_field());
  BOOST_TEST(elsewhere.where() == "adc-bits");
  BOOST_TEST(study::located(InputError("a.npy", "is empty"), both).where() == "a.npy");
}

BOOST_AUTO_TEST_CASE(later_layers_override_earlier_ones) {
  // default < device preset < preset < file < flag
  const std::string device =
      "granularity = 0.01\nlearning-rate = 0.01\nbatch-size = 2\nepochs = 1\n";
  const std::string preset =
      "device = \"mine.toml\"\nlearning-rate = 0.02\nbatch-size = 3\nepochs = 2\n";
  const auto files = [&](const std::string& name, std::string& toml) {
    if (name == "mine.toml") toml = device;
    if (name == "whole.toml") toml = preset;
    return name == "mine.toml" || name == "whole.toml";
  };
  const ResolvedTrainConfig resolved =
      resolve("preset = \"whole.toml\"\nbatch-size = 4\nepochs = 3\n",
              {{"epochs", "4", "--epochs", "flag"}}, files);
  BOOST_TEST(resolved.config.training.granularity == 0.01);
  BOOST_TEST(resolved.config.training.learning_rate == 0.02);
  BOOST_TEST(resolved.config.training.batch_size == 4);
  BOOST_TEST(resolved.config.training.epochs == 4);
  BOOST_TEST(resolved.config.training.learning_rate_decay == 1.0);
  BOOST_TEST(resolved.origins.at("granularity") == "preset mine.toml");
  BOOST_TEST(resolved.origins.at("learning-rate") == "preset whole.toml");
  BOOST_TEST(resolved.origins.at("batch-size") == "file run.toml");
  BOOST_TEST(resolved.origins.at("epochs") == "flag");
  BOOST_TEST(resolved.origins.count("learning-rate-decay") == 0U);
  BOOST_TEST(resolved.config.device == "custom");
}

BOOST_AUTO_TEST_CASE(flags_are_read_in_order_and_the_device_may_be_named_anywhere) {
  const ResolvedTrainConfig resolved =
      resolve("", {{"refresh-every", "50", "--refresh-every", "flag"},
                   {"epochs", "4", "--epochs", "flag"},
                   {"epochs", "5", "--epochs", "flag"},
                   {"device", "ideal", "--device", "flag"}});
  BOOST_TEST(resolved.config.training.epochs == 5);
  BOOST_TEST((resolved.config.crossbar.device.model == device::ModelName::ideal));
  BOOST_TEST(resolved.config.crossbar.array.refresh_every == 50);  // the preset has 0
}

BOOST_AUTO_TEST_CASE(built_in_presets_have_descriptions) {
  const auto presets = study::list_presets();
  BOOST_TEST(presets.size() >= 4U);
  for (const study::PresetAbout& about : presets) {
    BOOST_TEST_CONTEXT(about.name) {
      const auto kinds = {"device", "experiment", "cost", "task", "core"};
      BOOST_TEST(std::count(kinds.begin(), kinds.end(), about.kind) == 1);
      BOOST_TEST(!about.summary.empty());
      BOOST_TEST(!about.source.empty());
      const std::string key = about.kind == "device" ? "device" : "preset";
      if (about.kind == "core") {
        const auto none = [](const std::string&, std::string&) { return false; };
        const study::Origins origins =
            study::resolve_compile({{"core", about.name, "--core", "flag"}}, none).origins;
        BOOST_TEST(origins.at("product-ns") == "preset " + about.name);
        continue;
      }
      if (about.task.empty()) {
        resolve("", {{key, about.name, "--" + key, "flag"}});
        continue;
      }
      const tasks::TaskEntry& entry = tasks::find_task("task", about.task);
      Settings settings = {{"preset", about.name, "--preset", "flag"}};
      for (const tasks::InputSpec& input : entry.make(entry.word)->inputs()) {
        settings.push_back({std::string(input.key), "-", "", "flag"});
      }
      const auto no_file = [](const std::string&, std::string&) { return false; };
      const std::string origin = "preset " + about.name;
      const study::ResolvedTask resolved = study::resolve_task(entry, settings, no_file);
      BOOST_TEST(std::any_of(resolved.origins.begin(), resolved.origins.end(),
                             [&](const auto& of) { return of.second == origin; }));
    }
  }
  BOOST_TEST(resolve("preset = \"pcm-lab\"").config.training.sample_period.seconds == 1.0);
  BOOST_TEST(
      (resolve("preset = \"softmax\"").config.training.loss == training::Loss::cross_entropy));
}

BOOST_AUTO_TEST_CASE(the_complete_configuration_reads_back_as_itself) {
  const std::pair<const char*, Settings> cases[] = {
      {"defaults", {}},
      {"lab", {{"preset", "pcm-lab", "--preset", "flag"}}},
      {"ideal", {{"device", "ideal", "--device", "flag"}}},
      {"odd values",
       {{"seed", "18446744073709551615", "--seed", "flag"},
        {"dataset", "a \"folder\" \\ with\ttabs", "--dataset", "flag"},
        {"learning-rate", "0.1000000000000000055", "--learning-rate", "flag"},
        {"granularity", "1e-5", "--granularity", "flag"},
        {"set-mean-slope", "-1", "--set-mean-slope", "flag"},
        {"drift-reference-time", "1.23456789h", "--drift-reference-time", "flag"},
        {"read-noise", "off", "--read-noise", "flag"}}},
  };
  for (const auto& [name, flags] : cases) {
    BOOST_TEST_CONTEXT(name) {
      const study::TrainConfig config = resolve("", flags).config;
      const std::string toml = complete_toml(config);
      const ResolvedTrainConfig again = resolve(toml);
      BOOST_TEST(complete_toml(again.config) == toml);
      BOOST_TEST(study::to_json_object(again.config).dump() ==
                 study::to_json_object(config).dump());
      study::TrainConfig copy = config;
      const FieldList fields = fields_of(copy);
      const auto shown = std::count_if(fields.all().begin(), fields.all().end(),
                                       [](const Field& field) { return field.active; });
      BOOST_TEST(again.origins.size() == static_cast<std::size_t>(shown));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_custom_device_reads_back_without_its_file) {
  const auto files = [](const std::string& name, std::string& toml) {
    toml = "drift-exponent = 0.07\n";
    return name == "mine.toml";
  };
  const study::TrainConfig config = resolve("device = \"mine.toml\"", {}, files).config;
  const ResolvedTrainConfig again = resolve(complete_toml(config));
  BOOST_TEST(again.config.device == "custom");
  BOOST_TEST(again.config.crossbar.device.common.drift_exponent == 0.07);
}

BOOST_AUTO_TEST_CASE(the_written_configuration_has_unit_and_origin) {
  ResolvedTrainConfig resolved = resolve("", {{"epochs", "2", "--epochs", "flag"}});
  const std::string toml = study::to_toml(fields_of(resolved.config), resolved.origins);
  BOOST_TEST(testing::contains(toml, "epochs = 2 "));
  BOOST_TEST(testing::contains(toml, "# flag; epochs; doi:10.3389/fnins.2020.00406"));
  BOOST_TEST(testing::contains(toml, "conductance-per-weight-us = 8.0 "));
  BOOST_TEST(testing::contains(toml, "# default; µS; "));
}

BOOST_AUTO_TEST_CASE(quoted_text_is_toml) {
  BOOST_TEST(study::toml_quoted("a\"b\\c\n") == "\"a\\\"b\\\\c\\u000A\"");
  for (const std::string text : {"plain", "\x01\x7f", "µ", "\"\"\"", "a = 'b' # c"}) {
    BOOST_TEST(from_toml("dataset = " + study::toml_quoted(text))[0].text == text);
  }
}

BOOST_AUTO_TEST_CASE(every_field_is_described_once_with_help) {
  study::TrainConfig config;
  const FieldList fields = fields_of(config);
  const std::vector<std::string> keys = fields.keys();
  for (const Field& field : fields.all()) {
    BOOST_TEST(std::count(keys.begin(), keys.end(), field.text.key) == 1, field.text.key);
    BOOST_TEST(!field.text.help.empty(), field.text.key);
    BOOST_TEST(!field.group.empty(), field.text.key);
    BOOST_TEST(field.text.key.find('_') == std::string_view::npos, field.text.key);
    // Each default lies in its own range, and reads back.
    read_field(field, text_of(field), "default");
  }
  const study::Json described = study::describe_json(fields);
  BOOST_TEST(described.size() == keys.size());
  for (const study::Json& item : described) {
    BOOST_TEST(item.contains("kind"));
    if (item["kind"] == "choice") BOOST_TEST(item["choices"].size() >= 2U);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
