// crossbar: arrays of devices with converters.
//
// Crossbar       differential pairs of devices, converters, the product and its transpose
// Accumulator    digital accumulator χ of mixed-precision training and its transfer into pulses
// DrivenLines    nonzero inputs
//
// A weight is Σₙ fₙ·(G⁺ₙ − G⁻ₙ) / conductance_per_weight_us over N devices per polarity with
// significances fₙ of sum 1. A crossbar depends on no layer, no loss and no data.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/counts.hpp"
#include "base/describe.hpp"
#include "crossbar/accumulator.hpp"
#include "crossbar/array_config.hpp"
#include "crossbar/converter.hpp"
#include "crossbar/device_access.hpp"
#include "crossbar/faults.hpp"
#include "crossbar/lines.hpp"
#include "device/device.hpp"
#include "numeric/execution.hpp"
#include "numeric/numeric_kernels.hpp"
#include "numeric/random.hpp"
#include "numeric/tensor.hpp"

namespace imcsim::crossbar {

/// Complete configuration of a crossbar.
struct CrossbarConfig {
  device::DeviceConfig device;
  ArrayConfig array;
  device::ProgrammingConfig programming;
  ConverterConfig converters;
  FaultConfig faults;
  /// Mean change of a SET pulse [µS] where the device model does not define it. Not an option,
  /// because it follows from the granularity.
  double pulse_us = device::default_pulse_us;
};
/// Lists device, array, programming, converters and faults.
void describe(CrossbarConfig& config, FieldList& fields);

/// Largest conductance difference of a weight [µS]: the range of the device, or half of it for a
/// single device with a reference in the middle of the range.
double weight_range_us(const device::DeviceModel& model, Synapse synapse);

/// Result of programming an array.
struct WriteReport {
  std::uint64_t devices = 0;
  std::uint64_t converged = 0;
  std::uint64_t pulses = 0;
};

/// Name of the random draws of one product: stream, and event (the sample).
struct Read {
  Stream noise;
  std::uint64_t event = 0;
};

/// Buffers of one thread.
struct Scratch {
  /// `most`: longest side of the crossbars that use these buffers.
  explicit Scratch(std::size_t most)
      : driven(padded(most) + 16),
        variance(padded(most) + 32),
        noise(padded(most) + 64),
        bits(padded(most) + 16),
        part(padded(most) + 16),
        tile_input(most),
        tile_output(padded(most)) {}

  AlignedVector<float> driven;
  AlignedVector<float> variance;
  AlignedVector<float> noise;
  AlignedVector<float> bits, part;  ///< bit-serial products: one bit of each input, result of a bit
  DrivenLines tile_input;           ///< input and output of one tile
  AlignedVector<float> tile_output;
  OperationCounts counts;
};

/// `rows` × `columns` weights. The forward product drives rows (wordlines), the backward product
/// columns (bitlines). The backward product may exclude the last row (a bias).
class Crossbar {
 public:
  /// `id` is the number of the crossbar in the simulation, part of the name of its random draws.
  /// `seed` is the seed of the simulation. `backward_rows`: number of leading rows in the backward
  /// product; 0 without backward products.
  Crossbar(const CrossbarConfig& config, std::shared_ptr<const device::DeviceModel> model,
           std::size_t rows, std::size_t columns, std::size_t backward_rows, std::uint32_t id,
           std::uint32_t first_device, std::uint64_t seed, const Execution& execution);

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  std::size_t backward_rows() const { return backward_rows_; }
  std::size_t device_count() const { return plus_.size() + minus_.size(); }

  /// Exact programming at t = 0: one polarity to |w|·conductance_per_weight_us above the lowest
  /// conductance, the other to the lowest; a single synapse to this distance from its reference.
  /// `weights` is [rows × columns] or wider.
  void set_exact(const Matrix<float>& weights);

  /// Programming as in a refresh: RESET of both polarities, then SET pulses on one with verify
  /// reads.
  void reset_and_set(const Matrix<float>& weights, double t_s, OperationCounts& counts);

  /// Programming of each device to its target by the configured method (exact, single shot,
  /// program-and-verify).
  WriteReport program_devices(const Matrix<float>& weights, double t_s, OperationCounts& counts);

