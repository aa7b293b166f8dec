#pragma once

#include "crossbar/crossbar.hpp"
#include "network/normalisation.hpp"

namespace imcsim::network {

/// A weight matrix [rows × outputs] behind the two products that a network needs; its last row is
/// the bias.
class WeightLayer {
 public:
  virtual ~WeightLayer() = default;

  /// z = Wᵀa; `z` has padded(outputs) entries, zero behind the outputs.
  virtual void forward(const crossbar::DrivenLines& a, const crossbar::Read& read,
                       crossbar::Scratch& scratch, float* z) const noexcept = 0;

  /// e = Wδ without the bias row; `e` has padded(rows − 1) entries, zero behind the inputs.
  virtual void backward(const crossbar::DrivenLines& delta, const crossbar::Read& read,
                        crossbar::Scratch& scratch, float* e) const noexcept = 0;

  /// Weights as a product sees them, [rows × padded(outputs)].
  virtual const Matrix<float>& weights() const = 0;
};

/// A weight matrix on crossbars: one, or tiles whose partial sums are added digitally. Names of
/// random draws and of state are those of one crossbar where it is one.
class CrossbarLayer final : public WeightLayer {
 public:
  /// `id`: number of the layer. `has_backward`: false for the first layer, whose transposed product
  /// nobody asks for. Devices are numbered from `first_device` on. Throws InputError where there
  /// are more layers, tiles or devices than have names for their random draws (numeric/events.hpp).
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

  /// Digital factor on each output of the forward product (compensation of drift); empty: none.
  void set_gain(std::vector<float> gain) { gain_ = std::move(gain); }
  float gain(std::size_t column) const { return gain_.empty() ? 1.0F : gain_[column]; }

  /// Digital scale and offset of each output, behind the gain: a normalisation, folded.
  void set_affine(Affine affine) { affine_ = std::move(affine); }

  /// As `forward`, before gain, scale and offset, and without clipping (Crossbar::measure).
  void measure(const crossbar::DrivenLines& a, const crossbar::Read& read,
               crossbar::Scratch& scratch, float* z) const noexcept;

  /// As `forward`, before the output converters, gain, scale and offset: the sum over tiles of
  /// the currents that arrive there.
  void currents(const crossbar::DrivenLines& a, const crossbar::Read& read,
                crossbar::Scratch& scratch, float* z) const noexcept;

  /// One device of the matrix; `site` counts rows and columns of the whole matrix.
  crossbar::DeviceReading read_device(const crossbar::DeviceSite& site, double t_s);
  void intervene(const crossbar::DeviceSite& site, crossbar::Intervention what, double t_s,
                 OperationCounts& counts);

  /// As the members of Crossbar of these names, over all tiles.
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

  /// The tiles, row by row of tiles, and the place of each in the matrix.
  struct Tile {
    crossbar::Crossbar array;
    std::size_t first_row, first_column;
  };
  const std::vector<Tile>& tiles() const { return tiles_; }

 private:
  /// A tile's product: Crossbar::forward or Crossbar::measure.
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
  mutable Matrix<float> assembled_;  ///< of several tiles, made when asked for
};

/// Conductance per weight [µS] with which the largest of `weights` takes the whole range of the
/// device.
double whole_range_per_weight_us(const device::DeviceModel& model, crossbar::Synapse synapse,
                                 const Matrix<float>& weights);

/// Float arithmetic, no converters, no noise: the reference. It walks the same lines in the same
/// order as a crossbar.
class ExactLayer final : public WeightLayer {
 public:
  /// `has_backward`: false for the first layer, whose transposed product is not needed.
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

  /// The transposed product needs `dense`.
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
