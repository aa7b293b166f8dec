// Readings and modifications of single devices, and the signals of an image in each layer.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "compiler/program.hpp"
#include "simulator.hpp"

namespace imcsim::web {

using emscripten::typed_memory_view;
using emscripten::val;

namespace {

const float* float_row(const ArrayView& view, std::size_t row) {
  return static_cast<const float*>(static_cast<const void*>(view.row(row)));
}

const StateArray* find_array(const std::vector<StateArray>& arrays, const std::string& name) {
  const auto found = std::find_if(arrays.begin(), arrays.end(),
                                  [&](const StateArray& array) { return array.name == name; });
  return found == arrays.end() ? nullptr : &*found;
}

/// A state array of one crossbar, and the position of the crossbar in the matrix of its layer.
struct Part {
  ArrayView view;
  std::size_t first_row, first_column, columns, devices;

  float value(std::size_t row, std::size_t column, std::size_t device) const {
    return float_row(view, row - first_row)[(column - first_column) * devices + device];
  }
  bool holds(std::size_t row, std::size_t column) const {
    return row >= first_row && row < first_row + view.rows && column >= first_column &&
           column < first_column + columns;
  }
};

/// State array `name` of each crossbar of a layer; empty if the layer has no such array.
std::vector<Part> parts_of(training::Trainer& trainer, const std::vector<StateArray>& arrays,
                           std::size_t layer, const std::string& quantity) {
  const std::string prefix = "layer" + std::to_string(layer) + ".";
  const network::CrossbarLayer* const crossbars = trainer.devices(layer);
  std::vector<Part> parts;
  const auto add = [&](const std::string& name, std::size_t row, std::size_t column,
                       std::size_t columns) {
    const StateArray* const array = find_array(arrays, name);
    if (array == nullptr) return;
    parts.push_back({array->view, row, column, columns, array->view.columns / columns});
  };
  if (crossbars == nullptr || crossbars->tiles().size() == 1) {
    add(prefix + quantity, 0, 0, trainer.network().weight_stages().at(layer).outputs());
    return parts;
  }
  for (std::size_t k = 0; k < crossbars->tiles().size(); ++k) {
    const network::CrossbarLayer::Tile& tile = crossbars->tiles()[k];
    add(prefix + "tile" + std::to_string(k) + "." + quantity, tile.first_row, tile.first_column,
        tile.array.columns());
  }
  return parts;
}

/// Mean over the devices of each weight, [rows × outputs].
std::vector<float> means(const std::vector<Part>& parts, std::size_t rows, std::size_t outputs) {
  std::vector<float> out(rows * outputs, 0.0F);
  for (const Part& part : parts) {
    for (std::size_t i = 0; i < part.view.rows; ++i) {
      const float* const row = float_row(part.view, i);
      float* const to = &out[(part.first_row + i) * outputs + part.first_column];
      for (std::size_t j = 0; j < part.columns * part.devices; ++j) {
        to[j / part.devices] += row[j] / static_cast<float>(part.devices);
      }
    }
  }
  return out;
}

Json json_of(const crossbar::DeviceReading& reading) {
  return {{"programmed_us", reading.programmed_us},
          {"now_us", reading.now_us},
          {"read_noise_us", reading.read_noise_us},
          {"memory", reading.memory},
          {"pulses", reading.pulses},
          {"programmed_at_s", reading.programmed_at_s},
          {"drift_exponent", reading.drift_exponent ? Json(*reading.drift_exponent) : Json()},
          {"stuck", reading.broken}};
}

crossbar::Intervention intervention_of(const std::string& name) {
  const std::span<const std::string_view> names = names_of(crossbar::Intervention{});
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw InputError("intervention", "\"" + name + "\" is unknown", "set, reset, stuck-low, …");
  }
  return static_cast<crossbar::Intervention>(found - names.begin());
}

val object_of(const training::FollowedLayer& layer) {
  val object = val::object();
  object.set("input", float_copy(layer.input));
  object.set("driven", float_copy(layer.driven));
  object.set("sum", float_copy(layer.sum));
  object.set("current", float_copy(layer.current));
  object.set("output", float_copy(layer.output));
  object.set("activated", float_copy(layer.activated));
  object.set("inputStep", layer.input_step);
  object.set("outputStep", layer.output_step);
  return object;
}

}  // namespace

val Simulator::values(int id, int layer, const std::string& quantity) {
  const Session& session = sessions_.at(id);
  training::Trainer& trainer = session.training->trainer();
  const network::Network& network = trainer.network();
  const auto l = static_cast<std::size_t>(layer);
  const std::size_t outputs = network.weight_stages().at(l).outputs();
  if (quantity == "weight" && l < network.layer_count()) {
    // A view refers to writable values; this view is only read.
    auto& weights = const_cast<Matrix<float>&>(network.layer(l).weights());
    return float_copy(array_view(weights, outputs));
  }
  const std::vector<StateArray> arrays = trainer.state();
  if (quantity == "chi") {
    const StateArray* const array =
        find_array(arrays, "layer" + std::to_string(layer) + ".chi_half_granularity");
    return array == nullptr ? float_copy(std::vector<float>()) : float_copy(array->view);
  }
  const std::vector<Part> parts = parts_of(trainer, arrays, l, "conductance_us_" + quantity);
  if (parts.empty()) return float_copy(std::vector<float>());
  const bool plain = parts.size() == 1 && parts[0].devices == 1 && session.manual_faults_us.empty();
  if (plain) return float_copy(parts[0].view);
  std::vector<float> out = means(parts, network.weight_stages().at(l).rows(), outputs);
  for (const auto& [key, fault_us] : session.manual_faults_us) {
    const auto [of_layer, minus, crosspoint, number] = key;
    if (of_layer != l || quantity != (minus ? "minus" : "plus")) continue;
    const std::size_t row = crosspoint / outputs;
    const std::size_t column = crosspoint % outputs;
    for (const Part& part : parts) {
      if (!part.holds(row, column)) continue;
      out[crosspoint] +=
          (fault_us - part.value(row, column, number)) / static_cast<float>(part.devices);
    }
  }
  return float_copy(out);
}

