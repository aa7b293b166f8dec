#pragma once

#include "training/device_layers.hpp"
#include "training/pulse_train.hpp"

namespace imcsim::training {

/// Stochastic gradient descent in the array (Gokmen & Vlasov 2016, doi:10.3389/fnins.2016.00333):
/// W −= η·δ·aᵀ after each sample by stochastic pulse trains, without a digital accumulator. Pairs
/// are refreshed as in mixed precision.
class InSituTrainer final : public Trainer {
 public:
  InSituTrainer(network::Network network, const std::vector<Matrix<float>>& weights,
                const TrainingConfig& config, const crossbar::CrossbarConfig& crossbar,
                std::uint64_t seed, const Execution& execution);

  void advance_to(double t_s) override { arrays_.advance_to(t_s); }
  void update_wire_attenuation(double t_s) override { arrays_.update_wire_attenuation(t_s); }
  TrainingStatus training_status(double t_s) const override {
    TrainingStatus all;
    arrays_.add_to(all, t_s);
    return all;
  }
  std::vector<StateArray> state() override;
  void rebuild_derived(double t_s) override { arrays_.rebuild_derived(t_s); }

 private:
  void update(const Step& step) override;

  DeviceLayers arrays_;
  std::vector<PulseTrain> trains_;
};

/// One update of a layer by pulse trains, one position after the other.
void pulse_outer_products(network::CrossbarLayer& array, PulseTrain& train,
                          const std::vector<crossbar::DrivenLines>& input,
                          const Matrix<float>& delta, const Step& step, OperationCounts& counts);

}  // namespace imcsim::training
