#include <algorithm>

#include "network/weight_layer.hpp"

namespace imcsim::network {

ExactLayer::ExactLayer(Matrix<float> weights, std::size_t outputs, bool has_backward,
                       const Execution& execution)
    : weights_(std::move(weights)),
      transposed_(padded_matrix<float>(has_backward ? outputs : 0, weights_.shape(0) - 1)),
      outputs_(outputs),
      kernels_(crossbar::kernels(execution.isa)),
      gradient_lines_(outputs) {
  rebuild_derived();
}

void ExactLayer::forward(const crossbar::DrivenLines& a, const crossbar::Read&,
                         crossbar::Scratch& scratch, float* z) const noexcept {
  const std::size_t stride = weights_.shape(1);
  std::fill_n(z, stride, 0.0F);
  kernels_.multiply(a.line.data(), a.value.data(), a.count, weights_.data(), stride, z);
  scratch.counts.digital_mac += weights_.shape(0) * outputs_;
  scratch.counts.digital_bytes += sizeof(float) * weights_.shape(0) * outputs_;
}

void ExactLayer::backward(const crossbar::DrivenLines& delta, const crossbar::Read&,
                          crossbar::Scratch& scratch, float* e) const noexcept {
  const std::size_t stride = transposed_.shape(1);
  std::fill_n(e, stride, 0.0F);
  kernels_.multiply(delta.line.data(), delta.value.data(), delta.count, transposed_.data(), stride,
                    e);
  std::fill(e + (weights_.shape(0) - 1), e + stride, 0.0F);
  scratch.counts.digital_mac += (weights_.shape(0) - 1) * outputs_;
  scratch.counts.digital_bytes += sizeof(float) * (weights_.shape(0) - 1) * outputs_;
}

void ExactLayer::subtract(const crossbar::DrivenLines& a, std::span<const float> dense,
                          std::span<const float> gradient) {
  kernels_.subtract_outer(a.line.data(), a.value.data(), a.count, weights_.data(),
                          weights_.shape(1), gradient.data());
  if (transposed_.size() == 0) return;
  gradient_lines_.gather(gradient.first(outputs_));
  kernels_.subtract_outer(gradient_lines_.line.data(), gradient_lines_.value.data(),
                          gradient_lines_.count, transposed_.data(), transposed_.shape(1),
                          dense.data());
}

void ExactLayer::subtract_all(Matrix<float>& gradient) {
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    weights_.data()[i] += gradient.data()[i];  // accumulated with negative sign
    gradient.data()[i] = 0.0F;
  }
  rebuild_derived();
}

void ExactLayer::rebuild_derived() {
  for (std::size_t j = 0; j < transposed_.shape(0); ++j) {
    for (std::size_t i = 0; i + 1 < weights_.shape(0); ++i) transposed_(j, i) = weights_(i, j);
  }
}

}  // namespace imcsim::network
