#include "training/tiki_taka.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "training/in_situ.hpp"

namespace imcsim::training {
namespace {

/// Configuration of A's crossbars: as C's, with converters for one row at a time.
crossbar::CrossbarConfig fast_config(const TrainingConfig& config,
                                     crossbar::CrossbarConfig crossbar) {
  crossbar.converters.adc_full_scale_forward = config.transfer_adc_full_scale;
  return crossbar;
}

}  // namespace

PairedLayer::PairedLayer(std::unique_ptr<network::CrossbarLayer> slow,
                         std::unique_ptr<network::CrossbarLayer> fast, Matrix<float> zero,
                         double gamma)
    : slow_(std::move(slow)),
      fast_(std::move(fast)),
      zero_(std::move(zero)),
      gamma_(static_cast<float>(gamma)) {}

void PairedLayer::forward(const crossbar::DrivenLines& a, const crossbar::Read& read,
                          crossbar::Scratch& scratch, float* z) const noexcept {
  slow_->forward(a, read, scratch, z);
  if (gamma_ == 0.0F) return;
  AlignedVector<float> fast(padded(slow_->columns()));
  fast_->forward(a, read, scratch, fast.data());
  for (std::size_t j = 0; j < slow_->columns(); ++j) z[j] += gamma_ * fast[j];
  for (std::size_t k = 0; k < a.count; ++k) {
    const float factor = gamma_ * a.value[k];
    for (std::size_t j = 0; j < slow_->columns(); ++j) z[j] -= factor * zero_(a.line[k], j);
  }
}

void PairedLayer::backward(const crossbar::DrivenLines& delta, const crossbar::Read& read,
                           crossbar::Scratch& scratch, float* e) const noexcept {
  slow_->backward(delta, read, scratch, e);
  if (gamma_ == 0.0F) return;
  const std::size_t inputs = slow_->rows() - 1;
  AlignedVector<float> fast(padded(inputs));
  fast_->backward(delta, read, scratch, fast.data());
  for (std::size_t i = 0; i < inputs; ++i) {
    e[i] += gamma_ * fast[i];
    for (std::size_t k = 0; k < delta.count; ++k) {
      e[i] -= gamma_ * delta.value[k] * zero_(i, delta.line[k]);
    }
  }
}

const Matrix<float>& PairedLayer::weights() const {
  if (gamma_ == 0.0F) return slow_->weights();
  sum_ = slow_->weights();
  const Matrix<float>& fast = fast_->weights();
  for (std::size_t i = 0; i < slow_->rows(); ++i) {
    for (std::size_t j = 0; j < slow_->columns(); ++j) {
      sum_(i, j) += gamma_ * (fast(i, j) - zero_(i, j));
    }
  }
  return sum_;
}

void PairedLayer::read_fast(std::size_t line, const crossbar::Read& read,
                            crossbar::DrivenLines& unit, crossbar::Scratch& scratch,
                            float* out) const noexcept {
  unit.count = 0;
  unit.push(line, 1.0F, true);
  unit.fill_up();
  fast_->forward(unit, read, scratch, out);
  for (std::size_t j = 0; j < fast_->columns(); ++j) out[j] -= zero_(line, j);
}

TikiTakaTrainer::TikiTakaTrainer(network::Network network,
                                 const std::vector<Matrix<float>>& weights,
                                 const TrainingConfig& config,
                                 const crossbar::CrossbarConfig& crossbar, std::uint64_t seed,
                                 const Execution& execution)
    : Trainer(std::move(network), config, seed, execution),
      slow_(config, crossbar, weights.size(), seed, execution),
      fast_(config, fast_config(config, crossbar), weights.size(), seed, execution,
            static_cast<std::uint32_t>(weights.size())),
      transfer_read_(seed, Purpose::transfer_read),
      unit_(work_.scratch.driven.size()),
      line_(work_.scratch.driven.size()) {
  require_update_per_sample(config, crossbar.array, config.tiki_taka_buffer);
  if (!entities::layers.holds_all(2 * weights.size())) {
    throw InputError(at_field("network"), fmt::format("has {} weight layers", weights.size()),
                     fmt::format("at most {} with method = tiki-taka", entities::layers.count / 2));
  }
  std::vector<std::unique_ptr<network::CrossbarLayer>> slow;
  for (std::size_t l = 0; l < weights.size(); ++l) {
    slow.push_back(slow_.make(network_.weight_stages()[l], l > 0));
    slow_.program(l, weights[l], counts());
  }
  fast_.number_from(slow_.next_device());
  for (std::size_t l = 0; l < weights.size(); ++l) {
    const network::Stage& stage = network_.weight_stages()[l];
    const auto id = static_cast<std::uint32_t>(l);
    auto fast = fast_.make(stage, l > 0 && config.tiki_taka_gamma != 0.0);
    Matrix<float> zero = config.tiki_taka_zero_shift
                             ? symmetry_points(*fast, fast_.config(l))
                             : padded_matrix<float>(stage.rows(), stage.outputs());
    fast->set_exact(zero);
    auto pair = std::make_unique<PairedLayer>(std::move(slow[l]), std::move(fast), std::move(zero),
                                              config.tiki_taka_gamma);
    pairs_.push_back(pair.get());
    network_.add_layer(std::move(pair));
    trains_.emplace_back(stage.outputs(), fast_.step(l), config.pulse_train_length, seed,
                         Purpose::pulse_train, id);
    transfer_trains_.emplace_back(stage.outputs(), slow_.step(l), config.pulse_train_length, seed,
                                  Purpose::transfer_train, id);
    if (config.tiki_taka_buffer) {
      buffer_.push_back(padded_matrix<float>(stage.rows(), stage.outputs()));
    }
  }
}

void TikiTakaTrainer::advance_to(double t_s) {
  slow_.advance_to(t_s);
  fast_.advance_to(t_s);
}

void TikiTakaTrainer::update_wire_attenuation(double t_s) {
  slow_.update_wire_attenuation(t_s);
  fast_.update_wire_attenuation(t_s);
}

void TikiTakaTrainer::update(const Step& step) {
  const bool transfers =
      (step.sample + 1) % static_cast<std::uint64_t>(config_.transfer_every) == 0;
  for (std::size_t l = 0; l < slow_.size(); ++l) {
    pulse_outer_products(fast_[l], trains_[l], work_.input[l], work_.delta[l], step, counts());
    if (transfers) transfer(l, step);
  }
  slow_.refresh(step, counts(), [this](std::size_t l, const crossbar::WeightChange& lost) {
    if (buffer_.empty()) return;
    const std::size_t columns = slow_[l].columns();
    buffer_[l](lost.crossing / columns, lost.crossing % columns) += lost.weight;
  });
  fast_.refresh(step, counts(), [](std::size_t, const crossbar::WeightChange&) {});
}

/// Transfers the next row of A to C; the row number depends on the sample number only.
void TikiTakaTrainer::transfer(std::size_t l, const Step& step) {
  const std::size_t columns = slow_[l].columns();
  const std::uint64_t number =
      (step.sample + 1) / static_cast<std::uint64_t>(config_.transfer_every);
  const auto line = static_cast<std::size_t>((number - 1) % slow_[l].rows());
  pairs_[l]->read_fast(line, {transfer_read_, events::training_samples(step.sample)}, unit_,
                       work_.scratch, line_.data());
  counts().weight_updates += columns;
  if (!buffer_.empty()) {
    slow_[l].pulse(whole_steps(l, line), step.t_s, counts());
    return;
  }
  // PulseTrain lowers weights by x·dᵀ, hence the sign.
  for (std::size_t j = 0; j < columns; ++j) line_[j] = -line_[j];
  slow_[l].pulse(transfer_trains_[l].draw(unit_, {line_.data(), columns},
                                          static_cast<float>(config_.transfer_learning_rate),
                                          events::training_samples(step.sample)),
                 step.t_s, counts());
}

/// H += λ·v for one row; whole steps are subtracted and returned as pulses.
std::span<const crossbar::PulseRequest> TikiTakaTrainer::whole_steps(std::size_t l,
                                                                     std::size_t line) {
  constexpr float most = 1000.0F;
  const std::size_t columns = slow_[l].columns();
  const auto rate = static_cast<float>(config_.transfer_learning_rate);
  const auto one = static_cast<float>(slow_.step(l));
  requests_.clear();
  for (std::size_t j = 0; j < columns; ++j) {
    float& held = buffer_[l](line, j);
    held += rate * line_[j];
    const float steps = std::trunc(held / one);
    if (!(std::fabs(steps) >= 1.0F)) continue;  // also skips NaN
    if (std::fabs(steps) > most) {
      throw RunError(
          fmt::format("training diverged: one transfer requests {:.0f} pulses for one weight; "
                      "decrease transfer-learning-rate",
                      std::fabs(steps)));
    }
    held -= steps * one;
    requests_.push_back(
        {static_cast<std::uint32_t>(line * columns + j), static_cast<std::int32_t>(steps)});
  }
  counts().digital_mac += columns;
  counts().digital_bytes += 2 * sizeof(float) * columns;  // H: read and written
  return requests_;
}

std::vector<StateArray> TikiTakaTrainer::state() {
  std::vector<StateArray> arrays;
  for (std::size_t l = 0; l < slow_.size(); ++l) {
    const std::string prefix = fmt::format("layer{}.", l);
    for (StateArray& array : slow_[l].state(prefix)) arrays.push_back(std::move(array));
    for (StateArray& array : fast_[l].state(prefix + "fast.")) arrays.push_back(std::move(array));
    if (buffer_.empty()) continue;
    arrays.push_back({prefix + "buffer", array_view(buffer_[l], slow_[l].columns()), true});
  }
  return arrays;
}

void TikiTakaTrainer::rebuild_derived(double t_s) {
  slow_.rebuild_derived(t_s);
  fast_.rebuild_derived(t_s);
}

}  // namespace imcsim::training
