// Names of random draws: numbers of entities and events.
//
// A draw has a purpose, an entity (32 bits) and an event (64 bits); see random.hpp. All objects of
// a simulation (devices, arrays, samples, pulses) are numbered in this file. A range has a
// capacity, which is checked in every build whenever a number is computed: an object beyond the
// capacity throws std::logic_error, because its number could name another draw. A configuration
// that needs more is refused in advance (`holds`, `most_evaluations`).
//
// Results depend on these numbers: a changed number changes the results of a seed. `all_draws`
// lists every kind of draw; events.cpp does not compile if two of them overlap.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "numeric/random.hpp"

namespace imcsim {

namespace detail {
/// Throws std::logic_error: of `objects`, number `n` is not below `count`.
[[noreturn]] void throw_out_of_range(std::string_view objects, std::uint64_t n,
                                     std::uint64_t count);
}  // namespace detail

/// Numbers `first` … `first + count − 1`, assigned to one kind of objects.
template <class Number>
struct NumberRange {
  std::string_view objects;
  Number first;
  std::uint64_t count;

  constexpr bool holds(std::uint64_t n) const { return n < count; }

  /// Whether the objects 0 … size − 1 have numbers.
  constexpr bool holds_all(std::uint64_t size) const { return size <= count; }

  /// Number of object `n`.
  constexpr Number operator()(std::uint64_t n) const {
    if (n >= count) detail::throw_out_of_range(objects, n, count);
    return static_cast<Number>(first + n);
  }

  /// Number of object `n`, the first of `size` objects; all of them must have numbers.
  constexpr Number block(std::uint64_t n, std::uint64_t size) const {
    if (n > count || size > count - n) detail::throw_out_of_range(objects, n + size - 1, count);
    return static_cast<Number>(first + n);
  }

  constexpr std::uint64_t last() const { return first + (count - 1); }
};
using EntityRange = NumberRange<std::uint32_t>;
using EventRange = NumberRange<std::uint64_t>;

/// Events of objects with two indices: first + row·columns + column.
struct EventGrid {
  std::string_view objects;
  std::uint64_t first;
  std::uint64_t rows, columns;

  constexpr std::uint64_t operator()(std::uint64_t row, std::uint64_t column) const {
    if (row >= rows) detail::throw_out_of_range(objects, row, rows);
    if (column >= columns) detail::throw_out_of_range(objects, column, columns);
    return first + row * columns + column;
  }

  /// Event of the first of `size` objects of a row; all of them must have events.
  constexpr std::uint64_t row(std::uint64_t row, std::uint64_t size) const {
    if (size > columns) detail::throw_out_of_range(objects, size - 1, columns);
    return (*this)(row, 0);
  }

