#include "study/task_inputs.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace imcsim::study {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t at = text.find(separator); at != std::string::npos;
       at = text.find(separator, from)) {
    parts.push_back(text.substr(from, at - from));
    from = at + 1;
  }
  parts.push_back(text.substr(from));
  return parts;
}

}  // namespace

LoadedInputs load_inputs(const TaskConfig& config, const InputSource& source) {
  LoadedInputs loaded;
  const auto add_file = [&](std::string_view key, const std::string& path, const Where& where) {
    loaded.bytes.push_back(source.file(path, where));
    loaded.inputs.push_back({key, path == "-" ? "stdin" : path, loaded.bytes.back(), {}});
  };
  int from_stdin = 0;
  for (std::size_t i = 0; i < config.inputs.size(); ++i) {
    const tasks::InputSpec& spec = config.inputs[i];
    if (config.given[i].empty()) continue;
    const Where where = at_field(spec.key);
    const std::vector<std::string> parts =
        spec.repeats ? split(config.given[i], ',') : std::vector<std::string>{config.given[i]};
    for (const std::string& part : parts) {
      if (spec.kind == tasks::InputKind::text) {
        loaded.inputs.push_back({spec.key, where.text, {}, part});
      } else if (spec.kind == tasks::InputKind::folder) {
        for (const std::string& name : source.folder(part, where)) add_file(spec.key, name, where);
      } else {
        from_stdin += part == "-" ? 1 : 0;
        if (from_stdin > 1) throw InputError(where, "stdin is named twice", "one input -");
        add_file(spec.key, part, where);
      }
    }
  }
  return loaded;
}

Settings settings_of_words(const TaskConfig& config, const std::vector<std::string>& words) {
  Settings settings;
  auto word = words.begin();
  for (const tasks::InputSpec& spec : config.inputs) {
    if (spec.word.empty() || word == words.end()) continue;
    std::string text = *word++;
    for (; spec.repeats && word != words.end(); ++word) text += "," + *word;
    settings.push_back(
        {std::string(spec.key), text, fmt::format("{} {}", config.entry.word, spec.word), "flag"});
  }
  return settings;
}

}  // namespace imcsim::study
