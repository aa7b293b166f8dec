// Names of random draws: capacity of each range, no overlap of ranges, and refusal of arrays that
// exceed a capacity.
#include "numeric/events.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "base/error.hpp"
#include "crossbar/crossbar.hpp"
#include "network/network.hpp"
#include "support.hpp"
#include "tasks/device_matrix.hpp"
#include "training/training.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(numeric_events)

namespace {

constexpr std::uint64_t most_number = ~std::uint64_t{0};

/// The first and last objects have the first and last numbers; one more has none.
template <class Number>
void check_ends(const NumberRange<Number>& range, std::uint64_t first, std::uint64_t last) {
  BOOST_TEST_CONTEXT(range.objects) {
    BOOST_TEST(range(0) == first);
    BOOST_TEST(range(range.count - 1) == last);
    BOOST_TEST(range.last() == last);
    BOOST_CHECK_THROW(range(range.count), std::logic_error);
    BOOST_CHECK_THROW(range(most_number), std::logic_error);
    BOOST_TEST(range.holds(range.count - 1));
    BOOST_TEST(!range.holds(range.count));
    BOOST_TEST(range.holds_all(range.count));
    if (range.count < most_number) BOOST_TEST(!range.holds_all(range.count + 1));
    BOOST_TEST(range.block(0, range.count) == first);
    BOOST_TEST(range.block(range.count - 2, 2) == last - 1);
    BOOST_CHECK_THROW(range.block(range.count - 1, 2), std::logic_error);
    BOOST_CHECK_THROW(range.block(1, range.count), std::logic_error);
    BOOST_CHECK_THROW(range.block(2, most_number), std::logic_error);
  }
}

void check_ends(const EventGrid& grid, std::uint64_t first, std::uint64_t last) {
  BOOST_TEST_CONTEXT(grid.objects) {
    BOOST_TEST(grid(0, 0) == first);
    BOOST_TEST(grid(grid.rows - 1, grid.columns - 1) == last);
    BOOST_TEST(grid.last() == last);
    BOOST_TEST(grid(1, 0) == grid(0, grid.columns - 1) + 1);
    BOOST_CHECK_THROW(grid(grid.rows, 0), std::logic_error);
    BOOST_CHECK_THROW(grid(0, grid.columns), std::logic_error);
    BOOST_TEST(grid.row(1, grid.columns) == grid(1, 0));
    BOOST_CHECK_THROW(grid.row(0, grid.columns + 1), std::logic_error);
  }
}

/// Name of a draw: key and counter of Philox.
using Name = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>;

Name name_of(const Stream& stream, std::uint64_t event) {
  const numeric::PhiloxName name = stream.name(event);
  return {name.key[0], name.key[1], name.counter[0], name.counter[1], name.counter[2]};
}

struct Events {
  std::uint64_t first, last;
  bool meets(const Events& other) const { return first <= other.last && other.first <= last; }
};
/// Events of a layer with `positions` products per sample, for `count` samples from event `first`
/// on.
Events products_of(std::uint64_t first, std::uint64_t count, std::uint64_t positions) {
  return {events::product(first, positions, 0),
          events::product(first + (count - 1), positions, positions - 1)};
}

crossbar::CrossbarConfig ideal() {
  crossbar::CrossbarConfig config;
  config.device.model = device::ModelName::ideal;
  return config;
}

network::CrossbarLayer layer(std::size_t rows, std::size_t columns, std::uint32_t id,
                             std::uint32_t first_device, const crossbar::TileSize& tile) {
  const crossbar::CrossbarConfig config = ideal();
  return {config, device::make_model(config.device, config.pulse_us),
          rows,   columns,
          false,  tile,
          id,     first_device,
          1,      {best_isa(), 1}};
}

/// Option or place in the InputError of `work`.
template <class Work>
std::string refused_at(const Work& work) {
  try {
    work();
  } catch (const InputError& error) {
    return error.where();
  }
  return "not refused";
}

}  // namespace

