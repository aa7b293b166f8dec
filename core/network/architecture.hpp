#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace imcsim::network {

/// An image of `channels` numbers per pixel, pixel by pixel, row by row; a vector has one pixel.
struct Shape {
  std::size_t height = 1;
  std::size_t width = 1;
  std::size_t channels = 1;

  std::size_t size() const { return height * width * channels; }
  std::size_t pixels() const { return height * width; }
  friend bool operator==(const Shape&, const Shape&) = default;
};

enum class StageKind { dense, convolution, max_pool, average_pool };

/// One step of a network. A convolution is one product per output pixel, of the weight matrix with
/// the pixels under the kernel: row (ky·kernel + kx)·channels + c.
struct Stage {
  StageKind kind = StageKind::dense;
  Shape in, out;
  std::size_t kernel = 1;
  std::size_t stride = 1;
  std::size_t padding = 0;
  bool normalized = false;  ///< outputs before the activation; only with weights
  float dropout = 0.0F;     ///< probability that an input is dropped in training

  bool has_weights() const { return kind == StageKind::dense || kind == StageKind::convolution; }
  /// Products per sample: output pixels of a convolution.
  std::size_t positions() const { return kind == StageKind::convolution ? out.pixels() : 1; }
  /// Inputs of a product, without the bias.
  std::size_t inputs() const {
    return kind == StageKind::convolution ? kernel * kernel * in.channels : in.size();
  }
  std::size_t outputs() const { return out.channels; }
  /// Rows of the weight matrix: the inputs and the bias, which is the last.
  std::size_t rows() const { return inputs() + 1; }
};

/// Stages of a network, from its input to its output.
struct Architecture {
  Shape input;
  std::vector<Stage> stages;

  std::size_t outputs() const { return stages.back().out.size(); }
  /// Stages with weights, in order; never empty.
  std::vector<Stage> weight_stages() const;
  std::uint64_t weight_count() const;
  /// Maximum number of products of a layer per image.
  std::uint64_t most_positions() const;
  bool is_normalized() const;
};

/// Perceptron with these widths, from input to output.
Architecture perceptron(std::span<const std::size_t> widths);

/// `784-250-10`: widths of a perceptron. `28x28-c16k5-p2-c32k5-p2-128-10`: an image (`28x28x3` with
/// channels), convolutions of 16 channels and kernel 5 (`c16k3p1s2`: padding 1, stride 2), max
/// pooling over 2 × 2 (`a2`: mean pooling), fully connected layers.
/// `28x28-c16k5-n-p2-128-n-d0.5-10`: `n` after a layer with weights, except the last, normalizes
/// its outputs before the activation (Normalization); `d0.5` is dropout of the inputs of the next
/// layer in training, with probability 0.5; the other inputs are doubled.
/// Throws InputError{where, …}.
Architecture parse_architecture(const std::string& text, const Where& where);

}  // namespace imcsim::network
