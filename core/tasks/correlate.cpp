// task correlate: detection of correlated binary processes. Devices crystallize slightly when their
// process is active at the same time as many others.
// Source: Sebastian et al. 2017, doi:10.1038/s41467-017-01481-9.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "numeric/float_math.hpp"
#include "tasks/correlate_events.hpp"
#include "tasks/image.hpp"
#include "tasks/separation.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {
namespace {

/// SET current of the pulses in the device models.
constexpr double nominal_current_ua = 90.0;
constexpr double step_s = 1e-6;
constexpr std::size_t most_batch_events = 1U << 20U;
constexpr std::size_t most_batch_steps = 64;
constexpr std::size_t shown_steps = 128;
constexpr std::size_t most_shown_processes = 4096;

struct CorrelateConfig {
  Numbers synthetic{2000, 191, 0.01, 0.1, 10000};
  double current_per_event_ua = 0.0;
  double current_max_ua = 80.0;
  double current_min_ua = 25.0;
  std::int64_t devices = 1;
  Duration read_after{60.0};
  device::DeviceConfig device;
};

void describe(CorrelateConfig& c, FieldList& f) {
  static constexpr std::string_view paper = "doi:10.1038/s41467-017-01481-9";
  f.group("Processes");
  f.field("synthetic", c.synthetic, Unit::none, {},
          "Synthetic processes N,Nc,p,c,K: count, correlated, rate, correlation, steps", paper);
  f.group("Pulses");
  f.field("current-per-event-ua", c.current_per_event_ua, Unit::microamperes, {0.0, 1e3},
          "SET current per active process (0: from current-max-ua)", paper);
  f.field("current-max-ua", c.current_max_ua, Unit::microamperes, {1.0, 90.0},
          "Largest SET current", paper);
  f.field("current-min-ua", c.current_min_ua, Unit::microamperes, {0.0, 89.0},
          "Smallest SET current; below it no pulse is applied", paper);
  f.field("devices-per-process", c.devices, Unit::none, {1, 64},
          "Number of devices per process, averaged", paper);
  f.field("read-after", c.read_after, Unit::seconds, {0.0, 1e9},
          "Time between the last step and the read");
  f.mark_common({"synthetic", "current-per-event-ua", "devices-per-process"});
  device::describe(c.device, f);
}

class Correlate final : public Task {
 public:
  void describe(FieldList& f) override { f.add(fields_of(config_)); }
  device::DeviceConfig* device() override { return &config_.device; }
  std::string_view default_device() const override { return "pcm"; }
  std::vector<InputSpec> inputs() const override {
    return {
        {"events", "EVENTS.csv",
         "Events: one row of 0 and 1 per step, or lines time,process; replaces option synthetic"},
        {"image", "", "PGM or PNG image, one process per pixel; bright pixels are correlated"}};
  }
  std::string_view output() const override { return "the conductances as .npy"; }
  Answer run(const Request& request) override;

 private:
  void make_source(const Request& request);
  void make_image(const Input& input, std::uint64_t seed);
  void check_synthetic() const;
  bool accumulate(const Request& request);
  void draw_batch(std::size_t first, std::size_t count, const Execution& execution);
  void use_block(std::size_t block, std::size_t first, std::size_t count);
  std::vector<double> read(std::uint64_t seed);
  std::vector<double> in_order(const std::vector<double>& own) const;
  void report(Answer& answer, const std::vector<double>& g, const std::vector<double>& w) const;
  void predict(Answer& answer) const;

  CorrelateConfig config_;
  std::unique_ptr<EventSource> source_;
  const SyntheticEvents* synthetic_ = nullptr;
  std::vector<std::uint32_t> process_of_;  ///< pixel of each process; empty without an image
  std::size_t width_ = 0, height_ = 0;
  double per_event_ua_ = 0.0;

