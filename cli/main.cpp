// imcsim: the command-line tool.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <exception>

#include "arguments.hpp"
#include "base/error.hpp"
#include "captured_output.hpp"
#include "command.hpp"
#include "files.hpp"
#include "study/compile_study.hpp"
#include "study/mvm.hpp"
#include "study/task_study.hpp"
#include "study/version.hpp"
#include "terminal.hpp"

namespace imcsim::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> list = {
      {"train", "Networks", "Train a network on simulated devices", run_train},
      {"infer", "Networks", "Evaluate a trained network over time", run_infer},
      {"ablate", "Networks", "Measure the effect of each non-ideality", run_ablate},
      {"export", "Networks", "Write a trained network as an ONNX file", run_export},
      {"device", "Devices and crossbars",
       "Simulate device measurements: pulses, drift, noise, programming", run_device},
      {"fit", "Devices and crossbars", "Fit a device preset to measured curves", run_fit},
      {"mvm", "Devices and crossbars", "Compute matrix-vector products and their error by source",
       run_mvm},
      {"task", "In-memory computing", "Solve linear systems, detect correlations, recover signals",
       run_task},
      {"logic", "In-memory computing", "Compute logic, additions and queries in memory arrays",
       run_logic},
      {"arith", "In-memory computing", "Multiply, count, factor and generate random bits in memory",
       run_arith},
      {"topology", "Systems", "Analyze and simulate an interconnect topology", run_topology},
      {"compile", "Systems", "Compile a network for an array of cores", run_compile},
      {"execute", "Systems", "Run a compiled program cycle by cycle", run_execute},
      {"sweep", "Studies", "Run many variants of a command; one table row per variant", run_sweep},
      {"compare", "Studies", "Compare the configurations and results of runs", run_compare},
      {"verify", "Studies", "Repeat runs and compare their digests", run_verify},
      {"report", "Studies", "Write runs and sweeps as one HTML page", run_report},
      {"explain", "Reference", "Explain a parameter or an effect: text, equation, source",
       run_explain},
      {"presets", "Reference", "List presets of devices, experiments, costs and cores",
       run_presets},
      {"data", "Reference", "List, locate and check data sets", run_data},
      {"selftest", "Reference", "Check digests and measure speed on this machine", run_selftest},
      {"man", "Reference", "Print the manual page", run_man},
      {"completion", "Reference", "Print a completion script for bash, zsh or fish",
       run_completion},
  };
  return list;
}

namespace {

std::string overview() {
  std::string text = fmt::format(
      "imcsim {}: simulator of in-memory computing with resistive devices\n\n"
      "Usage: imcsim COMMAND [OPTIONS]\n",
      version);
  std::string group;
  for (const Command& command : commands()) {
    if (command.group != group) text += fmt::format("\n{}\n", command.group);
    group = command.group;
    text += fmt::format("  {:<12} {}\n", command.name, command.summary);
  }
  return text +
         "\nExamples\n"
         "  imcsim train --dataset mnist --epochs 1\n"
         "  imcsim mvm --rows 256 --cols 256 --device pcm-inference --t 1d\n"
         "  imcsim presets pcm\n\n"
         "Common options of a command: imcsim COMMAND -h. All: imcsim help COMMAND.\n";
}

const Command& known_command(const std::string& name) { return command_named(name, "command"); }

/// `help COMMAND WORDS` is `COMMAND --help WORDS`.
int run_help(const std::vector<std::string>& words) {
  if (words.empty()) {
    write_stdout(overview());
    return 0;
  }
  std::vector<std::string> rest = {"--help"};
  rest.insert(rest.end(), words.begin() + 1, words.end());
  return known_command(words.front()).run(rest);
}

int dispatch(const std::vector<std::string>& words) {
  if (words.empty()) {
    write_stderr(overview());
    return 2;
  }
  const std::string& first = words.front();
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  if (first == "--version" || first == "version") {
    write_stdout(fmt::format("imcsim {}\n", version));
    return 0;
  }
  if (first == "--help" || first == "-h" || first == "help") return run_help(rest);
  return known_command(first).run(rest);
}

}  // namespace
}  // namespace imcsim::cli

int main(int count, char** words) {
  using namespace imcsim;
  const auto report = [](const char* line) {
    cli::write_stderr(fmt::format("{} {}\n", cli::style_for(STDERR_FILENO).bad("imcsim:"), line));
  };
#if defined(SIGXFSZ)
  std::signal(SIGXFSZ, SIG_IGN);  // exceeding a file-size limit becomes a write error
#endif
  try {
    return cli::dispatch({words + 1, words + count});
  } catch (const InputError& error) {
    report(cli::with_place(error).what());
    return 2;
  } catch (const RunError& error) {
    report(error.what());
  } catch (const std::bad_alloc&) {
    report("not enough memory");
  } catch (const std::exception& error) {
    report(error.what());
  }
  return 1;
}
