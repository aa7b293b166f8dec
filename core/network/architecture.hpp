#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace imcsim::network {

/// A picture of `channels` numbers a pixel, pixel by pixel, row by row; a vector is one pixel high
/// and wide.
struct Shape {
  std::size_t height = 1;
  std::size_t width = 1;
  std::size_t channels = 1;

  std::size_t size() const { return height * width * channels; }
  std::size_t pixels() const { return height * width; }
  friend bool operator==(const Shape&, const Shape&) = default;
};

enum class StageKind { dense, convolution, max_pool, average_pool };

/// One step of a network. A convolution is, at each of its output pixels, a product of the weight
/// matrix with the pixels under the kernel: row (ky·kernel + kx)·channels + c.
struct Stage {
  StageKind kind = StageKind::dense;
  Shape in, out;
  std::size_t kernel = 1;
  std::size_t stride = 1;
  std::size_t padding = 0;
  bool normalised = false;  ///< the outputs, before the activation; of stages with weights
  float dropout = 0.0F;     ///< probability with which an input is left out while learning

  bool has_weights() const { return kind == StageKind::dense || kind == StageKind::convolution; }
  /// Products a sample: output pixels of a convolution.
  std::size_t positions() const { return kind == StageKind::convolution ? out.pixels() : 1; }
  /// Inputs of a product, without the bias.
  std::size_t inputs() const {
    return kind == StageKind::convolution ? kernel * kernel * in.channels : in.size();
  }
  std::size_t outputs() const { return out.channels; }
  /// Rows of the weight matrix: the inputs and the bias, which is the last.
  std::size_t rows() const { return inputs() + 1; }
};

/// What a network is made of, from its input to its output.
struct Architecture {
  Shape input;
  std::vector<Stage> stages;

  std::size_t outputs() const { return stages.back().out.size(); }
  /// Stages with weights, in order; never empty.
  std::vector<Stage> weight_stages() const;
  std::uint64_t weight_count() const;
  /// Most products that a layer gives for one image.
  std::uint64_t most_positions() const;
  bool is_normalised() const;
};

/// A perceptron of these widths, input to output.
Architecture perceptron(std::span<const std::size_t> widths);

/// `784-250-10`: widths of a perceptron. `28x28-c16k5-p2-c32k5-p2-128-10`: an image (`28x28x3` with
/// channels), convolutions of 16 channels and kernel 5 (`c16k3p1s2`: padding 1, stride 2), max
/// pooling over 2 × 2 (`a2`: mean pooling), fully connected layers.
/// `28x28-c16k5-n-p2-128-n-d0.5-10`: `n` behind a layer with weights normalises its outputs before
/// the activation (Normalisation), not behind the last; `d0.5` drops what enters the next layer, or
/// the image where it comes first, with probability 0.5 while the network learns, and doubles what
/// stays. Throws InputError{where, …}.
Architecture parse_architecture(const std::string& text, const Where& where);

}  // namespace imcsim::network
