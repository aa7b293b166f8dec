// train: methods, kinds of layers, device presets, faults, arrays, schedules.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "golden/golden.hpp"
#include "network/architecture.hpp"
#include "study/presets.hpp"
#include "study/safetensors.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"
#include "training/training.hpp"

namespace imcsim::golden {
namespace {

/// All runs and their JSON, as in `imcsim train`.
Result train(const study::TrainConfig& config, const dataset::Dataset& data,
             const Execution& execution) {
  std::vector<study::RunSummary> runs;
  for (std::int64_t r = 0; r < config.runs; ++r) {
    study::TrainConfig own = config;
    own.seed = config.seed + static_cast<std::uint64_t>(r);
    study::TrainSession session(own, data, execution);
    Observer observer;
    session.run(observer);
    runs.push_back(session.summary());
  }
  return result_of(study::train_json(config, runs));
}

/// Name of a kind of layer among the choices of `network`.
std::string_view name_of(network::StageKind kind) {
  switch (kind) {
    case network::StageKind::dense: return "dense";
    case network::StageKind::convolution: return "convolution";
    case network::StageKind::max_pool: return "max-pool";
    case network::StageKind::average_pool: return "average-pool";
  }
  return {};
}

Choices layers_of(const study::TrainConfig& config) {
  Choices used;
  for (const network::Stage& stage :
       network::parse_architecture(config.network, "network").stages) {
    used.insert(fmt::format("train network={}", name_of(stage.kind)));
    if (stage.normalized) used.insert("train network=normalized");
    if (stage.dropout > 0.0F) used.insert("train network=dropout");
    if (stage.stride > 1 && stage.has_weights()) used.insert("train network=stride");
    if (stage.padding > 0) used.insert("train network=padding");
  }
  return used;
}

Case train_case(const std::string& name, const std::string& toml,
                const dataset::Dataset& data = small_digits()) {
  const auto config = config_of<study::TrainConfig>(toml);
  Choices uses = uses_of("train", config);
  uses.merge(layers_of(config));
  // Each device model needs a case of train, not only of another command.
  const device::ModelName model = config.crossbar.device.model;
  uses.insert(
      fmt::format("train device-model={}", names_of(model)[static_cast<std::size_t>(model)]));
  return {"train/" + name,
          [config, &data](const Execution& execution) { return train(config, data, execution); },
          std::move(uses)};
}

/// Perceptrons with the large images.
void add_perceptrons(std::vector<Case>& cases) {
  const auto add = [&](const std::string& name, const std::string& toml) {
    cases.push_back(train_case(name, "network = \"784-30-10\"\nepochs = 2\n" + toml, digits()));
  };
  add("pcm", "");
  add("ideal", "device = \"ideal\"\n");
  add("float", "method = \"float\"\nactivation = \"tanh\"\n");
  add("preset-softmax", "preset = \"softmax\"\nseed = 7\n");
  add("preset-pcm-lab", "preset = \"pcm-lab\"\n");
  add("batches-stochastic-rounding",
      "batch-size = 4\nrounding = \"stochastic\"\nlearning-rate-decay = 0.5\n");
  cases.push_back(train_case(
      "three-layers",
      "network = \"784-24-17-10\"\nepochs = 1\nactivation = \"relu\"\nlearning-rate = 0.1\n"
      "initial-programming = \"pulses\"\nrefresh-every = 20\nrefresh-above-us = 2\n"
      "refresh-difference-us = 4\nrounding = \"nearest\"\ndac-bits = 5\nadc-bits = 6\n"
      "update-nonlinearity = false\n",
      digits()));
  cases.push_back(
      train_case("preset-lenet",
                 "preset = \"lenet\"\nnetwork = \"28x28-c6k5-p2-c8k5-p2-16-10\"\nepochs = 1\n"
                 "train-limit = 8\ntest-limit = 8\n",
                 digits()));
}

/// Each method with a perceptron, with every kind of layer, and in tiles.
void add_methods(std::vector<Case>& cases) {
  using training::MethodName;
  for (const std::string_view method : names_of(MethodName{})) {
    const bool pulses = method == "in-situ" || method == "tiki-taka";
    const std::string base =
        fmt::format("method = \"{}\"\n{}", method, pulses ? "device = \"rram-soft-bounds\"\n" : "");
    cases.push_back(train_case(fmt::format("{}-perceptron", method),
                               base + "network = \"196-12-10\"\nepochs = 2\n"));
    cases.push_back(train_case(fmt::format("{}-layers", method),
                               base + "network = \"14x14-d0.1-c4k3p1s2-n-p2-c5k3-d0.25-8-n-10\"\n"
                                      "epochs = 1\ntrain-limit = 30\nactivation = \"relu\"\n"
                                      "loss = \"cross-entropy\"\nlearning-rate = 0.05\n"));
  }
  for (const std::string_view method : names_of(MethodName{})) {
    if (method == "float") continue;
    cases.push_back(train_case(
        fmt::format("{}-tiles", method),
        fmt::format("method = \"{}\"\nnetwork = \"196-8-10\"\nepochs = 1\ntrain-limit = 30\n"
                    "tile = \"60x5\"\nwire-resistance-ohm = 1\nfault-rate = 0.02\n"
                    "devices-per-weight = 2\n",
                    method)));
  }
  const std::string taka =
      "method = \"tiki-taka\"\nnetwork = \"196-12-10\"\nepochs = 1\ndevice = \"rram-hfo2\"\n";
  cases.push_back(train_case("tiki-taka-buffer", taka + "tiki-taka-buffer = true\n"));
  cases.push_back(train_case("tiki-taka-buffer-layers",
                             "method = \"tiki-taka\"\ntiki-taka-buffer = true\ndevice = \"ecram\"\n"
                             "network = \"14x14-c4k3s2-a2-10\"\nepochs = 1\ntrain-limit = 20\n"
                             "transfer-every = 2\n"));
  cases.push_back(train_case("tiki-taka-without-shift",
                             taka + "tiki-taka-zero-shift = false\ntiki-taka-gamma = 0.3\n"
                                    "transfer-every = 3\ntransfer-learning-rate = 0.05\n"
                                    "transfer-adc-full-scale = 0.5\npulse-train-length = 15\n"));
  cases.push_back(train_case("hardware-aware-clipped",
                             "method = \"hardware-aware\"\nnetwork = \"196-12-10\"\nepochs = 2\n"
                             "device = \"pcm-inference\"\nweight-noise = 0.1\nweight-clip = 1.5\n"
                             "momentum = 0.5\nadc-range-quantile = 0.99\n"));
}

/// Each device preset as a differential pair and as a single device.
void add_devices(std::vector<Case>& cases) {
  for (const std::string& device : study::preset_names("device")) {
    const std::string base =
        fmt::format("network = \"196-8-10\"\nepochs = 1\ndevice = \"{}\"\n", device);
    cases.push_back(train_case("device-" + device, base));
    cases.push_back(
        train_case("single-" + device, base + "synapse = \"single\"\ntrain-limit = 30\n"));
  }
  cases.push_back(train_case(
      "device-measured",
      "network = \"196-8-10\"\nepochs = 1\ndevice-model = \"measured\"\n"
      "measured-conductance-us = [0.5, 4, 12]\nmeasured-pulse = [1, 10]\n"
      "measured-set-mean-us = [1.2, 0.8, 0.1, 0.6, 0.4, 0.05]\n"
      "measured-set-std-us = [0.3, 0.4, 0.1, 0.2, 0.2, 0.1]\n"
      "measured-depress-mean-us = [-0.1, -0.5, -1]\nmeasured-depress-std-us = [0.1, 0.2, 0.3]\n"
      "measured-drift-mean = [0.05, 0.03, 0.01]\nmeasured-drift-std = [0.01, 0.01, 0.002]\n"
      "measured-read-noise-us = [0.02, 0.1, 0.2]\n"));
  cases.push_back(train_case("device-without-effects",
                             "network = \"196-8-10\"\nepochs = 1\ndevice = \"pcm\"\n"
                             "read-noise = false\nprogramming-noise = false\ndrift = false\n"
                             "update-nonlinearity = false\ndevice-spread = false\n"));
}

void add_arrays(std::vector<Case>& cases) {
  const auto add = [&](const std::string& name, const std::string& toml) {
    cases.push_back(train_case(name, "network = \"196-8-10\"\nepochs = 1\n" + toml));
  };
  add("tiles", "tile = \"50x3\"\n");
  add("tiles-and-effects",
      "tile = \"64x5\"\nwire-resistance-ohm = 2\nfault-rate = 0.02\nadc-offset-std = 0.01\n"
      "devices-per-weight = 2\n");
  cases.push_back(train_case("tiles-layers",
                             "network = \"14x14-c5k3s2-p2-10\"\nepochs = 1\ntrain-limit = 20\n"
                             "tile = \"6x4\"\ninitial-programming = \"programmed\"\n"
                             "programming = \"program-and-verify\"\n"));
  add("wires-fast", "wire-resistance-ohm = 3\n");
  add("wires-exact", "wire-resistance-ohm = 3\nwire-model = \"exact\"\ntrain-limit = 4\n");
  add("stuck-low", "fault-rate = 0.05\nstuck-high-share = 0\n");
  add("stuck-high", "fault-rate = 0.05\nstuck-high-share = 1\n");
  add("open-rows", "open-row-rate = 0.1\n");
  add("open-columns", "open-column-rate = 0.1\n");
  add("endurance", "endurance-pulses = 8\n");
  add("several-devices",
      "devices-per-weight = 3\narbitration = \"random\"\n"
      "potentiation-every = 2\ndepression-every = 3\n");
  add("several-devices-at-once", "devices-per-weight = 2\narbitration = \"all\"\n");
  add("refresh-into-chi",
      "refresh-every = 10\nrefresh-above-us = 2\nrefresh-difference-us = 5\n"
      "refresh-remainder = \"accumulate\"\nconductance-per-weight-us = 6\n");
  add("converters",
      "dac-full-scale = 0.8\nadc-full-scale-forward = 4\nadc-full-scale-backward = 1\n"
      "input-scale = \"largest\"\nadc-range = \"largest\"\nencoding = \"pulse-width\"\n"
      "dac-offset-std = 0.01\ndac-gain-std = 0.02\ndac-noise-std = 0.01\nadc-offset-std = 0.01\n"
      "adc-gain-std = 0.02\nadc-noise-std = 0.01\n");
  add("bit-serial", "encoding = \"bit-serial\"\ndac-bits = 4\nadc-bits = 6\n");
  add("warm", "temperature-k = 320\nnonlinearity-voltage-v = 0.2\nread-voltage-v = 0.3\n");
}

void add_schedules(std::vector<Case>& cases) {
  const auto add = [&](const std::string& name, const std::string& toml) {
    cases.push_back(train_case(name, "network = \"196-8-10\"\ntrain-limit = 20\n" + toml));
  };
  for (const std::string_view schedule : names_of(training::LearningRateSchedule{})) {
    const bool decays = schedule == "exponential" || schedule == "step";
    add(fmt::format("schedule-{}", schedule),
        fmt::format("epochs = 3\nlearning-rate-schedule = \"{}\"\nlearning-rate-warmup = 0.5\n"
                    "momentum = 0.3\n{}{}",
                    schedule, decays ? "learning-rate-decay = 0.7\n" : "",
                    schedule == "step" ? "learning-rate-step = 2\n" : ""));
  }
  add("bins", "epochs = 1\nactivation-bins = 15\nerror-bins = 31\ntransfer-every = 2\n");
  add("layer-granularity",
      "epochs = 1\nlayer-granularity = [0.05, 0.1]\nsample-period = \"1s\"\ncost = \"none\"\n");
  add("granularity", "epochs = 1\ngranularity = 0.05\n");
  cases.push_back(train_case("normalization-momentum",
                             "network = \"196-8-n-10\"\nepochs = 1\ntrain-limit = 20\n"
                             "normalisation-momentum = 0.9\ntest-limit = 10\n"));
  add("three-runs", "epochs = 1\nruns = 3\n");
}

/// Functions used by the page: interventions at devices during training, signals of one image in
/// the network, accuracy between two samples, state of a device.
Case interventions_case() {
  const auto config = config_of<study::TrainConfig>("network = \"196-8-10\"\nepochs = 1\n");
  const auto run = [config](const Execution& execution) {
    study::TrainSession session(config, small_digits(), execution);
    const auto names = names_of(crossbar::Intervention{});
    for (std::size_t k = 0; k < names.size(); ++k) {
      session.advance(7);
      const auto what = static_cast<crossbar::Intervention>(k);
      for (std::size_t row = 90; row < 130; ++row) {
        session.intervene(0, {row, k, k % 2 == 1}, what);
      }
    }
    session.intervene(0, {90, 2, false}, crossbar::Intervention::repair);
    study::Json seen = {session.probe(20)};
    for (const training::FollowedLayer& layer : session.follow(small_digits().test.image(3), 5)) {
      for (const float value : layer.output) seen.push_back(value);
    }
    seen.push_back(session.read_device(0, {91, 3, true}).now_us);
    Observer observer;
    session.run(observer);
    study::Json json = study::train_json(config, {session.summary()});
    json["result"]["seen"] = std::move(seen);
    return result_of(json);
  };
  Choices uses;
  for (const std::string_view name : names_of(crossbar::Intervention{})) {
    uses.insert(fmt::format("train intervention={}", name));
  }
  return {"train/interventions", run, std::move(uses)};
}

/// `train/tiki-taka-buffer`, stopped within an epoch and resumed in a new session.
Case resumed_case() {
  const auto config = config_of<study::TrainConfig>(
      "method = \"tiki-taka\"\nnetwork = \"196-12-10\"\nepochs = 1\ndevice = \"rram-hfo2\"\n"
      "tiki-taka-buffer = true\n");
  const auto run = [config](const Execution& execution) {
    study::TrainSession first(config, small_digits(), execution);
    first.advance(23);
    const std::vector<std::uint8_t> bytes = first.checkpoint();
    study::TrainSession second(config, small_digits(), execution);
    second.resume(study::read_safetensors(bytes, "checkpoint"), "checkpoint");
    Observer observer;
    second.run(observer);
    return result_of(study::train_json(config, {second.summary()}));
  };
  return {"train/tiki-taka-buffer-resumed", run, uses_of("train", config)};
}

}  // namespace

CaseList train_cases() {
  CaseList list;
  add_perceptrons(list.cases);
  add_methods(list.cases);
  add_devices(list.cases);
  add_arrays(list.cases);
  add_schedules(list.cases);
  list.cases.push_back(interventions_case());
  list.cases.push_back(resumed_case());

  study::TrainConfig reference;
  list.offered = choices_offered("train", fields_of(reference));
  for (const std::string_view model : names_of(device::ModelName{})) {
    list.offered.insert(fmt::format("train device-model={}", model));
  }
  for (const std::string_view name : names_of(crossbar::Intervention{})) {
    list.offered.insert(fmt::format("train intervention={}", name));
  }
  for (const auto kind : {network::StageKind::dense, network::StageKind::convolution,
                          network::StageKind::max_pool, network::StageKind::average_pool}) {
    list.offered.insert(fmt::format("train network={}", name_of(kind)));
  }
  list.offered.insert({"train network=normalized", "train network=dropout", "train network=stride",
                       "train network=padding"});
  return list;
}

}  // namespace imcsim::golden