std::string Simulator::device(int id, int layer, int row, int column) {
  return answer([&] {
    study::TrainSession& session = training(id);
    const auto l = static_cast<std::size_t>(layer);
    crossbar::DeviceSite site{static_cast<std::size_t>(row), static_cast<std::size_t>(column),
                              false, 0};
    const crossbar::ArrayConfig& array = session.config().crossbar.array;
    Json polarities[2] = {Json::array(), Json::array()};
    const bool pair = array.synapse != crossbar::Synapse::single;
    for (const bool minus : {false, true}) {
      if (minus && !pair) continue;
      for (std::int64_t n = 0; n < array.devices_per_weight; ++n) {
        site.minus = minus;
        site.device = static_cast<std::size_t>(n);
        polarities[minus ? 1 : 0].push_back(json_of(session.read_device(l, site)));
      }
    }
    const float weight = session.trainer().network().layer(l).weights()(site.row, site.column);
    const std::vector<StateArray> arrays = session.trainer().state();
    Json chi;
    const StateArray* const accumulator =
        find_array(arrays, "layer" + std::to_string(layer) + ".chi_half_granularity");
    if (accumulator != nullptr) chi = float_row(accumulator->view, site.row)[site.column] * 0.5F;
    return Json{{"weight", weight},
                {"chi_granularities", chi},
                {"plus", std::move(polarities[0])},
                {"minus", std::move(polarities[1])}};
  });
}

std::string Simulator::intervene(int id, int layer, const val& crosspoints,
                                 const std::string& polarity, int device_number,
                                 const std::string& intervention) {
  return answer([&] {
    Session& session = sessions_.at(id);
    const crossbar::Intervention applied = intervention_of(intervention);
    const auto l = static_cast<std::size_t>(layer);
    const auto sites = emscripten::convertJSArrayToNumberVector<std::uint32_t>(crosspoints);
    const crossbar::ArrayConfig& array = session.training->config().crossbar.array;
    const std::size_t outputs =
        session.training->trainer().network().weight_stages().at(l).outputs();
    const bool sets_fault = applied == crossbar::Intervention::stuck_low ||
                            applied == crossbar::Intervention::stuck_high;
    for (const std::size_t crosspoint : sites) {
      for (const bool minus : {false, true}) {
        if (polarity == (minus ? "plus" : "minus")) continue;
        if (minus && array.synapse == crossbar::Synapse::single) continue;
        for (std::int64_t k = 0; k < array.devices_per_weight; ++k) {
          if (device_number >= 0 && k != device_number) continue;
          const auto n = static_cast<std::size_t>(k);
          const crossbar::DeviceSite site{crosspoint / outputs, crosspoint % outputs, minus, n};
          session.training->intervene(l, site, applied);
          const auto key = std::make_tuple(l, minus, crosspoint, n);
          if (sets_fault) {
            session.manual_faults_us[key] = session.training->read_device(l, site).now_us;
          }
          if (applied == crossbar::Intervention::repair) session.manual_faults_us.erase(key);
        }
      }
    }
    return Json{{"stuck_devices", session.manual_faults_us.size()}};
  });
}

val Simulator::follow(int id, const val& pixels, double read, int layer, int column) {
  try {
    study::TrainSession& session = training(id);
    const std::vector<std::uint8_t> image = bytes_of(pixels);
    const std::vector<training::FollowedLayer> layers =
        session.follow(image, static_cast<std::uint64_t>(read));
    val list = val::array();
    for (const training::FollowedLayer& one : layers) list.call<void>("push", object_of(one));
    val object = val::object();
    object.set("layers", list);
    const auto l = std::min(static_cast<std::size_t>(layer), layers.size() - 1);
    const auto j = std::min(static_cast<std::size_t>(column), layers[l].outputs - 1);
    const Matrix<float>& weights = session.trainer().network().layer(l).weights();
    std::vector<float> contributions(layers[l].rows);
    for (std::size_t i = 0; i < contributions.size(); ++i) {
      contributions[i] = layers[l].driven[i] * weights(i, j);
    }
    object.set("contributions", float_copy(contributions));
    return object;
  } catch (...) {
    return val(json_text(caught_error()));
  }
}

val Simulator::test_image(int id, double index) {
  const auto limit = static_cast<std::size_t>(training(id).config().test_limit);
  const dataset::LabeledImages& images = data_->test;
  const std::size_t count = limit > 0 ? std::min(limit, images.size()) : images.size();
  const std::size_t i = static_cast<std::size_t>(index) % count;
  const std::span<const std::uint8_t> pixels = images.image(i);
  val copy = val::global("Uint8Array").new_(pixels.size());
  copy.call<void>("set", val(typed_memory_view(pixels.size(), pixels.data())));
  val object = val::object();
  object.set("pixels", copy);
  object.set("label", images.label(i));
  object.set("rows", images.rows());
  object.set("columns", images.columns());
  object.set("count", count);
  return object;
}

}  // namespace imcsim::web
