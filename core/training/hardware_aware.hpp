#pragma once

#include <optional>

#include "training/float_trainer.hpp"

namespace imcsim::training {

/// Hardware-aware training (Joshi et al. 2020, doi:10.1038/s41467-020-16108-9): float training for
/// devices that are programmed once, after training:
///
///     forward           W + η_n·max|W_l|·N(0, 1)      (see NoisyLayer)
///     backward, update  with clean weights
///     clip              W to ±α·σ_l, σ_l: standard deviation of the layer's weights
///
/// Clipping and η_n·max|W_l| are updated every 100 samples, at the end of the batch. Evaluation
/// does not use the float network but a copy programmed into fresh devices with the method of
/// `programming`, read right after programming; each layer's largest weight is mapped to the whole
/// range of the device. All evaluations use the same devices, so that epochs are comparable.
class HardwareAwareTrainer final : public FloatTrainer {
 public:
  HardwareAwareTrainer(network::Network network, std::vector<Matrix<float>> weights,
                       const TrainingConfig& config, const crossbar::CrossbarConfig& crossbar,
                       network::OutputUnit output, std::uint64_t seed, const Execution& execution);

  const network::Network& deployed(const dataset::LabeledImages& known,
                                   OperationCounts& counts) override;
  std::vector<StateArray> state() override;

 private:
  void update(const Step& step) override;
  void clip(std::size_t l);
  void update_noise_deviation(std::size_t l);

  crossbar::CrossbarConfig crossbar_;
  network::OutputUnit output_;
  std::uint64_t seed_;
  Execution execution_;
  bool due_ = false;  ///< set within a batch; false after its end
  std::optional<NetworkOnCrossbars> deployed_;
};

}  // namespace imcsim::training