BOOST_AUTO_TEST_CASE(entity_ranges_end_at_their_capacity) {
  namespace e = entities;
  check_ends(e::device_entities, 0, 0xFFFFFFFF);
  check_ends(e::devices, 0, 0xBFFFFFFF);
  check_ends(e::arrays, 0, 0x7FFFFF);
  check_ends(e::layers, 0, 255);
  check_ends(e::layer_tiles, 0, 32767);
  check_ends(e::matrices, 0, 63);
  check_ends(e::matrix_tiles, 0, 131071);
  check_ends(e::directions, 0, 1);
  check_ends(e::product_parts, 0, 15);
  check_ends(e::product_noises, 0, 0x0FFFFFFF);
  check_ends(e::input_noises, 0x40000000, 0x40FFFFFF);
  check_ends(e::array_banks, 0, 3);
  check_ends(e::converter_banks, 0, 0x1FFFFFF);
  check_ends(e::open_rows, 0xC0000000, 0xC07FFFFF);
  check_ends(e::open_columns, 0xE0000000, 0xE07FFFFF);
  check_ends(e::digital_layers, 0, 0xFFFFFFFF);
  check_ends(e::stages, 0, 0xFFFFFFFF);
  check_ends(e::epochs, 0, 0xFFFFFFFF);
  check_ends(e::train_sides, 0, 1);
  check_ends(e::pulse_trains, 0, 511);
  check_ends(e::noise_traces, 0, 0x7FFFFFFF);
  check_ends(e::trace_reads, 0x80000000, 0xFFFFFFFF);
  check_ends(e::cores, 0, 0xFFFFFFFF);
  check_ends(e::logic_cells, 0, 0xBFFFFFFF);
  check_ends(e::class_sums, 0xC0000000, 0xEFFFFFFF);
  check_ends(e::sampled_cells, 0xF0000000, 0xFFFFFFFF);
  check_ends(e::counting_cells, 0, 0xEFFFFFFF);
  check_ends(e::random_cells, 0, 0xDFFFFFFF);
  check_ends(e::threshold_cells, 0xE0000000, 0xFFFFFFFF);
  check_ends(e::starts, 0, 0xFFFFFFFF);
  check_ends(e::symbols, 0, 0xFFFFFFFF);
  check_ends(e::process_blocks, 1, 0xFFFFFFFF);
  check_ends(e::query_steps, 1000, 0xFFFFFFFF);
}

BOOST_AUTO_TEST_CASE(event_ranges_end_at_their_capacity) {
  namespace e = events;
  constexpr auto two_to = [](unsigned power) { return std::uint64_t{1} << power; };
  check_ends(e::places, 0, most_number - 1);
  check_ends(e::pulses, 0, two_to(32) - 1);
  check_ends(e::second_draws, two_to(40), two_to(40) + two_to(32) - 1);
  check_ends(e::arbitrations, 0, most_number - 1);
  check_ends(e::verify_reads, 0, two_to(60) - 1);
  check_ends(e::instrument_reads, two_to(60), two_to(61) - 1);
  check_ends(e::slow_noise, 0, most_number);
  check_ends(e::traits, 0, 255);
  check_ends(e::device_faults, 0, 2);
  check_ends(e::lines, 0, two_to(32) - 1);
  check_ends(e::converter_spread, 0, two_to(33) - 1);
  check_ends(e::training_samples, 0, most_number - 1);
  check_ends(e::evaluations, 0, two_to(63) - 1);
  check_ends(e::followed_reads, two_to(63) + two_to(32), two_to(63) + two_to(33) - 1);
  check_ends(e::range_inputs, 0, two_to(44) - 1);
  check_ends(e::calibration_samples, two_to(44), two_to(44) + two_to(20) - 1);
  check_ends(e::known_inputs, 0, most_number);
  check_ends(e::mvm_samples, 0, two_to(40) - 1);
  check_ends(e::mvm_calibration, two_to(40), two_to(41) - 1);
  check_ends(e::cycles, 0, most_number - 1);
  check_ends(e::task_products, 0, most_number - 1);
  check_ends(e::cell_reads, 0, most_number - 1);
  check_ends(e::divider_gates, 0, two_to(34) - 1);
  check_ends(e::sparse_entries, 0, two_to(33) - 1);
  check_ends(e::process_steps, 0, two_to(33) - 1);
  check_ends(e::error_sequences, 0, most_number - 1);
}

/// Results depend on these numbers.
BOOST_AUTO_TEST_CASE(numbers_are_unchanged) {
  BOOST_TEST(entities::layer_array(3, 0) == 3U);
  BOOST_TEST(entities::layer_array(3, 2) == 515U);
  BOOST_TEST(entities::matrix_array(3, 2) == 131U);
  BOOST_TEST(entities::product_noise(515, 1, 0) == 1031U);
  BOOST_TEST(entities::product_noise(515, 1, 7) == 0x07000407U);
  BOOST_TEST(entities::input_noise(515, 0) == 0x40000406U);
  BOOST_TEST(entities::converter_bank(515, 3) == 2063U);
  BOOST_TEST(entities::pulse_train(4, 1) == 9U);
  BOOST_TEST(events::second_draws(9) == 0x10000000009U);
  BOOST_TEST(events::verify_reads(2, 9) == 0x20000000009U);
  BOOST_TEST(events::slow_noise(2, 9) == 0x200000009U);
  BOOST_TEST(events::converter_spread(4, 1) == 9U);
  BOOST_TEST(events::evaluations(2, 9) == 0x200000009U);
  BOOST_TEST(events::product(9, 10, 3) == 93U);
  BOOST_TEST(events::calibration_samples(9) == 0x100000000009U);
  BOOST_TEST(events::divider_gates(2, 3) == 11U);
}

