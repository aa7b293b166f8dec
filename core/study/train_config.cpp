#include "study/train_config.hpp"

namespace imcsim::study {
void describe(TrainConfig& c, FieldList& f) {
  f.group("Task");
  f.field("dataset", c.dataset, Unit::none, {},
          "mnist, fashion-mnist, or a folder of four IDX files", "doi:10.1109/5.726791",
          Audience::everyone);
  f.field("train-limit", c.train_limit, Unit::samples, {0.0, 1e9},
          "only the first so many training images; 0: all", "", Audience::everyone);
  f.field("test-limit", c.test_limit, Unit::samples, {0.0, 1e9},
          "only the first so many test images; 0: all", "", Audience::everyone);
  f.field("network", c.network, Unit::none, {},
          "784-250-10, or 28x28-c16k5-n-p2-128-d0.5-10: image, convolutions, pooling, widths; n: "
          "the layer before it is normalised; d0.5: dropout before the next",
          "doi:10.3389/fnins.2020.00406", Audience::everyone);
  f.field("device", c.device, Unit::none, {}, "device preset, or a file of its values",
          "see imcsim presets", Audience::everyone);
  f.field("seed", c.seed, Unit::none, {}, "the same seed and configuration give the same bits", "",
          Audience::everyone);
  f.field("runs", c.runs, Unit::none, {1.0, 1e6}, "so many runs, with seeds from seed on", "",
          Audience::everyone);
  describe(c.cost, f);
  describe(c.training, f);
  describe(c.crossbar, f);
}

ResolvedTrainConfig resolve_train_config(const Settings& settings, const PresetReader& read_file) {
  return resolve_config<TrainConfig>(settings, read_file);
}

}  // namespace imcsim::study
