// The core for the page's workers: a Simulator holds the data, any number of trainings, and trained
// networks that age. Requests and answers are JSON texts, big arrays are typed arrays (copies). No
// call throws or aborts for what a user can get wrong: the answer is then {"error": {"where",
// "what", "expected"}}.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "exchange.hpp"
#include "study/infer.hpp"
#include "study/presets.hpp"
#include "study/safetensors.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"
#include "study/version.hpp"

namespace imcsim::web {

class Simulator {
 public:
  std::string version() const { return std::string(imcsim::version); }

  /// All that is said about the fields of `train`, with the values that `settings` lead to, and
  /// the presets.
  std::string describe(const std::string& settings) const;

  // ---- data ------------------------------------------------------------------------------------

  /// The four parts of a data set as plain IDX bytes.
  std::string load(const std::string& name, const emscripten::val& train_images,
                   const emscripten::val& train_labels, const emscripten::val& test_images,
                   const emscripten::val& test_labels);

  /// An IDX pair of a visitor: its last sixth is held out as the test set. From then on `name` is
  /// a data set. `{training, test, rows, columns, classes}`.
  std::string load_pair(const std::string& name, const emscripten::val& images,
                        const emscripten::val& labels);

  /// A CSV of a measured device, fitted: from then on `preset` is a device. `{preset, fit}`.
  std::string fit(const std::string& name, const std::string& csv, const std::string& preset);

  // ---- trainings -------------------------------------------------------------------------------

  /// Begins a training: `{session, layers: [{inputs, outputs, rows, tile_rows, tile_columns}],
  /// devices, …}`; rows count the bias, too, and tiles are as large as the first one at most.
  std::string open(const std::string& settings);
  void close(int id) { sessions_.erase(id); }

  /// Learns `samples` more and says where the session then stands.
  std::string advance(int id, double samples);

  /// Accuracy on the first `images` of the test set (all, where there are fewer); no trace.
  std::string probe(int id, double images);

  /// The epochs so far.
  std::string epochs(int id);

  /// The result of `imcsim train --json`, without `execution` and `timing`.
  std::string result(int id);

  /// A whole command at once, all of its runs.
  std::string run(const std::string& settings);

  // ---- the array -------------------------------------------------------------------------------

  /// Entries of a layer's matrix, [(inputs + 1) × outputs]: `plus` and `minus` [µS, as programmed
  /// or broken by hand, mean over the devices that share a weight], `chi` [ε/2] or `weight`, as
  /// products see it. Empty where there is no such thing.
  emscripten::val values(int id, int layer, const std::string& what);

  /// The devices of one weight: `{weight, chi, wanted, plus: [{…}], minus: [{…}]}`.
  std::string device(int id, int layer, int row, int column);

  /// Does `what` (set, reset, stuck-low, stuck-high, repair) to the devices of `polarity` (plus,
  /// minus, both) at each of `crossings` (row · outputs + column), `number` of N or −1 for all.
  std::string intervene(int id, int layer, const emscripten::val& crossings,
                        const std::string& polarity, int number, const std::string& what);

  /// An image on its way through the network: `{layers: [{input, driven, sum, current, output,
  /// activated, inputStep, outputStep}], contributions}`, the latter of one column of one layer:
  /// driven · weight of each row. `number` names the noise.
  emscripten::val follow(int id, const emscripten::val& pixels, double number, int layer,
                         int column);

  /// Image `index` of the test set, `{pixels, label, rows, columns, count}`.
  emscripten::val test_image(int id, double index);

  // ---- time ------------------------------------------------------------------------------------

  /// Programs the weights of a training into devices, as `imcsim infer` with these settings does:
  /// `{aged, layers, conductance_max_us, device}`.
  std::string age_open(int id, const std::string& settings);
  void age_close(int aged) { aged_.erase(aged); }

  /// At `t_s` after programming, with `compensation`: `{accuracy, images, weight_rms_error}`.
  std::string age(int aged, double t_s, double observation, const std::string& compensation);

  /// `plus` or `minus`: conductances of a layer at the time of the last `age` [µS], mean over the
  /// devices that share a weight.
  emscripten::val age_values(int aged, int layer, const std::string& what);

 private:
  struct Session {
    std::unique_ptr<study::TrainSession> training;
    /// Broken by hand: (layer, minus, crossing, number) and what the device shows.
    std::map<std::tuple<std::size_t, bool, std::size_t, std::size_t>, float> broken;
  };
  struct Aged {
    std::vector<std::uint8_t> bytes;  ///< of the model file that `file` refers to
    study::Safetensors file;
    study::InferConfig config;
    std::unique_ptr<study::InferSession> session;
    double t_s = 0.0;
  };

  study::TrainConfig resolve(const std::string& settings) const;
  std::unique_ptr<study::TrainSession> make_session(const study::TrainConfig& config) const;
  study::PresetReader reader() const;
  study::TrainSession& training(int id) { return *sessions_.at(id).training; }
  static Json status(study::TrainSession& session);

  std::optional<dataset::Dataset> data_;
  std::string data_name_;
  std::map<std::string, std::string> presets_;  ///< of visitors: name, TOML
  std::map<int, Session> sessions_;
  std::map<int, std::unique_ptr<Aged>> aged_;
  int last_ = 0;
};

}  // namespace imcsim::web
