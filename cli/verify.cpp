// imcsim verify: repeat runs from their directories and compare the digests.
#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>

#include "arguments.hpp"
#include "base/error.hpp"
#include "captured_output.hpp"
#include "command.hpp"
#include "files.hpp"
#include "help.hpp"
#include "run.hpp"
#include "study/version.hpp"

namespace imcsim::cli {
namespace {

namespace fs = std::filesystem;
using study::Json;

const HelpText verify_help = {
    "imcsim verify RUN… [OPTIONS]",
    "Repeats runs from their directories (--out) and compares the digests. The exit code is 1 if a "
    "digest differs.",
    "  imcsim mvm --rows 64 --cols 64 --out product; imcsim verify product\n"
    "  imcsim device pulse --count 100 --out pulses; imcsim verify pulses --threads 1\n"};

constexpr std::size_t verified_runs = 1000;

struct VerifyOptions {
  std::string data_dir;
  std::int64_t threads = 0;
  IsaChoice isa = IsaChoice::automatic;
  ViewOptions view;
};

void describe(VerifyOptions& o, FieldList& f) {
  f.group("Execution");
  f.field("threads", o.threads, Unit::none, {0.0, 4096.0},
          "Number of threads (0: all cores); affects time only");
  f.field("isa", o.isa, Unit::none, {}, "Instruction set of the kernels; affects time only");
  f.field("data-dir", o.data_dir, "DIR",
          "Folder of data sets, searched before $IMCSIM_DATA and the folder of ./dev");
  describe(o.view, f);
}

struct Verification {
  std::string name;
  std::string command;
  std::string kept_digest;
  std::string digest;
  std::string version;  ///< of the tool that computed the run
  double wall_s = 0.0;
  bool same() const { return kept_digest == digest; }
};

std::vector<std::string> split_words(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

Json read_result(const std::string& name) {
  const fs::path folder = name;
  std::error_code error;
  for (const char* file : {"result.json", "config.toml"}) {
    if (fs::is_regular_file(folder / file, error)) continue;
    throw InputError(name, fmt::format("is not a run directory: {} is missing", file),
                     "a folder written with --out");
  }
  Json json = Json::parse(read_text((folder / "result.json").string(), name), nullptr, false);
  const bool good = json.is_object() && json.value("command", Json()).is_string() &&
                    json.value("digest", Json()).is_string();
  if (!good) throw InputError(name, "has no command or digest in result.json", "a complete run");
  return json;
}

/// Words of the command of a run.
std::vector<std::string> command_of(const Json& json) {
  std::vector<std::string> words = split_words(json["command"].get<std::string>());
  if (words.size() == 1 && words.front() == "ablate" && json["result"].contains("of")) {
    words.push_back(json["result"]["of"].get<std::string>());
  }
  return words;
}

Verification verify(const std::string& name, const VerifyOptions& options) {
  const Json json = read_result(name);
  std::vector<std::string> words = command_of(json);
  if (words.empty()) throw InputError(name, "has no command", "a complete run");
  Verification verified{name,
                        fmt::format("{}", json["command"].get<std::string>()),
                        json["digest"].get<std::string>(),
                        "",
                        json.value("imcsim", "?"),
                        0.0};
  const Command& command = command_named(words.front(), name);
  words.erase(words.begin());
  words.push_back("--config=" + (fs::path(name) / "config.toml").string());
  words.push_back(fmt::format("--threads={}", options.threads));
  words.push_back(
      fmt::format("--isa={}", names_of(options.isa)[static_cast<std::size_t>(options.isa)]));
  if (!options.data_dir.empty()) words.push_back("--data-dir=" + options.data_dir);
  words.insert(words.end(), {"--progress=none", "--json"});
  const Stopwatch watch;
  verified.digest = Json::parse(output_of(command, words))["digest"].get<std::string>();
  verified.wall_s = watch.elapsed().wall_s;
  return verified;
}

Json json_of(const std::vector<Verification>& all) {
  Json runs = Json::array();
  for (const Verification& v : all) {
    runs.push_back({{"run", v.name},
                    {"command", v.command},
                    {"same", v.same()},
                    {"digest", v.digest},
                    {"kept_digest", v.kept_digest},
                    {"made_by", v.version}});
  }
  const auto same = std::count_if(all.begin(), all.end(), [](const auto& v) { return v.same(); });
  return {{"imcsim", version},
          {"command", "verify"},
          {"result",
           {{"runs", std::move(runs)},
            {"same", same},
            {"different", static_cast<std::int64_t>(all.size()) - same}}}};
}

std::vector<std::vector<std::string>> rows_of(const std::vector<Verification>& all,
                                              const Style* style) {
  std::vector<std::vector<std::string>> rows = {{"run", "command", "verdict", "digest", "kept"}};
  for (const Verification& v : all) {
    const std::string verdict = v.same() ? "same" : "different";
    rows.push_back({v.name, v.command,
                    style == nullptr ? verdict
                    : v.same()       ? style->good(verdict)
                                     : style->bad(verdict),
                    v.digest, v.kept_digest});
  }
  return rows;
}

void report_difference(const Verification& v) {
  if (v.same()) return;
  const std::string other =
      v.version == version ? "" : fmt::format("; the run is from imcsim {}", v.version);
  write_stderr(fmt::format("imcsim: {}: digest is {} (expected {}{})\n", v.name, v.digest,
                           v.kept_digest, other));
}

}  // namespace

int run_verify(const std::vector<std::string>& words) {
  VerifyOptions options;
  const FieldList fields = fields_of(options);
  const ParsedArguments arguments = parse_arguments("verify", fields, words, verified_runs);
  split_settings(arguments, fields, FieldList{});
  if (show_help(arguments, verify_help, fields)) return 0;
  if (arguments.positional.empty()) {
    throw InputError("verify RUN", "is missing", "a run directory");
  }
  check_view(options.view);
  std::vector<Verification> all;
  for (const std::string& name : arguments.positional) all.push_back(verify(name, options));
  if (options.view.json) {
    write_stdout(json_of(all).dump(2) + "\n");
  } else if (options.view.csv) {
    write_stdout(csv_of(rows_of(all, nullptr)));
  } else {
    const Style style = style_for(STDOUT_FILENO, options.view.color);
    write_stdout(aligned_table(rows_of(all, &style), style));
  }
  for (const Verification& v : all) report_difference(v);
  return std::all_of(all.begin(), all.end(), [](const auto& v) { return v.same(); }) ? 0 : 1;
}

}  // namespace imcsim::cli
