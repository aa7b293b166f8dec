#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/observer.hpp"

namespace imcsim::fabric {

/// Buffer of one value in a core's memory, written by another stage or from outside, and read by
/// one stage.
struct PipelineObject {
  static constexpr std::size_t outside = ~std::size_t{0};

  std::string name;
  std::size_t producer = outside;  ///< stage that writes the value
  std::size_t pixels = 1;          ///< per image
  std::size_t bytes_a_pixel = 1;
  std::size_t buffer_pixels = 0;  ///< 0: unlimited
  bool accumulates = false;       ///< pixels are summed on arrival; memory holds two sums
  /// From the iteration that writes to the first iteration that may read.
  std::size_t delay_ticks = 1;
  /// Pixels that must have arrived before iteration i, as used by the local control unit.
  std::vector<std::uint32_t> needed;
  /// First pixel that is still read by iteration i or a later one.
  std::vector<std::uint32_t> kept_from;
};

/// A stage of cores that work in step: one iteration of its loop per tick, or `replication`
/// iterations with that many copies of its weights.
struct PipelineStage {
  std::string name;
  std::size_t iterations = 1;
  std::size_t replication = 1;
  std::size_t tiles = 0;  ///< products per iteration
  std::vector<PipelineObject> objects;
};

/// Whether a stage waits until its readers have free buffer space.
enum class FlowControl { credits, none };
std::span<const std::string_view> names_of(FlowControl);

struct PipelineRunConfig {
  std::size_t images = 1;
  std::size_t input_pixels_a_tick = 0;  ///< per network input; 0: all pixels are available at once
  FlowControl flow_control = FlowControl::credits;
  std::size_t bucket_ticks = 0;  ///< width of the time bins for iterations; 0: none are kept
  bool keeps_spans = false;      ///< records StageActivity::spans and held_bytes
};

/// Ticks begin … end − 1, in each of which the stage worked on the image.
struct BusySpan {
  std::uint64_t begin = 0, end = 0, image = 0;
};

/// Activity of a stage, and the reasons for stalls while it had work left.
struct StageActivity {
  std::uint64_t executed = 0;         ///< iterations
  std::uint64_t busy_ticks = 0;       ///< ticks with at least one iteration
  std::uint64_t input_stalls = 0;     ///< ticks in which an input pixel had not arrived
  std::uint64_t credit_stalls = 0;    ///< ticks without free space at a reader
  std::uint64_t first_tick = 0;       ///< of the first iteration of the first image
  std::uint64_t last_tick = 0;        ///< of the last iteration of the first image
  std::vector<std::uint32_t> bucket;  ///< iterations per bucket
  std::vector<BusySpan> spans;
  /// With `keeps_spans`: bytes in its buffers at the start of each bucket.
  std::vector<std::uint32_t> held_bytes;
};

struct PipelineRun {
  std::uint64_t ticks = 0;                 ///< until the last image is finished
  std::vector<std::uint64_t> image_begin;  ///< tick of the first iteration of any stage
  std::vector<std::uint64_t> image_end;    ///< tick after the last iteration of any stage
  std::vector<StageActivity> stages;
  /// Largest number of pixels in each object's buffer, per stage.
  std::vector<std::vector<std::size_t>> peak_pixels;

  /// Mean interval between the ends of successive images, in ticks; 0 with one image.
  double period_ticks() const;
};

/// The actual reads of each iteration of a stage, in contrast to the tables of the control units. A
/// run checks every read against them. `needed` and `kept_from` as in PipelineObject.
using TrueAccess = std::function<const PipelineObject&(std::size_t stage, std::size_t object)>;

/// Executes one iteration of a stage: reads its objects and writes one pixel. Within a tick,
/// reading stages run before the stages that overwrite their data.
using Work = std::function<void(std::size_t stage, std::uint64_t image, std::size_t iteration)>;

/// Runs a pipeline tick by tick. In each tick, a stage advances if its objects hold the data needed
/// by its next iteration at the start of the tick. A written pixel becomes visible `delay_ticks`
/// later; a pixel read for the last time frees its space for writes in the same tick. Images follow
/// one another without a gap. A stage must come after all stages that it reads from. `truth`: if
/// given, each read is checked against it; `work`: called in each iteration. Throws RunError on
/// deadlock (with the state of each waiting stage), if a pixel is read before it is written, or
/// overwritten before it is read. Source of the semantics: arXiv:2003.04293.
PipelineRun run_pipeline(const std::vector<PipelineStage>& stages, const PipelineRunConfig& config,
                         Observer& observer, const TrueAccess& truth = {}, const Work& work = {});

}  // namespace imcsim::fabric
