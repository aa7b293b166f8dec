// Training sessions of the page.
#include "simulator.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "numeric/execution.hpp"
#include "study/presets.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"

namespace imcsim::web {

using emscripten::val;

study::PresetReader Simulator::reader() const {
  return [this](const std::string& name, std::string& toml) {
    const auto found = presets_.find(name);
    if (found == presets_.end()) return false;
    toml = found->second;
    return true;
  };
}

study::TrainConfig Simulator::resolve(const std::string& settings) const {
  return study::resolve_train_config(read_settings(settings), reader()).config;
}

std::string Simulator::describe(const std::string& settings) const {
  return answer([&] {
    study::TrainConfig config = resolve(settings);
    Json presets = Json::array();
    for (const study::PresetAbout& about : study::list_presets()) {
      presets.push_back(study::to_json(about));
    }
    for (const auto& [name, toml] : presets_) {
      presets.push_back({{"name", name},
                         {"kind", "device"},
                         {"summary", study::table_text(toml, "about", "summary")},
                         {"source", study::table_text(toml, "about", "source")}});
    }
    return Json{{"fields", study::describe_json(fields_of(config))},
                {"presets", std::move(presets)}};
  });
}

std::string Simulator::open(const std::string& settings) {
  return answer([&] {
    const study::TrainConfig config = resolve(settings);
    if (config.runs != 1) {
      throw InputError("runs", "value is " + std::to_string(config.runs),
                       "must be 1: the page trains a single run");
    }
    auto session = make_session(config);
    const std::vector<network::Stage>& stages = session->trainer().network().weight_stages();
    const crossbar::ArrayConfig& array = config.crossbar.array;
    const auto devices_per_weight = static_cast<std::size_t>(array.devices_per_weight);
    const std::size_t polarities = array.synapse == crossbar::Synapse::single ? 1 : 2;
    const bool on_devices = config.training.method != training::MethodName::float32;
    const bool modifiable = session->trainer().devices(0) != nullptr && on_devices;
    const bool dense = std::all_of(stages.begin(), stages.end(), [](const network::Stage& stage) {
      return stage.kind == network::StageKind::dense;
    });
    Json layers = Json::array();
    std::size_t weights = 0;
    for (std::size_t l = 0; l < stages.size(); ++l) {
      const network::Stage& stage = stages[l];
      const network::CrossbarLayer* const on = session->trainer().devices(l);
      layers.push_back(
          {{"inputs", stage.inputs()},
           {"outputs", stage.outputs()},
           {"rows", stage.rows()},
           {"tile_rows", on == nullptr ? stage.rows() : on->tiles()[0].array.rows()},
           {"tile_columns", on == nullptr ? stage.outputs() : on->tiles()[0].array.columns()}});
      weights += stage.rows() * stage.outputs();
    }
    sessions_[++last_] = {std::move(session), {}};
    return Json{{"session", last_},
                {"layers", std::move(layers)},
                {"weights", weights},
                {"devices", on_devices ? polarities * weights * devices_per_weight : 0},
                {"devices_per_weight", devices_per_weight},
                {"polarities", polarities},
                {"modifiable", modifiable},
                {"dense", dense},
                {"granularity", config.training.granularity},
                {"conductance_max_us", config.crossbar.device.common.conductance_max_us},
                {"read_voltage_v", config.crossbar.converters.read_voltage_v},
                {"conductance_per_weight_us", array.conductance_per_weight_us}};
  });
}

std::string Simulator::advance(int id, double samples) {
  return answer([&] {
    study::TrainSession& session = training(id);
    if (samples > 0) session.advance(static_cast<std::uint64_t>(samples));
    return status(session);
  });
}

std::string Simulator::probe(int id, double images) {
  return answer([&] {
    study::TrainSession& session = training(id);
    std::size_t count = std::min(static_cast<std::size_t>(images), data_->test.size());
    const auto limit = static_cast<std::size_t>(session.config().test_limit);
    if (limit > 0) count = std::min(count, limit);
    return Json{{"accuracy", session.probe(count)}, {"images", count}};
  });
}

std::string Simulator::epochs(int id) {
  return answer([&] {
    Json list = Json::array();
    for (study::EpochResult epoch : training(id).result().epochs) {
      list.push_back(study::to_json_object(epoch));
    }
    return list;
  });
}

std::string Simulator::result(int id) {
  return answer([&] {
    study::TrainSession& session = training(id);
    return study::train_json(session.config(), {session.summary()});
  });
}

std::string Simulator::run(const std::string& settings) {
  return answer([&] {
    const study::TrainConfig config = resolve(settings);
    std::vector<study::RunSummary> runs;
    for (std::int64_t i = 0; i < config.runs; ++i) {
      study::TrainConfig one = config;
      one.seed += static_cast<std::uint64_t>(i);
      one.runs = 1;
      const auto session = make_session(one);
      Observer no_observer;
      session->run(no_observer);
      runs.push_back(session->summary());
    }
    return study::train_json(config, runs);
  });
}

std::unique_ptr<study::TrainSession> Simulator::make_session(
    const study::TrainConfig& config) const {
  if (!data_) throw InputError("dataset", "no data set is loaded", "");
  if (config.dataset != data_name_) {
    throw InputError("dataset", "data set \"" + config.dataset + "\" is not loaded", data_name_);
  }
  return std::make_unique<study::TrainSession>(config, *data_, Execution{});
}

Json Simulator::status(study::TrainSession& session) {
  const Progress progress = session.progress();
  OperationCounts counts = session.counts();
  return {{"done", progress.done},
          {"total", progress.total},
          {"epoch", session.epoch()},
          {"finished", session.finished()},
          {"modified", session.modified()},
          {"time_s", session.time_s()},
          {"test_accuracy", session.result().test_accuracy},
          {"counts", study::to_json_object(counts)}};
}

}  // namespace imcsim::web
