#include "study/infer.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "compiler/partition.hpp"
#include "numeric/events.hpp"
#include "study/train_session.hpp"

namespace imcsim::study {
namespace {

network::OutputUnit output_unit(training::Loss loss) {
  return loss == training::Loss::quadratic ? network::OutputUnit::sigmoid
                                           : network::OutputUnit::softmax;
}

std::string metadata_or(const Safetensors& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  return found == file.metadata.end() ? std::string() : found->second;
}

/// True if the devices of the model are used unchanged.
bool keeps_devices(const InferConfig& config, const TrainedModel& model) {
  if (config.reprogram == Reprogram::off && !model.has_devices) {
    throw InputError(at_field("reprogram"), "the model contains no devices",
                     "single-shot or program-and-verify");
  }
  return config.reprogram == Reprogram::off ||
         (config.reprogram == Reprogram::automatic && model.has_devices);
}

device::ProgrammingMethod method_of(const InferConfig& config) {
  switch (config.reprogram) {
    case Reprogram::exact: return device::ProgrammingMethod::exact;
    case Reprogram::single_shot: return device::ProgrammingMethod::single_shot;
    case Reprogram::program_and_verify: return device::ProgrammingMethod::program_and_verify;
    case Reprogram::automatic:
    case Reprogram::off: break;
  }
  return config.crossbar.programming.method;
}

network::Architecture fitting_architecture(const InferConfig& config,
                                           const dataset::Dataset& data) {
  network::Architecture architecture =
      network::parse_architecture(config.network, at_field("network"));
  if (architecture.input.size() != data.test.features()) {
    throw InputError(at_field("dataset"),
                     fmt::format("images have {} pixels", data.test.features()),
                     fmt::format("{}, the input size of the network", architecture.input.size()));
  }
  data.test.require_labels_below(architecture.outputs());
  return architecture;
}

training::TrainedNetwork trained_network(const InferConfig& config, const TrainedModel& model,
                                         const dataset::Dataset& data) {
  return {fitting_architecture(config, data),
          config.activation,
          output_unit(config.loss),
          model.weights,
          model.normalizations,
          model.per_weight_us};
}

dataset::LabeledImages first_images(dataset::LabeledImages images, std::int64_t limit) {
  if (limit > 0) images.limit(static_cast<std::size_t>(limit));
  return images;
}

crossbar::CrossbarConfig programmed_crossbar(const InferConfig& config) {
  crossbar::CrossbarConfig crossbar = config.crossbar;
  crossbar.programming.method = method_of(config);
  return crossbar;
}

}  // namespace

std::span<const std::string_view> names_of(Reprogram) {
  static constexpr std::array<std::string_view, 5> names = {"auto", "off", "exact", "single-shot",
                                                            "program-and-verify"};
  return names;
}

void describe(InferConfig& c, FieldList& f) {
  f.group("Inference");
  f.field("model", c.model, "FILE", "Model file of imcsim train --save, or ONNX file (-: stdin)");
  f.field("dataset", c.dataset, "NAME|DIR", "Data set: mnist, fashion-mnist, or a folder");
  f.field("test-limit", c.test_limit, Unit::samples, {0.0, 1e9},
          "Use only the first N test images (0: all)");
  f.field("times", c.times, "TIME,…", "Times after programming");
  f.field("compensation", c.compensation, Unit::none, {},
          "Drift compensation: none, one factor per layer, or one per column",
          "doi:10.1038/s41467-020-16108-9, Methods");
  f.field("reprogram", c.reprogram, Unit::none, {},
          "Reprogramming of the weights (auto: if the model has no devices or different devices)");
  f.field("device", c.device, "NAME|FILE", "Device preset, or a TOML file of device parameters");
  f.field("seed", c.seed, Unit::none, {}, "Random seed");
  f.field("runs", c.runs, Unit::none, {1.0, 1e6}, "Number of runs; run k uses seed + k");
  describe(c.cost, f);
  f.group("Network");
  f.field("network", c.network, "SHAPE", "Network architecture of the model", "set by the model");
  f.field("activation", c.activation, Unit::none, {}, "Activation function of the hidden layers",
          "set by the model");
  f.field("loss", c.loss, Unit::none, {},
          "Loss function of the model, which sets the output activation", "set by the model");
  describe(c.crossbar, f);
  f.mark_common({"model", "dataset", "times", "compensation", "reprogram", "device", "runs"});
}

Settings settings_of_model(const Safetensors& file, const std::string& name,
                           const FieldList& known) {
  Settings settings = settings_of_file(file, name);
  std::erase_if(settings, [&](const Setting& setting) {
    return known.find(setting.key) == nullptr || setting.key == "runs" || setting.key == "seed" ||
           setting.key == "test-limit" || setting.key == "cost";
  });
  return settings;
}

void resolve_reprogramming(Resolved<InferConfig>& resolved) {
  InferConfig& config = resolved.config;
  const auto origin = resolved.origins.find("device");
  const bool other = origin != resolved.origins.end() && origin->second == "flag";
  if (!other) return;
  if (config.reprogram == Reprogram::off) {
    throw InputError(at_field("device"), "cannot change with reprogram = off",
                     "the device of the model, or reprogram = single-shot or program-and-verify");
  }
  if (config.reprogram != Reprogram::automatic) return;
  switch (config.crossbar.programming.method) {
    case device::ProgrammingMethod::exact: config.reprogram = Reprogram::exact; break;
    case device::ProgrammingMethod::single_shot: config.reprogram = Reprogram::single_shot; break;
    case device::ProgrammingMethod::program_and_verify:
      config.reprogram = Reprogram::program_and_verify;
      break;
  }
}

TrainedModel read_model(const Safetensors& file, const InferConfig& config,
                        const std::string& name) {
  if (metadata_or(file, "kind") != "model") {
    throw InputError(name, "is not a model file", "a file of imcsim train --save");
  }
  TrainedModel model;
  model.file = &file;
  const network::Architecture architecture =
      network::parse_architecture(config.network, at_field("network"));
  std::vector<StateArray> arrays;
  const std::vector<network::Stage> stages = architecture.weight_stages();
  for (const network::Stage& stage : stages) {
    model.weights.push_back(padded_matrix<float>(stage.rows(), stage.outputs()));
  }
  for (std::size_t l = 0; l < stages.size(); ++l) {
    arrays.push_back({fmt::format("layer{}.weight", l),
                      array_view(model.weights[l], stages[l].outputs()), true});
  }
  model.normalizations = network::normalizations_of(architecture);
  for (StateArray& array : network::state_of(model.normalizations)) {
    arrays.push_back(std::move(array));
  }
  load_arrays(file, arrays, name);
  const std::string time = metadata_or(file, "time_s");
  if (!time.empty()) model.time_s = parse_duration(time, name).seconds;
  const std::string scales = metadata_or(file, "conductance_per_weight_us");
  if (!scales.empty()) {
    const Field field{
        {"conductance_per_weight_us", "", Unit::siemens_us}, "", &model.per_weight_us};
    read_field(field, scales, name);
    if (model.per_weight_us.size() != stages.size()) {
      throw InputError(name, "does not contain one conductance per weight for each layer",
                       "a file of imcsim train --save");
    }
  }
  model.has_devices = file.tensors.contains("layer0.conductance_us_plus") ||
                      file.tensors.contains("layer0.tile0.conductance_us_plus");
  return model;
}

InferSession::InferSession(const InferConfig& config, const TrainedModel& model,
                           const dataset::Dataset& data, const Execution& execution)
    : keeps_(keeps_devices(config, model)),
      execution_(execution),
      network_(trained_network(config, model, data), programmed_crossbar(config), !keeps_,
               config.seed, execution),
      deployment_(network_.layers(), config.seed),
      images_(network_.network(), first_images(data.test, config.test_limit), execution.isa) {
  if (keeps_) {
    programmed_at_s_ = model.time_s;
    load_arrays(*model.file, deployment_.state(), config.model);
    deployment_.rebuild_derived(programmed_at_s_);
  } else {
    deployment_.program(0.0, counts_);
  }
  const training::ImageSamples known(network_.network(), data.training, execution.isa);
  deployment_.calibrate(known, programmed_at_s_, execution);
}

InferRun InferSession::run(std::vector<double> times_s, training::Compensation compensation) {
  InferRun run =
      infer_over_time(deployment_, images_, {programmed_at_s_, std::move(times_s), compensation},
                      DigestOf::predictions, execution_);
  run.counts += counts_;
  return run;
}

InferRun infer_once(const InferConfig& config, const TrainedModel& model,
                    const dataset::Dataset& data, const Execution& execution) {
  const std::vector<double> times = parse_times(config.times, at_field("times"));
  const network::Architecture architecture = fitting_architecture(config, data);
  training::require_evaluations(times.size() + 1, architecture.most_positions(), at_field("times"));
  InferSession session(config, model, data, execution);
  return session.run(times, config.compensation);
}

std::vector<InferRun> infer_runs(const InferConfig& config, const TrainedModel& model,
                                 const dataset::Dataset& data, const Execution& execution) {
  return run_each_seed(config, execution, [&](const InferConfig& own, const Execution& how) {
    return infer_once(own, model, data, how);
  });
}

Json infer_json(const InferConfig& config, const std::vector<InferRun>& runs) {
  Json result = {{"times", times_json(summarize(config.times, runs))}};
  return infer_envelope({config.seed, config.cost, config.crossbar.converters},
                        to_json_object(config), std::move(result), runs, totals_of(runs));
}

}  // namespace imcsim::study