/// Independent check of all pairs of kinds of draws.
BOOST_AUTO_TEST_CASE(no_two_kinds_of_draw_overlap) {
  const std::span<const DrawKind> kinds = all_draws();
  BOOST_TEST(kinds.size() > 50U);
  std::size_t compared = 0;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const DrawKind& a = kinds[i];
    BOOST_TEST(a.entities.last <= 0xFFFFFFFFU, a.what << " in " << a.in);
    BOOST_TEST(a.entities.first <= a.entities.last, a.what << " in " << a.in);
    BOOST_TEST(a.events.first <= a.events.last, a.what << " in " << a.in);
    for (std::size_t k = 0; k < i; ++k) {
      const DrawKind& b = kinds[k];
      if (a.purpose != b.purpose) continue;
      if (!a.in.empty() && !b.in.empty() && a.in != b.in) continue;
      ++compared;
      const bool apart = a.entities.last < b.entities.first || b.entities.last < a.entities.first ||
                         a.events.last < b.events.first || b.events.last < a.events.first;
      BOOST_TEST(apart, a.what << " in " << a.in << " and " << b.what << " in " << b.in);
    }
  }
  BOOST_TEST(compared > 40U);
}

BOOST_AUTO_TEST_CASE(every_purpose_has_its_kinds_of_draw) {
  std::set<Purpose> listed;
  for (const DrawKind& kind : all_draws()) listed.insert(kind.purpose);
  for (const Purpose purpose :
       {Purpose::initial_weights, Purpose::shuffle,           Purpose::programming,
        Purpose::verify_read,     Purpose::training_read,     Purpose::evaluation_read,
        Purpose::rounding,        Purpose::arbitration,       Purpose::device_spread,
        Purpose::faults,          Purpose::slow_noise,        Purpose::converter_spread,
        Purpose::instrument,      Purpose::calibration_read,  Purpose::pulse_train,
        Purpose::transfer_train,  Purpose::transfer_read,     Purpose::dropout,
        Purpose::probe_read,      Purpose::compensation_read, Purpose::network_traffic,
        Purpose::task_read,       Purpose::task_data,         Purpose::task_errors}) {
    BOOST_TEST(listed.count(purpose) == 1U, static_cast<std::uint32_t>(purpose));
  }
}

/// Ranges of 256 events per observation, with 496 events in use.
BOOST_AUTO_TEST_CASE(an_overlap_is_detected) {
  const DrawKind first{"known inputs", "", Purpose::calibration_read, {0, 9}, {0, 495}};
  DrawKind second{"known inputs", "", Purpose::calibration_read, {9, 20}, {256, 751}};
  BOOST_TEST(first.overlaps(second));
  BOOST_TEST(second.overlaps(first));
  second.purpose = Purpose::evaluation_read;
  BOOST_TEST(!first.overlaps(second));
  second.purpose = Purpose::calibration_read;
  second.entities.first = 10;
  BOOST_TEST(!first.overlaps(second));
}

BOOST_AUTO_TEST_CASE(products_of_arrays_have_separate_noise) {
  std::set<std::uint32_t> noises;
  std::size_t requested = 0;
  for (const std::uint64_t array : {0U, 1U, 255U, 256U, 0x3FFFFFU, 0x7FFFFEU, 0x7FFFFFU}) {
    for (const std::uint64_t direction : {0U, 1U}) {
      for (std::uint64_t part = 0; part < 16; ++part, ++requested) {
        noises.insert(entities::product_noise(array, direction, part));
      }
      noises.insert(entities::input_noise(array, direction));
      ++requested;
    }
  }
  BOOST_TEST(noises.size() == requested);
  BOOST_CHECK_THROW(entities::product_noise(0x800000, 0, 0), std::logic_error);
  BOOST_CHECK_THROW(entities::product_noise(0, 2, 0), std::logic_error);
  BOOST_CHECK_THROW(entities::product_noise(0, 0, 16), std::logic_error);
  BOOST_CHECK_THROW(entities::input_noise(0x800000, 0), std::logic_error);
}