  std::unique_ptr<const device::DeviceModel> model_;
  std::unique_ptr<device::DeviceArray> devices_;
  std::unique_ptr<Stream> programming_;
  std::vector<std::uint64_t> sums_;  ///< Σ_k X_i(k)·M(k)
  /// For a batch: active processes [block][step], and M of each step.
  std::vector<std::vector<std::vector<std::uint32_t>>> active_;
  std::vector<std::size_t> active_counts_;
  std::uint64_t events_ = 0, pulsed_steps_ = 0;
  /// First steps, [steps × processes], for small numbers of processes.
  std::vector<std::uint8_t> first_steps_;
  std::vector<std::uint64_t> pulses_of_;  ///< per block
};

void Correlate::check_synthetic() const {
  const Numbers& s = config_.synthetic;
  const auto whole = [](double x) { return x == std::floor(x); };
  const bool good = s.size() == 5 && whole(s[0]) && whole(s[1]) && whole(s[4]) && s[0] >= 2 &&
                    s[0] <= 16777216 && s[1] >= 0 && s[1] <= s[0] && s[2] > 0 && s[2] < 1 &&
                    s[3] >= 0 && s[3] <= 1 && s[4] >= 1 && s[4] <= 1e8;
  if (!good) {
    throw InputError(
        at_field("synthetic"), "does not describe processes",
        "N,Nc,p,c,K with N from 2 to 16777216, Nc at most N, 0 < p < 1, c from 0 to 1");
  }
}

void Correlate::make_image(const Input& input, std::uint64_t) {
  const Image image = read_image(input.bytes, input.name);
  width_ = image.width;
  height_ = image.height;
  const std::size_t n = image.pixels.size();
  if (n < 2 || n > 16777216) throw InputError(input.name, "has too many pixels", "2 to 16777216");
  for (const bool bright : {true, false}) {
    for (std::size_t i = 0; i < n; ++i) {
      if ((image.pixels[i] >= 128) == bright) process_of_.push_back(static_cast<std::uint32_t>(i));
    }
    if (bright) config_.synthetic[1] = static_cast<double>(process_of_.size());
  }
  config_.synthetic[0] = static_cast<double>(n);
}

void Correlate::make_source(const Request& request) {
  const Input* events = request.find("events");
  const Input* image = request.find("image");
  if (events != nullptr && image != nullptr) {
    throw InputError(at_field("image"), "given together with events, which define the processes",
                     "one of the two");
  }
  double most = 0.0;
  if (events != nullptr) {
    auto recorded = std::make_unique<RecordedEvents>(events->bytes, events->name);
    most = static_cast<double>(recorded->most_active());
    source_ = std::move(recorded);
  } else {
    check_synthetic();
    if (image != nullptr) make_image(*image, request.seed);
    const Numbers& s = config_.synthetic;
    auto synthetic = std::make_unique<SyntheticEvents>();
    synthetic->process_count = static_cast<std::size_t>(s[0]);
    synthetic->correlated = static_cast<std::size_t>(s[1]);
    synthetic->rate = s[2];
    synthetic->coefficient = s[3];
    synthetic->step_count = static_cast<std::size_t>(s[4]);
    synthetic->seed = request.seed;
    most = synthetic->expected_active(true);
    synthetic_ = synthetic.get();
    source_ = std::move(synthetic);
  }
  per_event_ua_ = config_.current_per_event_ua > 0.0 ? config_.current_per_event_ua
                                                     : config_.current_max_ua / std::max(most, 1.0);
  if (config_.current_min_ua >= config_.current_max_ua) {
    throw InputError(at_field("current-min-ua"), "is not below current-max-ua",
                     "less than current-max-ua");
  }
  const std::size_t devices = source_->processes() * static_cast<std::size_t>(config_.devices);
  if (devices > 1U << 26U)
    throw InputError(at_field("devices-per-process"), "too many devices", "at most 2^26 in total");
}

void Correlate::draw_batch(std::size_t first, std::size_t count, const Execution& execution) {
  parallel_for(execution.threads, source_->blocks(), [&](std::size_t block) {
    active_[block].resize(most_batch_steps);
    for (std::size_t k = 0; k < count; ++k) {
      active_[block][k].clear();
      source_->active(first + k, block, active_[block][k]);
    }
  });
  const std::size_t n = source_->processes();
  for (std::size_t k = 0; k < count; ++k) {
    if (first + k < shown_steps && n <= most_shown_processes) {
      first_steps_.resize(first_steps_.size() + n);
      for (const auto& block : active_) {
        for (const std::uint32_t i : block[k]) first_steps_[first_steps_.size() - n + i] = 1;
      }
    }
    active_counts_[k] = 0;
    for (const auto& block : active_) active_counts_[k] += block[k].size();
    events_ += active_counts_[k];
    pulsed_steps_ +=
        per_event_ua_ * static_cast<double>(active_counts_[k]) >= config_.current_min_ua ? 1 : 0;
  }
}

/// One pulse to the devices of all active processes, with the current given by M: the change by the
/// model's pulse, scaled by (I − I_min)/(90 µA − I_min).
void Correlate::use_block(std::size_t block, std::size_t first, std::size_t count) {
  const auto d = static_cast<std::uint32_t>(config_.devices);
  for (std::size_t k = 0; k < count; ++k) {
    const std::vector<std::uint32_t>& active = active_[block][k];
    for (const std::uint32_t i : active) sums_[i] += active_counts_[k];
    const double current_ua =
        std::min(per_event_ua_ * static_cast<double>(active_counts_[k]), config_.current_max_ua);
    if (current_ua < config_.current_min_ua) continue;
    const auto part = static_cast<float>((current_ua - config_.current_min_ua) /
                                         (nominal_current_ua - config_.current_min_ua));
    const double now_s = static_cast<double>(first + k) * step_s;
    for (const std::uint32_t i : active) {
      for (std::uint32_t place = i * d; place < (i + 1) * d; ++place) {
        float& g = devices_->conductance_us[place];
        const float before = g;
        model_->set(*devices_, {&place, 1}, now_s, *programming_);
        g = before + part * (g - before);
      }
    }
    pulses_of_[block] += active.size() * d;
  }
}

bool Correlate::accumulate(const Request& request) {
  const std::size_t steps = source_->steps();
  const double expected = synthetic_ != nullptr ? synthetic_->expected_active(true)
                                                : static_cast<double>(source_->processes());
  const std::size_t batch = std::clamp<std::size_t>(
      static_cast<std::size_t>(static_cast<double>(most_batch_events) / (expected + 1.0)), 1,
      most_batch_steps);
  active_.resize(source_->blocks());
  pulses_of_.assign(source_->blocks(), 0);
  active_counts_.resize(most_batch_steps);
  for (std::size_t first = 0; first < steps; first += batch) {
    const std::size_t count = std::min(batch, steps - first);
    draw_batch(first, count, request.execution);
    parallel_for(request.execution.threads, source_->blocks(),
                 [&](std::size_t block) { use_block(block, first, count); });
    if (!request.observer.should_continue({first + count, steps})) return false;
  }
  return true;
}

std::vector<double> Correlate::read(std::uint64_t seed) {
  const std::size_t n = devices_->size();
  const auto d = static_cast<std::size_t>(config_.devices);
  const double now_s = static_cast<double>(source_->steps()) * step_s + config_.read_after.seconds;
  const Stream noise(seed, Purpose::task_read);
  std::vector<double> mean(source_->processes(), 0.0);
  constexpr std::size_t chunk = 4096;
  std::vector<float> us(chunk), deviation(chunk);
  for (std::size_t first = 0; first < n; first += chunk) {
    const std::size_t count = std::min(chunk, n - first);
    model_->conductance_us(*devices_, first, now_s, {us.data(), count});
    const bool noisy = model_->read_noise_us(*devices_, first, now_s, {us.data(), count},
                                             {deviation.data(), count});
    for (std::size_t i = 0; i < count; ++i) {
      const auto place = static_cast<std::uint32_t>(first + i);
      const float shown =
          noisy ? us[i] +
                      deviation[i] * noise.of(devices_->entity(place)).normal(events::cell_reads(0))
                : us[i];
      mean[place / d] += static_cast<double>(shown) / static_cast<double>(d);
    }
  }
  return mean;
}

/// Reorders values from process order to pixel order.
std::vector<double> Correlate::in_order(const std::vector<double>& own) const {
  if (process_of_.empty()) return own;
  std::vector<double> ordered(own.size());
  for (std::size_t i = 0; i < own.size(); ++i) ordered[process_of_[i]] = own[i];
  return ordered;
}

/// Predicts d' of the exact Ŵ, and the area under the ROC curve for normally distributed values.
void Correlate::predict(Answer& answer) const {
  if (synthetic_ == nullptr) return;
  const double p = synthetic_->rate;
  const auto steps = static_cast<double>(synthetic_->step_count);
  double first = 0.0;
  double second = 0.0;
  for (const bool reference : {true, false}) {
    const double share = reference ? p : 1.0 - p;
    const double q = synthetic_->rate_given(reference);
    const double m = synthetic_->expected_active(reference) + 1.0 - p;
    const auto group = static_cast<double>(synthetic_->correlated);
    const auto others = static_cast<double>(synthetic_->process_count - synthetic_->correlated);
    first += share * m;
    second += share * (m * m + group * q * (1.0 - q) + others * p * (1.0 - p));
  }
  const double variance = p * second - p * p * first * first;
  const auto group = static_cast<double>(synthetic_->correlated);
  const double difference = (group - 1.0) * synthetic_->coefficient * p * (1.0 - p);
  const double separation = std::max(0.0, difference) * std::sqrt(steps / variance);
  answer.predicted_error =
      Section{{"exact_separation", separation}, {"exact_auc", area_of_separation(separation)}};
}

void Correlate::report(Answer& answer, const std::vector<double>& g,
                       const std::vector<double>& w) const {
  const std::vector<std::uint8_t> groups = two_means(g);
  const std::vector<std::uint8_t> exact_groups = two_means(w);
  const std::size_t n = g.size();
  std::size_t same = 0;
  for (std::size_t i = 0; i < n; ++i) same += groups[i] == exact_groups[i] ? 1 : 0;
  const double agreement = static_cast<double>(same) / static_cast<double>(n);
  answer.results = {
      {"processes", integer(n)},
      {"steps", integer(source_->steps())},
      {"events", integer(events_)},
      {"pulsed_steps", integer(pulsed_steps_)},
      {"current_per_event_ua", per_event_ua_},
      {"group_size",
       integer(static_cast<std::uint64_t>(std::count(groups.begin(), groups.end(), 1)))}};
  answer.exact = {{"group_size", integer(static_cast<std::uint64_t>(
                                     std::count(exact_groups.begin(), exact_groups.end(), 1)))}};
  answer.results.push_back({"agreement", agreement});
  answer.results.push_back({"agreeing_processes", integer(same)});
  answer.error = 1.0 - agreement;
  if (synthetic_ != nullptr) {
    const std::size_t correlated = synthetic_->correlated;
    for (const bool exact : {false, true}) {
      Section& section = exact ? answer.exact : answer.results;
      const Detection found = detection(exact ? exact_groups : groups, correlated);
      section.push_back({"true_positive_rate", found.true_positive_rate});
      section.push_back({"false_positive_rate", found.false_positive_rate});
      section.push_back({"auc", area_under_curve(exact ? w : g, correlated)});
    }
  }
  const std::vector<double> shown = in_order(g);
  const std::vector<double> exact_shown = in_order(w);
  std::vector<std::uint8_t> groups_shown = groups;
  for (std::size_t i = 0; i < process_of_.size(); ++i) groups_shown[process_of_[i]] = groups[i];
  const std::size_t columns = width_ > 0 ? width_ : n;
  answer.arrays = {
      {"conductance_us", std::vector<float>(shown.begin(), shown.end()), n / columns, columns},
      {"groups", groups_shown, n / columns, columns},
      {"exact_w", exact_shown, n / columns, columns, false}};
  if (!first_steps_.empty()) {
    answer.arrays.push_back({"first_events", first_steps_, first_steps_.size() / n, n, false});
  }
  answer.output_array = "conductance_us";
  if (width_ > 0) {
    Image map{width_, height_, std::vector<std::uint8_t>(n)};
    const double most = std::max(1e-9, *std::max_element(shown.begin(), shown.end()));
    for (std::size_t i = 0; i < n; ++i) {
      map.pixels[i] = static_cast<std::uint8_t>(std::clamp(255.0 * shown[i] / most, 0.0, 255.0));
    }
    answer.files.push_back({"conductance.pgm", pgm_of(map)});
    answer.pictures.emplace_back(GrayImage{"conductance", width_, height_, map.pixels});
  } else {
    answer.pictures.emplace_back(histogram("processes by conductance (µS)", shown));
  }
  if (synthetic_ == nullptr && n <= 100000) {
    Table table{{"process", "conductance_us", "exact_w", "group", "exact_group"}, {}};
    for (std::size_t i = 0; i < n; ++i) {
      table.rows.push_back(
          {integer(i), g[i], w[i], std::int64_t{groups[i]}, std::int64_t{exact_groups[i]}});
    }
    answer.results.push_back({"table", table});
    answer.table = "table";
  }
}

Answer Correlate::run(const Request& request) {
  make_source(request);
  const std::size_t n = source_->processes();
  const std::size_t devices = n * static_cast<std::size_t>(config_.devices);
  // The step of an ideal device is the mean change by the first pulse of the accumulation model.
  model_ = device::make_model(config_.device, crossbar::CrossbarConfig{}.pulse_us);
  devices_ = std::make_unique<device::DeviceArray>(devices, 0);
  model_->prepare(*devices_, Stream(request.seed, Purpose::device_spread));
  programming_ = std::make_unique<Stream>(request.seed, Purpose::programming);
  for (std::uint32_t place = 0; place < devices; ++place) {
    model_->reset(*devices_, {&place, 1}, 0.0, *programming_);
  }
  sums_.assign(n, 0);
  Answer answer;
  if (!accumulate(request)) return answer;

  active_.clear();
  const std::vector<double> g = read(request.seed);
  std::vector<double> w(n);
  const auto steps = static_cast<double>(source_->steps());
  for (std::size_t i = 0; i < n; ++i) w[i] = static_cast<double>(sums_[i]) / steps;
  report(answer, g, w);
  predict(answer);
  answer.counts.reset_pulses = devices;
  for (const std::uint64_t pulses : pulses_of_) answer.counts.set_pulses += pulses;
  answer.counts.cells_read = devices;
  answer.counts.adc_conversions = devices;
  answer.counts.digital_bytes = source_->steps() * ((n + 7) / 8);
  answer.sample_counts = answer.counts;
  answer.sample_counts.reset_pulses = 0;
  answer.von_neumann = {source_->steps() * ((n + 7) / 8) + 8 * events_, 2 * events_};
  answer.remarks.emplace_back(
      "M(k) and the exact sums use every event; pulses are applied only at currents of "
      "current-min-ua or more.");
  return answer;
}

}  // namespace

std::span<const TaskEntry> correlate_entries() {
  static constexpr TaskEntry entries[] = {
      {"task", "correlate", "Detect correlated binary processes",
       "One device represents one process; in each step, all active processes receive a SET pulse\n"
       "whose current grows with the number of active processes. At the end, correlated\n"
       "processes have the highest conductance.",
       "  imcsim task correlate --synthetic 1000,100,0.01,0.1,5000\n"
       "  imcsim task correlate --synthetic 1000,100,0.01,0.1,5000 --devices-per-process 4\n",
       [](std::string_view) -> std::unique_ptr<Task> { return std::make_unique<Correlate>(); }}};
  return entries;
}

}  // namespace imcsim::tasks
