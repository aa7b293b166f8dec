#include "tasks/device_matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "numeric/events.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::size_t usual_side = 512;

/// `auto`: 512 × 512, or about four bandwidths for a band matrix.
crossbar::TileSize tile_size(const std::string& text, std::size_t band) {
  if (text != "auto") return crossbar::parse_tile(text, "tile");
  if (band == MatrixSource::no_band) return {usual_side, usual_side};
  const std::size_t side = std::clamp<std::size_t>(4 * band, 16, usual_side);
  return {usual_side, side};
}

std::size_t limited(std::size_t limit, std::size_t size) {
  return limit == 0 ? size : std::min(limit, size);
}

double largest_of(std::span<const double> x) {
  double most = 0.0;
  for (const double value : x) most = std::max(most, std::fabs(value));
  return most;
}

void describe_tile(crossbar::CrossbarConfig& config, FieldList& fields) {
  fields.group("Array");
  fields.field("tile", config.array.tile, "ROWSxCOLS|auto|none",
               "Maximum crossbar size (auto: 512x512, or four bands wide)");
}

}  // namespace

crossbar::CrossbarConfig task_arrays() {
  crossbar::CrossbarConfig config;
  config.array.tile = "auto";
  config.array.slow_noise = crossbar::SlowNoise::each_read;
  config.converters.adc_range = crossbar::OutputRange::largest;
  return config;
}

void describe_arrays(crossbar::CrossbarConfig& config, FieldList& fields) {
  // Fields used only by training, or determined by the mapped matrix.
  static constexpr std::array<std::string_view, 11> idle = {
      "conductance-per-weight-us", "arbitration",       "potentiation-every",
      "depression-every",          "refresh-every",     "refresh-above-us",
      "refresh-difference-us",     "refresh-remainder", "dac-full-scale",
      "adc-range-quantile",        "input-scale"};
  FieldList all;
  crossbar::describe(config, all);
  for (const Field& field : all.all()) {
    if (field.text.key == "tile") {
      describe_tile(config, fields);
    } else if (std::find(idle.begin(), idle.end(), field.text.key) == idle.end()) {
      fields.add(field);
    }
  }
}

DeviceMatrix::DeviceMatrix(const crossbar::CrossbarConfig& config, const MatrixSource& source,
                           MatrixName name, std::uint64_t seed, const Execution& execution,
                           bool transposed)
    : rows_(source.rows),
      columns_(source.columns),
      execution_(execution),
      noise_(seed, Purpose::task_read),
      products_(name.first_product) {
  crossbar::CrossbarConfig own = config;
  own.converters.dac_full_scale = 1.0;
  own.converters.input_scale = crossbar::InputScale::fixed;
  const std::shared_ptr<const device::DeviceModel> model =
      device::make_model(own.device, own.pulse_us);
  own.array.conductance_per_weight_us = crossbar::weight_range_us(*model, own.array.synapse);

  find_scale(source);
  lay_out(source, tile_size(own.array.tile, source.band));
  require_names(own.array, name);
  std::uint32_t first_device = name.first_device;
  for (std::size_t k = 0; k < tiles_.size(); ++k) {
    Tile& tile = tiles_[k];
    tile.array = std::make_unique<crossbar::Crossbar>(
        own, model, tile.width, tile.height, transposed ? tile.width : 0,
        entities::matrix_array(name.id, k), first_device, seed, execution);
    first_device += static_cast<std::uint32_t>(tile.array->device_count());
    tile.scratch = std::make_unique<crossbar::Scratch>(std::max(tile.width, tile.height));
  }
  parallel_for(execution.threads, tiles_.size(),
               [&](std::size_t k) { program(tiles_[k], source); });
  for (Tile& tile : tiles_) {
    writing_.devices += tile.writing.devices;
    writing_.converged += tile.writing.converged;
    writing_.pulses += tile.writing.pulses;
  }
  driven_.resize(std::max(rows_, columns_));
}

void DeviceMatrix::find_scale(const MatrixSource& source) {
  std::vector<double> largest(rows_, 0.0);
  parallel_for(execution_.threads, rows_, [&](std::size_t i) {
    const bool whole = source.band == MatrixSource::no_band;
    const std::size_t first = whole || i < source.band ? 0 : i - source.band;
    const std::size_t end = whole ? columns_ : std::min(columns_, i + source.band + 1);
    for (std::size_t j = first; j < end; ++j) {
      largest[i] = std::max(largest[i], std::fabs(source.at(i, j)));
    }
  });
  scale_ = largest_of(largest);
  if (scale_ == 0.0) scale_ = 1.0;
}

/// Range of columns of A with nonzero entries in these rows.
DeviceMatrix::Extent DeviceMatrix::extent_of(const MatrixSource& source, std::size_t first_row,
                                             std::size_t height) const {
  Extent extent{columns_, 0};
  for (std::size_t i = first_row; i < first_row + height; ++i) {
    const bool whole = source.band == MatrixSource::no_band;
    std::size_t first = whole || i < source.band ? 0 : i - source.band;
    std::size_t end = whole ? columns_ : std::min(columns_, i + source.band + 1);
    while (first < std::min(end, extent.first) && source.at(i, first) == 0.0) ++first;
    while (end > std::max(first, extent.end) && source.at(i, end - 1) == 0.0) --end;
    if (first >= end) continue;
    extent.first = std::min(extent.first, first);
    extent.end = std::max(extent.end, end);
  }
  return extent;
}

