#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "training/training.hpp"

namespace imcsim::training {

/// The crossbars of a network trained on devices, one per weight layer: operations common to all
/// methods that apply pulses to devices. The network owns the crossbars.
class DeviceLayers {
 public:
  /// Throws InputError for an array that cannot be trained with pulses of one granularity.
  /// Crossbars are numbered from `first_layer` on, to be distinct from other crossbars of the same
  /// simulation.
  DeviceLayers(const TrainingConfig& config, crossbar::CrossbarConfig crossbar, std::size_t layers,
               std::uint64_t seed, const Execution& execution, std::uint32_t first_layer = 0);

  /// Creates the next layer, unprogrammed.
  std::unique_ptr<network::CrossbarLayer> make(const network::Stage& stage, bool has_backward);

  /// Writes the initial weights into a layer, as configured by `initial_programming`.
  void program(std::size_t l, const Matrix<float>& weights, OperationCounts& counts);

  std::size_t size() const { return layers_.size(); }
  network::CrossbarLayer& operator[](std::size_t l) { return *layers_[l]; }
  const network::CrossbarLayer& operator[](std::size_t l) const { return *layers_[l]; }

  /// Number of the next device; set before the first `make` if other layers already use device
  /// numbers.
  std::uint32_t next_device() const { return next_device_; }
  void number_from(std::uint32_t device) { next_device_ = device; }

  /// Weight change of one pulse in layer `l`: its granularity, or granularity/N where N devices per
  /// weight are pulsed in turn.
  double step(std::size_t l) const;

  /// Granularity of layer `l`, in weight units.
  double granularity(std::size_t l) const { return granularities_[l]; }

  /// Configuration of the crossbars of layer `l`. A pulse changes the conductance by the same
  /// amount in all layers, so a layer's conductance per weight is this change divided by its
  /// granularity. Full scales of converters stay in weight units: the amplifier gain is adapted to
  /// the layer.
  crossbar::CrossbarConfig config(std::size_t l) const;

  void advance_to(double t_s);
  void update_wire_attenuation(double t_s);
  void rebuild_derived(double t_s);

  /// Adds the devices of all layers, and the devices at the upper end of their range at `t_s`.
  void add_to(TrainingStatus& status, double t_s) const;

  /// Receives the weight changes of layer `l` that a refresh did not write.
  using Lost = std::function<void(std::size_t l, const crossbar::WeightChange&)>;

  /// To be called after each sample: every `refresh_every` samples, at the end of the batch,
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
  bool scaled_;  ///< each layer has its own granularity
  std::uint64_t refresh_every_;
  bool refresh_due_ = false;  ///< set within a batch; false after its end
  std::vector<network::CrossbarLayer*> layers_;
};

/// Throws InputError for settings not supported by a method that updates after every sample: batch
/// sizes above 1, and an accumulator for refresh remainders unless `keeps_remainder`.
void require_update_per_sample(const TrainingConfig& config, const crossbar::ArrayConfig& array,
                               bool keeps_remainder);

}  // namespace imcsim::training
