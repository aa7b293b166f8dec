#include "fabric/pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"

namespace imcsim::fabric {
namespace {

constexpr std::uint64_t never = ~std::uint64_t{0};

/// Position of a stage in the sequence of all images.
struct Position {
  std::uint64_t image = 0;
  std::size_t iteration = 0;
};

struct Reader {
  std::size_t stage, object;
};

class Runner {
 public:
  Runner(const std::vector<PipelineStage>& stages, const PipelineRunConfig& config,
         Observer& observer, const TrueAccess& truth, const Work& work)
      : stages_(stages),
        config_(config),
        observer_(observer),
        truth_(truth),
        work_(work),
        at_(stages.size()),
        next_(stages.size()),
        readers_(stages.size()),
        steps_(stages.size()) {
    std::size_t longest = 1;
    run_.stages.resize(stages.size());
    for (std::size_t s = 0; s < stages.size(); ++s) {
      run_.peak_pixels.emplace_back(stages[s].objects.size(), 0);
      run_.stages[s].first_tick = never;
      for (std::size_t o = 0; o < stages[s].objects.size(); ++o) {
        const PipelineObject& object = stages[s].objects[o];
        longest = std::max(longest, object.delay_ticks);
        if (object.producer != PipelineObject::outside) {
          readers_[object.producer].push_back({s, o});
        }
      }
    }
    history_.assign(longest + 1, std::vector<std::uint64_t>(stages.size(), 0));
    run_.image_begin.assign(config.images, never);
    run_.image_end.assign(config.images, 0);
  }

  PipelineRun run() {
    constexpr std::uint64_t ticks_per_report = 1024;
    std::uint64_t last_progress = 0;
    while (images_out_ < config_.images) {
      if (tick_ % ticks_per_report == 0 &&
          !observer_.should_continue({images_out_, config_.images})) {
        break;
      }
      note_occupancy();
      if (tick()) last_progress = tick_;
      ++tick_;
      std::vector<std::uint64_t>& now = history_[tick_ % history_.size()];
      for (std::size_t s = 0; s < stages_.size(); ++s) now[s] = written(s);
      if (tick_ - last_progress > history_.size() + 1 && !input_flows()) report_deadlock();
    }
    run_.ticks = tick_;
    return std::move(run_);
  }

 private:
  bool input_flows() const {
    if (config_.input_pixels_a_tick == 0) return false;
    for (const PipelineStage& stage : stages_) {
      for (const PipelineObject& object : stage.objects) {
        if (object.producer == PipelineObject::outside &&
            tick_ * config_.input_pixels_a_tick < object.pixels * config_.images) {
          return true;
        }
      }
    }
    return false;
  }

  /// Pixels of an object that have arrived since the first image.
  std::uint64_t arrived(const PipelineObject& object) const {
    if (object.producer != PipelineObject::outside) {
      if (tick_ + 1 < object.delay_ticks) return 0;
      const std::uint64_t seen = tick_ + 1 - object.delay_ticks;
      return history_[seen % history_.size()][object.producer];
    }
    const std::uint64_t all = object.pixels * config_.images;
    if (config_.input_pixels_a_tick == 0) return all;
    return std::min<std::uint64_t>(all, tick_ * config_.input_pixels_a_tick);
  }

  static std::uint64_t needed(const PipelineObject& object, const Position& at) {
    return at.image * object.pixels + object.needed[at.iteration];
  }
  static std::uint64_t kept_from(const PipelineObject& object, const Position& at) {
    return at.image * object.pixels + object.kept_from[at.iteration];
  }

  Position after(std::size_t s, Position at) const {
    if (++at.iteration == stages_[s].iterations) return {at.image + 1, 0};
    return at;
  }

  bool has_inputs(std::size_t s, const Position& at) const {
    for (const PipelineObject& object : stages_[s].objects) {
      if (arrived(object) < needed(object, at)) return false;
    }
    return true;
  }

