#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "training/training.hpp"

namespace imcsim::training {

/// The crossbars of a network that learns on devices, one a layer with weights: what every method
/// that pulses devices does with them alike. The network owns them.
class DeviceLayers {
 public:
  /// Throws InputError for an array that pulses of one granularity cannot train. Crossbars
  /// are numbered from `first_layer` on, apart from others of the same simulation.
  DeviceLayers(const TrainingConfig& config, crossbar::CrossbarConfig crossbar, std::size_t layers,
               std::uint64_t seed, const Execution& execution, std::uint32_t first_layer = 0);

  /// The next layer, unprogrammed.
  std::unique_ptr<network::CrossbarLayer> make(const network::Stage& stage, bool has_backward);

  /// Brings first weights into a layer, as `initial_programming` says.
  void program(std::size_t l, const Matrix<float>& weights, OperationCounts& counts);

  std::size_t size() const { return layers_.size(); }
  network::CrossbarLayer& operator[](std::size_t l) { return *layers_[l]; }
  const network::CrossbarLayer& operator[](std::size_t l) const { return *layers_[l]; }

  /// Number of the next device; to be set before the first `make` where others have devices.
  std::uint32_t next_device() const { return next_device_; }
  void number_from(std::uint32_t device) { next_device_ = device; }

  /// Weight change of one pulse in layer `l`: its granularity, or 1/N of the granularity where N
  /// devices take turns.
  double step(std::size_t l) const;

  /// Granularity of layer `l`.
  double granularity(std::size_t l) const { return granularities_[l]; }

  /// What the crossbars of layer `l` are made from. A pulse changes the conductance alike in all
  /// layers, so a layer's conductance per weight is that change over its granularity. Full scales
  /// of converters stay in units of weight: the gain of an amplifier follows its layer.
  crossbar::CrossbarConfig config(std::size_t l) const;

  void advance_to(double t_s);
  void settle(double t_s);
  void rebuild_derived(double t_s);

  /// Counts the devices, and those at the upper end of their range at `t_s`.
  void add_to(TrainingStatus& status, double t_s) const;

  /// What a refresh did not write, of layer `l`.
  using Lost = std::function<void(std::size_t l, const crossbar::WeightChange&)>;

  /// To be asked after each sample: every `refresh_every` samples, at the end of the batch,
  /// refreshes the pairs near the end of their range.
  void refresh(const Step& step, OperationCounts& counts, const Lost& lost);

 private:
  InitialProgramming initial_programming_;
  crossbar::CrossbarConfig crossbar_;
  std::shared_ptr<const device::DeviceModel> model_;
  crossbar::TileSize tile_;
  std::uint64_t seed_;
  Execution execution_;
  std::uint32_t next_layer_;
  std::uint32_t next_device_ = 0;
  std::vector<double> granularities_;
  bool scaled_;  ///< each layer by its own granularity
  std::uint64_t refresh_every_;
  bool refresh_due_ = false;  ///< within a batch; false at its end
  std::vector<network::CrossbarLayer*> layers_;
};

/// Throws InputError where a configuration asks for what a method cannot give whose pulses leave
/// with each sample: batches, and a place for what a refresh loses (`keeps_remainder`: it has one).
void require_pulses_a_sample(const TrainingConfig& config, const crossbar::ArrayConfig& array,
                             bool keeps_remainder);

}  // namespace imcsim::training
