// Retention: the weights of a training, programmed into devices and evaluated at later times.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "compiler/program.hpp"
#include "simulator.hpp"

namespace imcsim::web {

using emscripten::val;

namespace {

training::Compensation compensation_of(const std::string& name) {
  const std::span<const std::string_view> names = names_of(training::Compensation{});
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw InputError("compensation", "\"" + name + "\" is unknown", "none, global, per-column");
  }
  return static_cast<training::Compensation>(found - names.begin());
}

}  // namespace

std::string Simulator::age_open(int id, const std::string& settings) {
  return answer([&] {
    auto aged = std::make_unique<Aged>();
    aged->bytes = training(id).model();
    aged->file = study::read_safetensors(aged->bytes, "the training");
    study::InferConfig reference;
    study::Settings all =
        study::settings_of_model(aged->file, "the training", fields_of(reference));
    for (study::Setting& given : read_settings(settings)) {
      given.origin = "flag";
      all.push_back(std::move(given));
    }
    study::Resolved<study::InferConfig> resolved =
        study::resolve_config<study::InferConfig>(all, reader());
    study::resolve_reprogramming(resolved);
    aged->config = resolved.config;
    const study::TrainedModel model = study::read_model(aged->file, aged->config, "the training");
    aged->session = std::make_unique<study::InferSession>(aged->config, model, *data_, Execution{});
    const Json reply = {
        {"aged", last_ + 1},
        {"device", aged->config.device},
        {"conductance_max_us", aged->config.crossbar.device.common.conductance_max_us}};
    aged_[++last_] = std::move(aged);
    return reply;
  });
}

std::string Simulator::age(int id, double t_s, double observation,
                           const std::string& compensation) {
  return answer([&] {
    Aged& aged = *aged_.at(id);
    aged.t_s = t_s;
    aged.session->age(t_s, static_cast<std::uint64_t>(observation), compensation_of(compensation));
    const training::Evaluation evaluation = aged.session->evaluate();
    return Json{{"accuracy", evaluation.accuracy},
                {"images", evaluation.predictions.size()},
                {"weight_rms_error", aged.session->deployment().weight_rms_error()}};
  });
}

val Simulator::age_values(int id, int layer, const std::string& polarity) {
  Aged& aged = *aged_.at(id);
  const auto& devices = dynamic_cast<const network::CrossbarLayer&>(
      aged.session->network().layer(static_cast<std::size_t>(layer)));
  const auto per_weight = static_cast<std::size_t>(aged.config.crossbar.array.devices_per_weight);
  std::vector<float> out(devices.rows() * devices.columns(), 0.0F);
  for (const network::CrossbarLayer::Tile& tile : devices.tiles()) {
    const device::DeviceArray& array = polarity == "minus" ? tile.array.minus() : tile.array.plus();
    std::vector<float> us(array.size());
    tile.array.model().conductance_us(array, 0, aged.session->at_s(aged.t_s), us);
    for (std::size_t k = 0; k < us.size(); ++k) {
      const std::size_t crosspoint = k / per_weight;
      const std::size_t row = tile.first_row + crosspoint / tile.array.columns();
      const std::size_t column = tile.first_column + crosspoint % tile.array.columns();
      out[row * devices.columns() + column] += us[k] / static_cast<float>(per_weight);
    }
  }
  return float_copy(out);
}

}  // namespace imcsim::web