  /// Whether all readers have space for one pixel after `written` pixels, at the end of the tick.
  bool has_room(std::size_t s, std::uint64_t written) const {
    if (config_.flow_control == FlowControl::none) return true;
    for (const Reader& reader : readers_[s]) {
      const PipelineObject& object = stages_[reader.stage].objects[reader.object];
      const Position& then = next_[reader.stage];
      if (then.image >= config_.images) continue;
      if (object.accumulates && written >= (then.image + 2) * object.pixels) return false;
      if (object.buffer_pixels == 0) continue;
      if (written >= kept_from(object, then) + object.buffer_pixels) return false;
    }
    return true;
  }

  /// Selects the steps of every stage from the state at the start of the tick; then all stages
  /// advance together. Readers are processed before writers, because their reads free space.
  bool tick() {
    bool moved = false;
    next_ = at_;
    for (std::size_t s = stages_.size(); s-- > 0;) {
      steps_[s] = 0;
      Position at = at_[s];
      if (at.image >= config_.images) continue;
      const std::uint64_t before = written(s);
      StageActivity& activity = run_.stages[s];
      while (steps_[s] < stages_[s].replication && at.image < config_.images) {
        if (!has_inputs(s, at)) {
          if (steps_[s] == 0) ++activity.input_stalls;
          break;
        }
        if (!has_room(s, before + steps_[s])) {
          if (steps_[s] == 0) ++activity.credit_stalls;
          break;
        }
        if (truth_) check_reads(s, at);
        if (work_) work_(s, at.image, at.iteration);
        ++steps_[s];
        at = after(s, at);
      }
      next_[s] = at;
    }
    for (std::size_t s = 0; s < stages_.size(); ++s) {
      if (steps_[s] == 0) continue;
      moved = true;
      advance(s);
    }
    return moved;
  }

  void advance(std::size_t s) {
    StageActivity& activity = run_.stages[s];
    const std::uint64_t image = at_[s].image;
    if (activity.first_tick == never) activity.first_tick = tick_;
    activity.executed += steps_[s];
    ++activity.busy_ticks;
    if (config_.keeps_spans) add_span(activity.spans, image);
    if (config_.bucket_ticks > 0) {
      const auto bucket = static_cast<std::size_t>(tick_ / config_.bucket_ticks);
      if (activity.bucket.size() <= bucket) activity.bucket.resize(bucket + 1, 0);
      activity.bucket[bucket] += static_cast<std::uint32_t>(steps_[s]);
    }
    for (std::size_t k = 0; k < steps_[s]; ++k) {
      const auto worked_on = static_cast<std::size_t>(at_[s].image);
      run_.image_begin[worked_on] = std::min(run_.image_begin[worked_on], tick_);
      at_[s] = after(s, at_[s]);
      if (at_[s].image == worked_on) continue;
      if (worked_on == 0) activity.last_tick = tick_;
      run_.image_end[worked_on] = std::max(run_.image_end[worked_on], tick_ + 1);
      count_images_out();
    }
  }

  void add_span(std::vector<BusySpan>& spans, std::uint64_t image) const {
    if (!spans.empty() && spans.back().end == tick_ && spans.back().image == image) {
      ++spans.back().end;
    } else {
      spans.push_back({tick_, tick_ + 1, image});
    }
  }

  void count_images_out() {
    while (images_out_ < config_.images) {
      for (const Position& at : at_) {
        if (at.image <= images_out_) return;
      }
      ++images_out_;
    }
  }

