#include "sweep_variants.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <new>
#include <thread>

#include "base/error.hpp"
#include "run.hpp"
#include "study/sweep_rows.hpp"

namespace imcsim::cli {
namespace {

std::string point_words(const study::SweepStudy& study, std::size_t point) {
  std::string words;
  const std::vector<std::string> values = study::values_at(study, point);
  const std::vector<const study::Axis*> axes = study.axes();
  for (std::size_t a = 0; a < axes.size(); ++a) {
    words += fmt::format("{}{}={}", words.empty() ? "" : ", ", axes[a]->key, values[a]);
  }
  return words;
}

/// Calls body(0 … count − 1) in temporary threads. A persistent thread pool would not exist in the
/// worker processes that are forked later.
template <class Body>
void run_in_parallel(std::size_t count, bool single_thread, const Body& body) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) body(i);
  };
#if defined(__EMSCRIPTEN__)
  static_cast<void>(single_thread);
  work();
#else
  const std::size_t most = single_thread ? 1 : static_cast<std::size_t>(hardware_threads());
  std::vector<std::thread> threads;
  for (std::size_t t = 1; t < std::min(most, count / 16 + 1); ++t) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
#endif
}

/// Throws the error of a point, with the point if the error does not name a line of the study.
[[noreturn]] void rethrow_of_point(const std::exception_ptr& failure, const std::string& name,
                                   const std::string& words) {
  try {
    std::rethrow_exception(failure);
  } catch (const InputError& error) {
    if (words.empty() || error.where().starts_with(name)) throw;
    throw InputError(fmt::format("{}: {}: {}", name, words, error.where()), error.problem(),
                     error.expected());
  }
}

}  // namespace

std::string variant_words(const study::SweepStudy& study, std::size_t variant) {
  const std::string point = point_words(study, variant / study.seeds.size());
  return fmt::format("variant {} ({}{}seed {})", variant, point, point.empty() ? "" : ", ",
                     study::seed_of(study, variant));
}

SweepVariants::SweepVariants(const study::SweepStudy& study, const std::string& name,
                             SharedInputs& inputs)
    : study_(study), runs_(study.points()) {
  std::vector<std::size_t> points(study.points());
  for (std::size_t p = 0; p < points.size(); ++p) points[p] = p;
  prepare(name, inputs, points);
}

SweepVariants::SweepVariants(const study::SweepStudy& study, const std::string& name,
                             SharedInputs& inputs, const std::vector<std::size_t>& variants)
    : study_(study), runs_(study.points()) {
  std::vector<std::size_t> points;
  points.reserve(variants.size());
  for (const std::size_t variant : variants) points.push_back(variant / study.seeds.size());
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  prepare(name, inputs, points);
}

void SweepVariants::prepare(const std::string& name, SharedInputs& inputs,
                            const std::vector<std::size_t>& points) {
  std::vector<std::exception_ptr> failures(points.size());
  run_in_parallel(points.size(), !runs_directly(study_.command), [&](std::size_t i) {
    const study::Settings settings = study::settings_at(study_, points[i]);
    try {
      runs_[points[i]] = prepare_run(study_.command, study_.words, settings, inputs);
    } catch (const InputError& error) {
      failures[i] = std::make_exception_ptr(study::located(error, settings));
    } catch (...) {
      failures[i] = std::current_exception();
    }
  });
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (failures[i]) rethrow_of_point(failures[i], name, point_words(study_, points[i]));
  }
}

std::string SweepVariants::line(std::size_t variant, const Execution& execution) const {
  const Stopwatch watch;
  const auto timing = [&] {
    const Timing elapsed = watch.elapsed();
    return study::VariantTiming{elapsed.wall_s, elapsed.cpu_s};
  };
  const std::uint64_t seed = study::seed_of(study_, variant);
  std::string reason;
  try {
    const PreparedRun& prepared = runs_[variant / study_.seeds.size()];
    const study::Json json = prepared.run(study_.seeded ? &seed : nullptr, execution);
    return study::result_line(study_, variant, json, timing());
  } catch (const std::bad_alloc&) {
    reason = "not enough memory";
  } catch (const std::exception& error) {
    reason = error.what();
  }
  return study::failure_line(study_, variant, reason, timing());
}

}  // namespace imcsim::cli
