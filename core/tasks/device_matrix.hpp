#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "crossbar/crossbar.hpp"

namespace imcsim::tasks {

/// A `rows` × `columns` matrix given by a function a(i, j). Entries at a distance of more than
/// `band` from the diagonal are zero and never requested.
struct MatrixSource {
  static constexpr std::size_t no_band = std::numeric_limits<std::size_t>::max();

  std::size_t rows = 0;
  std::size_t columns = 0;
  std::function<double(std::size_t i, std::size_t j)> at;
  std::size_t band = no_band;
};

/// Identifies a matrix in the random draws of a run: `id`, and device numbers from `first_device`
/// on (the next matrix starts at first_device + device_count()). A matrix that replaces one with
/// the same id continues its sequence of products.
struct MatrixName {
  std::uint32_t id = 0;
  std::uint32_t first_device = 0;
  std::uint64_t first_product = 0;
};

/// Default crossbars of tasks: as CrossbarConfig, but with arrays of at most 512 × 512, converters
/// whose range is adapted to each product, and 1/f noise drawn anew in each read, as in the
/// experiments, which read devices one by one.
crossbar::CrossbarConfig task_arrays();

/// Describes the fields of `config` that affect a DeviceMatrix: devices, array, programming,
/// converters, faults.
void describe_arrays(crossbar::CrossbarConfig& config, FieldList& fields);

/// A real matrix A on differential pairs, divided into crossbars ("tiles"): rows of A are bitlines,
/// its columns wordlines. The largest |a| is mapped to the whole range of the device; K devices per
/// polarity (`devices-per-weight`) are averaged. Tiles with only zeros are omitted, and tiles are
/// trimmed to their nonzero entries, so that a band matrix needs only the devices of its band.
/// Vectors are double; they are scaled to a largest entry of 1 before conversion, and partial sums
/// of tiles are added digitally. With an ideal device and without converters (0 bits), products are
/// exact to float rounding.
/// Source of the mapping: doi:10.1038/s41928-018-0054-8.
class DeviceMatrix {
 public:
  /// Programs the matrix at t = 0. `transposed`: whether multiply_transposed is used. Throws
  /// InputError for more tiles or devices than the random streams can number.
  DeviceMatrix(const crossbar::CrossbarConfig& config, const MatrixSource& source, MatrixName name,
               std::uint64_t seed, const Execution& execution, bool transposed = false);

  /// y = A·x; x has columns() entries, y rows(). Each call draws its own noise.
  void multiply(std::span<const double> x, std::span<double> y);

  /// y = Aᵀ·x; x has rows(), y columns() entries.
  void multiply_transposed(std::span<const double> x, std::span<double> y);

  /// Updates the devices to `t_s` ≥ 0 after programming: drift, and newly drawn 1/f noise.
  void observe(double t_s);
  /// Updates the drift only.
  void advance_to(double t_s);

  /// Sets the digital factor on all further products (calibration against drift).
  void set_gain(double gain) { gain_ = gain; }
  double gain() const { return gain_; }

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  std::size_t tile_count() const { return tiles_.size(); }
  std::size_t device_count() const;
  std::uint64_t next_product() const { return products_; }  ///< number of the next product
  double scale() const { return scale_; }                   ///< largest |a|

  /// The matrix as seen by products at present, in units of A, without the gain.
  Matrix<double> seen() const;

  /// Operations of programming and all products so far.
  OperationCounts counts() const;
  const crossbar::WriteReport& writing() const { return writing_; }

 private:
  /// The crossbar of a tile: its rows are columns of A from `first_column` on, its columns are rows
  /// of A from `first_row` on.
  struct Tile {
    std::unique_ptr<crossbar::Crossbar> array;
    std::unique_ptr<crossbar::Scratch> scratch;
    std::size_t first_row = 0, first_column = 0;
    std::size_t height = 0, width = 0;  ///< in rows and columns of A
    crossbar::WriteReport writing;
  };
  struct Extent {
    std::size_t first = 0, end = 0;
  };

  Extent extent_of(const MatrixSource& source, std::size_t first_row, std::size_t height) const;
  void lay_out(const MatrixSource& source, const crossbar::TileSize& size);
  void require_names(const crossbar::ArrayConfig& array, MatrixName name) const;
  void find_scale(const MatrixSource& source);
  void program(Tile& tile, const MatrixSource& source);
  void product(std::span<const double> x, std::span<double> y, bool transposed);

  std::size_t rows_, columns_;
  Execution execution_;
  Stream noise_;
  double scale_ = 1.0;
  double gain_ = 1.0;
  std::uint64_t products_;
  std::uint64_t observations_ = 0;
  std::vector<Tile> tiles_;
  std::vector<float> driven_;
  crossbar::WriteReport writing_;
  std::uint64_t additions_ = 0;  ///< of partial sums
};

}  // namespace imcsim::tasks
