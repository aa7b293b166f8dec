// crossbar: devices at crossings, and what stands at the edge of the array.
//
// Crossbar       differential pairs of devices, converters, the product and its transpose
// Accumulator    the digital χ of mixed-precision training and its transfer into pulses
// DrivenLines    the inputs that are not zero
//
// A weight is (ΣG⁺ − ΣG⁻) / (conductance_per_weight_us · N) over N devices a polarity. It knows no
// layer, no loss, no data.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/base.hpp"
#include "crossbar/accumulator.hpp"
#include "crossbar/converter.hpp"
#include "crossbar/lines.hpp"
#include "device/device.hpp"
#include "numeric/numeric.hpp"

namespace imcsim::crossbar {

/// What becomes of the part of a difference that a refresh did not write.
enum class RefreshRemainder { drop, accumulate };
std::span<const std::string_view> names_of(RefreshRemainder);

/// Which of the N devices of a polarity a pulse goes to: the one that a counter of the whole array
/// points to, which moves on with each pulse; a random one; or all of them at once.
enum class Arbitration { counter, random, all };
std::span<const std::string_view> names_of(Arbitration);

/// How weights stand in the array, and when pairs are refreshed.
/// Source: doi:10.3389/fnins.2020.00406; thresholds of the refresh are assumed.
struct ArrayConfig {
  double conductance_per_weight_us = 8.0;
  std::int64_t devices_per_weight = 1;
  Arbitration arbitration = Arbitration::counter;
  std::int64_t refresh_every = 100;
  double refresh_above_us = 8.0;
  double refresh_difference_us = 6.0;
  double verify_margin_us = 0.385;
  std::int64_t verify_most_pulses = 15;
  RefreshRemainder refresh_remainder = RefreshRemainder::drop;
};
void describe(ArrayConfig& config, FieldList& fields);

/// Pulses that together move a weight by the change that one pulse makes with a single device: N
/// where they go to the N devices in turn, 1 where each goes to all.
std::int32_t pulses_a_granularity(const ArrayConfig& config);

/// Everything that a crossbar is made from.
struct CrossbarConfig {
  device::DeviceConfig device;
  ArrayConfig array;
  ConverterConfig converters;
};

/// Names the random draws of one product: the stream's purpose and the event (the sample).
struct Read {
  Stream noise;
  std::uint64_t event = 0;
};

/// Working memory of one thread.
struct Scratch {
  /// `most`: the longest side of the crossbars that it serves.
  explicit Scratch(std::size_t most)
      : driven(padded(most)), variance(padded(most) + 32), noise(padded(most) + 64) {}

  AlignedVector<float> driven;
  AlignedVector<float> variance;
  AlignedVector<float> noise;
  OperationCounts counts;
};

/// `rows` × `columns` weights. Rows (wordlines) are driven forward, columns (bitlines) backward.
/// The last row may be left out of the transposed product (a bias).
class Crossbar {
 public:
  /// `id` tells the crossbars of one simulation apart: it names their random draws. `seed` is
  /// that of the simulation. `backward_rows`: leading rows that the transposed product reads; 0
  /// where it is never asked for.
  Crossbar(const CrossbarConfig& config, std::shared_ptr<const device::DeviceModel> model,
           std::size_t rows, std::size_t columns, std::size_t backward_rows, std::uint32_t id,
           std::uint32_t first_device, std::uint64_t seed, const Execution& execution);

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  std::size_t backward_rows() const { return backward_rows_; }
  std::size_t device_count() const { return plus_.size() + minus_.size(); }

  /// Exact programming at t = 0: |w|·conductance_per_weight_us above the lowest conductance on
  /// one device, the lowest on the other. `weights` is [rows × columns] or wider.
  void put(const Matrix<float>& weights);

  /// Programming through the devices: RESET both, then SET pulses on one, with verifying reads.
  void program(const Matrix<float>& weights, double t_s, OperationCounts& counts);

  /// y ← quantised(Wᵀ·quantised(x) + noise), y has padded(columns) entries. Weights are those of
  /// the last `bring_up_to`.
  void forward(const DrivenLines& x, const Read& read, Scratch& scratch, float* y) const noexcept;