void DeviceMatrix::lay_out(const MatrixSource& source, const crossbar::TileSize& size) {
  const std::size_t most_height = limited(size.columns, rows_);
  const std::size_t most_width = limited(size.rows, columns_);
  for (std::size_t row = 0; row < rows_; row += most_height) {
    const std::size_t height = std::min(most_height, rows_ - row);
    const Extent extent = extent_of(source, row, height);
    for (std::size_t column = extent.first; column < extent.end; column += most_width) {
      Tile tile;
      tile.first_row = row;
      tile.first_column = column;
      tile.height = height;
      tile.width = std::min(most_width, extent.end - column);
      tiles_.push_back(std::move(tile));
    }
  }
}

/// Checks the limits before memory for the devices is allocated.
void DeviceMatrix::require_names(const crossbar::ArrayConfig& array, MatrixName name) const {
  if (!entities::matrix_tiles.holds_all(tiles_.size())) {
    throw InputError(
        "tile",
        fmt::format("splits a matrix of {} x {} into {} arrays", rows_, columns_, tiles_.size()),
        fmt::format("at most {}: use larger tiles", entities::matrix_tiles.count));
  }
  std::uint64_t devices = 0;
  for (const Tile& tile : tiles_) {
    devices += crossbar::devices_of_matrix(array, tile.width, tile.height);
  }
  crossbar::require_devices(name.first_device, devices);
}

void DeviceMatrix::program(Tile& tile, const MatrixSource& source) {
  Matrix<float> weights = padded_matrix<float>(tile.width, tile.height);
  for (std::size_t i = 0; i < tile.height; ++i) {
    const std::size_t row = tile.first_row + i;
    for (std::size_t j = 0; j < tile.width; ++j) {
      const std::size_t column = tile.first_column + j;
      const std::size_t off = row > column ? row - column : column - row;
      if (off > source.band) continue;
      weights(j, i) = static_cast<float>(source.at(row, column) / scale_);
    }
  }
  tile.writing = tile.array->program_devices(weights, 0.0, tile.scratch->counts);
}

void DeviceMatrix::multiply(std::span<const double> x, std::span<double> y) {
  product(x, y, false);
}

void DeviceMatrix::multiply_transposed(std::span<const double> x, std::span<double> y) {
  product(x, y, true);
}

void DeviceMatrix::product(std::span<const double> x, std::span<double> y, bool transposed) {
  std::fill(y.begin(), y.end(), 0.0);
  const double input_scale = largest_of(x);
  if (input_scale == 0.0) return;
  for (std::size_t i = 0; i < x.size(); ++i) driven_[i] = static_cast<float>(x[i] / input_scale);
  const crossbar::Read read{noise_, events::task_products(products_++)};
  parallel_for(execution_.threads, tiles_.size(), [&](std::size_t k) {
    Tile& tile = tiles_[k];
    crossbar::Scratch& scratch = *tile.scratch;
    const std::size_t first = transposed ? tile.first_row : tile.first_column;
    scratch.tile_input.gather({driven_.data() + first, transposed ? tile.height : tile.width});
    if (transposed) {
      tile.array->backward(scratch.tile_input, read, scratch, scratch.tile_output.data());
    } else {
      tile.array->forward(scratch.tile_input, read, scratch, scratch.tile_output.data());
    }
  });
  std::vector<std::uint8_t> begun(y.size(), 0);
  for (Tile& tile : tiles_) {
    const std::size_t first = transposed ? tile.first_column : tile.first_row;
    const std::size_t count = transposed ? tile.width : tile.height;
    for (std::size_t i = 0; i < count; ++i) {
      y[first + i] += static_cast<double>(tile.scratch->tile_output[i]);
      additions_ += begun[first + i];
      begun[first + i] = 1;
    }
  }
  const double factor = scale_ * input_scale * gain_;
  for (double& value : y) value *= factor;
}

void DeviceMatrix::observe(double t_s) {
  ++observations_;
  parallel_for(execution_.threads, tiles_.size(),
               [&](std::size_t k) { tiles_[k].array->observe(t_s, observations_); });
}

void DeviceMatrix::advance_to(double t_s) {
  parallel_for(execution_.threads, tiles_.size(),
               [&](std::size_t k) { tiles_[k].array->advance_to(t_s); });
}

OperationCounts DeviceMatrix::counts() const {
  OperationCounts counts;
  counts.digital_mac = additions_;
  for (const Tile& tile : tiles_) counts += tile.scratch->counts;
  return counts;
}

std::size_t DeviceMatrix::device_count() const {
  std::size_t count = 0;
  for (const Tile& tile : tiles_) count += tile.array->device_count();
  return count;
}

Matrix<double> DeviceMatrix::seen() const {
  Matrix<double> matrix({rows_, columns_}, 0.0);
  for (const Tile& tile : tiles_) {
    const Matrix<float>& weights = tile.array->weights();
    for (std::size_t j = 0; j < tile.width; ++j) {
      for (std::size_t i = 0; i < tile.height; ++i) {
        matrix(tile.first_row + i, tile.first_column + j) =
            scale_ * static_cast<double>(weights(j, i));
      }
    }
  }
  return matrix;
}

}  // namespace imcsim::tasks
