#pragma once

#include "crossbar/crossbar.hpp"
#include "network/normalization.hpp"

namespace imcsim::network {

/// Weight matrix [rows × outputs] with its forward and backward products; the last row is the bias.
class WeightLayer {
 public:
  virtual ~WeightLayer() = default;

  /// z = Wᵀa; `z` has padded(outputs) entries, with zeros in the padding.
  virtual void forward(const crossbar::DrivenLines& a, const crossbar::Read& read,
                       crossbar::Scratch& scratch, float* z) const noexcept = 0;

  /// e = Wδ without the bias row; `e` has padded(rows − 1) entries, with zeros in the padding.
  virtual void backward(const crossbar::DrivenLines& delta, const crossbar::Read& read,
                        crossbar::Scratch& scratch, float* e) const noexcept = 0;

  /// Weights used by products, [rows × padded(outputs)].
  virtual const Matrix<float>& weights() const = 0;
};

/// Weight matrix on one crossbar, or on tiles whose partial sums are added digitally. With one
/// crossbar, names of random draws and state are those of the crossbar.
class CrossbarLayer final : public WeightLayer {
 public:
  /// `id`: number of the layer. `has_backward`: false for the first layer, which needs no backward
  /// product. Devices are numbered from `first_device` on. Throws InputError for more layers, tiles
  /// or devices than random draws have names for (numeric/events.hpp).
  CrossbarLayer(const crossbar::CrossbarConfig& config,
                const std::shared_ptr<const device::DeviceModel>& model, std::size_t rows,
                std::size_t columns, bool has_backward, const crossbar::TileSize& tile,
                std::uint32_t id, std::uint32_t first_device, std::uint64_t seed,
                const Execution& execution);

  void forward(const crossbar::DrivenLines& a, const crossbar::Read& read,
               crossbar::Scratch& scratch, float* z) const noexcept override;
  void backward(const crossbar::DrivenLines& delta, const crossbar::Read& read,
                crossbar::Scratch& scratch, float* e) const noexcept override;
  const Matrix<float>& weights() const override;

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  std::size_t device_count() const;

  /// Digital factor of each output of the forward product (drift compensation); empty: none.
  void set_gain(std::vector<float> gain) { gain_ = std::move(gain); }
  float gain(std::size_t column) const { return gain_.empty() ? 1.0F : gain_[column]; }

  /// Digital scale and offset of each output, applied after the gain (folded normalization).
  void set_affine(Affine affine) { affine_ = std::move(affine); }

  /// As `forward`, without gain, scale, offset and saturation (Crossbar::measure).
  void measure(const crossbar::DrivenLines& a, const crossbar::Read& read,
               crossbar::Scratch& scratch, float* z) const noexcept;

  /// As `forward`, without output converters, gain, scale and offset: sum of the currents of the
  /// tiles (Crossbar::currents).
  void currents(const crossbar::DrivenLines& a, const crossbar::Read& read,
                crossbar::Scratch& scratch, float* z) const noexcept;

  /// Single devices; `site` contains row and column in the whole matrix.
  crossbar::DeviceReading read_device(const crossbar::DeviceSite& site, double t_s);
  void intervene(const crossbar::DeviceSite& site, crossbar::Intervention what, double t_s,
                 OperationCounts& counts);

  /// As the members of Crossbar with these names, for all tiles.
  void set_exact(const Matrix<float>& weights);
  void reset_and_set(const Matrix<float>& weights, double t_s, OperationCounts& counts);
  crossbar::WriteReport program_devices(const Matrix<float>& weights, double t_s,
                                        OperationCounts& counts);
  void pulse(std::span<const crossbar::PulseRequest> requests, double t_s, OperationCounts& counts);
  std::span<const crossbar::WeightChange> refresh_pairs(double t_s, OperationCounts& counts);
  void advance_to(double t_s);
  void observe(double t_s, std::uint64_t observation);
  void update_wire_attenuation(double t_s);
  void calibrate(std::span<const crossbar::DrivenLines> inputs, const crossbar::Read& read,
                 crossbar::Scratch& scratch);
  std::vector<StateArray> state(const std::string& prefix);
  void rebuild_derived(double t_s);

  /// Tiles, row by row, with their positions in the matrix.
  struct Tile {
    crossbar::Crossbar array;
    std::size_t first_row, first_column;
  };
  const std::vector<Tile>& tiles() const { return tiles_; }

 private:
  /// Product of a tile: Crossbar::forward, measure or currents.
  using TileProduct = void (crossbar::Crossbar::*)(const crossbar::DrivenLines&,
                                                   const crossbar::Read&, crossbar::Scratch&,
                                                   float*) const noexcept;
  void raw_product(TileProduct product, const crossbar::DrivenLines& a, const crossbar::Read& read,
                   crossbar::Scratch& scratch, float* z) const noexcept;
  Matrix<float> part_of(const Matrix<float>& weights, const Tile& tile) const;
  Tile& tile_of(std::size_t row, std::size_t column);
  Tile& tile_of_device(crossbar::DeviceSite& site);

  std::size_t rows_, columns_;
  std::size_t backward_rows_;
  std::size_t tile_rows_, tile_columns_;
  std::vector<Tile> tiles_;
  std::vector<float> gain_;
  Affine affine_;                                              ///< empty: none
  std::vector<std::vector<crossbar::PulseRequest>> requests_;  ///< of each tile
  std::vector<crossbar::WeightChange> changes_;
  mutable Matrix<float> assembled_;  ///< weights of several tiles, assembled on demand
};

/// Conductance per weight [µS] for which the largest of `weights` uses the whole range of the
/// device.
double whole_range_per_weight_us(const device::DeviceModel& model, crossbar::Synapse synapse,
                                 const Matrix<float>& weights);

/// Reference in float arithmetic, without converters and noise. The order of summation is that of a
/// crossbar.
class ExactLayer final : public WeightLayer {
 public:
  /// `has_backward`: false for the first layer, which needs no backward product.
  ExactLayer(Matrix<float> weights, std::size_t outputs, bool has_backward,
             const Execution& execution);

  void forward(const crossbar::DrivenLines& a, const crossbar::Read&, crossbar::Scratch& scratch,
               float* z) const noexcept override;
  void backward(const crossbar::DrivenLines& delta, const crossbar::Read&,
                crossbar::Scratch& scratch, float* e) const noexcept override;
  const Matrix<float>& weights() const override { return weights_; }

  /// W −= a·gᵀ: `a` sparse, `dense` the same vector with its zeros, padded; `gradient` has
  /// padded(outputs) entries.
  void subtract(const crossbar::DrivenLines& a, std::span<const float> dense,
                std::span<const float> gradient);

  /// Subtracts a gradient matrix and sets it to zero. The matrix contains the negative gradient.
  void subtract_all(Matrix<float>& gradient);

  /// Whether the layer has a backward product; `subtract` then needs `dense`.
  bool has_backward() const { return transposed_.size() > 0; }

  ArrayView state() { return array_view(weights_, outputs_); }
  void rebuild_derived();

 private:
  Matrix<float> weights_;
  Matrix<float> transposed_;  ///< [outputs × padded(inputs)], or empty
  std::size_t outputs_;
  const crossbar::Kernels& kernels_;
  crossbar::DrivenLines gradient_lines_;
};

}  // namespace imcsim::network