  /// y ← quantized(Wᵀ·quantized(x) + noise); y has padded(columns) entries. Uses the weights at the
  /// time of the last `advance_to`.
  void forward(const DrivenLines& x, const Read& read, Scratch& scratch, float* y) const noexcept;

  /// As `forward`, with output converters of the same step without saturation, for measurements
  /// with known inputs.
  void measure(const DrivenLines& x, const Read& read, Scratch& scratch, float* y) const noexcept;

  /// As `forward`, without output converters: their input currents, including noise, in weight
  /// units.
  void currents(const DrivenLines& x, const Read& read, Scratch& scratch, float* y) const noexcept;

  /// Outputs of the input converters in a forward product: for each entry of `x` the value on its
  /// line, in units of `x` (without offset, gain error and noise of the converters).
  void driven(const DrivenLines& x, std::span<float> values) const noexcept;

  /// Steps of one code of the input and output converters for these inputs; 0: exact.
  float input_step(const DrivenLines& x) const;
  float output_step(const DrivenLines& x) const;

  /// y ← scale · quantized(W·quantized(d / scale) + noise); y has padded(backward_rows) entries;
  /// `scale` is the largest |d|. For d = 0, y ← 0 and no operation is counted.
  void backward(const DrivenLines& d, const Read& read, Scratch& scratch, float* y) const noexcept;

  /// Sets the full scale of the forward output converters to the quantile `adc_range_quantile` of
  /// their inputs over `inputs`. No operation is counted.
  void calibrate(std::span<const DrivenLines> inputs, const Read& read, Scratch& scratch);

  /// Applies |count| pulses per request: on G⁺ if positive, on G⁻ if negative. For a single
  /// synapse, negative counts are depression pulses.
  void pulse(std::span<const PulseRequest> requests, double t_s, OperationCounts& counts);

  /// State of one device at `t_s`. Throws InputError if there is no device at `site`.
  DeviceReading read_device(const DeviceSite& site, double t_s);

  /// Applies an intervention to one device at `t_s`; pulses are counted. `state` does not include
  /// stuck devices from interventions. Throws InputError if there is no device at `site`.
  void intervene(const DeviceSite& site, Intervention what, double t_s, OperationCounts& counts);

  /// Resets and reprograms pairs pulsed since the last refresh that are near the end of their
  /// range (see ArrayConfig). If remainders are accumulated, returns the weight error of each pair
  /// in weight units; valid until the next call.
  std::span<const WeightChange> refresh_pairs(double t_s, OperationCounts& counts);

  /// Updates the weights in products to the time `t_s`, where drift has changed them by more than
  /// device::drift_step_tolerance. The result depends only on `t_s`.
  void advance_to(double t_s);

  /// Starts an observation at `t_s`: draws the 1/f noise of each device, one value for all products
  /// until the next observation. `observation` is its number; the initial state is number 0.
  void observe(double t_s, std::uint64_t observation);

  /// Recomputes the attenuation of each crossing by the wires for the conductances at `t_s`.
  /// Programming of a matrix includes it; after pulses it must be called (training: once per
  /// epoch). No effect without wire resistance.
  void update_wire_attenuation(double t_s);

  /// Weights used by products, [rows × padded(columns)].
  const Matrix<float>& weights() const { return weights_; }

  /// Devices of each polarity, N per crossing: device n of crossing c has place c·N + n.
  const device::DeviceArray& plus() const { return plus_; }
  const device::DeviceArray& minus() const { return minus_; }
  const device::DeviceModel& model() const { return *model_; }

  /// Complete state for checkpoints. `rebuild_derived(t_s)` recomputes the derived tables.
  std::vector<StateArray> state(const std::string& prefix);
  void rebuild_derived(double t_s);

 private:
  /// Parameters of a product, which differ between forward and backward.
  struct Product {
    const Matrix<float>& weights;
    const Matrix<std::uint32_t>& variances;
    const Quantizer& dac;
    const Quantizer& adc;
    const ConverterBank& dac_bank;
    const ConverterBank& adc_bank;
    float dac_full_scale, adc_full_scale;
    std::size_t outputs;
    float scale;              ///< divisor of the inputs
    std::uint32_t direction;  ///< 0: forward, 1: backward; part of the name of draws
  };