  constexpr std::uint64_t last() const { return first + ((rows - 1) * columns + (columns - 1)); }
};

/// Objects that draws belong to.
namespace entities {

inline constexpr std::uint64_t all = std::uint64_t{1} << 32;

// ---- arrays of devices ----

/// Devices of any kind, as in a device::DeviceArray.
inline constexpr EntityRange device_entities{"devices", 0, all};
/// Devices of all crossbars of a simulation, numbered consecutively.
inline constexpr EntityRange devices{"devices", 0, 0xC0000000U};

/// Crossbars of a simulation; each tile counts as one.
inline constexpr EntityRange arrays{"arrays", 0, std::uint64_t{1} << 23};

/// Layers with weights on devices: layers of a network, or matrices of a graph.
inline constexpr EntityRange layers{"layers of weights on devices", 0, 256};
/// Arrays that the matrix of a layer is divided into.
inline constexpr EntityRange layer_tiles{"tiles of a layer", 0, arrays.count / layers.count};

/// Array of a tile; tile 0 of a layer has the number of the layer.
constexpr std::uint32_t layer_array(std::uint64_t layer, std::uint64_t tile) {
  return static_cast<std::uint32_t>(layers(layer) + layers.count * layer_tiles(tile));
}

/// Matrices of a task, and the arrays that a matrix is divided into.
inline constexpr EntityRange matrices{"matrices of a task", 0, 64};
inline constexpr EntityRange matrix_tiles{"tiles of a matrix", 0, arrays.count / matrices.count};

/// Array of a tile of a matrix of a task.
constexpr std::uint32_t matrix_array(std::uint64_t matrix, std::uint64_t tile) {
  return static_cast<std::uint32_t>(matrices(matrix) + matrices.count * matrix_tiles(tile));
}

/// A product is forward (0) or transposed (1).
inline constexpr EntityRange directions{"directions of a product", 0, 2};
/// Reads of one product: 0, or 1 … 15 for the bits of bit-serial inputs.
inline constexpr EntityRange product_parts{"parts of a product", 0, 16};

/// Noise of the outputs of a product: bit 0 is the direction, bits 1 … 23 the array, bits 24 … 27
/// the part.
constexpr std::uint32_t product_noise(std::uint64_t array, std::uint64_t direction,
                                      std::uint64_t part) {
  return 2 * arrays(array) + directions(direction) + (product_parts(part) << 24U);
}
inline constexpr EntityRange product_noises{"noises of outputs", 0, std::uint64_t{1} << 28};

/// Noise of the input converters of a product: as product_noise for part 0, with bit 30 set.
constexpr std::uint32_t input_noise(std::uint64_t array, std::uint64_t direction) {
  return product_noise(array, direction, 0) + (std::uint32_t{1} << 30U);
}
inline constexpr EntityRange input_noises{"noises of inputs", std::uint32_t{1} << 30U,
                                          std::uint64_t{1} << 24};

/// Converter banks of an array: inputs and outputs in both directions.
inline constexpr EntityRange array_banks{"banks of converters of an array", 0, 4};
constexpr std::uint32_t converter_bank(std::uint64_t array, std::uint64_t bank) {
  return static_cast<std::uint32_t>(array_banks.count * arrays(array) + array_banks(bank));
}
inline constexpr EntityRange converter_banks{"banks of converters", 0,
                                             array_banks.count* arrays.count};

/// Open wordlines and bitlines of an array; the numbers differ from those of all devices.
inline constexpr EntityRange open_rows{"wordlines of an array", 0xC0000000U, arrays.count};
inline constexpr EntityRange open_columns{"bitlines of an array", 0xE0000000U, arrays.count};

// ---- training ----

/// Layers in draws without devices: initial weights, rounding.
inline constexpr EntityRange digital_layers{"layers of a network", 0, all};
/// Stages with dropout.
inline constexpr EntityRange stages{"stages of a network", 0, all};
/// Epochs, each with its own order of the samples.
inline constexpr EntityRange epochs{"epochs", 0, all};
/// Lines that fire in a pulse train: rows (side 0) and columns (side 1) of a layer.
inline constexpr EntityRange train_sides{"sides of a pulse train", 0, 2};
constexpr std::uint32_t pulse_train(std::uint64_t layer, std::uint64_t side) {
  return static_cast<std::uint32_t>(train_sides.count * layers(layer) + train_sides(side));
}
inline constexpr EntityRange pulse_trains{"pulse trains", 0, train_sides.count* layers.count};

// ---- instruments ----

/// Synthetic data of `mvm`.
inline constexpr std::uint32_t mvm_weights = 1;
inline constexpr std::uint32_t mvm_inputs = 2;
inline constexpr std::uint32_t mvm_density = 3;
/// Noise traces of single devices: 1/f noise, and the white noise of their reads.
inline constexpr EntityRange noise_traces{"noise traces", 0, std::uint64_t{1} << 31};
inline constexpr EntityRange trace_reads{"noise traces", std::uint32_t{1} << 31U,
                                         std::uint64_t{1} << 31};

// ---- interconnects ----

inline constexpr EntityRange cores{"cores", 0, all};

// ---- tasks with their own cells ----

/// Cells of logic tasks.
inline constexpr EntityRange logic_cells{"cells", 0, 0xC0000000U};
/// Current sums over the cells of a class.
inline constexpr EntityRange class_sums{"sums of a memory", 0xC0000000U, 0x30000000U};
/// Cells sampled for statistics.
inline constexpr EntityRange sampled_cells{"sampled cells", 0xF0000000U, 0x10000000U};
/// Cells that count pulses.
inline constexpr EntityRange counting_cells{"cells", 0, 0xF0000000U};
/// Cells that generate random bits, and cells whose median conductance is the threshold.
inline constexpr EntityRange random_cells{"cells", 0, 0xE0000000U};
inline constexpr EntityRange threshold_cells{"calibration reads", 0xE0000000U, 0x20000000U};

// ---- synthetic data of tasks ----

/// Sequence of tasks that need only one.
inline constexpr std::uint32_t task_inputs = 0;
inline constexpr std::uint32_t recover_matrix = 1;
inline constexpr std::uint32_t recover_signal = 2;
inline constexpr std::uint32_t factorize_codes = 3;
inline constexpr std::uint32_t factorize_trials = 4;
inline constexpr std::uint32_t sparse_learning = 0;
inline constexpr std::uint32_t sparse_atoms = 1;
inline constexpr std::uint32_t sparse_patches = 2;
/// Starting points of a clustering.
inline constexpr EntityRange starts{"starts", 0, all};
/// Letters, each with an item vector.
inline constexpr EntityRange symbols{"symbols", 0, all};
/// Reference process, and blocks of processes.
inline constexpr std::uint32_t reference_process = 0;
inline constexpr EntityRange process_blocks{"blocks of processes", 1, all - 1};

// ---- errors of logic operations ----

inline constexpr std::uint32_t first_operation = 0;  ///< on files, with sense amplifiers
inline constexpr std::uint32_t stateful_operation = 1;
inline constexpr std::uint32_t second_operation = 2;  ///< inverse of the first operation
inline constexpr std::uint32_t divider_samples = 3;
inline constexpr std::uint32_t arithmetic_gates = 4;
inline constexpr std::uint32_t netlist_gates = 5;
/// Steps of a query.
inline constexpr EntityRange query_steps{"steps of a query", 1000, all - 1000};

}  // namespace entities

/// Number of a draw among those of an entity.
namespace events {

inline constexpr std::uint64_t all_but_one = ~std::uint64_t{0};

/// Draws numbered in sequence: entries of a matrix, positions of a permutation.
inline constexpr EventRange places{"draws in sequence", 0, all_but_one};

// ---- devices ----

/// Programming pulses of a device: conductance change by the pulse.
inline constexpr EventRange pulses{"pulses of a device", 0, std::uint64_t{1} << 32};
/// Other random effects of a pulse (drift exponent, write noise).
inline constexpr EventRange second_draws{"pulses of a device", std::uint64_t{1} << 40,
                                         std::uint64_t{1} << 32};
/// Total pulses of all devices of a synapse: choice of the device for the next pulse.
inline constexpr EventRange arbitrations{"pulses of a synapse", 0, all_but_one};
/// Verify reads: read r after pulse p of a device.
inline constexpr EventGrid verify_reads{"verifying reads", 0, std::uint64_t{1} << 20,
                                        std::uint64_t{1} << 40};
/// Reads by an instrument.
inline constexpr EventRange instrument_reads{"reads by an instrument", std::uint64_t{1} << 60,
                                             std::uint64_t{1} << 60};
/// 1/f noise: number of the observation, and number of pulses of the device so far.
inline constexpr EventGrid slow_noise{"observations", 0, std::uint64_t{1} << 32,
                                      std::uint64_t{1} << 32};
/// Device-to-device variability: traits, constant over the life of a device.
inline constexpr EventRange traits{"traits of a device", 0, 256};
/// Faults of a device: initial fault, endurance, state at the end of life.
inline constexpr EventRange device_faults{"draws of a device's faults", 0, 3};

// ---- arrays ----

/// Wordlines or bitlines of an array.
inline constexpr EventRange lines{"lines of an array", 0, std::uint64_t{1} << 32};
/// Gain (0) and offset (1) of the converter of a line.
inline constexpr EventGrid converter_spread{"lines of a bank of converters", 0,
                                            std::uint64_t{1} << 32, 2};

// ---- networks ----
//
// In a layer with P products per sample (the positions of a convolution), product p of the sample
// with event e has the event e·P + p. Samples with different events share no event of a product as
// long as e·P + p fits in 64 bits.

/// Maximum number of products of a layer per sample.
inline constexpr std::uint64_t most_positions = (std::uint64_t{1} << 20) - 1;

/// Event of product `position` of the `positions` of a layer, for the sample with event `sample`.
constexpr std::uint64_t product(std::uint64_t sample, std::uint64_t positions,
                                std::uint64_t position) {
  std::uint64_t event = 0;
  if (position >= positions)
    detail::throw_out_of_range("products of a sample", position, positions);
  if (__builtin_mul_overflow(sample, positions, &event) ||
      __builtin_add_overflow(event, position, &event)) {
    detail::throw_out_of_range("samples", sample, all_but_one / positions);
  }
  return event;
}

/// Samples of a training run.
inline constexpr EventRange training_samples{"training samples", 0, all_but_one};

/// Samples of an evaluation; the row is the epoch, or the number of the observation.
inline constexpr EventGrid evaluations{"evaluations", 0, std::uint64_t{1} << 31,
                                       std::uint64_t{1} << 32};
/// Maximum number of evaluations for layers with `positions` products per sample: 2⁶⁴ events,
/// divided by 2³² samples per evaluation.
constexpr std::uint64_t most_evaluations(std::uint64_t positions) {
  const std::uint64_t most = (std::uint64_t{1} << 32) / positions;
  return most < evaluations.rows ? most : evaluations.rows;
}
/// Images traced through a network layer by layer; only for layers with one product per sample.
inline constexpr EventRange followed_reads{
    "followed reads", (std::uint64_t{1} << 63) + (std::uint64_t{1} << 32), std::uint64_t{1} << 32};
/// Image `image` of the `images` of a test set, evaluated after `samples` training samples.
constexpr std::uint64_t probed_image(std::uint64_t samples, std::uint64_t images,
                                     std::uint64_t image) {
  return product(samples, images, image);
}

/// Calibration: inputs measured for the full scale of the converters.
inline constexpr EventRange range_inputs{"inputs of a calibration", 0, std::uint64_t{1} << 44};
/// Calibration: samples propagated to the next layer.
inline constexpr EventRange calibration_samples{"samples of a calibration", std::uint64_t{1} << 44,
                                                std::uint64_t{1} << 20};
static_assert(product(calibration_samples.last(), most_positions, most_positions - 1) > 0);
/// Drift compensation: known input k of a layer at an observation (0: the reference).
inline constexpr EventGrid known_inputs{"known inputs", 0, std::uint64_t{1} << 32,
                                        std::uint64_t{1} << 32};

/// Products of `mvm`, and products for the calibration of its converters.
inline constexpr EventRange mvm_samples{"samples", 0, std::uint64_t{1} << 40};
inline constexpr EventRange mvm_calibration{"inputs of a calibration", std::uint64_t{1} << 40,
                                            std::uint64_t{1} << 40};

// ---- interconnects and tasks ----

inline constexpr EventRange cycles{"cycles", 0, all_but_one};
/// Products of a matrix of a task, and of matrices that replace it later.
inline constexpr EventRange task_products{"products", 0, all_but_one};
/// Reads of a cell, of a column of cells, or of a current sum.
inline constexpr EventRange cell_reads{"reads of a cell", 0, all_but_one};
/// Random values of a gate: three resistances and a threshold.
inline constexpr EventGrid divider_gates{"gates", 0, std::uint64_t{1} << 32, 4};
/// Position and value of a nonzero entry.
inline constexpr EventGrid sparse_entries{"entries", 0, std::uint64_t{1} << 32, 2};
/// Processes in a time step: correlated (0), uncorrelated (1).
inline constexpr EventGrid process_steps{"steps", 0, std::uint64_t{1} << 32, 2};
/// Error positions: one sequence for each gate or block of columns.
inline constexpr EventRange error_sequences{"sequences of errors", 0, all_but_one};

}  // namespace events

/// A kind of draw: ranges of its entities and events.
struct DrawKind {
  struct Span {
    std::uint64_t first, last;
    constexpr bool meets(const Span& other) const {
      return first <= other.last && other.first <= last;
    }
  };

  std::string_view what;
  std::string_view in;  ///< simulations with such draws; empty: all
  Purpose purpose;
  Span entities, events;

  /// Whether both can have the same name in one simulation.
  constexpr bool overlaps(const DrawKind& other) const {
    return purpose == other.purpose && (in.empty() || other.in.empty() || in == other.in) &&
           entities.meets(other.entities) && events.meets(other.events);
  }
};

/// All kinds of draws. No two of them overlap.
std::span<const DrawKind> all_draws();

}  // namespace imcsim
