#include "device/device.hpp"

#include <array>

#include "device/ideal.hpp"
#include "device/pcm_model.hpp"

namespace imcsim::device {

DeviceArray::DeviceArray(std::size_t count, std::uint32_t first)
    : conductance_us(count, 0.0F),
      memory(count, 1.0F),
      programmed_at_s(count, 0.0),
      pulses(count, 0),
      first_entity(first) {}

std::span<const std::string_view> names_of(ModelName) {
  static constexpr std::array<std::string_view, 2> model_names = {"ideal", "pcm"};
  return model_names;
}

std::unique_ptr<const DeviceModel> make_model(const DeviceConfig& config, double pulse_us) {
  switch (config.model) {
    case ModelName::ideal: return std::make_unique<IdealModel>(pulse_us);
    case ModelName::pcm: break;
  }
  return std::make_unique<PcmModel>(config, pulse_us);
}

void describe(DeviceConfig& c, FieldList& f) {
  f.group("Device");
  f.field("device-model", c.model, Unit::none, {}, "rules that the device follows",
          "the closed list of models");
  f.field("read-noise", c.read_noise, Unit::none, {},
          "each product sees fresh noise of every device", "choice of the experiment",
          Audience::everyone);
  f.field("programming-noise", c.programming_noise, Unit::none, {},
          "the change of a pulse is random", "choice of the experiment", Audience::everyone);
  f.field("drift", c.drift, Unit::none, {}, "conductance falls with the time since the last pulse",
          "choice of the experiment", Audience::everyone);
  f.field("update-nonlinearity", c.update_nonlinearity, Unit::none, {},
          "the mean change depends on conductance and history; off: it is the granularity",
          "choice of the experiment", Audience::everyone);
  describe(c.pcm, f);
}

}  // namespace imcsim::device