  /// Conductance, white and 1/f noise [µS] of the devices of one polarity at a crossing.
  struct Derived {
    std::vector<float> us, noise_us, slow_us;
  };

  Product forward_product(const DrivenLines& x, const Quantizer& adc) const;
  void forward_through(const Quantizer& adc, const DrivenLines& x, const Read& read,
                       Scratch& scratch, float* y) const noexcept;
  std::size_t place_of(const DeviceSite& site) const;
  void advance_row_to(std::size_t row, double t_s);
  void derive(std::size_t crossing, double t_s);
  double derive_polarity(const device::DeviceArray& array, std::size_t crossing, std::size_t line,
                         double t_s, Derived& derived);
  std::pair<float, float> targets_us(float weight) const;
  void prepare_devices(std::uint64_t seed);
  std::optional<float> stuck_us(const device::DeviceArray& array, std::size_t place) const;
  Matrix<float> total_conductance_us(const device::DeviceArray& array, double t_s) const;
  void set(device::DeviceArray& array, std::uint32_t crossing, double t_s, OperationCounts& counts);
  void depress(std::uint32_t crossing, double t_s, OperationCounts& counts);
  bool is_gated(bool potentiates);
  std::uint32_t arbitrate(const device::DeviceArray& array, std::uint32_t crossing);
  double mean_us(const device::DeviceArray& array, std::uint32_t crossing, double t_s) const;
  void set_until_verified(device::DeviceArray& array, std::uint32_t place, double threshold_us,
                          double t_s, OperationCounts& counts);
  void write_difference(std::uint32_t crossing, double difference_us, double t_s,
                        OperationCounts& counts);
  void product(const Product& p, const DrivenLines& x, const Read& read, Scratch& scratch,
               float* y) const noexcept;
  void apply_dac_errors(const Product& p, const DrivenLines& x, const Read& read,
                        Scratch& scratch) const noexcept;
  void read_once(const Product& p, const DrivenLines& x, const float* driven, const Read& read,
                 std::uint32_t part, Scratch& scratch, float* y) const noexcept;
  void bit_serial(const Product& p, const DrivenLines& x, const Read& read, Scratch& scratch,
                  float* y) const noexcept;

  std::shared_ptr<const device::DeviceModel> model_;
  CrossbarConfig config_;
  std::size_t rows_, columns_, backward_rows_;
  std::size_t devices_;  ///< N: devices per polarity at each crossing
  std::uint32_t id_;
  Stream programming_, verify_, arbitration_, slow_noise_;
  const Kernels& kernels_;
  const numeric::Kernels& numeric_kernels_;
  Quantizer dac_, adc_forward_, dac_unit_, adc_backward_;
  float adc_full_scale_forward_;
  ConverterBank dac_rows_, adc_columns_, dac_columns_, adc_rows_;
  CurrentVoltage current_voltage_;
  Faults faults_;
  device::Programmer programmer_;
  std::vector<float> significance_;  ///< significance of each of the N devices; sum 1
  float reference_us_;               ///< reference of a single synapse [µS]
  device::DeviceArray plus_, minus_;
  std::vector<std::uint8_t> pulsed_;  ///< 1: crossing pulsed since the last refresh
  std::vector<WeightChange> remainders_;
  /// Counters of the array: next device of a polarity; potentiating and depressing pulses requested
  /// since the last applied pulse.
  std::vector<std::uint32_t> selection_{0, 0, 0};
  std::uint64_t observation_ = 0;
  Matrix<float> attenuation_plus_, attenuation_minus_;  ///< by wires; empty without wire resistance

  // Derived from the devices by `derive`; transposed copies for the backward product.
  Matrix<float> weights_, weights_transposed_;
  Matrix<std::uint32_t> variances_, variances_transposed_;  ///< of a read, packed, in weight units²
  std::vector<double> crossing_holds_until_s_;
  std::vector<double> row_holds_until_s_;  ///< minimum over each row
  double holds_until_s_ = 0.0;
  bool noisy_ = false;
  Derived derived_plus_, derived_minus_;  ///< buffers for one crossing
};

}  // namespace imcsim::crossbar
