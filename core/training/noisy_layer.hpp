#pragma once

#include <memory>

#include "network/network.hpp"

namespace imcsim::training {

/// A float layer with weight noise in forward products, W + σ·N(0, 1), drawn anew in each product.
/// The noise of a column sums to one Gaussian of variance σ²·Σx², so one number per output is
/// drawn; this is exact in distribution. The transposed product uses weights without noise.
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
