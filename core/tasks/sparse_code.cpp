// task sparse-code: patches as sparse sums of dictionary atoms, by competition of neurons whose
// inhibition is computed by two products in memory.
// Source: Sheridan et al. 2017, doi:10.1038/nnano.2017.83.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "tasks/image.hpp"
#include "tasks/linear_system.hpp"
#include "tasks/solve_system.hpp"
#include "tasks/sparse_coding.hpp"
#include "tasks/table_input.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::size_t most_patches = 20000;
constexpr std::size_t most_size = 1024;
constexpr std::size_t synthetic_size = 64;
constexpr std::size_t synthetic_count = 200;
constexpr std::size_t synthetic_active = 10;

struct SparseCodeConfig {
  std::int64_t atoms = 128;
  std::int64_t side = 8;
  std::int64_t patches = 100;
  std::int64_t epochs = 15;
  double learning_rate = 0.1;
  double threshold = 0.1;
  double rate = 0.1;
  std::int64_t steps = 150;
  crossbar::CrossbarConfig arrays = task_arrays();
};

void describe(SparseCodeConfig& c, FieldList& f) {
  static constexpr std::string_view paper = "doi:10.1038/nnano.2017.83";
  f.group("Dictionary");
  f.field("atoms", c.atoms, Unit::none, {2, 1024}, "Number of atoms of the learned dictionary",
          paper);
  f.field("side", c.side, Unit::none, {2, 32}, "Side of the square patches of an image, in pixels",
          paper);
  f.field("epochs", c.epochs, Unit::epochs, {0, 1000},
          "Dictionary learning epochs, in double precision (0: atoms are patches)");
  f.field("learning-rate", c.learning_rate, Unit::none, {0.0, 10.0},
          "Learning rate of the dictionary");
  f.group("Coding");
  f.field("patches", c.patches, Unit::none, {1, 1e4}, "Number of patches coded in memory");
  f.field("threshold", c.threshold, Unit::none, {0.0, 10.0},
          "Activation threshold, for patches of norm 1", "doi:10.1162/neco.2008.03-07-486");
  f.field("rate", c.rate, Unit::fraction, {1e-4, 1.0},
          "Time step relative to the neuron time constant", "doi:10.1162/neco.2008.03-07-486");
  f.field("steps", c.steps, Unit::none, {1, 10000}, "Number of time steps of the neurons");
  f.mark_common({"atoms", "patches", "threshold"});
  describe_arrays(c.arrays, f);
}

bool is_image(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 4) return false;
  const bool netpbm = bytes[0] == 'P' && (bytes[1] == '5' || bytes[1] == '6');
  const bool png = bytes[0] == 0x89 && bytes[1] == 'P' && bytes[2] == 'N' && bytes[3] == 'G';
  const bool jpeg = bytes[0] == 0xFF && bytes[1] == 0xD8;
  return netpbm || png || jpeg;
}

/// All complete patches of an image.
Patches patches_of(const Image& image, std::size_t side, const std::string& name) {
  Patches patches{0, side * side, {}};
  for (std::size_t top = 0; top + side <= image.height; top += side) {
    for (std::size_t left = 0; left + side <= image.width; left += side) {
      for (std::size_t k = 0; k < patches.size; ++k) {
        const std::size_t at = (top + k / side) * image.width + left + k % side;
        patches.values.push_back(static_cast<double>(image.pixels[at]));
      }
      ++patches.count;
    }
  }
  if (patches.count < 2) {
    throw InputError(name, fmt::format("{} x {} pixels", image.width, image.height),
                     "at least two patches of the size side x side");
  }
  return patches;
}

Patches patches_of(const NumericTable& table) { return {table.rows, table.columns, table.values}; }

/// Subtracts its mean from each patch.
void remove_means(Patches& patches) {
  for (std::size_t i = 0; i < patches.count; ++i) {
    double mean = 0.0;
    for (const double value : patches.patch(i)) mean += value;
    mean /= static_cast<double>(patches.size);
    for (std::size_t k = 0; k < patches.size; ++k) patches.values[i * patches.size + k] -= mean;
  }
}

/// Sums of a few atoms, with weights of magnitude 0.5 … 1 and random sign.
Patches synthetic_patches(const Dictionary& dictionary, const Stream& draws) {
  Patches patches{synthetic_count, dictionary.size, {}};
  std::uint64_t event = 0;
  for (std::size_t i = 0; i < patches.count; ++i) {
    std::vector<double> x(dictionary.size, 0.0);
    for (std::size_t k = 0; k < synthetic_active; ++k) {
      const std::size_t atom = draws.word(events::places(event++)) % dictionary.atoms;
      const auto size = static_cast<double>(0.5F + 0.5F * draws.uniform(events::places(event++)));
      add_scaled(x, (draws.word(events::places(event++)) & 1U) != 0 ? size : -size,
                 dictionary.atom(atom));
    }
    patches.values.insert(patches.values.end(), x.begin(), x.end());
  }
  return patches;
}