BOOST_AUTO_TEST_CASE(tiles_have_separate_arrays) {
  std::set<std::uint32_t> arrays;
  for (std::uint64_t l = 0; l < 256; ++l) {
    for (const std::uint64_t tile : {0U, 1U, 2U, 255U, 256U, 32766U, 32767U}) {
      arrays.insert(entities::layer_array(l, tile));
    }
  }
  BOOST_TEST(arrays.size() == 7U * 256U);
  BOOST_CHECK_THROW(entities::layer_array(256, 0), std::logic_error);
  BOOST_CHECK_THROW(entities::layer_array(0, 32768), std::logic_error);
  BOOST_CHECK_THROW(entities::matrix_array(64, 0), std::logic_error);
  BOOST_CHECK_THROW(entities::matrix_array(0, 131072), std::logic_error);
}

/// For any number of products per sample, evaluations do not overlap up to the last one with
/// events; later ones do not wrap to evaluation 0.
BOOST_AUTO_TEST_CASE(evaluations_never_share_a_product) {
  constexpr std::uint64_t images = std::uint64_t{1} << 32;
  for (const std::uint64_t positions :
       {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}, std::uint64_t{25}, std::uint64_t{576},
        std::uint64_t{784}, std::uint64_t{4096}, std::uint64_t{12544}, events::most_positions}) {
    const std::uint64_t most = events::most_evaluations(positions);
    BOOST_TEST_CONTEXT(positions << " products, " << most << " evaluations") {
      std::vector<Events> all;
      for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{1}, most - 2, most - 1}) {
        all.push_back(products_of(events::evaluations.row(number, images), images, positions));
        BOOST_TEST(all.back().first < all.back().last);  // no wrap
      }
      for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) BOOST_TEST(!all[i].meets(all[k]));
      }
      if (positions > 2) {
        BOOST_CHECK_THROW(products_of(most << 32U, images, positions), std::logic_error);
      }
      BOOST_TEST(refused_at([&] { training::require_evaluations(most, positions, "--epochs"); }) ==
                 "not refused");
      BOOST_TEST(refused_at([&] {
                   training::require_evaluations(most + 1, positions, "--epochs");
                 }) == "--epochs");
    }
  }
  // 2³¹·2³² times an even number of products overflows to 0.
  BOOST_CHECK_THROW(events::product(std::uint64_t{1} << 63, 576, 0), std::logic_error);
}

/// Names of all draws of one array in three evaluations, and in evaluations after three numbers of
/// training samples.
BOOST_AUTO_TEST_CASE(probes_share_no_draw_with_evaluations) {
  constexpr std::uint64_t seed = 7;
  const std::uint32_t entity = entities::product_noise(0, 0, 0);
  const Stream evaluated(seed, Purpose::evaluation_read, entity);
  const Stream probed(seed, Purpose::probe_read, entity);
  for (const std::uint64_t positions : {1U, 2U, 64U, 576U}) {
    std::set<Name> names;
    std::size_t requested = 0;
    for (std::uint64_t image = 0; image < 20; ++image) {
      for (const std::uint64_t position : {std::uint64_t{0}, positions - 1}) {
        if (positions == 1 && position > 0) continue;
        for (const std::uint64_t number : {0U, 1U, 2U}) {
          const std::uint64_t event = events::evaluations(number, image);
          names.insert(name_of(evaluated, events::product(event, positions, position)));
          ++requested;
        }
        for (const std::uint64_t samples : {0U, 1U, 16U}) {
          const std::uint64_t event = events::probed_image(samples, 20, image);
          names.insert(name_of(probed, events::product(event, positions, position)));
          ++requested;
        }
        if (position + 1 == positions) break;
      }
    }
    BOOST_TEST(names.size() == requested, positions << " products");
  }
  // Traced images have one product per sample and layer; their events differ from evaluations.
  BOOST_TEST(events::followed_reads.first > events::evaluations.last());
}

/// 496 known inputs per layer and observation, as in the calibration of an ONNX model.
BOOST_AUTO_TEST_CASE(observations_share_no_known_input) {
  for (const std::uint64_t observation : {0U, 1U, 2U, 1000U}) {
    BOOST_TEST(events::known_inputs(observation, 495) < events::known_inputs(observation + 1, 0));
  }
}

BOOST_AUTO_TEST_CASE(a_product_without_an_event_is_refused) {
  BOOST_TEST(events::product(most_number, 1, 0) == most_number);
  BOOST_CHECK_THROW(events::product(0, 1, 1), std::logic_error);
  BOOST_TEST(events::product(most_number / 3 - 1, 3, 2) == most_number - 1);
  BOOST_CHECK_THROW(events::product(most_number / 3, 3, 1), std::logic_error);
  BOOST_CHECK_THROW(events::product(most_number, 2, 0), std::logic_error);
}

