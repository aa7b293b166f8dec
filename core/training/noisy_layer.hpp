#pragma once

#include <memory>

#include "network/network.hpp"

namespace imcsim::training {

/// A float layer whose weights carry noise in forward products, W + σ·N(0, 1), fresh in each. The
/// noise of a column sums to one Gaussian of variance σ²·Σx², which is what is drawn: one number an
/// output, exact in distribution. The transposed product sees clean weights.
class NoisyLayer final : public network::WeightLayer {
 public:
  NoisyLayer(std::unique_ptr<network::ExactLayer> exact, std::size_t outputs, std::uint32_t id,
             const Execution& execution)
      : exact_(std::move(exact)),
        outputs_(outputs),
        id_(id),
        kernels_(numeric::kernels(execution.isa)) {}

  void forward(const crossbar::DrivenLines& a, const crossbar::Read& read,
               crossbar::Scratch& scratch, float* z) const noexcept override;
  void backward(const crossbar::DrivenLines& delta, const crossbar::Read& read,
                crossbar::Scratch& scratch, float* e) const noexcept override {
    exact_->backward(delta, read, scratch, e);
  }
  const Matrix<float>& weights() const override { return exact_->weights(); }

  /// σ in weight units; 0: no noise.
  float& deviation() { return deviation_; }

 private:
  std::unique_ptr<network::ExactLayer> exact_;
  std::size_t outputs_;
  std::uint32_t id_;
  const numeric::Kernels& kernels_;
  float deviation_ = 0.0F;
};

}  // namespace imcsim::training
