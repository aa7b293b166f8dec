// Symmetry points of devices with graded pulses in both directions.
#include <algorithm>

#include "training/tiki_taka.hpp"

namespace imcsim::training {
namespace {

/// Mean changes of the devices of an array, measured on a copy without noise.
class Probe {
 public:
  Probe(const device::DeviceModel& model, const device::DeviceArray& array)
      : model_(model), array_(array), programming_(0, Purpose::programming) {}

  /// Sum of the changes of a pulse up and a pulse down, both starting at `from_us`.
  float balance_us(std::uint32_t place, float from_us) {
    return change_us(place, from_us, true) + change_us(place, from_us, false);
  }

  /// Conductance at which the balance changes sign; `otherwise_us` within 5 % of the window's ends.
  float symmetry_us(std::uint32_t place, float otherwise_us) {
    if (balance_us(place, otherwise_us) == 0.0F) return otherwise_us;
    float low = model_.lowest_us();
    float high = model_.highest_us();
    const float border = 0.05F * (high - low);
    for (int k = 0; k < 14; ++k) {
      const float middle = 0.5F * (low + high);
      (balance_us(place, middle) > 0.0F ? low : high) = middle;
    }
    const bool inside = low > model_.lowest_us() + border && high < model_.highest_us() - border;
    return inside ? 0.5F * (low + high) : otherwise_us;
  }

 private:
  float change_us(std::uint32_t place, float from_us, bool up) {
    model_.set_exact(array_, place, from_us, 0.0, programming_);
    const float before = now_us(place);
    if (up) model_.set(array_, {&place, 1}, 0.0, programming_);
    if (!up) model_.depress(array_, {&place, 1}, 0.0, programming_);
    return now_us(place) - before;
  }
  float now_us(std::uint32_t place) const {
    float g = 0.0F;
    model_.conductance_us(array_, place, 0.0, {&g, 1});
    return g;
  }

  const device::DeviceModel& model_;
  device::DeviceArray array_;
  Stream programming_;
};

}  // namespace

Matrix<float> symmetry_points(const network::CrossbarLayer& layer,
                              const crossbar::CrossbarConfig& config) {
  Matrix<float> points = padded_matrix<float>(layer.rows(), layer.columns());
  device::DeviceConfig quiet = config.device;
  quiet.programming_noise = false;
  const double pulse_us = config.pulse_us;
  const std::unique_ptr<const device::DeviceModel> model = device::make_model(quiet, pulse_us);
  if (config.array.synapse != crossbar::Synapse::single || !model->depresses()) return points;
  const float reference_us = 0.5F * (model->lowest_us() + model->highest_us());
  const auto devices = static_cast<std::size_t>(config.array.devices_per_weight);
  const float per_device = 1.0F / static_cast<float>(config.array.conductance_per_weight_us *
                                                     static_cast<double>(devices));
  for (const network::CrossbarLayer::Tile& tile : layer.tiles()) {
    Probe probe(*model, tile.array.plus());
    const std::size_t columns = tile.array.columns();
    for (std::size_t place = 0; place < tile.array.plus().size(); ++place) {
      const std::size_t crossing = place / devices;
      const float us = probe.symmetry_us(static_cast<std::uint32_t>(place), reference_us);
      points(tile.first_row + crossing / columns, tile.first_column + crossing % columns) +=
          (us - reference_us) * per_device;
    }
  }
  return points;
}

}  // namespace imcsim::training
