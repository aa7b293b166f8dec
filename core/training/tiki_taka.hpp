#pragma once

#include "training/device_layers.hpp"
#include "training/pulse_train.hpp"

namespace imcsim::training {

/// Two arrays for one matrix: C, plus gamma times A. Reads of A are relative to `zero`, the
/// symmetry points of its devices in weight units.
class PairedLayer final : public network::WeightLayer {
 public:
  PairedLayer(std::unique_ptr<network::CrossbarLayer> slow,
              std::unique_ptr<network::CrossbarLayer> fast, Matrix<float> zero, double gamma);

  void forward(const crossbar::DrivenLines& a, const crossbar::Read& read,
               crossbar::Scratch& scratch, float* z) const noexcept override;
  void backward(const crossbar::DrivenLines& delta, const crossbar::Read& read,
                crossbar::Scratch& scratch, float* e) const noexcept override;
  const Matrix<float>& weights() const override;

  /// Reads row `line` of A by driving it alone; `out` has padded(columns) entries.
  void read_fast(std::size_t line, const crossbar::Read& read, crossbar::DrivenLines& unit,
                 crossbar::Scratch& scratch, float* out) const noexcept;

 private:
  std::unique_ptr<network::CrossbarLayer> slow_, fast_;
  Matrix<float> zero_;
  float gamma_;
  mutable Matrix<float> sum_;  ///< of both arrays, computed on request
};

/// Tiki-Taka (Gokmen & Haensch 2020, doi:10.3389/fnins.2020.00103) and its second version with a
/// digital buffer (Gokmen 2021, doi:10.3389/frai.2021.699148):
///
///     products   W = C + γ·A
///     update     A −= η·δ·aᵀ after each sample, by stochastic pulse trains
///     transfer   every `transfer_every` samples the next row v of A is read through its crossbar;
///                first version: C += λ·v by a pulse train
///                second: H += λ·v; whole steps are subtracted from H and become pulses on C
///
/// A row here holds the weights of one input (a column in the papers: W is outputs × inputs).
class TikiTakaTrainer final : public Trainer {
 public:
  TikiTakaTrainer(network::Network network, const std::vector<Matrix<float>>& weights,
                  const TrainingConfig& config, const crossbar::CrossbarConfig& crossbar,
                  std::uint64_t seed, const Execution& execution);

  void advance_to(double t_s) override;
  void update_wire_attenuation(double t_s) override;
  TrainingStatus training_status(double t_s) const override {
    TrainingStatus all;
    slow_.add_to(all, t_s);
    return all;
  }
  std::vector<StateArray> state() override;
  void rebuild_derived(double t_s) override;

  const network::CrossbarLayer& slow(std::size_t l) const { return slow_[l]; }
  const network::CrossbarLayer& fast(std::size_t l) const { return fast_[l]; }

 private:
  void update(const Step& step) override;
  void transfer(std::size_t l, const Step& step);
  std::span<const crossbar::PulseRequest> whole_steps(std::size_t l, std::size_t line);

  DeviceLayers slow_, fast_;  ///< C and A
  std::vector<const PairedLayer*> pairs_;
  std::vector<PulseTrain> trains_, transfer_trains_;
  /// H in weight units, [rows × padded(columns)]; empty without buffer.
  std::vector<Matrix<float>> buffer_;
  Stream transfer_read_;
  crossbar::DrivenLines unit_;
  AlignedVector<float> line_;
  std::vector<crossbar::PulseRequest> requests_;
};

/// Weights of `layer` at which the weight changes of a pulse up and a pulse down cancel (the
/// symmetry points of the devices), the limit of a long series of alternating pulses; [rows ×
/// padded(columns)]. 0 if a device has no such point within its window: pairs, devices without
/// graded depression, constant steps. `config`: configuration of the layer. Source: zero-shifting,
/// arXiv:1907.10228.
Matrix<float> symmetry_points(const network::CrossbarLayer& layer,
                              const crossbar::CrossbarConfig& config);

}  // namespace imcsim::training
