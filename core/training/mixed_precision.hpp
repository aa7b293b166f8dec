#pragma once

#include "training/bins.hpp"
#include "training/device_layers.hpp"

namespace imcsim::training {

/// Mixed-precision training (Nandakumar et al. 2020, doi:10.3389/fnins.2020.00406):
///
///     forward    z_l = W_l a_{l−1}                 in the crossbar;  a_l = f(z_l)
///     backward   δ_{l−1} = (W_lᵀ δ_l) ∘ f′         in the same crossbar, transposed
///     accumulate χ_l −= η · δ_l a_{l−1}ᵀ           digital, float32
///     transfer   |χ| ≥ ε: trunc(χ/ε) pulses        to the devices, without verification, every
///                                                  `transfer_every` batches
///     refresh    every `refresh_every` samples     pairs near the end of their range
///
/// With `momentum` m: v ← m·v + Σ δ aᵀ over a batch, then χ −= η·v. With bins, a and δ are rounded
/// before the outer product (see Bins).
class MixedPrecisionTrainer final : public Trainer {
 public:
  MixedPrecisionTrainer(network::Network network, const std::vector<Matrix<float>>& weights,
                        const TrainingConfig& config, const crossbar::CrossbarConfig& crossbar,
                        std::uint64_t seed, const Execution& execution);

  void advance_to(double t_s) override { arrays_.advance_to(t_s); }
  void update_wire_attenuation(double t_s) override { arrays_.update_wire_attenuation(t_s); }
  std::vector<StateArray> state() override;
  void rebuild_derived(double t_s) override;
  TrainingStatus training_status(double t_s) const override;

  const crossbar::Accumulator& accumulator(std::size_t l) const { return accumulators_[l]; }
  const network::CrossbarLayer& array(std::size_t l) const { return arrays_[l]; }

 private:
  void update(const Step& step) override;
  void accumulate(std::size_t l, const Step& step);

  DeviceLayers arrays_;
  std::vector<crossbar::Accumulator> accumulators_;
  std::vector<Matrix<float>> velocity_;  ///< −m·v in weight units; empty without momentum
  const crossbar::Kernels& crossbar_kernels_;
  Bins activation_bins_, error_bins_;
  crossbar::DrivenLines rounded_;
  AlignedVector<float> gradient_;
};

}  // namespace imcsim::training
