#include "study/train_config.hpp"

namespace imcsim::study {
void describe(TrainConfig& c, FieldList& f) {
  f.group("General");
  f.field("dataset", c.dataset, "NAME|DIR", "Data set: mnist, fashion-mnist, or a folder",
          "doi:10.1109/5.726791");
  f.field("train-limit", c.train_limit, Unit::samples, {0.0, 1e9},
          "Use only the first N training images (0: all)");
  f.field("test-limit", c.test_limit, Unit::samples, {0.0, 1e9},
          "Use only the first N test images (0: all)");
  f.field("network", c.network, "SHAPE",
          "Network, such as 784-250-10 or 28x28-c16k5-n-p2-128-d0.5-10",
          "doi:10.3389/fnins.2020.00406");
  f.field("device", c.device, "NAME|FILE", "Device preset, or a TOML file of device parameters");
  f.field("seed", c.seed, Unit::none, {}, "Random seed");
  f.field("runs", c.runs, Unit::none, {1.0, 1e6}, "Number of runs; run k uses seed + k");
  describe(c.cost, f);
  describe(c.training, f);
  describe(c.crossbar, f);
  f.mark_common({"dataset", "network", "method", "device", "epochs", "learning-rate", "runs"});
}

ResolvedTrainConfig resolve_train_config(const Settings& settings, const PresetReader& read_file) {
  return resolve_config<TrainConfig>(settings, read_file);
}

}  // namespace imcsim::study
