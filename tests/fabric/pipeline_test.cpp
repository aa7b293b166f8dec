// Pipeline stages tick by tick: throughput, buffer space, deadlock, and invalid programs.
#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "fabric/pipeline.hpp"

namespace imcsim::testing {
BOOST_AUTO_TEST_SUITE(pipeline)

namespace {

using fabric::PipelineObject;
using fabric::PipelineStage;

/// An object whose iteration i reads pixels i − back … i + ahead of `pixels`.
PipelineObject window(std::size_t producer, std::size_t pixels, std::size_t back, std::size_t ahead,
                      std::size_t buffer) {
  PipelineObject object;
  object.name = "x";
  object.producer = producer;
  object.pixels = pixels;
  object.buffer_pixels = buffer;
  for (std::size_t i = 0; i < pixels; ++i) {
    object.needed.push_back(static_cast<std::uint32_t>(std::min(i + ahead + 1, pixels)));
    object.kept_from.push_back(static_cast<std::uint32_t>(i < back ? 0 : i - back));
  }
  return object;
}

/// Three stages in series; the last also reads the output of the first.
std::vector<PipelineStage> chain(std::size_t residual_buffer) {
  constexpr std::size_t pixels = 10;
  return {
      {"a", pixels, 1, 1, {window(PipelineObject::outside, pixels, 0, 0, 0)}},
      {"b", pixels, 1, 1, {window(0, pixels, 1, 1, 3)}},
      {"c", pixels, 1, 1, {window(1, pixels, 1, 1, 3), window(0, pixels, 0, 0, residual_buffer)}}};
}

fabric::PipelineRun run(const std::vector<PipelineStage>& stages, std::size_t images,
                        fabric::FlowControl flow = fabric::FlowControl::credits,
                        const fabric::TrueAccess& truth = {}) {
  fabric::PipelineRunConfig config;
  config.images = images;
  config.flow_control = flow;
  Observer observer;
  return fabric::run_pipeline(stages, config, observer, truth);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_window_of_three_starts_two_ticks_later_and_images_follow_without_gap) {
  const fabric::PipelineRun done = run(chain(0), 5);
  BOOST_TEST(done.stages[1].first_tick == 2U);
  BOOST_TEST(done.stages[2].first_tick == 4U);
  BOOST_TEST(done.image_end[0] == 14U);  // a: ticks 0 … 9; b: 2 … 10, 11 …; c: … 13
  BOOST_TEST(done.period_ticks() == 10.0);
  BOOST_TEST(done.peak_pixels[2][1] == 4U);
}

BOOST_AUTO_TEST_CASE(buffers_of_peak_size_do_not_increase_the_time) {
  BOOST_TEST(run(chain(4), 5).ticks == run(chain(0), 5).ticks);
}

BOOST_AUTO_TEST_CASE(a_residual_without_buffer_space_is_a_reported_deadlock) {
  try {
    run(chain(2), 2);
    BOOST_FAIL("it ran");
  } catch (const RunError& error) {
    const std::string text = error.what();
    BOOST_TEST(text.find("deadlock") != std::string::npos);
    BOOST_TEST(text.find("a waits for buffer space") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(without_credits_early_overwriting_is_detected) {
  const std::vector<PipelineStage> stages = chain(2);
  const fabric::TrueAccess truth = [&](std::size_t s, std::size_t o) -> const PipelineObject& {
    return stages[s].objects[o];
  };
  BOOST_CHECK_EXCEPTION(run(stages, 1, fabric::FlowControl::none, truth), RunError,
                        [](const RunError& e) {
                          return std::string(e.what()).find("overwritten") != std::string::npos;
                        });
}

BOOST_AUTO_TEST_CASE(an_invalid_schedule_table_is_detected) {
  const std::vector<PipelineStage> honest = chain(0);
  std::vector<PipelineStage> claimed = honest;
  for (std::uint32_t& needed : claimed[1].objects[0].needed) needed = std::max(1U, needed) - 1;
  const fabric::TrueAccess truth = [&](std::size_t s, std::size_t o) -> const PipelineObject& {
    return honest[s].objects[o];
  };
  BOOST_CHECK_EXCEPTION(
      run(claimed, 1, fabric::FlowControl::credits, truth), RunError, [](const RunError& e) {
        return std::string(e.what()).find("before it is written") != std::string::npos;
      });
}

BOOST_AUTO_TEST_CASE(copies_work_in_parallel) {
  std::vector<PipelineStage> stages = chain(0);
  for (PipelineStage& stage : stages) {
    stage.replication = 2;
    for (PipelineObject& object : stage.objects) object.buffer_pixels = 0;
  }
  BOOST_TEST(run(stages, 4).period_ticks() == 5.0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::testing
