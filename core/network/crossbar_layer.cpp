#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "network/weight_layer.hpp"
#include "numeric/events.hpp"

namespace imcsim::network {
namespace {

std::size_t limited(std::size_t limit, std::size_t size) {
  return limit == 0 ? size : std::min(limit, size);
}

std::size_t parts_of(std::size_t size, std::size_t part) { return (size + part - 1) / part; }

/// Refuses a matrix if random draws of its devices or tiles have no names.
void require_names(const crossbar::ArrayConfig& config, std::size_t rows, std::size_t columns,
                   std::size_t tiles, std::uint32_t id, std::uint32_t first_device) {
  if (!entities::layers.holds(id)) {
    throw InputError(at_field("network"), fmt::format("has weight matrix {} on devices", id + 1),
                     fmt::format("at most {}", entities::layers.count));
  }
  if (!entities::layer_tiles.holds_all(tiles)) {
    throw InputError(at_field("tile"),
                     fmt::format("splits a matrix of {} x {} into {} arrays", rows, columns, tiles),
                     fmt::format("at most {}: use larger tiles", entities::layer_tiles.count));
  }
  crossbar::require_devices(first_device, crossbar::devices_of_matrix(config, rows, columns));
}

/// Copies the lines `first` … `first + count − 1` of `all`, renumbered from 0.
void take_lines(const crossbar::DrivenLines& all, std::size_t first, std::size_t count,
                crossbar::DrivenLines& part) {
  part.count = 0;
  for (std::size_t l = 0; l < all.count; ++l) {
    const std::size_t line = all.line[l];
    part.push(line - first, all.value[l], line >= first && line < first + count);
  }
  part.fill_up();
}

}  // namespace

double whole_range_per_weight_us(const device::DeviceModel& model, crossbar::Synapse synapse,
                                 const Matrix<float>& weights) {
  float largest = 1e-6F;
  for (const float weight : weights) largest = std::max(largest, std::fabs(weight));
  return crossbar::weight_range_us(model, synapse) / static_cast<double>(largest);
}

CrossbarLayer::CrossbarLayer(const crossbar::CrossbarConfig& config,
                             const std::shared_ptr<const device::DeviceModel>& model,
                             std::size_t rows, std::size_t columns, bool has_backward,
                             const crossbar::TileSize& tile, std::uint32_t id,
                             std::uint32_t first_device, std::uint64_t seed,
                             const Execution& execution)
    : rows_(rows),
      columns_(columns),
      backward_rows_(has_backward ? rows - 1 : 0),
      tile_rows_(limited(tile.rows, rows)),
      tile_columns_(limited(tile.columns, columns)) {
  require_names(config.array, rows, columns,
                parts_of(rows, tile_rows_) * parts_of(columns, tile_columns_), id, first_device);
  for (std::size_t row = 0; row < rows; row += tile_rows_) {
    for (std::size_t column = 0; column < columns; column += tile_columns_) {
      const std::size_t height = std::min(tile_rows_, rows - row);
      const std::size_t width = std::min(tile_columns_, columns - column);
      const std::size_t backward =
          backward_rows_ > row ? std::min(height, backward_rows_ - row) : 0;
      tiles_.push_back({crossbar::Crossbar(config, model, height, width, backward,
                                           entities::layer_array(id, tiles_.size()), first_device,
                                           seed, execution),
                        row, column});
      first_device += static_cast<std::uint32_t>(tiles_.back().array.device_count());
    }
  }
  requests_.resize(tiles_.size());
}

std::size_t CrossbarLayer::device_count() const {
  std::size_t count = 0;
  for (const Tile& tile : tiles_) count += tile.array.device_count();
  return count;
}

void CrossbarLayer::forward(const crossbar::DrivenLines& a, const crossbar::Read& read,
                            crossbar::Scratch& scratch, float* z) const noexcept {
  raw_product(&crossbar::Crossbar::forward, a, read, scratch, z);
  for (std::size_t j = 0; j < gain_.size(); ++j) z[j] *= gain_[j];
  for (std::size_t j = 0; j < affine_.scale.size(); ++j) {
    z[j] = z[j] * affine_.scale[j] + affine_.offset[j];
  }
  if (!affine_.scale.empty()) scratch.counts.digital_mac += columns_;
}

void CrossbarLayer::measure(const crossbar::DrivenLines& a, const crossbar::Read& read,
                            crossbar::Scratch& scratch, float* z) const noexcept {
  raw_product(&crossbar::Crossbar::measure, a, read, scratch, z);
}

void CrossbarLayer::currents(const crossbar::DrivenLines& a, const crossbar::Read& read,
                             crossbar::Scratch& scratch, float* z) const noexcept {
  raw_product(&crossbar::Crossbar::currents, a, read, scratch, z);
}

/// Tile of a device; converts `site` to the position in the tile.
CrossbarLayer::Tile& CrossbarLayer::tile_of_device(crossbar::DeviceSite& site) {
  if (site.row >= rows_ || site.column >= columns_) {
    throw InputError("device", "no device at this position",
                     fmt::format("a row below {}, a column below {}", rows_, columns_));
  }
  Tile& tile = tile_of(site.row, site.column);
  site.row -= tile.first_row;
  site.column -= tile.first_column;
  return tile;
}

crossbar::DeviceReading CrossbarLayer::read_device(const crossbar::DeviceSite& site, double t_s) {
  crossbar::DeviceSite local = site;
  return tile_of_device(local).array.read_device(local, t_s);
}

void CrossbarLayer::intervene(const crossbar::DeviceSite& site, crossbar::Intervention what,
                              double t_s, OperationCounts& counts) {
  crossbar::DeviceSite local = site;
  Tile& tile = tile_of_device(local);
  tile.array.intervene(local, what, t_s, counts);
}

void CrossbarLayer::raw_product(TileProduct product, const crossbar::DrivenLines& a,
                                const crossbar::Read& read, crossbar::Scratch& scratch,
                                float* z) const noexcept {
  if (tiles_.size() == 1) return (tiles_[0].array.*product)(a, read, scratch, z);
  std::fill_n(z, padded(columns_), 0.0F);
  for (const Tile& tile : tiles_) {
    if (tile.first_column == 0) {
      take_lines(a, tile.first_row, tile.array.rows(), scratch.tile_input);
    }
    (tile.array.*product)(scratch.tile_input, read, scratch, scratch.tile_output.data());
    for (std::size_t j = 0; j < tile.array.columns(); ++j) {
      z[tile.first_column + j] += scratch.tile_output[j];
    }
    if (tile.first_row > 0) scratch.counts.digital_mac += tile.array.columns();
  }
}

void CrossbarLayer::backward(const crossbar::DrivenLines& delta, const crossbar::Read& read,
                             crossbar::Scratch& scratch, float* e) const noexcept {
  if (tiles_.size() == 1) return tiles_[0].array.backward(delta, read, scratch, e);
  std::fill_n(e, padded(backward_rows_), 0.0F);
  for (const Tile& tile : tiles_) {
    if (tile.array.backward_rows() == 0) continue;
    take_lines(delta, tile.first_column, tile.array.columns(), scratch.tile_input);
    tile.array.backward(scratch.tile_input, read, scratch, scratch.tile_output.data());
    for (std::size_t i = 0; i < tile.array.backward_rows(); ++i) {
      e[tile.first_row + i] += scratch.tile_output[i];
    }
    if (tile.first_column > 0) scratch.counts.digital_mac += tile.array.backward_rows();
  }
}

const Matrix<float>& CrossbarLayer::weights() const {
  if (tiles_.size() == 1) return tiles_[0].array.weights();
  assembled_ = padded_matrix<float>(rows_, columns_);
  for (const Tile& tile : tiles_) {
    for (std::size_t i = 0; i < tile.array.rows(); ++i) {
      const float* from = tile.array.weights().data() + i * padded(tile.array.columns());
      std::copy_n(from, tile.array.columns(), &assembled_(tile.first_row + i, tile.first_column));
    }
  }
  return assembled_;
}

Matrix<float> CrossbarLayer::part_of(const Matrix<float>& weights, const Tile& tile) const {
  Matrix<float> part = padded_matrix<float>(tile.array.rows(), tile.array.columns());
  for (std::size_t i = 0; i < tile.array.rows(); ++i) {
    for (std::size_t j = 0; j < tile.array.columns(); ++j) {
      part(i, j) = weights(tile.first_row + i, tile.first_column + j);
    }
  }
  return part;
}

void CrossbarLayer::set_exact(const Matrix<float>& weights) {
  for (Tile& tile : tiles_) tile.array.set_exact(part_of(weights, tile));
}

void CrossbarLayer::reset_and_set(const Matrix<float>& weights, double t_s,
                                  OperationCounts& counts) {
  for (Tile& tile : tiles_) tile.array.reset_and_set(part_of(weights, tile), t_s, counts);
}

crossbar::WriteReport CrossbarLayer::program_devices(const Matrix<float>& weights, double t_s,
                                                     OperationCounts& counts) {
  crossbar::WriteReport all;
  for (Tile& tile : tiles_) {
    const crossbar::WriteReport one =
        tile.array.program_devices(part_of(weights, tile), t_s, counts);
    all.devices += one.devices;
    all.converged += one.converged;
    all.pulses += one.pulses;
  }
  return all;
}

CrossbarLayer::Tile& CrossbarLayer::tile_of(std::size_t row, std::size_t column) {
  const std::size_t across = parts_of(columns_, tile_columns_);
  return tiles_[row / tile_rows_ * across + column / tile_columns_];
}

void CrossbarLayer::pulse(std::span<const crossbar::PulseRequest> requests, double t_s,
                          OperationCounts& counts) {
  if (tiles_.size() == 1) return tiles_[0].array.pulse(requests, t_s, counts);
  for (std::vector<crossbar::PulseRequest>& of_tile : requests_) of_tile.clear();
  for (const crossbar::PulseRequest& request : requests) {
    const std::size_t row = request.crossing / columns_;
    const std::size_t column = request.crossing % columns_;
    const Tile& tile = tile_of(row, column);
    const std::size_t local =
        (row - tile.first_row) * tile.array.columns() + column - tile.first_column;
    requests_[static_cast<std::size_t>(&tile - tiles_.data())].push_back(
        {static_cast<std::uint32_t>(local), request.count});
  }
  for (std::size_t k = 0; k < tiles_.size(); ++k) tiles_[k].array.pulse(requests_[k], t_s, counts);
}

std::span<const crossbar::WeightChange> CrossbarLayer::refresh_pairs(double t_s,
                                                                     OperationCounts& counts) {
  if (tiles_.size() == 1) return tiles_[0].array.refresh_pairs(t_s, counts);
  changes_.clear();
  for (Tile& tile : tiles_) {
    for (const crossbar::WeightChange& change : tile.array.refresh_pairs(t_s, counts)) {
      const std::size_t row = tile.first_row + change.crossing / tile.array.columns();
      const std::size_t column = tile.first_column + change.crossing % tile.array.columns();
      changes_.push_back({static_cast<std::uint32_t>(row * columns_ + column), change.weight});
    }
  }
  return changes_;
}

void CrossbarLayer::advance_to(double t_s) {
  for (Tile& tile : tiles_) tile.array.advance_to(t_s);
}

void CrossbarLayer::observe(double t_s, std::uint64_t observation) {
  for (Tile& tile : tiles_) tile.array.observe(t_s, observation);
}

void CrossbarLayer::update_wire_attenuation(double t_s) {
  for (Tile& tile : tiles_) tile.array.update_wire_attenuation(t_s);
}

void CrossbarLayer::calibrate(std::span<const crossbar::DrivenLines> inputs,
                              const crossbar::Read& read, crossbar::Scratch& scratch) {
  if (tiles_.size() == 1) return tiles_[0].array.calibrate(inputs, read, scratch);
  for (Tile& tile : tiles_) {
    std::vector<crossbar::DrivenLines> parts(inputs.size(),
                                             crossbar::DrivenLines(tile.array.rows()));
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      take_lines(inputs[k], tile.first_row, tile.array.rows(), parts[k]);
    }
    tile.array.calibrate(parts, read, scratch);
  }
}

std::vector<StateArray> CrossbarLayer::state(const std::string& prefix) {
  if (tiles_.size() == 1) return tiles_[0].array.state(prefix);
  std::vector<StateArray> arrays;
  for (std::size_t k = 0; k < tiles_.size(); ++k) {
    for (StateArray& array : tiles_[k].array.state(fmt::format("{}tile{}.", prefix, k))) {
      arrays.push_back(std::move(array));
    }
  }
  return arrays;
}

void CrossbarLayer::rebuild_derived(double t_s) {
  for (Tile& tile : tiles_) tile.array.rebuild_derived(t_s);
}

}  // namespace imcsim::network
