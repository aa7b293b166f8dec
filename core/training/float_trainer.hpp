#pragma once

#include "training/noisy_layer.hpp"
#include "training/training.hpp"

namespace imcsim::training {

/// Stochastic gradient descent in float32 with the same network, initial weights and samples as the
/// device methods: W −= η · δ aᵀ after each batch, or, with `momentum` m, W −= η·v with v ← m·v + Σ
/// δ aᵀ.
class FloatTrainer : public Trainer {
 public:
  FloatTrainer(network::Network network, std::vector<Matrix<float>> weights,
               const TrainingConfig& config, std::uint64_t seed, const Execution& execution);

  void advance_to(double) override {}
  std::vector<StateArray> state() override;
  void rebuild_derived(double t_s) override;

 protected:
  void update(const Step& step) override;

  std::vector<network::ExactLayer*> layers_;  ///< owned by the network
  std::vector<NoisyLayer*> noisy_;  ///< wrappers around `layers_`, for hardware-aware training

 private:
  void descend(std::size_t l, const Step& step);
  std::span<const float> dense_input(std::size_t l, const crossbar::DrivenLines& a);

  std::vector<Matrix<float>> batch_;     ///< −η times the gradients of an unfinished batch
  std::vector<Matrix<float>> velocity_;  ///< −m·v; empty without momentum
  const crossbar::Kernels& crossbar_kernels_;
  AlignedVector<float> gradient_, dense_;
};

}  // namespace imcsim::training
