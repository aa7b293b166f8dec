// Inspection of a training run, and interventions on single devices.
#include <fmt/format.h>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "study/train_session.hpp"

namespace imcsim::study {
std::vector<training::FollowedLayer> TrainSession::follow(std::span<const std::uint8_t> image,
                                                          std::uint64_t number) {
  if (image.size() != data_.training.features()) {
    throw InputError("image", fmt::format("has {} pixels", image.size()),
                     fmt::format("{}, the input size of the network", data_.training.features()));
  }
  trainer_->advance_to(time_s());
  const Stream noise(config_.seed, Purpose::evaluation_read);
  return training::follow(trainer_->network(), image, {noise, events::followed_reads(number)},
                          execution_);
}

network::CrossbarLayer& TrainSession::devices_of(std::size_t layer) {
  network::CrossbarLayer* const devices = trainer_->devices(layer);
  if (devices == nullptr) {
    throw InputError("layer", fmt::format("layer {} has no devices", layer),
                     "a layer trained on devices");
  }
  return *devices;
}

crossbar::DeviceReading TrainSession::read_device(std::size_t layer,
                                                  const crossbar::DeviceSite& site) {
  return devices_of(layer).read_device(site, time_s());
}

void TrainSession::intervene(std::size_t layer, const crossbar::DeviceSite& site,
                             crossbar::Intervention what) {
  devices_of(layer).intervene(site, what, time_s(), trainer_->counts());
  modified_ = true;
}

}  // namespace imcsim::study