/// A ∩ B|/|A ∪ B| of the active atoms; 1 if both sets are empty.
double overlap_of(std::span<const double> a, std::span<const double> b) {
  std::size_t both = 0;
  std::size_t either = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    both += a[k] != 0.0 && b[k] != 0.0 ? 1 : 0;
    either += a[k] != 0.0 || b[k] != 0.0 ? 1 : 0;
  }
  return either > 0 ? static_cast<double>(both) / static_cast<double>(either) : 1.0;
}

/// Throws if the competition has diverged, as it does for too large rates.
void require_finite(std::span<const double> values) {
  if (std::isfinite(norm(values))) return;
  throw InputError(at_field("rate"), "the neurons do not settle",
                   "a smaller rate, or a higher threshold");
}

class SparseCode final : public Task {
 public:
  void describe(FieldList& f) override { f.add(fields_of(config_)); }
  crossbar::CrossbarConfig* crossbar() override { return &config_.arrays; }
  std::vector<InputSpec> inputs() const override {
    return {
        {"input", "PATCHES.csv|IMAGE",
         "Image, or a table of patches, one per line after a header; a label column is ignored"},
        {"dictionary", "",
         "Table of atoms, one per line after a header (none: learned dictionary)"}};
  }
  std::string_view output() const override { return "the codes as .npy, one row per patch"; }
  Answer run(const Request& request) override;

 private:
  void load(const Request& request);
  void choose_coded();
  void report(Answer& answer) const;

  Competition rule() const {
    return {config_.threshold, config_.rate, static_cast<std::size_t>(config_.steps)};
  }

  SparseCodeConfig config_;
  Patches patches_;
  Dictionary dictionary_;
  std::vector<std::size_t> coded_;  ///< indices in `patches_`
  std::vector<std::vector<double>> codes_, exact_codes_;
};

void SparseCode::load(const Request& request) {
  const Stream draws(request.seed, Purpose::task_data, entities::sparse_learning);
  const auto atoms = static_cast<std::size_t>(config_.atoms);
  if (const Input* input = request.find("input")) {
    patches_ = is_image(input->bytes)
                   ? patches_of(read_image(input->bytes, input->name),
                                static_cast<std::size_t>(config_.side), input->name)
                   : patches_of(numeric_table(input->bytes, input->name));
    if (patches_.count > most_patches || patches_.size > most_size) {
      throw InputError(input->name,
                       fmt::format("{} patches of {} numbers", patches_.count, patches_.size),
                       fmt::format("at most {} of {}", most_patches, most_size));
    }
    remove_means(patches_);
  }
  if (const Input* input = request.find("dictionary")) {
    const NumericTable table = numeric_table(input->bytes, input->name);
    dictionary_ = {table.rows, table.columns, table.values};
    if (patches_.count > 0 && patches_.size != dictionary_.size) {
      throw InputError(input->name, fmt::format("atoms of {} numbers", dictionary_.size),
                       fmt::format("{}, as in the patches", patches_.size));
    }
  } else if (patches_.count == 0) {
    dictionary_ = {atoms, synthetic_size, {}};
    for (std::size_t i = 0; i < atoms * synthetic_size; ++i) {
      dictionary_.values.push_back(static_cast<double>(
          2.0F * draws.of(entities::sparse_atoms).uniform(events::places(i)) - 1.0F));
    }
  }
  normalize_rows(dictionary_.values, std::max<std::size_t>(1, dictionary_.size));
  if (patches_.count == 0) {
    patches_ = synthetic_patches(dictionary_, draws.of(entities::sparse_patches));
  }
  normalize_rows(patches_.values, patches_.size);
  if (dictionary_.atoms > 0) return;
  dictionary_ = learn_dictionary(patches_, atoms, rule(), static_cast<std::size_t>(config_.epochs),
                                 config_.learning_rate, draws);
  require_finite(dictionary_.values);
}

/// Chooses patches evenly spaced over the input.
void SparseCode::choose_coded() {
  const std::size_t count = std::min(static_cast<std::size_t>(config_.patches), patches_.count);
  for (std::size_t i = 0; i < count; ++i) coded_.push_back(i * patches_.count / count);
}

