#include "tasks/scalar_products.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/observer.hpp"
#include "numeric/events.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::tasks {
namespace {

/// Number of pairs in one array: one wordline each, a common bitline.
constexpr std::size_t pairs_per_array = 256;
constexpr std::size_t arrays_per_report = 64;

class ScalarArrays {
 public:
  ScalarArrays(const crossbar::CrossbarConfig& config, const Slices& slices, const Factors& factors,
               double t_s, std::uint64_t seed)
      : config_(config),
        slices_(slices),
        factors_(factors),
        t_s_(t_s),
        seed_(seed),
        noise_(seed, Purpose::task_read) {
    config_.converters.dac_full_scale = 1.0;
    config_.converters.input_scale = crossbar::InputScale::fixed;
    model_ = device::make_model(config_.device, config_.pulse_us);
    config_.array.synapse = crossbar::Synapse::single;
    config_.array.conductance_per_weight_us =
        crossbar::weight_range_us(*model_, config_.array.synapse);
    devices_per_pair_ = static_cast<std::size_t>(config_.array.devices_per_weight);
    dac_ = crossbar::make_quantizer("dac-bits", config_.converters.dac_bits, 1.0);
    const std::size_t arrays = (factors.x.size() + pairs_per_array - 1) / pairs_per_array;
    if (!entities::arrays.holds_all(std::uint64_t{slices.count()} * arrays)) {
      throw InputError(at_field("slices"),
                       fmt::format("{} pairs in {} slices", factors.x.size(), slices.count()),
                       fmt::format("at most {} pairs",
                                   entities::arrays.count / slices.count() * pairs_per_array));
    }
    crossbar::require_devices(
        0, slices.count() * crossbar::devices_of_matrix(config_.array, factors.x.size(), 1));
    of_array_.resize(arrays);
    result_.products.assign(factors.x.size(), 0.0);
  }

  std::size_t array_count() const { return of_array_.size(); }

  /// All products of the pairs in array `k`; arrays share no mutable data.
  void run(std::size_t k) {
    const std::size_t first = k * pairs_per_array;
    const std::size_t count = std::min(pairs_per_array, factors_.x.size() - first);
    crossbar::Scratch scratch(count);
    for (std::size_t s = 0; s < slices_.count(); ++s) {
      const std::uint64_t place = std::uint64_t{s} * factors_.x.size() + first;
      const std::uint32_t id = entities::arrays(std::uint64_t{s} * of_array_.size() + k);
      const std::uint32_t first_device =
          entities::devices.block(place * devices_per_pair_, count * devices_per_pair_);
      crossbar::Crossbar array(config_, model_, count, 1, 0, id, first_device, seed_, {});
      Matrix<float> weights = padded_matrix<float>(count, 1);
      for (std::size_t i = 0; i < count; ++i) {
        const double part = slices_.part(s, factors_.w[first + i] / factors_.w_scale);
        weights(i, 0) = static_cast<float>(2.0 * std::fabs(part) - 1.0);
      }
      array.program_devices(weights, 0.0, of_array_[k].writing);
      array.observe(t_s_, 1);
      of_array_[k].devices += array.device_count();
      read(array, s, first, count, scratch);
    }
    of_array_[k].reading = of_single_lines(scratch.counts, count);
    if (slices_.count() > 1) of_array_[k].reading.digital_mac += count * slices_.count();
  }

  ScalarProducts result() {
    for (const Part& part : of_array_) {
      result_.devices += part.devices;
      result_.writing += part.writing;
      result_.reading += part.reading;
    }
    return std::move(result_);
  }

 private:
  struct Part {
    std::uint64_t devices = 0;
    OperationCounts writing, reading;
  };

  /// Corrects counts: an array counts all its lines per product, but only one line is selected
  /// here.
  static OperationCounts of_single_lines(OperationCounts counts, std::size_t lines) {
    for (std::uint64_t* count :
         {&counts.dac_conversions, &counts.cells_read, &counts.crossbar_mac}) {
      *count /= lines;
    }
    return counts;
  }

  /// Reads each pair with its wordline alone, one after another.
  void read(const crossbar::Crossbar& array, std::size_t s, std::size_t first, std::size_t count,
            crossbar::Scratch& scratch) {
    const double factor = 0.5 * factors_.x_scale * factors_.w_scale * slices_.significance(s);
    for (std::size_t i = 0; i < count; ++i) {
      const double size = factors_.x[first + i] / factors_.x_scale;
      const auto x = static_cast<float>(factors_.w[first + i] < 0.0 ? -size : size);
      scratch.tile_input.count = 0;
      scratch.tile_input.push(i, x, x != 0.0F);
      scratch.tile_input.fill_up();
      array.forward(scratch.tile_input, {noise_, events::task_products(i)}, scratch,
                    scratch.tile_output.data());
      result_.products[first + i] +=
          factor * (static_cast<double>(scratch.tile_output[0]) + code_of(x));
    }
  }

  /// Value of x after the input converter.
  double code_of(float x) const {
    if (dac_.max_code == 0.0F) return static_cast<double>(x);
    return static_cast<double>(numeric::round_even(x * dac_.inverse_lsb) * dac_.lsb);
  }

  crossbar::CrossbarConfig config_;
  const Slices& slices_;
  const Factors& factors_;
  double t_s_;
  std::uint64_t seed_;
  Stream noise_;
  std::shared_ptr<const device::DeviceModel> model_;
  std::size_t devices_per_pair_ = 1;
  crossbar::Quantizer dac_;
  std::vector<Part> of_array_;
  ScalarProducts result_;
};

}  // namespace

ScalarProducts scalar_products(const crossbar::CrossbarConfig& config, const Slices& slices,
                               const Factors& factors, double t_s, std::uint64_t seed,
                               const Execution& execution, Observer& observer) {
  ScalarArrays arrays(config, slices, factors, t_s, seed);
  const std::size_t all = arrays.array_count();
  for (std::size_t first = 0; first < all; first += arrays_per_report) {
    const std::size_t count = std::min(arrays_per_report, all - first);
    parallel_for(execution.threads, count, [&](std::size_t k) { arrays.run(first + k); });
    if (!observer.should_continue({first + count, all})) break;
  }
  return arrays.result();
}

}  // namespace imcsim::tasks
