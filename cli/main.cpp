// imcsim: the command-line tool.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <exception>

#include "base/error.hpp"
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
      {"train", "train a network on simulated devices", run_train},
      {"infer", "a trained network asked again after seconds or years", run_infer},
      {"device", "curves of a device: pulses, drift, noise, programming, temperature", run_device},
      {"mvm", "matrix-vector products in a crossbar, and their error by source", run_mvm},
      {"task", "linear systems, correlation, signals, learning, computed in the memory", run_task},
      {"logic", "logic on the bits of whole files, adders, queries, in the memory", run_logic},
      {"arith", "multiplication, counting, factors, in the memory", run_arith},
      {"fit", "a device preset from measured curves", run_fit},
      {"ablate", "what each non-ideality of a train, infer or mvm costs, with its error",
       run_ablate},
      {"compare", "what differs between runs: configuration, and results with error", run_compare},
      {"topology", "what links cores: figures, drawing, load, flit-level simulation", run_topology},
      {"compile", "an ONNX network becomes a program for an array of cores", run_compile},
      {"export", "a trained network as an ONNX file", run_export},
      {"execute", "such a program, tick by tick: values, time, energy, links", run_execute},
      {"sweep", "many variants of a command, one row each, resumable", run_sweep},
      {"verify", "repeats a run from its directory and compares digests", run_verify},
      {"report", "one self-contained page of runs and sweeps", run_report},
      {"selftest", "digests and speed of this machine", run_selftest},
      {"explain", "what a parameter or an effect is: text, equation, source", run_explain},
      {"presets", "named sets of values: devices, experiments", run_presets},
      {"data", "data sets: list, path, check", run_data},
      {"man", "the manual page", run_man},
      {"completion", "completions for bash, zsh or fish", run_completion},
  };
  return list;
}

namespace {

std::string overview() {
  std::string text = fmt::format(
      "imcsim {}: in-memory computing with resistive devices, simulated\n\n"
      "Usage: imcsim COMMAND [options]\n\n"
      "  imcsim train --dataset mnist --epochs 1    a perceptron learns on phase-change memory\n"
      "  imcsim train --method float --epochs 1     the same network in ordinary arithmetic\n"
      "  imcsim presets pcm                         a device, value by value, with sources\n\n",
      version);
  std::string names;
  for (const Command& command : commands()) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", command.name);
  }
  return text + fmt::format("Commands: {}\nimcsim COMMAND --help tells more.\n", names);
}

std::string long_overview() {
  std::string text = overview() + "\n";
  for (const Command& command : commands()) {
    text += fmt::format("  {:<12} {}\n", command.name, command.summary);
  }
  return text;
}

int dispatch(const std::vector<std::string>& words) {
  if (words.empty()) {
    cli::write_stderr(fmt::format("{}", overview()));
    return 2;
  }
  const std::string& first = words.front();
  if (first == "--version" || first == "version") {
    write_stdout(fmt::format("imcsim {}\n", version));
    return 0;
  }
  if (first == "--help" || first == "-h" || first == "help") {
    write_stdout(long_overview());
    return 0;
  }
  std::vector<std::string> names;
  for (const Command& command : commands()) {
    if (command.name == first) return command.run({words.begin() + 1, words.end()});
    names.push_back(command.name);
  }
  throw InputError("command", fmt::format("unknown command \"{}\"", first), suggest(first, names));
}

}  // namespace
}  // namespace imcsim::cli

int main(int count, char** words) {
  using namespace imcsim;
  const auto complain = [](const char* line) {
    cli::write_stderr(fmt::format("{} {}\n", cli::style_for(STDERR_FILENO).bad("imcsim:"), line));
  };
#if defined(SIGXFSZ)
  std::signal(SIGXFSZ, SIG_IGN);  // a file-size limit is then an error of the write itself
#endif
  try {
    return cli::dispatch({words + 1, words + count});
  } catch (const InputError& error) {
    complain(error.what());
    return 2;
  } catch (const RunError& error) {
    complain(error.what());
  } catch (const std::bad_alloc&) {
    complain("not enough memory");
  } catch (const std::exception& error) {
    complain(error.what());
  }
  return 1;
}
