// crossbar: devices at crossings, and what stands at the edge of the array.
//
// Crossbar       differential pairs of devices, converters, the product and its transpose
// Accumulator    the digital χ of mixed-precision training and its transfer into pulses
// DrivenLines    the inputs that are not zero
//
// A weight is Σₙ fₙ·(G⁺ₙ − G⁻ₙ) / conductance_per_weight_us over N devices a polarity with
// significances fₙ of sum 1. It knows no layer, no loss, no data.
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

/// Everything that a crossbar is made from.
struct CrossbarConfig {
  device::DeviceConfig device;
  ArrayConfig array;
  device::ProgrammingConfig programming;
  ConverterConfig converters;
  FaultConfig faults;
  /// Mean change of a SET pulse where the device's model does not say it itself; not described,
  /// because it follows from the granularity.
  double pulse_us = device::default_pulse_us;
};
/// Device, array, programming, converters, faults.
void describe(CrossbarConfig& config, FieldList& fields);

/// Largest difference of conductances that a weight can have [µS]: the range of the device; half of
/// it where a single device stands against a reference in the middle.
double weight_range_us(const device::DeviceModel& model, Synapse synapse);

/// How programming through the devices went.
struct WriteReport {
  std::uint64_t devices = 0;
  std::uint64_t converged = 0;
  std::uint64_t pulses = 0;
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
  AlignedVector<float> bits, part;  ///< of a bit-serial product: one bit of each input, its result
  DrivenLines tile_input;           ///< of a matrix in tiles: what one tile gets and gives
  AlignedVector<float> tile_output;
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
  /// one polarity, the lowest on the other; a single synapse stands that far from its reference.
  /// `weights` is [rows × columns] or wider.
  void set_exact(const Matrix<float>& weights);

  /// Programming as refresh does: RESET both, then SET pulses on one, with verifying reads.
  void reset_and_set(const Matrix<float>& weights, double t_s, OperationCounts& counts);

  /// Programming of each device to its target, as the configuration says (exact, single shot,
  /// program-and-verify).
  WriteReport program_devices(const Matrix<float>& weights, double t_s, OperationCounts& counts);

  /// y ← quantised(Wᵀ·quantised(x) + noise), y has padded(columns) entries. Weights are those of
  /// the last `advance_to`.
  void forward(const DrivenLines& x, const Read& read, Scratch& scratch, float* y) const noexcept;

  /// As `forward`, with output converters of the same step but of no limit: what a measurement
  /// of known inputs is that avoids clipping.
  void measure(const DrivenLines& x, const Read& read, Scratch& scratch, float* y) const noexcept;

  /// As `forward`, before the output converters: the currents as they arrive there, noise
  /// included, in weight units.
  void currents(const DrivenLines& x, const Read& read, Scratch& scratch, float* y) const noexcept;

  /// The input converters' codes of the forward product: of each entry of `x`, the value that
  /// its line carries, in units of `x` (before offsets, gains and noise of the converters).
  void driven(const DrivenLines& x, std::span<float> values) const noexcept;

  /// Steps of one code at the input for these inputs, and at the output; 0: exact.
  float input_step(const DrivenLines& x) const;
  float output_step(const DrivenLines& x) const;

  /// y ← scale · quantised(W·quantised(d / scale) + noise), y has padded(backward_rows) entries;
  /// `scale` is the largest |d|. Zero d: y ← 0 and nothing is counted.
  void backward(const DrivenLines& d, const Read& read, Scratch& scratch, float* y) const noexcept;

  /// Chooses the range of the forward output converters so that the part `adc_range_quantile` of
  /// what they are given over `inputs` fits. Nothing is counted.
  void calibrate(std::span<const DrivenLines> inputs, const Read& read, Scratch& scratch);

  /// Programming pulses, |count| each: on G⁺ where positive, on G⁻ where negative; a single
  /// synapse is depressed where negative.
  void pulse(std::span<const PulseRequest> requests, double t_s, OperationCounts& counts);

  /// One device at `t_s`. Throws InputError where there is none at `site`.
  DeviceReading read_device(const DeviceSite& site, double t_s);

  /// Does one thing to one device at `t_s`; pulses are counted. What was broken by hand is not in
  /// `state`. Throws InputError where there is no device at `site`.
  void intervene(const DeviceSite& site, Intervention what, double t_s, OperationCounts& counts);

  /// Resets and re-programs the pairs pulsed since the last refresh that are near the end of
  /// their range (see ArrayConfig). Returns what each lost, in weight units, where the remainder
  /// is to be accumulated; valid until the next call.
  std::span<const WeightChange> refresh_pairs(double t_s, OperationCounts& counts);

