// Names of random draws: which numbers stand for which things.
//
// A draw has a purpose, an entity (32 bits) and an event (64 bits); see random.hpp. The things of a
// simulation (devices, arrays, samples, pulses) are numbered here and nowhere else. A range has a
// capacity, which is checked whenever a number is computed, in every build: a number outside of it
// throws std::logic_error instead of naming the draw of something else. Where a configuration can
// ask for more, it is refused before (`holds`, `most_evaluations`).
//
// The numbers are part of what a seed means: a change of one changes results. `all_draws` lists
// every kind of draw; events.cpp does not compile where two of them overlap.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "numeric/random.hpp"

namespace imcsim {

namespace detail {
/// Throws std::logic_error: `things` has no number `n`.
[[noreturn]] void no_such_number(std::string_view things, std::uint64_t n, std::uint64_t count);
}  // namespace detail

/// `count` numbers from `first` on, which `things` have.
template <class Number>
struct NumberRange {
  std::string_view things;
  Number first;
  std::uint64_t count;

  constexpr bool holds(std::uint64_t n) const { return n < count; }

  /// Whether the things 0 … size − 1 have numbers.
  constexpr bool holds_all(std::uint64_t size) const { return size <= count; }

  /// Number of thing `n`.
  constexpr Number operator()(std::uint64_t n) const {
    if (n >= count) detail::no_such_number(things, n, count);
    return static_cast<Number>(first + n);
  }

  /// Number of thing `n`, the first of `size`, all of which have numbers.
  constexpr Number block(std::uint64_t n, std::uint64_t size) const {
    if (n > count || size > count - n) detail::no_such_number(things, n + size - 1, count);
    return static_cast<Number>(first + n);
  }

  constexpr std::uint64_t last() const { return first + (count - 1); }
};
using EntityRange = NumberRange<std::uint32_t>;
using EventRange = NumberRange<std::uint64_t>;

/// Events of things that two numbers tell apart: first + row·columns + column.
struct EventGrid {
  std::string_view things;
  std::uint64_t first;
  std::uint64_t rows, columns;

  constexpr std::uint64_t operator()(std::uint64_t row, std::uint64_t column) const {
    if (row >= rows) detail::no_such_number(things, row, rows);
    if (column >= columns) detail::no_such_number(things, column, columns);
    return first + row * columns + column;
  }

  /// Event of the first of `size` things of a row, all of which have events.
  constexpr std::uint64_t row(std::uint64_t row, std::uint64_t size) const {
    if (size > columns) detail::no_such_number(things, size - 1, columns);
    return (*this)(row, 0);
  }