void SparseCode::report(Answer& answer) const {
  Table table{{"patch", "nmse", "exact_nmse", "active", "overlap"}, {}};
  double error = 0.0, exact_error = 0.0, power = 0.0, overlap = 0.0, active = 0.0, apart = 0.0;
  double exact_active = 0.0, exact_square = 0.0;
  std::vector<double> flat;
  for (std::size_t i = 0; i < coded_.size(); ++i) {
    const std::span<const double> x = patches_.patch(coded_[i]);
    const auto squared_error = [&](const std::vector<double>& code) {
      std::vector<double> rest = reconstruct(dictionary_, code);
      add_scaled(rest, -1.0, x);
      return dot(rest, rest);
    };
    const std::vector<double>& code = codes_[i];
    const std::vector<double>& exact = exact_codes_[i];
    const double own = squared_error(code);
    const double best = squared_error(exact);
    const double square = dot(x, x);
    const auto in_use = [](double a) { return a != 0.0; };
    const std::int64_t used = std::count_if(code.begin(), code.end(), in_use);
    exact_active += static_cast<double>(std::count_if(exact.begin(), exact.end(), in_use));
    const double shared = overlap_of(code, exact);
    table.rows.push_back({integer(coded_[i] + 1), square > 0.0 ? own / square : 0.0,
                          square > 0.0 ? best / square : 0.0, used, shared});
    error += own;
    exact_error += best;
    power += square;
    overlap += shared;
    active += static_cast<double>(used);
    const double distance = relative_distance(code, exact);
    const double size = dot(exact, exact);
    apart += size > 0.0 ? distance * distance * size : dot(code, code);
    exact_square += size;
    flat.insert(flat.end(), code.begin(), code.end());
  }
  const auto count = static_cast<double>(coded_.size());
  power = std::max(power, 1e-300);
  answer.results = {{"atoms", integer(dictionary_.atoms)},
                    {"patch_size", integer(dictionary_.size)},
                    {"patches", integer(coded_.size())},
                    {"nmse", error / power},
                    {"active", active / count},
                    {"overlap", overlap / count},
                    {"codes", table}};
  answer.table = "codes";
  answer.exact = {{"nmse", exact_error / power}, {"active", exact_active / count}};
  answer.error = std::sqrt(apart / std::max(exact_square, 1e-300));
  answer.arrays = {{"codes", std::move(flat), coded_.size(), dictionary_.atoms},
                   {"dictionary", dictionary_.values, dictionary_.atoms, dictionary_.size, false}};
  answer.output_array = "codes";
}

Answer SparseCode::run(const Request& request) {
  load(request);
  choose_coded();
  const std::size_t atoms = dictionary_.atoms;
  DeviceMatrix devices(config_.arrays,
                       {dictionary_.size, atoms,
                        [&](std::size_t i, std::size_t k) { return dictionary_.atom(k)[i]; }},
                       {}, request.seed, request.execution, true);
  const OperationCounts programming = devices.counts();
  const DictionaryProducts products{
      [&](std::span<const double> a, std::span<double> x) { devices.multiply(a, x); },
      [&](std::span<const double> x, std::span<double> a) { devices.multiply_transposed(x, a); }};
  const ExactCoder coder(dictionary_);
  Answer answer;
  for (std::size_t i = 0; i < coded_.size(); ++i) {
    const std::span<const double> x = patches_.patch(coded_[i]);
    codes_.push_back(compete(products, x, atoms, rule()));
    exact_codes_.push_back(coder.code(x, rule()));
    require_finite(codes_.back());
    require_finite(exact_codes_.back());
    if (!request.observer.should_continue({i + 1, coded_.size()})) return answer;
  }
  report(answer);
  answer.counts = devices.counts();
  const std::uint64_t steps = coded_.size() * rule().steps;
  answer.counts.digital_mac += steps * (2 * atoms + dictionary_.size);
  answer.sample_counts = answer.counts - programming;
  answer.samples = coded_.size();
  answer.sample = "patch";
  const std::uint64_t entries = atoms * dictionary_.size;
  answer.von_neumann = {steps * 2 * 4 * entries, steps * 2 * 2 * entries};
  return answer;
}

}  // namespace

std::span<const TaskEntry> sparse_code_entries() {
  static constexpr TaskEntry entries[] = {
      {"task", "sparse-code", "Express patches as sums of a few atoms of a dictionary (LCA)",
       "The array stores the dictionary: a product reconstructs the patch from the active\n"
       "neurons, and a product with the transpose projects the residual on all atoms. Without a\n"
       "file, patches are synthetic.",
       "  imcsim task sparse-code data/examples/digits.csv\n"
       "  imcsim task sparse-code data/examples/ascent.pgm --devices-per-weight 4\n",
       [](std::string_view) -> std::unique_ptr<Task> { return std::make_unique<SparseCode>(); }}};
  return entries;
}

}  // namespace imcsim::tasks
