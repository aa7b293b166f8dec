#include "numeric/events.hpp"

#include <array>
#include <stdexcept>
#include <string>

namespace imcsim {
namespace {

template <class Range>
constexpr DrawKind::Span all(const Range& range) {
  return {range.first, range.last()};
}
constexpr DrawKind::Span only(std::uint64_t number) { return {number, number}; }
/// Products of samples with events of `range`, for any number of products per sample.
constexpr DrawKind::Span from(const EventRange& range) { return {range.first, ~std::uint64_t{0}}; }
constexpr DrawKind::Span any_event = {0, ~std::uint64_t{0}};

constexpr auto kinds = std::to_array<DrawKind>({
    // Devices of arrays.
    {"pulses", "arrays", Purpose::programming, all(entities::devices), all(events::pulses)},
    {"second draws", "arrays", Purpose::programming, all(entities::devices),
     all(events::second_draws)},
    {"verifying reads", "arrays", Purpose::verify_read, all(entities::devices),
     all(events::verify_reads)},
    {"reads by an instrument", "arrays", Purpose::verify_read, all(entities::devices),
     all(events::instrument_reads)},
    {"arbitration", "", Purpose::arbitration, all(entities::devices), all(events::arbitrations)},
    {"traits", "arrays", Purpose::device_spread, all(entities::devices), all(events::traits)},
    {"1/f noise", "arrays", Purpose::slow_noise, all(entities::devices), all(events::slow_noise)},
    {"broken devices", "", Purpose::faults, all(entities::devices), all(events::device_faults)},
    {"open wordlines", "", Purpose::faults, all(entities::open_rows), all(events::lines)},
    {"open bitlines", "", Purpose::faults, all(entities::open_columns), all(events::lines)},
    // Cells of tasks: the same draws as for arrays, other entities.
    {"pulses", "logic", Purpose::programming, all(entities::logic_cells), all(events::pulses)},
    {"second draws", "logic", Purpose::programming, all(entities::logic_cells),
     all(events::second_draws)},
    {"pulses of samples", "logic", Purpose::programming, all(entities::sampled_cells),
     all(events::pulses)},
    {"second draws of samples", "logic", Purpose::programming, all(entities::sampled_cells),
     all(events::second_draws)},
    {"verifying reads", "logic", Purpose::verify_read, all(entities::logic_cells),
     all(events::verify_reads)},
    {"verifying reads of samples", "logic", Purpose::verify_read, all(entities::sampled_cells),
     all(events::verify_reads)},
    {"traits", "logic", Purpose::device_spread, all(entities::logic_cells), all(events::traits)},
    {"traits of samples", "logic", Purpose::device_spread, all(entities::sampled_cells),
     all(events::traits)},
    {"1/f noise", "logic", Purpose::slow_noise, all(entities::logic_cells),
     all(events::slow_noise)},
    {"1/f noise of samples", "logic", Purpose::slow_noise, all(entities::sampled_cells),
     all(events::slow_noise)},
    {"columns", "logic files", Purpose::task_read, only(0), all(events::cell_reads)},
    {"samples", "logic files", Purpose::task_read, all(entities::sampled_cells),
     all(events::cell_reads)},
    {"sums", "memory", Purpose::task_read, all(entities::class_sums), all(events::cell_reads)},
    {"samples", "memory", Purpose::task_read, all(entities::sampled_cells),
     all(events::cell_reads)},
    {"pulses", "counting", Purpose::programming, all(entities::counting_cells),
     all(events::pulses)},
    {"second draws", "counting", Purpose::programming, all(entities::counting_cells),
     all(events::second_draws)},
    {"pulses of samples", "counting", Purpose::programming, all(entities::sampled_cells),
     all(events::pulses)},
    {"second draws of samples", "counting", Purpose::programming, all(entities::sampled_cells),
     all(events::second_draws)},
    {"traits", "counting", Purpose::device_spread, all(entities::counting_cells),
     all(events::traits)},
    {"traits of samples", "counting", Purpose::device_spread, all(entities::sampled_cells),
     all(events::traits)},
    {"reads", "counting", Purpose::task_read, all(entities::counting_cells),
     all(events::cell_reads)},
    {"samples", "counting", Purpose::task_read, all(entities::sampled_cells),
     all(events::cell_reads)},
    {"pulses", "random bits", Purpose::programming, all(entities::random_cells),
     all(events::pulses)},
    {"second draws", "random bits", Purpose::programming, all(entities::random_cells),
     all(events::second_draws)},
    {"pulses of the threshold", "random bits", Purpose::programming, all(entities::threshold_cells),
     all(events::pulses)},
    {"second draws of the threshold", "random bits", Purpose::programming,
     all(entities::threshold_cells), all(events::second_draws)},
    {"traits", "random bits", Purpose::device_spread, all(entities::random_cells),
     all(events::traits)},
    {"traits of the threshold", "random bits", Purpose::device_spread,
     all(entities::threshold_cells), all(events::traits)},
    {"reads", "random bits", Purpose::task_read, all(entities::random_cells),
     all(events::cell_reads)},
    {"reads of the threshold", "random bits", Purpose::task_read, all(entities::threshold_cells),
     all(events::cell_reads)},
    {"reads", "correlate", Purpose::task_read, all(entities::devices), all(events::cell_reads)},
    // Products of arrays. The ranges are those of samples; events of products have the same order.
    {"outputs", "", Purpose::training_read, all(entities::product_noises), any_event},
    {"inputs", "", Purpose::training_read, all(entities::input_noises), any_event},
    {"outputs", "networks", Purpose::evaluation_read, all(entities::product_noises),
     all(events::evaluations)},
    {"inputs", "networks", Purpose::evaluation_read, all(entities::input_noises),
     all(events::evaluations)},
    {"followed outputs", "networks", Purpose::evaluation_read, all(entities::product_noises),
     all(events::followed_reads)},
    {"followed inputs", "networks", Purpose::evaluation_read, all(entities::input_noises),
     all(events::followed_reads)},
    {"outputs", "mvm", Purpose::evaluation_read, all(entities::product_noises),
     all(events::mvm_samples)},
    {"inputs", "mvm", Purpose::evaluation_read, all(entities::input_noises),
     all(events::mvm_samples)},
    {"calibrating outputs", "mvm", Purpose::evaluation_read, all(entities::product_noises),
     all(events::mvm_calibration)},
    {"calibrating inputs", "mvm", Purpose::evaluation_read, all(entities::input_noises),
     all(events::mvm_calibration)},
    {"outputs", "", Purpose::probe_read, all(entities::product_noises), any_event},
    {"inputs", "", Purpose::probe_read, all(entities::input_noises), any_event},
    {"range of outputs", "", Purpose::calibration_read, all(entities::product_noises),
     all(events::range_inputs)},
    {"range of inputs", "", Purpose::calibration_read, all(entities::input_noises),
     all(events::range_inputs)},
    {"outputs of samples", "", Purpose::calibration_read, all(entities::product_noises),
     from(events::calibration_samples)},
    {"inputs of samples", "", Purpose::calibration_read, all(entities::input_noises),
     from(events::calibration_samples)},
    {"known outputs", "", Purpose::compensation_read, all(entities::product_noises),
     all(events::known_inputs)},
    {"known inputs", "", Purpose::compensation_read, all(entities::input_noises),
     all(events::known_inputs)},
    {"outputs", "", Purpose::transfer_read, all(entities::product_noises),
     all(events::training_samples)},
    {"inputs", "", Purpose::transfer_read, all(entities::input_noises),
     all(events::training_samples)},
    {"outputs", "matrices", Purpose::task_read, all(entities::product_noises),
     all(events::task_products)},
    {"inputs", "matrices", Purpose::task_read, all(entities::input_noises),
     all(events::task_products)},
    {"converters", "", Purpose::converter_spread, all(entities::converter_banks),
     all(events::converter_spread)},
    // Training.
    {"initial weights", "", Purpose::initial_weights, all(entities::digital_layers),
     all(events::places)},
    {"order of samples", "", Purpose::shuffle, all(entities::epochs), all(events::places)},
    {"rounding", "", Purpose::rounding, all(entities::digital_layers),
     all(events::training_samples)},
    {"pulse trains", "", Purpose::pulse_train, all(entities::pulse_trains), any_event},
    {"transfer trains", "", Purpose::transfer_train, all(entities::pulse_trains),
     all(events::training_samples)},
    {"dropout", "", Purpose::dropout, all(entities::stages), all(events::training_samples)},
    // Instruments and interconnects.
    {"weights", "mvm", Purpose::instrument, only(entities::mvm_weights), all(events::places)},
    {"inputs", "mvm", Purpose::instrument, only(entities::mvm_inputs), all(events::places)},
    {"density", "mvm", Purpose::instrument, only(entities::mvm_density), all(events::places)},
    {"1/f noise", "noise traces", Purpose::instrument, all(entities::noise_traces),
     all(events::places)},
    {"white noise", "noise traces", Purpose::instrument, all(entities::trace_reads),
     all(events::places)},
    {"packets", "", Purpose::network_traffic, all(entities::cores), all(events::cycles)},
    // Tasks.
    {"inputs", "multiply", Purpose::task_data, only(entities::task_inputs), all(events::places)},
    {"right side", "solve", Purpose::task_data, only(entities::task_inputs), all(events::places)},
    {"vectors", "netlist", Purpose::task_data, only(entities::task_inputs), all(events::places)},
    {"matrix", "recover", Purpose::task_data, only(entities::recover_matrix), all(events::places)},
    {"signal", "recover", Purpose::task_data, only(entities::recover_signal),
     all(events::sparse_entries)},
    {"codes", "factorize", Purpose::task_data, only(entities::factorize_codes),
     all(events::places)},
    {"trials", "factorize", Purpose::task_data, only(entities::factorize_trials),
     all(events::places)},
    {"learning", "sparse-code", Purpose::task_data, only(entities::sparse_learning),
     all(events::places)},
    {"atoms", "sparse-code", Purpose::task_data, only(entities::sparse_atoms), all(events::places)},
    {"patches", "sparse-code", Purpose::task_data, only(entities::sparse_patches),
     all(events::places)},
    {"starts", "cluster", Purpose::task_data, all(entities::starts), all(events::places)},
    {"items", "language", Purpose::task_data, all(entities::symbols), all(events::places)},
    {"reference", "correlate", Purpose::task_data, only(entities::reference_process),
     all(events::places)},
    {"processes", "correlate", Purpose::task_data, all(entities::process_blocks),
     all(events::process_steps)},
    {"first operation", "", Purpose::task_errors, only(entities::first_operation),
     all(events::error_sequences)},
    {"stateful operation", "", Purpose::task_errors, only(entities::stateful_operation),
     all(events::error_sequences)},
    {"second operation", "", Purpose::task_errors, only(entities::second_operation),
     all(events::error_sequences)},
    {"divider", "", Purpose::task_errors, only(entities::divider_samples),
     all(events::divider_gates)},
    {"arithmetic", "", Purpose::task_errors, only(entities::arithmetic_gates),
     all(events::error_sequences)},
    {"netlist", "", Purpose::task_errors, only(entities::netlist_gates),
     all(events::error_sequences)},
    {"query", "", Purpose::task_errors, all(entities::query_steps), all(events::error_sequences)},
});

constexpr bool no_two_overlap() {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    for (std::size_t k = i + 1; k < kinds.size(); ++k) {
      if (kinds[i].overlaps(kinds[k])) return false;
    }
  }
  return true;
}
static_assert(no_two_overlap());

}  // namespace

std::span<const DrawKind> all_draws() { return kinds; }

void detail::throw_out_of_range(std::string_view objects, std::uint64_t n, std::uint64_t count) {
  throw std::logic_error("random draws: " + std::string(objects) + ": number " + std::to_string(n) +
                         " is not below " + std::to_string(count));
}

}  // namespace imcsim
