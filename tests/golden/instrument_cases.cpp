// device: every curve of every preset; mvm: devices, arrays, converters, faults, cost presets; fit:
// every model; ablate: every command.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "golden/golden.hpp"
#include "instrument/instrument.hpp"
#include "study/ablation.hpp"
#include "study/device_study.hpp"
#include "study/fit_study.hpp"
#include "study/infer.hpp"
#include "study/mvm.hpp"
#include "study/presets.hpp"
#include "study/safetensors.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"

namespace imcsim::golden {
namespace {

using device::ModelName;

std::string_view name_of(ModelName model) {
  return names_of(model)[static_cast<std::size_t>(model)];
}

/// Each device model needs a case of `command`, not only of another command.
Choices with_model(Choices uses, std::string_view command, ModelName model) {
  uses.insert(fmt::format("{} device-model={}", command, name_of(model)));
  return uses;
}

// ---- device
// --------------------------------------------------------------------------------------

Case device_case(const std::string& name, const std::string& toml) {
  const auto config = config_of<study::DeviceStudyConfig>(toml);
  const auto run = [config](const Execution&) {
    return result_of(study::device_study_json(config, study::run_device_study(config, false)));
  };
  return {"device/" + name, run,
          with_model(uses_of("device", config), "device", config.device_config.model), false};
}

constexpr const char* measured =
    "device-model = \"measured\"\nmeasured-conductance-us = [1, 5, 11]\n"
    "measured-set-mean-us = [1, 0.7, 0.1]\nmeasured-set-std-us = [0.2, 0.3, 0.1]\n"
    "measured-depress-mean-us = [-0.2, -0.5, -1]\nmeasured-drift-mean = [0.06, 0.03, 0.01]\n"
    "measured-read-noise-us = [0.02, 0.1, 0.2]\n";

void add_device_curves(std::vector<Case>& cases) {
  const auto add = [&](const std::string& name, const std::string& toml) {
    cases.push_back(device_case(name, "count = 300\n" + toml));
  };
  const std::string trace = "curve = \"noise\"\ntrace-samples = 1024\ntraces = 4\n";
  add("pulse-many-pcm", "curve = \"pulse\"\ndevice = \"pcm\"\n");
  add("pulse-many-pcm-spread",
      "curve = \"pulse\"\ndevice = \"pcm\"\nset-spread = 0.2\nconductance-max-std = 0.1\n");
  add("pulse-many-pcm-inference", "curve = \"pulse\"\ndevice = \"pcm-inference\"\n");
  add("drift-many-pcm", "curve = \"drift\"\ndevice = \"pcm\"\ndrift-exponent-std = 0.01\n");
  add("drift-many-pcm-hermes", "curve = \"drift\"\ndevice = \"pcm-hermes\"\n");
  add("drift-many-projected-pcm", "curve = \"drift\"\ndevice = \"projected-pcm\"\n");
  add("noise-many-pcm", trace + "device = \"pcm\"\n");
  add("noise-many-pcm-inference", trace + "device = \"pcm-inference\"\n");
  add("noise-many-projected-pcm", trace + "device = \"projected-pcm\"\n");
  add("program-many-pcm", "curve = \"program\"\ndevice = \"pcm\"\nread-at = \"1h\"\n");
  add("program-many-pcm-hermes-pair",
      "curve = \"program\"\ndevice = \"pcm-hermes-pair\"\nread-at = \"1d\"\n");
  add("program-many-projected-pcm", "curve = \"program\"\ndevice = \"projected-pcm\"\n");
  add("temperature-many-pcm", "curve = \"temperature\"\ndevice = \"pcm\"\nread-at = \"1h\"\n");
  add("temperature-many-projected-pcm",
      "curve = \"temperature\"\ndevice = \"projected-pcm\"\nread-at = \"1d\"\n");

  std::vector<std::pair<std::string, std::string>> devices = {{"measured", measured}};
  for (const std::string& name : study::preset_names("device")) {
    devices.emplace_back(name, fmt::format("device = \"{}\"\n", name));
  }
  for (const auto& [name, toml] : devices) {
    for (const std::string_view curve : names_of(study::DeviceCurve{})) {
      cases.push_back(device_case(
          fmt::format("{}-{}", curve, name),
          fmt::format(
              "count = 20\ncurve = \"{}\"\nseed = 3\n{}{}{}", curve, toml,
              curve == "noise" ? "trace-samples = 256\ntraces = 1\ntrace-step = \"1ms\"\n" : "",
              curve == "program" || curve == "temperature" ? "read-at = \"1d\"\n" : "")));
    }
  }
  cases.push_back(device_case("program-verified",
                              "count = 30\ncurve = \"program\"\ndevice = \"pcm\"\n"
                              "programming = \"program-and-verify\"\nverify-margin-us = 0.3\n"
                              "verify-most-pulses = 12\nverify-reads = 3\ntargets-us = [2, 7]\n"
                              "pulse-us = 0.5\nupdate-nonlinearity = false\n"));
  cases.push_back(device_case("temperature-few",
                              "count = 30\ncurve = \"temperature\"\ndevice = \"pcm-inference\"\n"
                              "temperatures-k = [280, 330]\nread-at = \"1h\"\n"));
  cases.push_back(device_case("pulse-few", "count = 30\npulses = 7\ntemperature-k = 310\n"));
  // Every parameter of a device model with a value other than its default.
  cases.push_back(
      device_case("pulse-values-of-pcm",
                  "count = 30\ndevice = \"pcm\"\nset-mean-slope = -0.07\nset-mean-offset-us = 0.9\n"
                  "set-mean-memory-us = 1.2\nset-std-slope = 0.08\nset-std-offset-us = 0.3\n"
                  "set-std-memory-us = 2\nmemory-decay-pulses = 3\nset-spread = 0.1\n"));
  cases.push_back(device_case(
      "program-values-of-projected-pcm",
      "count = 30\ncurve = \"program\"\ndevice = \"projected-pcm\"\nread-at = \"1d\"\n"
      "temperature-k = 320\nprojection = 15\nprojection-resistance-kohm = 800\n"
      "crystalline-resistance-kohm = 50\ninterface-resistance-kohm = 5\n"
      "projection-temperature-coefficient = 0.002\nset-conductance-us = 25\n"
      "set-conductance-std-us = 1.5\nhalf-amplitude-ua = 200\nhalf-amplitude-std-ua = 12\n"
      "amplitude-width-ua = 25\namplitude-width-std-ua = 2\namplitude-min-ua = 70\n"
      "amplitude-max-ua = 380\nwrite-noise-slope = 0.05\nwrite-noise-offset-us = 0.3\n"));
  cases.push_back(device_case("pulse-values-of-exponential-step",
                              "count = 30\ndevice = \"rram-exponential\"\n"
                              "exponential-origin = 0.4\nexponential-spread-lognormal = true\n"
                              "exponential-noise-offset-us = 0.02\n"
                              "exponential-noise-slope = 0.1\n"));
  cases.push_back(device_case("noise-values-of-pcm-inference",
                              "count = 30\ncurve = \"noise\"\ndevice = \"pcm-inference\"\n"
                              "trace-samples = 256\ntraces = 1\nwhite-read-noise = 0.01\n"));
  cases.push_back(device_case("noise-few",
                              "count = 30\ncurve = \"noise\"\ndevice = \"pcm-hermes\"\n"
                              "targets-us = [5]\ntimes = \"1h,1y\"\ntrace-samples = 300\n"
                              "traces = 2\ntrace-step = \"10ms\"\n"));
}

// ---- mvm
// -----------------------------------------------------------------------------------------

study::FileMatrix file_matrix(std::size_t rows, std::size_t columns) {
  study::FileMatrix matrix{{}, rows, columns};
  for (std::size_t i = 0; i < rows * columns; ++i) {
    matrix.values.push_back(static_cast<double>((7 * i) % 23) - 11.0);
  }
  return matrix;
}

/// `from_files`: weights and inputs as from .npy files.
Case mvm_case(const std::string& name, const std::string& toml, bool from_files = false) {
  const auto config = config_of<study::MvmConfig>(toml);
  const auto run = [config, from_files](const Execution& execution) {
    study::MvmConfig own = config;
    const study::FileMatrix matrix = file_matrix(20, 11);
    const study::FileMatrix vectors = file_matrix(5, 20);
    const study::MvmTask task =
        study::make_mvm_task(own, from_files ? &matrix : nullptr, from_files ? &vectors : nullptr);
    return result_of(study::mvm_json(own, study::run_mvm(own, task, execution)));
  };
  return {"mvm/" + name, run,
          with_model(uses_of("mvm", config), "mvm", config.crossbar.device.model)};
}

/// Programming error, drift exponents of each device, 1/f and white noise after a month at 315 K;
/// converters with all errors, nonlinear devices.
constexpr const char* pcm_inference =
    "device = \"pcm-inference\"\nrows = 37\ncols = 21\nsamples = 75\nt = \"1mo\"\n"
    "temperature-k = 315\nnonlinearity-voltage-v = 0.25\ninput-density = 0.6\n"
    "dac-offset-std = 0.01\ndac-gain-std = 0.02\ndac-noise-std = 0.01\n"
    "adc-offset-std = 0.01\nadc-gain-std = 0.02\nadc-noise-std = 0.01\n";

/// Several devices of different significance, program-and-verify, every kind of fault, exact wires.
constexpr const char* pcm_with_faults =
    "device = \"pcm\"\nrows = 24\ncols = 17\nsamples = 75\nt = \"1h\"\n"
    "devices-per-weight = 3\nsignificance-base = 2\nfault-rate = 0.03\nopen-row-rate = 0.05\n"
    "open-column-rate = 0.05\nendurance-pulses = 20\nwire-resistance-ohm = 5\n"
    "wire-model = \"exact\"\nprogramming = \"program-and-verify\"\nverify-most-pulses = 40\n";

/// Single devices against a reference, bit-serial inputs, wires as an attenuation.
constexpr const char* projected_pcm =
    "device = \"projected-pcm\"\nrows = 50\ncols = 18\nsamples = 75\nt = \"1d\"\n"
    "synapse = \"single\"\nencoding = \"bit-serial\"\ndac-bits = 5\nadc-bits = 7\n"
    "wire-resistance-ohm = 1\nweight-distribution = \"normal\"\n"
    "input-distribution = \"positive\"\n";

void add_products(std::vector<Case>& cases) {
  for (const auto& [name, toml] : {std::pair("converters-pcm-inference", pcm_inference),
                                   std::pair("faults-and-wires-pcm", pcm_with_faults),
                                   std::pair("bit-serial-projected-pcm", projected_pcm)}) {
    cases.push_back(mvm_case(name, fmt::format("by-source = false\n{}", toml)));
  }
  const std::string small = "rows = 18\ncols = 9\nsamples = 6\n";
  const auto add = [&](const std::string& name, const std::string& toml) {
    cases.push_back(mvm_case(name, small + "by-source = false\n" + toml));
  };
  for (const std::string& device : study::preset_names("device")) {
    cases.push_back(
        mvm_case("device-" + device, small + fmt::format("device = \"{}\"\nt = \"1h\"\n", device)));
  }
  cases.push_back(mvm_case("device-measured", small + measured + "t = \"1h\"\n"));
  for (const std::string& prices : study::preset_names("cost")) {
    add("cost-" + prices, fmt::format("cost = \"{}\"\n", prices));
  }
  for (const std::string_view encoding : names_of(crossbar::Encoding{})) {
    add(fmt::format("encoding-{}", encoding),
        fmt::format("encoding = \"{}\"\nwire-resistance-ohm = 2\nfault-rate = 0.05\n"
                    "stuck-high-share = 0.2\n{}",
                    encoding, encoding == "amplitude" ? "nonlinearity-voltage-v = 0.2\n" : ""));
  }
  cases.push_back(mvm_case(
      "by-source", small + "device = \"pcm-inference\"\nt = \"1mo\"\ntemperature-k = 315\n"
                           "nonlinearity-voltage-v = 0.25\nwire-resistance-ohm = 2\n"
                           "fault-rate = 0.02\nadc-gain-std = 0.02\ndac-noise-std = 0.01\n"));
  add("tiles", "tile = \"7x4\"\nadc-noise-std = 0.01\n");
  add("slow-noise-in-each-read",
      "device = \"pcm-inference\"\nslow-noise = \"each-read\"\nt = \"1d\"\n");
  add("largest-ranges",
      "adc-range = \"largest\"\nadc-range-quantile = 0\ninput-scale = \"largest\"\n"
      "weight-distribution = \"positive\"\ninput-distribution = \"normal\"\nseed = 4\n");
  add("exact-converters",
      "dac-bits = 0\nadc-bits = 0\nread-noise = false\nprogramming = \"exact\"\n");
  cases.push_back(mvm_case("wide",
                           "rows = 33\ncols = 70\nsamples = 6\nby-source = false\n"
                           "arbitration = \"all\"\ndevices-per-weight = 2\n"));
  cases.push_back(mvm_case("files", "device = \"pcm-hermes-pair\"\nt = \"10s\"\n", true));
}

// ---- fit
// -----------------------------------------------------------------------------------------

/// A CSV of measured devices: one row for each device and point.
class CurveText {
 public:
  explicit CurveText(std::string heading) : text_(std::move(heading) + "\n") {}
  void add(double x, std::span<const float> us) {
    for (std::size_t i = 0; i < us.size(); ++i) {
      text_ += fmt::format("{},{},{}\n", i, x, std::max(0.0F, us[i]));
    }
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::vector<study::CurveFile> measured_curves() {
  constexpr std::size_t devices = 20;
  device::DeviceConfig config;
  config.common.drift_exponent_std = 0.01;
  CurveText pulses("device,pulse,conductance_us");
  instrument::Bench pulsed(config, {}, 0.768, devices, 5);
  double n = 0.0;
  instrument::pulse_curve(pulsed, 12, [&](std::span<const float> us) { pulses.add(n++, us); });
  const std::vector<double> times = {1.0, 50.0, 1e3, 1e5};
  CurveText drift("device,t_s,conductance_us");
  instrument::Bench drifting(config, {}, 0.768, devices, 6);
  std::size_t at = 0;
  instrument::drift_curve(drifting, 6.0F, times,
                          [&](std::span<const float> us) { drift.add(times[at++], us); });
  CurveText noise("device,read,conductance_us");
  instrument::Bench read(config, {}, 0.768, devices, 7);
  std::uint64_t given = 0;
  std::uint64_t converged = 0;
  read.program(5.0F, given, converged);
  for (std::uint64_t k = 1; k <= 8; ++k) {
    noise.add(static_cast<double>(k), read.read_us(0.0, k));
  }
  return {{"pulses.csv", pulses.text()}, {"drift.csv", drift.text()}, {"noise.csv", noise.text()}};
}

/// Graded pulses up and down of one device.
study::CurveFile graded_curve() {
  std::string text = "pulse,direction,conductance_us\n";
  double us = 0.5;
  for (int n = 0; n < 60; ++n) {
    text += fmt::format("{},{},{}\n", n, n < 30 ? "up" : "down", us);
    us += n < 30 ? 0.4 - 0.02 * us : -0.1 - 0.03 * us;
    us = std::max(0.0, us);
  }
  return {"graded.csv", text};
}

void add_fits(std::vector<Case>& cases) {
  const auto add = [&](const std::string& name, const std::string& toml,
                       std::vector<study::CurveFile> files) {
    study::FitConfig config;
    study::Origins origins;
    study::apply(options(toml), fields_of(config), origins);
    const auto run = [config, files = std::move(files)](const Execution&) {
      return result_of(study::fit_study_json(config, study::run_fit_study(config, files)));
    };
    cases.push_back({"fit/" + name, run, uses_of("fit", config), false});
  };
  for (const std::string_view model : names_of(instrument::FitModel{})) {
    const std::string line = fmt::format("model = \"{}\"\n", model);
    add(fmt::format("{}-curves", model), line, measured_curves());
    if (model != "pcm") add(fmt::format("{}-graded", model), line + "seed = 2\n", {graded_curve()});
  }
}

// ---- ablate
// --------------------------------------------------------------------------------------

using RunOne =
    std::function<study::AblationRun(const study::Settings& variant, std::uint64_t seed)>;

/// Every variant with every seed, as in `imcsim ablate`.
template <class Config>
Result ablate(study::AblatedCommand command, Config config, const RunOne& run_one) {
  const std::vector<study::AblationVariant> variants =
      study::ablation_variants(command, fields_of(config));
  std::vector<std::vector<study::AblationRun>> runs(variants.size());
  for (std::size_t v = 0; v < variants.size(); ++v) {
    for (std::int64_t r = 0; r < config.runs; ++r) {
      runs[v].push_back(run_one(variants[v].settings, config.seed + static_cast<std::uint64_t>(r)));
    }
  }
  return result_of(study::ablation_json(command, config.seed, study::to_json_object(config),
                                        study::ablation_rows(command, variants, runs)));
}

Result ablate_train(const study::AblatedTrainConfig& config, const Execution& execution) {
  return ablate(
      study::AblatedCommand::train, config,
      [&](const study::Settings& variant, std::uint64_t seed) {
        auto own = study::with_settings(config, variant);
        own.seed = seed;
        study::TrainSession session(own, small_digits(), execution);
        Observer observer;
        session.run(observer);
        const study::RunSummary done = session.summary();
        return study::AblationRun{seed, done.result.test_accuracy, done.digest, done.counts, {}};
      });
}

Result ablate_infer(const study::AblatedInferConfig& config, const std::string& model,
                    const Execution& execution) {
  const study::Safetensors file =
      study::read_safetensors(trained_model(model, small_digits()), "model");
  const study::TrainedModel trained = study::read_model(file, config, "model");
  return ablate(
      study::AblatedCommand::infer, config,
      [&](const study::Settings& variant, std::uint64_t seed) {
        auto own = study::with_settings(config, variant);
        own.seed = seed;
        const study::InferRun done = study::infer_once(own, trained, small_digits(), execution);
        return study::AblationRun{seed, done.accuracy.back(), done.digest, done.counts, {}};
      });
}

Result ablate_mvm(const study::AblatedMvmConfig& config, const Execution& execution) {
  return ablate(study::AblatedCommand::mvm, config,
                [&](const study::Settings& variant, std::uint64_t seed) {
                  auto own = study::with_settings(config, variant);
                  own.seed = seed;
                  const study::MvmTask task = study::make_mvm_task(own, nullptr, nullptr);
                  const study::MvmStudy done = study::run_mvm(own, task, execution);
                  return study::AblationRun{
                      seed, done.product.error.relative_rms, done.digest, done.product.counts, {}};
                });
}

Case ablate_case(study::AblatedCommand command) {
  const std::string_view name = names_of(command)[static_cast<std::size_t>(command)];
  std::function<Result(const Execution&)> run;
  switch (command) {
    case study::AblatedCommand::train: {
      const auto config = config_of<study::AblatedTrainConfig>(
          "network = \"196-4-10\"\nepochs = 1\ntrain-limit = 10\ntest-limit = 10\nruns = 1\n");
      run = [config](const Execution& execution) { return ablate_train(config, execution); };
      break;
    }
    case study::AblatedCommand::infer: {
      const std::string model = "network = \"196-12-10\"\nepochs = 2\nmethod = \"float\"\n";
      const auto config = config_of<study::AblatedInferConfig>(
          "network = \"196-12-10\"\ndevice = \"pcm-inference\"\nreprogram = \"single-shot\"\n"
          "times = \"1d\"\ntest-limit = 10\nruns = 1\n");
      run = [config, model](const Execution& execution) {
        return ablate_infer(config, model, execution);
      };
      break;
    }
    case study::AblatedCommand::mvm: {
      const auto config = config_of<study::AblatedMvmConfig>(
          "rows = 12\ncols = 5\nsamples = 4\ndevice = \"pcm-inference\"\nt = \"1d\"\nruns = 2\n");
      run = [config](const Execution& execution) { return ablate_mvm(config, execution); };
      break;
    }
  }
  return {fmt::format("ablate/{}", name), run, {fmt::format("ablate {}", name)}};
}

}  // namespace

CaseList instrument_cases() {
  CaseList list;
  add_device_curves(list.cases);
  add_products(list.cases);
  add_fits(list.cases);
  study::DeviceStudyConfig device;
  study::MvmConfig mvm;
  study::FitConfig fit;
  list.offered = choices_offered("device", fields_of(device));
  list.offered.merge(choices_offered("mvm", fields_of(mvm)));
  list.offered.merge(choices_offered("fit", fields_of(fit)));
  for (const std::string_view model : names_of(ModelName{})) {
    list.offered.insert(fmt::format("device device-model={}", model));
    list.offered.insert(fmt::format("mvm device-model={}", model));
  }
  const auto ablated = names_of(study::AblatedCommand{});
  for (std::size_t c = 0; c < ablated.size(); ++c) {
    list.cases.push_back(ablate_case(static_cast<study::AblatedCommand>(c)));
    list.offered.insert(fmt::format("ablate {}", ablated[c]));
  }
  return list;
}

}  // namespace imcsim::golden
