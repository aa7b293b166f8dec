#pragma once

#include "crossbar/crossbar.hpp"

namespace imcsim::network {

/// A weight matrix [(inputs + 1) × outputs] behind the two products that a network needs.
class WeightLayer {
 public:
  virtual ~WeightLayer() = default;

  /// z = Wᵀa; `z` has padded(outputs) entries, zero behind the outputs.
  virtual void forward(const crossbar::DrivenLines& a, const crossbar::Read& read,
                       crossbar::Scratch& scratch, float* z) const noexcept = 0;

  /// e = Wδ without the bias row; `e` has padded(inputs) entries, zero behind the inputs.
  virtual void backward(const crossbar::DrivenLines& delta, const crossbar::Read& read,
                        crossbar::Scratch& scratch, float* e) const noexcept = 0;

  /// Weights as a product sees them, [(inputs + 1) × padded(outputs)].
  virtual const Matrix<float>& weights() const = 0;
};

class CrossbarLayer final : public WeightLayer {
 public:
  explicit CrossbarLayer(crossbar::Crossbar array) : array_(std::move(array)) {}

  void forward(const crossbar::DrivenLines& a, const crossbar::Read& read,
               crossbar::Scratch& scratch, float* z) const noexcept override {
    array_.forward(a, read, scratch, z);
  }
  void backward(const crossbar::DrivenLines& delta, const crossbar::Read& read,
                crossbar::Scratch& scratch, float* e) const noexcept override {
    array_.backward(delta, read, scratch, e);
  }
  const Matrix<float>& weights() const override { return array_.weights(); }

  crossbar::Crossbar& array() { return array_; }
  const crossbar::Crossbar& array() const { return array_; }

 private:
  crossbar::Crossbar array_;
};

/// Float arithmetic, no converters, no noise: the reference. It walks the same lines in the same
/// order as a crossbar.
class ExactLayer final : public WeightLayer {
 public:
  /// `has_backward`: false for the first layer, whose transposed product nobody asks for.
  ExactLayer(Matrix<float> weights, std::size_t outputs, bool has_backward,
             const Execution& execution);

  void forward(const crossbar::DrivenLines& a, const crossbar::Read&, crossbar::Scratch& scratch,
               float* z) const noexcept override;
  void backward(const crossbar::DrivenLines& delta, const crossbar::Read&,
                crossbar::Scratch& scratch, float* e) const noexcept override;
  const Matrix<float>& weights() const override { return weights_; }

  /// W −= a·gᵀ: `a` sparse, `dense` the same in full, padded; `gradient` has
  /// padded(outputs) entries.
  void subtract(const crossbar::DrivenLines& a, std::span<const float> dense,
                std::span<const float> gradient);

  /// The same from a whole gradient matrix, which is then zero.
  void subtract_all(Matrix<float>& gradient);

  ArrayView state() { return array_view(weights_, outputs_); }
  void restored();

 private:
  Matrix<float> weights_;
  Matrix<float> transposed_;  ///< [outputs × padded(inputs)], or empty
  std::size_t outputs_;
  const crossbar::Kernels& kernels_;
  crossbar::DrivenLines gradient_lines_;
};

}  // namespace imcsim::network