  /// Brings the weights that products see to the time `t_s`: only where drift has moved them by
  /// more than device::drift_step_tolerance. The result depends on `t_s` alone.
  void advance_to(double t_s);

  /// An observation at `t_s`: draws the 1/f noise of each device, one number for all products
  /// until the next observation. `observation` names the draws; 0 is what stands from the start.
  void observe(double t_s, std::uint64_t observation);

  /// Computes anew by how much wires weaken each crossing, for the conductances of `t_s`: to be
  /// asked for after programming; training asks once an epoch. Without resistance it does nothing.
  void update_wire_attenuation(double t_s);

  /// Weight of each crossing as products see it, [rows × padded(columns)].
  const Matrix<float>& weights() const { return weights_; }

  /// Devices of each polarity, N a crossing: device n of crossing c has place c·N + n.
  const device::DeviceArray& plus() const { return plus_; }
  const device::DeviceArray& minus() const { return minus_; }
  const device::DeviceModel& model() const { return *model_; }

  /// The complete state to save and resume. Derived tables are rebuilt by `rebuild_derived(t_s)`.
  std::vector<StateArray> state(const std::string& prefix);
  void rebuild_derived(double t_s);

 private:
  /// What tells the product from its transpose.
  struct Product {
    const Matrix<float>& weights;
    const Matrix<std::uint32_t>& variances;
    const Quantiser& dac;
    const Quantiser& adc;
    const ConverterBank& dac_bank;
    const ConverterBank& adc_bank;
    float dac_full_scale, adc_full_scale;
    std::size_t outputs;
    float scale;              ///< what the input is divided by
    std::uint32_t direction;  ///< tells the noise of both apart
  };

  /// The devices of one polarity at a crossing as a product sees them, in `Derived`.
  struct Derived {
    std::vector<float> us, noise_us, slow_us;
  };

  Product forward_product(const DrivenLines& x, const Quantiser& adc) const;
  void forward_through(const Quantiser& adc, const DrivenLines& x, const Read& read,
                       Scratch& scratch, float* y) const noexcept;
  std::size_t place_of(const DeviceSite& site) const;
  void bring_row_up_to(std::size_t row, double t_s);
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
  void set_until_verified(device::DeviceArray& array, std::uint32_t place, double enough_us,
                          double t_s, OperationCounts& counts);
  void write_difference(std::uint32_t crossing, double difference_us, double t_s,
                        OperationCounts& counts);
  void product(const Product& p, const DrivenLines& x, const Read& read, Scratch& scratch,
               float* y) const noexcept;
  void apply_dac_errors(const Product& p, const DrivenLines& x, const Read& read,
                        Scratch& scratch) const noexcept;
  void one_read(const Product& p, const DrivenLines& x, const float* driven, const Read& read,
                std::uint32_t part, Scratch& scratch, float* y) const noexcept;
  void bit_serial(const Product& p, const DrivenLines& x, const Read& read, Scratch& scratch,
                  float* y) const noexcept;

  std::shared_ptr<const device::DeviceModel> model_;
  CrossbarConfig config_;
  std::size_t rows_, columns_, backward_rows_;
  std::size_t devices_;  ///< of a polarity at each crossing: N
  std::uint32_t id_;
  Stream programming_, verify_, arbitration_, slow_noise_;
  const Kernels& kernels_;
  const numeric::Kernels& numeric_kernels_;
  Quantiser dac_, adc_forward_, dac_unit_, adc_backward_;
  float adc_full_scale_forward_;
  ConverterBank dac_rows_, adc_columns_, dac_columns_, adc_rows_;
  CurrentVoltage current_voltage_;
  Faults faults_;
  device::Programmer programmer_;
  std::vector<float> significance_;  ///< of the N devices; sum 1
  float reference_us_;               ///< of a single synapse
  device::DeviceArray plus_, minus_;
  std::vector<std::uint8_t> pulsed_;  ///< crossings pulsed since the last refresh: 1
  std::vector<WeightChange> remainders_;
  /// Counters of the array: next device of a polarity; potentiations and depressions since the
  /// last that was given.
  std::vector<std::uint32_t> selection_{0, 0, 0};
  std::uint64_t observation_ = 0;
  Matrix<float> attenuation_plus_, attenuation_minus_;  ///< by wires; empty without resistance

  // Derived from the devices by `derive`; the transposed copies serve the transposed product.
  Matrix<float> weights_, weights_transposed_;
  Matrix<std::uint32_t> variances_, variances_transposed_;  ///< of a read, packed, weight units²
  std::vector<double> crossing_holds_until_s_;
  std::vector<double> row_holds_until_s_;  ///< the earliest of a row
  double holds_until_s_ = 0.0;
  bool noisy_ = false;
  Derived derived_plus_, derived_minus_;  ///< of one crossing
};

}  // namespace imcsim::crossbar
