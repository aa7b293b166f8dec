// `key=value` pairs as in the page's URL, one per line; the first byte selects the command. The
// resolved configuration must not change when written as TOML and read again.
#include "device/device.hpp"
#include "fuzz.hpp"
#include "network/architecture.hpp"
#include "study/compile_study.hpp"
#include "study/device_study.hpp"
#include "study/infer.hpp"
#include "study/mvm.hpp"
#include "study/task_study.hpp"
#include "study/topology_study.hpp"
#include "study/train_config.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::fuzz {
namespace {

bool no_files(const std::string&, std::string&) { return false; }

study::Settings pairs_of(std::string_view text) {
  study::Settings settings;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t equals = std::min(line.find('='), line.size());
    const std::string key(line.substr(0, equals));
    const std::string value(line.substr(std::min(equals + 1, line.size())));
    settings.push_back({key, value, "#" + key, "page"});
  }
  return settings;
}

template <class Config>
Config resolve(const study::Settings& settings) {
  study::Resolved<Config> resolved = study::resolve_config<Config>(settings, no_files);
  const std::string whole = study::to_toml(fields_of(resolved.config), {});
  const study::Settings written = study::parse_settings(whole, "whole.toml", "file whole.toml");
  study::Resolved<Config> again = study::resolve_config<Config>(written, no_files);
  require(study::to_toml(fields_of(again.config), {}) == whole, "TOML and back");
  return resolved.config;
}

void resolve_task(const study::Settings& settings, std::size_t which) {
  const auto entries = tasks::task_entries();
  study::resolve_task(entries[which % entries.size()], settings, no_files);
}

}  // namespace

void run(Bytes bytes) {
  const std::size_t command = take_number(bytes);
  const study::Settings settings = pairs_of(text_of(bytes));
  switch (command % 6) {
    case 0: {
      const auto config = resolve<study::TrainConfig>(settings);
      network::parse_architecture(config.network, "#network");
      return;
    }
    case 1: resolve<study::MvmConfig>(settings); return;
    case 2: {
      const auto config = resolve<study::DeviceStudyConfig>(settings);
      study::parse_times(config.times, "#times");
      return;
    }
    case 3: study::resolve_compile(settings, no_files); return;
    case 4: resolve<study::InferConfig>(settings); return;
    default: resolve_task(settings, command / 6);
  }
}

}  // namespace imcsim::fuzz
