// The core for JavaScript: a Simulator holds the data and any number of sessions. Requests and
// answers are JSON texts, big arrays are typed arrays (copies). No call throws or aborts for what a
// user can get wrong: the answer is then {"error": {"where", "what", "expected"}}.
#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <algorithm>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "study/study.hpp"

namespace imcsim::web {
namespace {

using emscripten::typed_memory_view;
using emscripten::val;
using study::Json;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json error_json(const std::string& where, const std::string& what, const std::string& expected) {
  return {{"error", {{"where", where}, {"what", what}, {"expected", expected}}}};
}

/// The answer of `work`, or what went wrong.
template <class Work>
std::string answer(Work work) {
  try {
    return text_of(work());
  } catch (const InputError& e) {
    return text_of(error_json(e.where(), e.problem(), e.expected()));
  } catch (const std::bad_alloc&) {
    return text_of(error_json("memory", "not enough for this", "a smaller network"));
  } catch (const std::exception& e) {
    return text_of(error_json("train", e.what(), ""));
  }
}

/// `[{"key", "text", "where"}, …]`; `where` is how errors speak of the key.
study::Settings read_settings(const std::string& json) {
  study::Settings settings;
  for (const auto& item : Json::parse(json)) {
    settings.push_back({item.at("key").get<std::string>(), item.at("text").get<std::string>(),
                        item.at("where").get<std::string>(), "page"});
  }
  return settings;
}

study::TrainConfig resolve(const std::string& settings) {
  const auto no_files = [](const std::string&, std::string&) { return false; };
  return study::resolve_train_config(read_settings(settings), no_files).config;
}

std::vector<std::uint8_t> bytes_of(const val& array) {
  std::vector<std::uint8_t> bytes(array["length"].as<std::size_t>());
  val(typed_memory_view(bytes.size(), bytes.data())).call<void>("set", array);
  return bytes;
}

val float_copy(const ArrayView& view) {
  val out = val::global("Float32Array").new_(view.rows * view.columns);
  for (std::size_t i = 0; i < view.rows; ++i) {
    const auto* row = static_cast<const float*>(static_cast<const void*>(view.row(i)));
    out.call<void>("set", val(typed_memory_view(view.columns, row)), i * view.columns);
  }
  return out;
}

/// Mean over the devices that share a crossing: columns stand N to one of `outputs`.
val mean_copy(const ArrayView& view, std::size_t outputs) {
  if (view.columns == outputs) return float_copy(view);
  const std::size_t devices = view.columns / outputs;
  Matrix<float> means = padded_matrix<float>(view.rows, outputs);
  for (std::size_t i = 0; i < view.rows; ++i) {
    const auto* row = static_cast<const float*>(static_cast<const void*>(view.row(i)));
    for (std::size_t j = 0; j < view.columns; ++j) {
      means(i, j / devices) += row[j] / static_cast<float>(devices);
    }
  }
  return float_copy(array_view(means, outputs));
}

}  // namespace

class Simulator {
 public:
  std::string version() const { return std::string(imcsim::version); }

  /// All that is said about the fields of `train`, with the values that `settings` lead to, and
  /// the presets.
  std::string describe(const std::string& settings) const {
    return answer([&] {
      study::TrainConfig config = resolve(settings);
      Json presets = Json::array();
      for (const study::PresetAbout& about : study::list_presets()) {
        presets.push_back(study::to_json(about));
      }
      return Json{{"fields", study::describe_json(fields_of(config))},
                  {"presets", std::move(presets)}};
    });
  }

  /// The four parts of a data set as plain IDX bytes.
  std::string load(const std::string& name, const val& train_images, const val& train_labels,
                   const val& test_images, const val& test_labels) {
    return answer([&] {
      dataset::Dataset data;
      data.training = dataset::parse_idx({"train-images", bytes_of(train_images)},
                                         {"train-labels", bytes_of(train_labels)});
      data.test = dataset::parse_idx({"t10k-images", bytes_of(test_images)},
                                     {"t10k-labels", bytes_of(test_labels)});
      data_ = std::move(data);
      data_name_ = name;
      return Json::object();
    });
  }

  /// Begins a training: `{session, layers: [{inputs, outputs}], devices}`.
  std::string open(const std::string& settings) {
    return answer([&] {
      const study::TrainConfig config = resolve(settings);
      if (config.runs != 1) throw InputError("--runs", "the page shows one training", "1");
      auto session = make_session(config);
      const std::vector<network::Stage>& stages = session->trainer().network().weight_stages();
      const auto devices_per_weight =
          static_cast<std::size_t>(config.crossbar.array.devices_per_weight);
      const std::size_t polarities =
          config.crossbar.array.synapse == crossbar::Synapse::single ? 1 : 2;
      const bool on_devices = config.training.method != training::MethodName::float32;
      Json layers = Json::array();
      std::size_t weights = 0;
      for (const network::Stage& stage : stages) {
        layers.push_back({{"inputs", stage.inputs()}, {"outputs", stage.outputs()}});
        weights += stage.rows() * stage.outputs();
      }
      sessions_[++last_] = std::move(session);
      return Json{{"session", last_},
                  {"layers", std::move(layers)},
                  {"weights", weights},
                  {"devices", on_devices ? polarities * weights * devices_per_weight : 0},
                  {"conductance_max_us", config.crossbar.device.common.conductance_max_us}};
    });
  }