BOOST_AUTO_TEST_CASE(layers_and_tiles_that_do_not_fit_are_refused) {
  BOOST_TEST(layer(4, 4, 255, 0, {}).device_count() == 32U);
  BOOST_TEST(refused_at([] { layer(4, 4, 256, 0, {}); }) == "network");
  BOOST_TEST(layer(8, 16, 255, 0, {1, 1}).tiles().size() == 128U);
  // 256 × 129 arrays of one crossing: 256 more than the capacity.
  BOOST_TEST(refused_at([] { layer(256, 129, 0, 0, {1, 1}); }) == "tile");
}

BOOST_AUTO_TEST_CASE(devices_that_do_not_fit_are_refused) {
  constexpr std::uint32_t most = 0xC0000000U;
  BOOST_TEST(layer(1, 1, 0, most - 2, {}).device_count() == 2U);
  BOOST_TEST(refused_at([] { layer(1, 1, 0, most - 1, {}); }) == "arrays");
  BOOST_TEST(refused_at([] { layer(65536, 65536, 0, 0, {}); }) == "arrays");
  BOOST_TEST(refused_at([] {
               const crossbar::CrossbarConfig config = ideal();
               crossbar::Crossbar(config, device::make_model(config.device, config.pulse_us), 65536,
                                  65536, 0, 0, 0, 1, {best_isa(), 1});
             }) == "arrays");
  BOOST_CHECK_THROW(device::DeviceArray(2, 0xFFFFFFFFU), std::logic_error);
  BOOST_TEST(device::DeviceArray(1, 0xFFFFFFFFU).entity(0) == 0xFFFFFFFFU);
}

BOOST_AUTO_TEST_CASE(arrays_and_parts_that_do_not_fit_are_refused) {
  crossbar::CrossbarConfig config = ideal();
  const auto make = [&](std::uint32_t id) {
    return crossbar::Crossbar(config, device::make_model(config.device, config.pulse_us), 2, 2, 0,
                              id, 0, 1, {best_isa(), 1});
  };
  BOOST_TEST(make(0x7FFFFF).device_count() == 8U);
  BOOST_CHECK_THROW(make(0x800000), std::logic_error);
  config.converters.encoding = crossbar::Encoding::bit_serial;
  config.converters.dac_bits = 16;
  BOOST_TEST(make(0).device_count() == 8U);
  config.converters.dac_bits = 17;
  BOOST_TEST(refused_at([&] { make(0); }) == "dac-bits");
}

BOOST_AUTO_TEST_CASE(matrices_of_tasks_that_do_not_fit_are_refused) {
  crossbar::CrossbarConfig config = tasks::task_arrays();
  config.device.model = device::ModelName::ideal;
  config.array.tile = "1x1";
  const auto one = [](std::size_t, std::size_t) { return 1.0; };
  BOOST_TEST(refused_at([&] {
               tasks::DeviceMatrix(config, {512, 257, one}, {}, 1, {best_isa(), 1});
             }) == "tile");
  config.array.tile = "auto";
  BOOST_TEST(refused_at([&] {
               tasks::DeviceMatrix(config, {1, 1, one}, {0, 0xBFFFFFFFU}, 1, {best_isa(), 1});
             }) == "arrays");
}

/// A matrix that replaces another has new noise.
BOOST_AUTO_TEST_CASE(a_replacement_matrix_continues_the_numbers_of_products) {
  crossbar::CrossbarConfig config = tasks::task_arrays();
  config.device.model = device::ModelName::ideal;
  config.converters.adc_noise_std = 0.1;
  const auto one = [](std::size_t, std::size_t) { return 1.0; };
  const auto products = [&](std::uint64_t first, std::size_t count) {
    tasks::DeviceMatrix matrix(config, {3, 4, one}, {0, 0, first}, 1, {best_isa(), 1});
    std::vector<std::vector<double>> all;
    const std::vector<double> x(4, 1.0);
    for (std::size_t k = 0; k < count; ++k) {
      all.emplace_back(3);
      matrix.multiply(x, all.back());
    }
    BOOST_TEST(matrix.next_product() == first + count);
    return all;
  };
  const std::vector<std::vector<double>> three = products(0, 3);
  BOOST_TEST((three[0] != three[1] && three[1] != three[2]));
  BOOST_TEST((products(2, 1)[0] == three[2]));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
