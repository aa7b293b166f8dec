// Interface of the core for the workers of the page: a Simulator holds the data set, any number of
// training sessions, and networks programmed for evaluation over time. Requests and answers are
// JSON texts, large arrays are typed arrays (copies). An error that the user can correct is not
// thrown: the answer is {"error": {"where", "what", "expected"}}.
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

  /// `{fields, presets}`: descriptions of the fields of `train` with the values that follow from
  /// `settings`, and the presets.
  std::string describe(const std::string& settings) const;

  // ---- data ------------------------------------------------------------------------------------

  /// Loads a data set from the contents of four IDX files (not compressed).
  std::string load(const std::string& name, const emscripten::val& train_images,
                   const emscripten::val& train_labels, const emscripten::val& test_images,
                   const emscripten::val& test_labels);

  /// Loads an IDX pair of the user as data set `name`; its last sixth is the test set.
  /// `{training, test, rows, columns, classes}`.
  std::string load_pair(const std::string& name, const emscripten::val& images,
                        const emscripten::val& labels);

  /// Fits a device model to measured curves (CSV) and registers it as device preset `preset`.
  /// `{preset, fit}`.
  std::string fit(const std::string& name, const std::string& csv, const std::string& preset);

  // ---- trainings -------------------------------------------------------------------------------

  /// Starts a training: `{session, layers: [{inputs, outputs, rows, tile_rows, tile_columns}],
  /// devices, …}`. `rows` includes the bias; `tile_rows` and `tile_columns` are the size of the
  /// first tile, which is the largest.
  std::string open(const std::string& settings);
  void close(int id) { sessions_.erase(id); }

  /// Trains on `samples` more samples and returns the status of the session.
  std::string advance(int id, double samples);

  /// Accuracy on the first `images` images of the test set (all, if it has fewer). Does not change
  /// the session.
  std::string probe(int id, double images);

  /// The results of all completed epochs.
  std::string epochs(int id);

  /// The result of `imcsim train --json`, without `execution` and `timing`.
  std::string result(int id);

  /// Runs a complete `train` command with all of its runs.
  std::string run(const std::string& settings);

  // ---- the array -------------------------------------------------------------------------------

  /// A quantity of a layer, [(inputs + 1) × outputs]: `plus` and `minus` [µS; as programmed or
  /// fixed by a fault, mean over the devices of a weight], `chi` [ε/2], or `weight` as used in
  /// products. Empty if the layer does not have the quantity.
  emscripten::val values(int id, int layer, const std::string& quantity);

  /// The devices of one weight: `{weight, chi_granularities, plus: [{…}], minus: [{…}]}`.
  std::string device(int id, int layer, int row, int column);

  /// Applies `intervention` (set, reset, stuck-low, stuck-high, repair) to the devices of
  /// `polarity` (plus, minus, both) at each of `crosspoints` (row · outputs + column): to device
  /// `device_number` of a weight, or to all of them if it is −1.
  std::string intervene(int id, int layer, const emscripten::val& crosspoints,
                        const std::string& polarity, int device_number,
                        const std::string& intervention);

  /// Signals of an image in each layer: `{layers: [{input, driven, sum, current, output, activated,
  /// inputStep, outputStep}], contributions}`. `contributions`: driven · weight of each row for one
  /// column of one layer. `read` selects the noise.
  emscripten::val follow(int id, const emscripten::val& pixels, double read, int layer, int column);

  /// Image `index` of the test set, `{pixels, label, rows, columns, count}`.
  emscripten::val test_image(int id, double index);

  // ---- retention -------------------------------------------------------------------------------

  /// Programs the weights of a training into devices, as `imcsim infer` with these settings does:
  /// `{aged, layers, conductance_max_us, device}`.
  std::string age_open(int id, const std::string& settings);
  void age_close(int aged) { aged_.erase(aged); }

  /// Evaluates the network at `t_s` after programming with `compensation`:
  /// `{accuracy, images, weight_rms_error}`.
  std::string age(int aged, double t_s, double observation, const std::string& compensation);

  /// Conductances of a layer at the time of the last `age` [µS], mean over the devices of a weight;
  /// `polarity`: plus or minus.
  emscripten::val age_values(int aged, int layer, const std::string& polarity);

 private:
  struct Session {
    std::unique_ptr<study::TrainSession> training;
    /// Conductances [µS] of devices with a fault that the user set, by layer, polarity (true:
    /// minus), crosspoint and device number.
    std::map<std::tuple<std::size_t, bool, std::size_t, std::size_t>, float> manual_faults_us;
  };
  struct Aged {
    std::vector<std::uint8_t> bytes;  ///< of the model file; referenced by `file`
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
  std::map<std::string, std::string> presets_;  ///< presets fitted for the user: name, TOML
  std::map<int, Session> sessions_;
  std::map<int, std::unique_ptr<Aged>> aged_;
  int last_ = 0;
};

}  // namespace imcsim::web