  /// y ← scale · quantised(W·quantised(d / scale) + noise), y has padded(backward_rows) entries;
  /// `scale` is the largest |d|. Zero d: y ← 0 and nothing is counted.
  void backward(const DrivenLines& d, const Read& read, Scratch& scratch, float* y) const noexcept;

  /// Programming pulses, |count| each: on G⁺ where positive, on G⁻ where negative.
  void pulse(std::span<const PulseRequest> requests, double t_s, OperationCounts& counts);

  /// Resets and re-programs the pairs pulsed since the last refresh that are near the end of
  /// their range (see ArrayConfig). Returns what each lost, in weight units, where the remainder
  /// is to be accumulated; valid until the next call.
  std::span<const WeightChange> refresh_pairs(double t_s, OperationCounts& counts);

  /// Brings the weights that products see to the time `t_s`: only where drift has moved them by
  /// more than device::drift_step_tolerance. The result depends on `t_s` alone.
  void bring_up_to(double t_s);

  /// Weight of each crossing as products see it, [rows × padded(columns)].
  const Matrix<float>& weights() const { return weights_; }

  /// Devices of each polarity, N a crossing: device n of crossing c has place c·N + n.
  const device::DeviceArray& plus() const { return plus_; }
  const device::DeviceArray& minus() const { return minus_; }

  /// All that must be kept to go on later. Derived tables are rebuilt by `restored(t_s)`.
  std::vector<StateArray> state(const std::string& prefix);
  void restored(double t_s);

 private:
  /// What tells the product from its transpose.
  struct Product {
    const Matrix<float>& weights;
    const Matrix<std::uint32_t>& variances;
    const Quantiser& dac;
    const Quantiser& adc;
    std::size_t outputs;
    float scale;              ///< what the input is divided by
    std::uint32_t direction;  ///< tells the noise of both apart
  };

  void bring_row_up_to(std::size_t row, double t_s);
  void derive(std::size_t crossing, double t_s);
  void set(device::DeviceArray& array, std::uint32_t crossing, double t_s, OperationCounts& counts);
  std::uint32_t arbitrate(const device::DeviceArray& array, std::uint32_t crossing);
  double mean_us(const device::DeviceArray& array, std::uint32_t crossing, double t_s) const;
  void set_until_verified(device::DeviceArray& array, std::uint32_t place, double enough_us,
                          double t_s, OperationCounts& counts);
  void write_difference(std::uint32_t crossing, double difference_us, double t_s,
                        OperationCounts& counts);
  float verify_read_us(const device::DeviceArray& array, std::uint32_t place, double t_s) const;
  void product(const Product& p, const DrivenLines& x, const Read& read, Scratch& scratch,
               float* y) const noexcept;

  std::shared_ptr<const device::DeviceModel> model_;
  ArrayConfig array_;
  std::size_t rows_, columns_, backward_rows_;
  std::size_t devices_;  ///< of a polarity at each crossing: N
  std::uint32_t id_;
  Stream programming_, verify_, arbitration_;
  const Kernels& kernels_;
  const numeric::Kernels& numeric_kernels_;
  Quantiser dac_, adc_forward_, dac_unit_, adc_backward_;
  device::DeviceArray plus_, minus_;
  std::vector<std::uint8_t> pulsed_;  ///< crossings pulsed since the last refresh: 1
  std::vector<WeightChange> remainders_;
  std::vector<std::uint32_t> selection_{0};  ///< the array's counter: next device of a polarity

  // Derived from the devices by `derive`; the transposed copies serve the transposed product.
  Matrix<float> weights_, weights_transposed_;
  Matrix<std::uint32_t> variances_, variances_transposed_;  ///< of a read, packed, weight units²
  std::vector<double> crossing_holds_until_s_;
  std::vector<double> row_holds_until_s_;  ///< the earliest of a row
  double holds_until_s_ = 0.0;
  bool noisy_ = false;
  std::vector<float> plus_us_, minus_us_, plus_noise_us_, minus_noise_us_;  ///< of one crossing
};

}  // namespace imcsim::crossbar