  /// Checks the claimed tables against the actual reads of the iteration.
  void check_reads(std::size_t s, const Position& at) {
    for (std::size_t o = 0; o < stages_[s].objects.size(); ++o) {
      const PipelineObject& claimed = stages_[s].objects[o];
      const PipelineObject& real = truth_(s, o);
      const std::uint64_t here = arrived(claimed);
      if (here < needed(real, at)) {
        throw RunError(fmt::format(
            "{}: iteration {} of image {} reads pixel {} of \"{}\" before it is written",
            stages_[s].name, at.iteration, at.image, real.needed[at.iteration] - 1, claimed.name));
      }
      if (claimed.buffer_pixels == 0 || claimed.producer == PipelineObject::outside) continue;
      // The buffer is a ring: pixels p and p + buffer_pixels share a slot.
      const std::uint64_t newest = written(claimed.producer);
      if (newest > kept_from(real, at) + claimed.buffer_pixels &&
          real.kept_from[at.iteration] < real.needed[at.iteration]) {
        throw RunError(fmt::format(
            "{}: pixel {} of \"{}\", image {}, is overwritten before iteration {} reads it",
            stages_[s].name, real.kept_from[at.iteration], claimed.name, at.image, at.iteration));
      }
    }
  }

  /// Pixels that a stage has written since the first image.
  std::uint64_t written(std::size_t s) const {
    return at_[s].image * stages_[s].iterations + at_[s].iteration;
  }

  void note_occupancy() {
    const bool keeps =
        config_.keeps_spans && config_.bucket_ticks > 0 && tick_ % config_.bucket_ticks == 0;
    for (std::size_t s = 0; s < stages_.size(); ++s) {
      std::uint32_t* const held = keeps ? &run_.stages[s].held_bytes.emplace_back(0) : nullptr;
      if (at_[s].image >= config_.images) continue;
      for (std::size_t o = 0; o < stages_[s].objects.size(); ++o) {
        const PipelineObject& object = stages_[s].objects[o];
        if (object.producer == PipelineObject::outside) continue;
        const std::uint64_t here = arrived(object);
        const std::uint64_t kept = kept_from(object, at_[s]);
        if (here > kept) {
          std::size_t& peak = run_.peak_pixels[s][o];
          peak = std::max(peak, static_cast<std::size_t>(here - kept));
          if (held != nullptr) {
            *held += static_cast<std::uint32_t>((here - kept) * object.bytes_a_pixel);
          }
        }
      }
    }
  }

  [[noreturn]] void report_deadlock() const {
    std::string waiting;
    for (std::size_t s = 0; s < stages_.size(); ++s) {
      if (at_[s].image >= config_.images) continue;
      const std::string why = has_inputs(s, at_[s]) ? "buffer space" : "input pixels";
      waiting +=
          fmt::format("{}{} waits for {} at iteration {} of image {}", waiting.empty() ? "" : "; ",
                      stages_[s].name, why, at_[s].iteration, at_[s].image);
      if (waiting.size() > 200) {
        waiting += "; …";
        break;
      }
    }
    throw RunError(fmt::format("deadlock at tick {}: {}", tick_, waiting));
  }

  const std::vector<PipelineStage>& stages_;
  const PipelineRunConfig& config_;
  Observer& observer_;
  const TrueAccess& truth_;
  const Work& work_;
  std::vector<Position> at_, next_;                  ///< at the start and at the end of the tick
  std::vector<std::vector<Reader>> readers_;         ///< of the output of each stage
  std::vector<std::size_t> steps_;                   ///< iterations of each stage in this tick
  std::vector<std::vector<std::uint64_t>> history_;  ///< pixels written before tick t, as a ring
  std::uint64_t tick_ = 0;
  std::uint64_t images_out_ = 0;
  PipelineRun run_;
};

}  // namespace

std::span<const std::string_view> names_of(FlowControl) {
  static constexpr std::array<std::string_view, 2> names = {"credits", "none"};
  return names;
}

double PipelineRun::period_ticks() const {
  if (image_end.size() < 2) return 0.0;
  return static_cast<double>(image_end.back() - image_end.front()) /
         static_cast<double>(image_end.size() - 1);
}

PipelineRun run_pipeline(const std::vector<PipelineStage>& stages, const PipelineRunConfig& config,
                         Observer& observer, const TrueAccess& truth, const Work& work) {
  return Runner(stages, config, observer, truth, work).run();
}

}  // namespace imcsim::fabric
