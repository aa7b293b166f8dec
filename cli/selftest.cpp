// imcsim selftest: comparison with reference digests, and speed on this machine.
#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "arguments.hpp"
#include "base/error.hpp"
#include "command.hpp"
#include "files.hpp"
#include "help.hpp"
#include "prepared_run.hpp"
#include "run.hpp"
#include "study/version.hpp"

namespace imcsim::cli {
namespace {

using study::Json;

const HelpText selftest_help = {
    "imcsim selftest [OPTIONS]",
    "Computes small products and curves with every kernel that the processor "
    "supports, with one thread and with all threads, compares the digests with "
    "those of this version, and measures the speed.",
    "  imcsim selftest\n"
    "  imcsim selftest --json\n"};

/// A small run and its digest, which is the same on every machine.
struct ReferenceRun {
  std::string_view name;
  std::string_view command;
  std::string_view toml;
  std::string_view digest;
};

constexpr ReferenceRun reference_runs[] = {
    {"product, phase-change memory", "mvm", "rows = 128\ncols = 128\nsamples = 200\n",
     "0545d090ba218a6d"},
    {"product a day after programming", "mvm",
     "rows = 128\ncols = 128\nsamples = 200\ndevice = \"pcm-inference\"\nt = \"1d\"\n",
     "1457cb4719d242c4"},
    {"pulses on hafnium oxide", "device",
     "curve = \"pulse\"\ncount = 500\ndevice = \"rram-hfo2\"\n", "40b739cda83ddabd"},
    {"drift, projected memory", "device",
     "curve = \"drift\"\ncount = 500\ndevice = \"projected-pcm\"\n", "305123d872788f05"},
};

struct Outcome {
  std::string name;
  std::string kernels;  ///< and number of threads
  std::string digest;
  bool good = false;
  double wall_s = 0.0;
  double products_per_s = 0.0;  ///< matrix-vector products; 0 for other commands
};

/// Every combination of kernels and number of threads on this machine.
std::vector<std::pair<std::string, Execution>> executions() {
  std::vector<std::pair<std::string, Execution>> list;
  const int threads = hardware_threads();
  for (const Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512}) {
    if (!is_supported(isa)) continue;
    const std::string name(names_of(isa)[static_cast<std::size_t>(isa)]);
    list.emplace_back(fmt::format("{}, 1 thread", name), Execution{isa, 1});
    if (threads > 1) {
      list.emplace_back(fmt::format("{}, {} threads", name, threads), Execution{isa, threads});
    }
  }
  return list;
}

Outcome check(const ReferenceRun& one, const std::string& kernels, const Execution& execution) {
  const std::string toml(one.toml);
  SharedInputs no_inputs("");
  const PreparedRun prepared =
      prepare_directly(std::string(one.command), {},
                       study::parse_settings(toml, "selftest", "file selftest"), no_inputs);
  const Stopwatch watch;
  const Json json = prepared.run(nullptr, execution);
  Outcome outcome{std::string(one.name),  kernels, json["digest"].get<std::string>(), false,
                  watch.elapsed().wall_s, 0.0};
  outcome.good = outcome.digest == one.digest;
  if (one.command == "mvm" && outcome.wall_s > 0.0) {
    outcome.products_per_s = json["counts"].value("forward_mvm", 0.0) / outcome.wall_s;
  }
  return outcome;
}

std::vector<std::vector<std::string>> rows_of(const std::vector<Outcome>& all, const Style* style) {
  std::vector<std::vector<std::string>> rows = {{"what", "how", "digest", "verdict", "time"}};
  for (const Outcome& o : all) {
    const std::string verdict = o.good ? "OK" : "WRONG";
    rows.push_back({o.name, o.kernels, o.digest,
                    style == nullptr ? verdict
                    : o.good         ? style->good(verdict)
                                     : style->bad(verdict),
                    fmt::format("{:.1f} ms", 1e3 * o.wall_s)});
  }
  return rows;
}

Json json_of(const std::vector<Outcome>& all, std::size_t wrong, double fastest,
             const Timing& timing) {
  Json checks = Json::array();
  for (const Outcome& o : all) {
    checks.push_back({{"what", o.name}, {"how", o.kernels}, {"digest", o.digest}, {"ok", o.good}});
  }
  return {{"imcsim", version},
          {"command", "selftest"},
          {"result", {{"ok", wrong == 0}, {"checks", std::move(checks)}}},
          {"timing",
           {{"wall_s", timing.wall_s},
            {"cpu_s", timing.cpu_s},
            {"products_per_s", fastest},
            {"threads", hardware_threads()}}}};
}

}  // namespace

int run_selftest(const std::vector<std::string>& words) {
  ViewOptions view;
  const FieldList fields = fields_of(view);
  const ParsedArguments arguments = parse_arguments("selftest", fields, words, 0);
  split_settings(arguments, fields, FieldList{});
  if (show_help(arguments, selftest_help, fields)) return 0;
  check_view(view);
  const Stopwatch watch;
  std::vector<Outcome> all;
  for (const ReferenceRun& one : reference_runs) {
    for (const auto& [kernels, execution] : executions()) {
      all.push_back(check(one, kernels, execution));
    }
  }
  const auto wrong = static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](const Outcome& o) { return !o.good; }));
  double fastest = 0.0;
  for (const Outcome& o : all) fastest = std::max(fastest, o.products_per_s);
  if (view.json) {
    write_stdout(json_of(all, wrong, fastest, watch.elapsed()).dump(2) + "\n");
  } else if (view.csv) {
    write_stdout(csv_of(rows_of(all, nullptr)));
  } else {
    const Style style = style_for(STDOUT_FILENO, view.color);
    const std::string verdict =
        wrong == 0 ? style.good("OK: all digests match")
                   : style.bad(fmt::format("{} of {} digests differ", wrong, all.size()));
    write_stdout(
        aligned_table(rows_of(all, &style), style) +
        fmt::format(
            "\n"
            "{}  {:.0f} vectors per second through 128 x 128 devices, including programming\n"
            "{}\n",
            style.bold("speed"), fastest, verdict));
  }
  return wrong == 0 ? 0 : 1;
}

}  // namespace imcsim::cli
