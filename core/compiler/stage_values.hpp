#pragma once

#include <string>
#include <vector>

#include "compiler/partition.hpp"
#include "fabric/pipeline.hpp"

namespace imcsim::compiler {

/// Contents of a core's memory for one value: the pixels written last, in a ring buffer of the
/// program's size; or the sums over the pixels of two samples; or an input of the network, always
/// complete. Every pixel is tagged with its sample and position to detect missing, repeated,
/// overwritten and stale pixels.
class ObjectMemory {
 public:
  ObjectMemory(const fabric::PipelineObject& object, const PixelGrid& grid);

  /// Clears the memory; `fill` provides the inputs of the network.
  void begin(const network::FillInput* fill, const network::Value& value);

  /// Writes the next pixel, `grid.channels` values. Throws RunError if the pixel is out of order.
  void write(std::uint64_t sample, std::size_t pixel, const float* values);
  /// Throws RunError if the pixel is not in memory.
  const float* read(std::uint64_t sample, std::size_t pixel);
  /// Sum over all pixels of a sample, for an accumulating memory.
  const float* sum(std::uint64_t sample) const;

 private:
  void load(std::uint64_t sample);
  [[noreturn]] void fail(const char* what, std::uint64_t sample, std::size_t pixel) const;

  const fabric::PipelineObject& object_;
  PixelGrid grid_;
  std::size_t slots_;
  std::vector<float> pixels_;  ///< [slots × channels]
  /// Of each slot: 1 + position in the sequence of all samples; 0: empty.
  std::vector<std::uint64_t> tag_;
  std::uint64_t written_ = 0;
  const network::FillInput* fill_ = nullptr;
  network::Tensor input_;
};

/// Computes the nodes of one stage pixel by pixel from the contents of its memory. Sums have the
/// same order as a pass through the whole graph, so that the results are bit-identical.
class StageValues {
 public:
  /// Throws InputError{where, …} for values that are not floats.
  StageValues(const network::GraphNetwork& network, const Stage& stage,
              const std::vector<fabric::PipelineObject>& objects, const std::string& where);

  std::vector<ObjectMemory>& memory() { return memory_; }
  void begin(const network::FillInput& fill);

  /// Selects pixel `iteration` for `output`; product p of a matrix with P products per sample uses
  /// the event (read.event + sample)·P + p.
  void run(std::uint64_t sample, std::size_t iteration, const crossbar::Read& read,
           network::GraphWorkspace& work);
  const float* output(std::size_t k);

 private:
  enum class Kind {
    copied,
    unary,
    arithmetic,
    affine,
    joined,
    moved,
    convolution,
    pool,
    summed,
    pixel,  ///< any operation on the channels of a pixel
    whole   ///< operations across pixels: the whole sample at once
  };
  enum class From { nothing, object, node, constant };

  struct Source {
    From from = From::nothing;
    std::size_t index = 0;  ///< object or node
    PixelGrid grid;
    const network::Tensor* constant = nullptr;
    std::vector<float> pixels;  ///< of a constant with several pixels, [pixels × channels]
  };

  struct LocalNode {
    std::size_t node = 0;
    Kind kind = Kind::whole;
    PixelGrid grid;
    std::vector<Source> sources;
    network::Node local;
    network::ChannelAffine affine;
    std::vector<network::Tensor> inputs;  ///< of `local`
    network::Tensor result;
    std::vector<float> out;  ///< channels of one pixel, or of all pixels
    std::uint64_t sample = ~std::uint64_t{0};
    std::size_t y = 0, x = 0;
  };

  Source source_of(std::size_t value, const network::Dimensions* aligned) const;
  void prepare(LocalNode& node) const;
  Kind kind_of(const LocalNode& node) const;
  Kind arithmetic_kind(const LocalNode& node, const network::Arithmetic& arithmetic) const;

  const float* pixel(Source& source, std::size_t y, std::size_t x);
  const float* evaluate(std::size_t n, std::size_t y, std::size_t x);
  void compute(LocalNode& node, std::size_t y, std::size_t x);
  void combine(LocalNode& node, std::size_t y, std::size_t x);
  void convolve(LocalNode& node, std::size_t y, std::size_t x);
  void gather(LocalNode& node, std::size_t group, std::size_t channels, std::size_t y,
              std::size_t x);
  void pool(LocalNode& node, std::size_t y, std::size_t x);
  void move(LocalNode& node, std::size_t y, std::size_t x);
  void run_pixel(LocalNode& node, std::size_t y, std::size_t x);
  void run_whole(LocalNode& node);
  network::Multiply multiply_of(std::size_t node);

  const network::GraphNetwork& network_;
  const network::Graph& graph_;
  const Stage& stage_;
  std::vector<ObjectMemory> memory_;
  std::vector<LocalNode> nodes_;
  std::vector<std::size_t> outputs_;  ///< node numbers
  std::uint64_t sample_ = 0;
  crossbar::Read read_{Stream(0, Purpose::evaluation_read)};
  network::GraphWorkspace* work_ = nullptr;
  std::size_t y_ = 0, x_ = 0;
};

}  // namespace imcsim::compiler