  void close(int id) { sessions_.erase(id); }

  /// Learns `samples` more and says where the session then stands.
  std::string advance(int id, double samples) {
    return answer([&] {
      study::TrainSession& session = *sessions_.at(id);
      if (samples > 0) session.advance(static_cast<std::uint64_t>(samples));
      return status(session);
    });
  }

  /// Accuracy on the first `images` of the test set (all, where there are fewer); leaves no trace.
  std::string probe(int id, double images) {
    return answer([&] {
      study::TrainSession& session = *sessions_.at(id);
      std::size_t count = std::min(static_cast<std::size_t>(images), data_->test.size());
      const auto limit = static_cast<std::size_t>(session.config().test_limit);
      if (limit > 0) count = std::min(count, limit);
      return Json{{"accuracy", session.probe(count)}, {"images", count}};
    });
  }

  /// The epochs so far.
  std::string epochs(int id) {
    return answer([&] {
      Json list = Json::array();
      for (study::EpochResult epoch : sessions_.at(id)->result().epochs) {
        list.push_back(study::to_json_object(epoch));
      }
      return list;
    });
  }

  /// The result of `imcsim train --json`, without `execution` and `timing`.
  std::string result(int id) {
    return answer([&] {
      study::TrainSession& session = *sessions_.at(id);
      return study::train_json(session.config(), {session.summary()});
    });
  }

  /// A whole command at once, all of its runs.
  std::string run(const std::string& settings) {
    return answer([&] {
      const study::TrainConfig config = resolve(settings);
      std::vector<study::RunSummary> runs;
      for (std::int64_t i = 0; i < config.runs; ++i) {
        study::TrainConfig one = config;
        one.seed += static_cast<std::uint64_t>(i);
        one.runs = 1;
        const auto session = make_session(one);
        Observer nobody;
        session->run(nobody);
        runs.push_back(session->summary());
      }
      return study::train_json(config, runs);
    });
  }

  /// Entries of a layer's matrix, [(inputs + 1) × outputs]: `plus` and `minus` [µS, as programmed,
  /// mean over the devices that share a weight], `chi` [ε/2] or `weight`, as products see it.
  /// Empty where there is no such thing.
  val values(int id, int layer, const std::string& what) {
    study::TrainSession& session = *sessions_.at(id);
    const network::Network& network = session.trainer().network();
    const auto l = static_cast<std::size_t>(layer);
    if (what == "weight" && l < network.layer_count()) {
      // Views are of things that may be written; this one is only read.
      auto& weights = const_cast<Matrix<float>&>(network.layer(l).weights());
      return float_copy(array_view(weights, network.weight_stages()[l].outputs()));
    }
    const std::string name = "layer" + std::to_string(layer) +
                             (what == "chi" ? ".chi_half_granularity" : ".conductance_us_" + what);
    for (const StateArray& array : session.trainer().state()) {
      if (array.name == name) return mean_copy(array.view, network.weight_stages()[l].outputs());
    }
    return val::global("Float32Array").new_(0);
  }

 private:
  std::unique_ptr<study::TrainSession> make_session(const study::TrainConfig& config) const {
    if (!data_) throw InputError("dataset", "no data loaded yet", "");
    if (config.dataset != data_name_) {
      throw InputError("--dataset", "the page does not carry \"" + config.dataset + "\"",
                       data_name_);
    }
    return std::make_unique<study::TrainSession>(config, *data_, Execution{});
  }

  static Json status(study::TrainSession& session) {
    const Progress progress = session.progress();
    OperationCounts counts = session.counts();
    return {{"done", progress.done},
            {"total", progress.total},
            {"epoch", session.epoch()},
            {"finished", session.finished()},
            {"time_s", session.time_s()},
            {"test_accuracy", session.result().test_accuracy},
            {"counts", study::to_json_object(counts)}};
  }

  std::optional<dataset::Dataset> data_;
  std::string data_name_;
  std::map<int, std::unique_ptr<study::TrainSession>> sessions_;
  int last_ = 0;
};

}  // namespace imcsim::web

EMSCRIPTEN_BINDINGS(imcsim) {
  using imcsim::web::Simulator;
  emscripten::class_<Simulator>("Simulator")
      .constructor()
      .function("version", &Simulator::version)
      .function("describe", &Simulator::describe)
      .function("load", &Simulator::load)
      .function("open", &Simulator::open)
      .function("close", &Simulator::close)
      .function("advance", &Simulator::advance)
      .function("probe", &Simulator::probe)
      .function("epochs", &Simulator::epochs)
      .function("result", &Simulator::result)
      .function("run", &Simulator::run)
      .function("values", &Simulator::values);
}