  constexpr std::uint64_t last() const { return first + ((rows - 1) * columns + (columns - 1)); }
};

/// What a draw belongs to.
namespace entities {

inline constexpr std::uint64_t all = std::uint64_t{1} << 32;

// ---- arrays of devices ----

/// Devices of any kind: what a device::DeviceArray may be made of.
inline constexpr EntityRange device_entities{"devices", 0, all};
/// Devices of all crossbars of a simulation, one after the other.
inline constexpr EntityRange devices{"devices", 0, 0xC0000000U};

/// Crossbars of a simulation, tiles counted one by one.
inline constexpr EntityRange arrays{"arrays", 0, std::uint64_t{1} << 23};

/// Layers of weights on devices: the layers of a network, or the matrices of a graph …
inline constexpr EntityRange layers{"layers of weights on devices", 0, 256};
/// … and the arrays that the matrix of one is cut into.
inline constexpr EntityRange layer_tiles{"tiles of a layer", 0, arrays.count / layers.count};

/// The array of a tile; tile 0 of a layer has the layer's number.
constexpr std::uint32_t layer_array(std::uint64_t layer, std::uint64_t tile) {
  return static_cast<std::uint32_t>(layers(layer) + layers.count * layer_tiles(tile));
}

/// Matrices of a task, and the arrays that one is cut into.
inline constexpr EntityRange matrices{"matrices of a task", 0, 64};
inline constexpr EntityRange matrix_tiles{"tiles of a matrix", 0, arrays.count / matrices.count};

/// The array of a tile of a task's matrix.
constexpr std::uint32_t matrix_array(std::uint64_t matrix, std::uint64_t tile) {
  return static_cast<std::uint32_t>(matrices(matrix) + matrices.count * matrix_tiles(tile));
}

/// A product is forward (0) or transposed (1).
inline constexpr EntityRange directions{"directions of a product", 0, 2};
/// Reads that make up one product: 0, or bit 1, 2, … 15 of bit-serial inputs.
inline constexpr EntityRange product_parts{"parts of a product", 0, 16};

/// Noise of the outputs of a product: bit 0 is the direction, bits 1 … 23 the array, bits 24 … 27
/// the part.
constexpr std::uint32_t product_noise(std::uint64_t array, std::uint64_t direction,
                                      std::uint64_t part) {
  return 2 * arrays(array) + directions(direction) + (product_parts(part) << 24U);
}
inline constexpr EntityRange product_noises{"noises of outputs", 0, std::uint64_t{1} << 28};

/// Noise of the input converters of a product: as above, with bit 30.
constexpr std::uint32_t input_noise(std::uint64_t array, std::uint64_t direction) {
  return product_noise(array, direction, 0) + (std::uint32_t{1} << 30U);
}
inline constexpr EntityRange input_noises{"noises of inputs", std::uint32_t{1} << 30U,
                                          std::uint64_t{1} << 24};

/// Banks of converters of an array: inputs and outputs of either direction.
inline constexpr EntityRange array_banks{"banks of converters of an array", 0, 4};
constexpr std::uint32_t converter_bank(std::uint64_t array, std::uint64_t bank) {
  return static_cast<std::uint32_t>(array_banks.count * arrays(array) + array_banks(bank));
}
inline constexpr EntityRange converter_banks{"banks of converters", 0,
                                             array_banks.count* arrays.count};

/// Open wordlines and bitlines of an array, apart from all devices.
inline constexpr EntityRange open_rows{"wordlines of an array", 0xC0000000U, arrays.count};
inline constexpr EntityRange open_columns{"bitlines of an array", 0xE0000000U, arrays.count};

// ---- training ----

/// Layers that draw digitally: initial weights, rounding.
inline constexpr EntityRange digital_layers{"layers of a network", 0, all};
/// Stages whose inputs are dropped.
inline constexpr EntityRange stages{"stages of a network", 0, all};
/// Epochs, each with an order of the samples.
inline constexpr EntityRange epochs{"epochs", 0, all};
/// Lines that fire in a pulse train: rows (side 0) and columns (side 1) of a layer.
inline constexpr EntityRange train_sides{"sides of a pulse train", 0, 2};
constexpr std::uint32_t pulse_train(std::uint64_t layer, std::uint64_t side) {
  return static_cast<std::uint32_t>(train_sides.count * layers(layer) + train_sides(side));
}
inline constexpr EntityRange pulse_trains{"pulse trains", 0, train_sides.count* layers.count};

// ---- instruments ----

/// What `mvm` makes up.
inline constexpr std::uint32_t mvm_weights = 1;
inline constexpr std::uint32_t mvm_inputs = 2;
inline constexpr std::uint32_t mvm_density = 3;
/// Noise traces of single devices: 1/f noise, and the white noise of their reads.
inline constexpr EntityRange noise_traces{"noise traces", 0, std::uint64_t{1} << 31};
inline constexpr EntityRange trace_reads{"noise traces", std::uint32_t{1} << 31U,
                                         std::uint64_t{1} << 31};

// ---- interconnects ----

inline constexpr EntityRange cores{"cores", 0, all};

// ---- tasks on cells of their own ----

/// Cells that logic is stored in.
inline constexpr EntityRange logic_cells{"cells", 0, 0xC0000000U};
/// Currents that are sums over the cells of a class.
inline constexpr EntityRange class_sums{"sums of a memory", 0xC0000000U, 0x30000000U};
/// Cells that statistics are sampled from.
inline constexpr EntityRange sampled_cells{"sampled cells", 0xF0000000U, 0x10000000U};
/// Cells that count pulses.
inline constexpr EntityRange counting_cells{"cells", 0, 0xF0000000U};
/// Cells that make random bits, and those that their threshold is taken from.
inline constexpr EntityRange random_cells{"cells", 0, 0xE0000000U};
inline constexpr EntityRange threshold_cells{"calibration reads", 0xE0000000U, 0x20000000U};

// ---- what tasks make up ----

/// The only sequence of a task that needs no more.
inline constexpr std::uint32_t task_inputs = 0;
inline constexpr std::uint32_t recover_matrix = 1;
inline constexpr std::uint32_t recover_signal = 2;
inline constexpr std::uint32_t factorize_codes = 3;
inline constexpr std::uint32_t factorize_trials = 4;
inline constexpr std::uint32_t sparse_learning = 0;
inline constexpr std::uint32_t sparse_atoms = 1;
inline constexpr std::uint32_t sparse_patches = 2;
/// Starts of a clustering.
inline constexpr EntityRange starts{"starts", 0, all};
/// Letters, each with an item vector.
inline constexpr EntityRange symbols{"symbols", 0, all};
/// Reference process, and blocks of processes.
inline constexpr std::uint32_t reference_process = 0;
inline constexpr EntityRange process_blocks{"blocks of processes", 1, all - 1};

// ---- errors of logic ----

inline constexpr std::uint32_t first_operation = 0;  ///< on files, by reading
inline constexpr std::uint32_t stateful_operation = 1;
inline constexpr std::uint32_t second_operation = 2;  ///< the first one undone
inline constexpr std::uint32_t divider_samples = 3;
inline constexpr std::uint32_t arithmetic_gates = 4;
inline constexpr std::uint32_t netlist_gates = 5;
/// Steps of a query.
inline constexpr EntityRange query_steps{"steps of a query", 1000, all - 1000};

}  // namespace entities

/// Which of an entity's draws.
namespace events {

inline constexpr std::uint64_t all_but_one = ~std::uint64_t{0};

/// Draws in an order of their own: entries of a matrix, places of a permutation, a sequence.
inline constexpr EventRange places{"draws in sequence", 0, all_but_one};

// ---- devices ----

/// Programming pulses of a device: the change by the pulse …
inline constexpr EventRange pulses{"pulses of a device", 0, std::uint64_t{1} << 32};
/// … and what else it leaves by chance (drift exponent, error of the write).
inline constexpr EventRange second_draws{"pulses of a device", std::uint64_t{1} << 40,
                                         std::uint64_t{1} << 32};
/// Pulses of all devices of a synapse together: which gets the next.
inline constexpr EventRange arbitrations{"pulses of a synapse", 0, all_but_one};
/// Verifying reads: read r after a device's pulse p.
inline constexpr EventGrid verify_reads{"verifying reads", 0, std::uint64_t{1} << 20,
                                        std::uint64_t{1} << 40};
/// Reads by an instrument.
inline constexpr EventRange instrument_reads{"reads by an instrument", std::uint64_t{1} << 60,
                                             std::uint64_t{1} << 60};
/// 1/f noise: an observation, and the device's pulses so far.
inline constexpr EventGrid slow_noise{"observations", 0, std::uint64_t{1} << 32,
                                      std::uint64_t{1} << 32};
/// What sets a device apart for ever.
inline constexpr EventRange traits{"traits of a device", 0, 256};
/// Whether a device is broken, how long it lives, how it ends.
inline constexpr EventRange device_faults{"draws of a device's faults", 0, 3};

// ---- arrays ----

/// Wordlines or bitlines of an array.
inline constexpr EventRange lines{"lines of an array", 0, std::uint64_t{1} << 32};
/// Gain (0) and offset (1) of the converter of a line.
inline constexpr EventGrid converter_spread{"lines of a bank of converters", 0,
                                            std::uint64_t{1} << 32, 2};

// ---- networks ----
//
// A layer of P products a sample (the positions of a convolution) gives product p of the sample
// with event e the event e·P + p. Samples without common events have no common products, as long
// as e·P + p does not leave 64 bits.

/// Most products of a layer a sample.
inline constexpr std::uint64_t most_positions = (std::uint64_t{1} << 20) - 1;

/// Event of product `position` of the `positions` of a layer, for the sample with event `sample`.
constexpr std::uint64_t product(std::uint64_t sample, std::uint64_t positions,
                                std::uint64_t position) {
  std::uint64_t event = 0;
  if (position >= positions) detail::no_such_number("products of a sample", position, positions);
  if (__builtin_mul_overflow(sample, positions, &event) ||
      __builtin_add_overflow(event, position, &event)) {
    detail::no_such_number("samples", sample, all_but_one / positions);
  }
  return event;
}

/// Samples of a training.
inline constexpr EventRange training_samples{"training samples", 0, all_but_one};

/// Samples of an evaluation, by its number (the epoch, or the observation in time).
inline constexpr EventGrid evaluations{"evaluations", 0, std::uint64_t{1} << 31,
                                       std::uint64_t{1} << 32};
/// Evaluations whose products all have events, in layers of `positions` products a sample: as many
/// as 2⁶⁴ events hold at 2³² samples each.
constexpr std::uint64_t most_evaluations(std::uint64_t positions) {
  const std::uint64_t most = (std::uint64_t{1} << 32) / positions;
  return most < evaluations.rows ? most : evaluations.rows;
}
/// Reads of a network that is followed; only where every layer has one product a sample.
inline constexpr EventRange followed_reads{
    "followed reads", (std::uint64_t{1} << 63) + (std::uint64_t{1} << 32), std::uint64_t{1} << 32};
/// Image `image` of the `images` of a test set, evaluated after `samples` training samples.
constexpr std::uint64_t probed_image(std::uint64_t samples, std::uint64_t images,
                                     std::uint64_t image) {
  return product(samples, images, image);
}

/// Calibration: inputs that are measured for the range of the converters …
inline constexpr EventRange range_inputs{"inputs of a calibration", 0, std::uint64_t{1} << 44};
/// … and samples on their way to the next layer.
inline constexpr EventRange calibration_samples{"samples of a calibration", std::uint64_t{1} << 44,
                                                std::uint64_t{1} << 20};
static_assert(product(calibration_samples.last(), most_positions, most_positions - 1) > 0);
/// Compensation of drift: known input k of a layer at an observation; 0: the reference.
inline constexpr EventGrid known_inputs{"known inputs", 0, std::uint64_t{1} << 32,
                                        std::uint64_t{1} << 32};

/// Products of `mvm`, and those that its converters are calibrated by.
inline constexpr EventRange mvm_samples{"samples", 0, std::uint64_t{1} << 40};
inline constexpr EventRange mvm_calibration{"inputs of a calibration", std::uint64_t{1} << 40,
                                            std::uint64_t{1} << 40};

// ---- interconnects and tasks ----

inline constexpr EventRange cycles{"cycles", 0, all_but_one};
/// Products of a task's matrix, or of one that takes its place later.
inline constexpr EventRange task_products{"products", 0, all_but_one};
/// Reads of a cell, of a column of cells, of a sum.
inline constexpr EventRange cell_reads{"reads of a cell", 0, all_but_one};
/// Cells of a gate that is drawn: three resistances and a threshold.
inline constexpr EventGrid divider_gates{"gates", 0, std::uint64_t{1} << 32, 4};
/// Place and value of an entry that is not zero.
inline constexpr EventGrid sparse_entries{"entries", 0, std::uint64_t{1} << 32, 2};
/// Processes of a step: those that are correlated (0), the others (1).
inline constexpr EventGrid process_steps{"steps", 0, std::uint64_t{1} << 32, 2};
/// Error positions: a gate or a block of columns each.
inline constexpr EventRange error_sequences{"sequences of errors", 0, all_but_one};

}  // namespace events

/// A kind of draw: the entities and events that it may have.
struct DrawKind {
  struct Span {
    std::uint64_t first, last;
    constexpr bool meets(const Span& other) const {
      return first <= other.last && other.first <= last;
    }
  };

  std::string_view what;
  std::string_view in;  ///< the simulations that have such draws; empty: all of them
  Purpose purpose;
  Span entities, events;

  /// Whether both have a name in common, in simulations that may be one.
  constexpr bool overlaps(const DrawKind& other) const {
    return purpose == other.purpose && (in.empty() || other.in.empty() || in == other.in) &&
           entities.meets(other.entities) && events.meets(other.events);
  }
};

/// Every kind of draw. No two of them overlap.
std::span<const DrawKind> all_draws();

}  // namespace imcsim
