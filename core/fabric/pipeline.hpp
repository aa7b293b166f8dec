#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/observer.hpp"

namespace imcsim::fabric {

/// What a core's memory holds of one value: a buffer that another stage, or the outside, writes and
/// one stage reads.
struct PipelineObject {
  static constexpr std::size_t outside = ~std::size_t{0};

  std::string name;
  std::size_t producer = outside;  ///< stage
  std::size_t pixels = 1;          ///< of an image
  std::size_t bytes_a_pixel = 1;
  std::size_t buffer_pixels = 0;  ///< 0: as many as it takes
  bool accumulates = false;       ///< pixels are added up as they come: two sums in memory
  std::size_t delay_ticks = 1;    ///< from the iteration that writes to the first that may read
  /// Pixels that must have arrived before iteration i: what the local control unit goes by.
  std::vector<std::uint32_t> needed;
  /// First pixel that iteration i or a later one still reads.
  std::vector<std::uint32_t> kept_from;
};

/// A stage of cores that work in step: one iteration of its loop a tick, `replication` where its
/// weights stand in so many copies.
struct PipelineStage {
  std::string name;
  std::size_t iterations = 1;
  std::size_t replication = 1;
  std::size_t tiles = 0;  ///< products an iteration
  std::vector<PipelineObject> objects;
};

/// Whether a stage waits until there is room where it writes.
enum class FlowControl { credits, none };
std::span<const std::string_view> names_of(FlowControl);

struct PipelineRunConfig {
  std::size_t images = 1;
  std::size_t input_pixels_a_tick = 0;  ///< of each input of the network; 0: all are there
  FlowControl flow_control = FlowControl::credits;
  std::size_t bucket_ticks = 0;  ///< width of the buckets of iterations; 0: none are kept
  bool keeps_spans = false;      ///< of StageActivity, and what its buffers hold
};

/// Ticks begin … end − 1, in each of which a stage worked on an image.
struct BusySpan {
  std::uint64_t begin = 0, end = 0, image = 0;
};

/// What a stage did, and why it stood still in a tick while it had work left.
struct StageActivity {
  std::uint64_t executed = 0;         ///< iterations
  std::uint64_t busy_ticks = 0;       ///< with at least one iteration
  std::uint64_t input_stalls = 0;     ///< ticks: a pixel had not arrived
  std::uint64_t credit_stalls = 0;    ///< ticks: no room where it writes
  std::uint64_t first_tick = 0;       ///< of its first iteration of the first image
  std::uint64_t last_tick = 0;        ///< of its last iteration of the first image
  std::vector<std::uint32_t> bucket;  ///< iterations in each bucket
  std::vector<BusySpan> spans;
  /// With spans: bytes that stand in its buffers at the begin of each bucket.
  std::vector<std::uint32_t> held_bytes;
};

struct PipelineRun {
  std::uint64_t ticks = 0;                 ///< until the last image is out
  std::vector<std::uint64_t> image_begin;  ///< tick of the first iteration of any stage
  std::vector<std::uint64_t> image_end;    ///< ticks until it is out: 1 + its last iteration
  std::vector<StageActivity> stages;
  /// Most pixels that stood in each object's buffer, stage by stage.
  std::vector<std::vector<std::size_t>> peak_pixels;

  /// Ticks between images behind one another; 0 with one image.
  double period_ticks() const;
};

/// What each iteration of a stage really reads, beside what the control units were told; a run
/// checks every read against it. `needed` and `kept_from` as in PipelineObject.
using TrueAccess = std::function<const PipelineObject&(std::size_t stage, std::size_t object)>;

/// What a stage does in an iteration: it reads what stands in its objects, and writes one pixel. In
/// a tick, stages that read come before those that write over what was read.
using Work = std::function<void(std::size_t stage, std::uint64_t image, std::size_t iteration)>;

/// Runs a pipeline tick by tick: in each tick, a stage advances if its objects hold what its next
/// iteration needs, all by the state at the tick's begin; what is written is seen `delay_ticks`
/// later, and what is read for the last time makes room for what is written in the same tick.
/// Images follow one another without a gap. Stages stand behind those that they read from. `truth`:
/// where given, each read is checked against it; `work`: done in each iteration. Throws RunError
/// where nothing moves and work is left (deadlock, with what each stage waits for), where a pixel
/// is read before it was written, or written over before it was read. Source of the semantics:
/// arXiv:2003.04293.
PipelineRun run_pipeline(const std::vector<PipelineStage>& stages, const PipelineRunConfig& config,
                         Observer& observer, const TrueAccess& truth = {}, const Work& work = {});

}  // namespace imcsim::fabric
