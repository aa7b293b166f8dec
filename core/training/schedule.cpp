// Learning rates and granularities, derived from the configuration.
#include <fmt/format.h>

#include "base/error.hpp"
#include "numeric/float_math.hpp"
#include "training/training.hpp"

namespace imcsim::training {
namespace {

float power(float rate, double factor, std::int64_t times) {
  for (std::int64_t k = 0; k < times; ++k) rate *= static_cast<float>(factor);
  return rate;
}

/// (1 + cos(π·part))/2 for 0 ≤ part ≤ 1.
float half_cosine(double part) {
  float sine = 0.0F;
  float cosine = 0.0F;
  numeric::sincos_turn(static_cast<std::uint32_t>(part * 2147483648.0), sine, cosine);
  return 0.5F * (1.0F + cosine);
}

}  // namespace

float learning_rate(const TrainingConfig& config, std::int64_t epoch) {
  const auto first = static_cast<float>(config.learning_rate);
  const double part =
      config.epochs > 0 ? static_cast<double>(epoch) / static_cast<double>(config.epochs) : 0.0;
  switch (config.learning_rate_schedule) {
    case LearningRateSchedule::exponential: return power(first, config.learning_rate_decay, epoch);
    case LearningRateSchedule::step:
      return power(first, config.learning_rate_decay, epoch / config.learning_rate_step);
    case LearningRateSchedule::cosine: return first * half_cosine(part < 1.0 ? part : 1.0);
    case LearningRateSchedule::linear:
      return first * static_cast<float>(part < 1.0 ? 1.0 - part : 0.0);
    case LearningRateSchedule::constant: break;
  }
  return first;
}

std::vector<double> granularities(const TrainingConfig& config, std::size_t layers) {
  const Numbers& own = config.layer_granularity;
  if (own.empty()) return std::vector<double>(layers, config.granularity);
  if (own.size() != layers) {
    throw InputError(at_field("layer-granularity"),
                     fmt::format("{} {}", own.size(), own.size() == 1 ? "number" : "numbers"),
                     fmt::format("{}, one for each layer with weights, or none", layers));
  }
  return own;
}

}  // namespace imcsim::training
