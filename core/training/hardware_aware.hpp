#pragma once

#include <optional>

#include "training/float_trainer.hpp"

namespace imcsim::training {

/// Hardware-aware training (Joshi et al. 2020, doi:10.1038/s41467-020-16108-9): in float, for
/// devices that are programmed once, afterwards:
///
///     forward           W + η_n·max|W_l|·N(0, 1)      (see NoisyLayer)
///     backward, update  with clean weights
///     clip              W to ±α·σ_l, σ_l the deviation of the layer's weights
///
/// Clipping and η_n·max|W_l| are brought up to date at the end of each batch in which a hundredth
/// sample lies. What is evaluated is never the float network but one programmed with its weights,
/// as `programming` says, into devices that nothing was written to before, each layer's largest
/// weight standing for the whole range of the device, right after programming: the same devices at
/// each evaluation, so that epochs compare.
class HardwareAwareTrainer final : public FloatTrainer {
 public:
  HardwareAwareTrainer(network::Network network, std::vector<Matrix<float>> weights,
                       const TrainingConfig& config, const crossbar::CrossbarConfig& crossbar,
                       network::OutputUnit output, std::uint64_t seed, const Execution& execution);

  const network::Network& deployed(const dataset::LabelledImages& known,
                                   OperationCounts& counts) override;
  std::vector<StateArray> state() override;

 private:
  void update(const Step& step) override;
  void clip(std::size_t l);
  void measure(std::size_t l);

  crossbar::CrossbarConfig crossbar_;
  network::OutputUnit output_;
  std::uint64_t seed_;
  Execution execution_;
  bool due_ = false;  ///< within a batch; false at its end
  std::optional<NetworkOnCrossbars> deployed_;
};

}  // namespace imcsim::training
