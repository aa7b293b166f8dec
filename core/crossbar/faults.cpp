#include "crossbar/faults.hpp"

#include "numeric/events.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::crossbar {
namespace {

// Events of the draws of a device.
constexpr std::uint64_t fault_draw = events::device_faults(0);
constexpr std::uint64_t endurance_draw = events::device_faults(1);
constexpr std::uint64_t end_state_draw = events::device_faults(2);

constexpr float life_spread_decades = 0.5F;
constexpr float worn_out_high_share = 0.8F;

}  // namespace

void describe(FaultConfig& c, FieldList& f) {
  constexpr Range probability{0.0, 1.0};
  constexpr std::string_view choice = "set by the experiment";
  f.group("Faults");
  f.field("fault-rate", c.fault_rate, Unit::fraction, probability,
          "Fraction of stuck-at faults: 1 - yield",
          "observed yield: doi:10.1038/s41467-020-16108-9");
  f.field("stuck-high-share", c.stuck_high_share, Unit::fraction, probability,
          "Fraction of stuck devices at the highest conductance; the rest are at the lowest",
          "assumed");
  f.field("open-row-rate", c.open_row_rate, Unit::fraction, probability,
          "Fraction of open wordlines", choice);
  f.field("open-column-rate", c.open_column_rate, Unit::fraction, probability,
          "Fraction of open bitlines, counted for each polarity", choice);
  f.field("endurance-pulses", c.endurance_pulses, Unit::pulses, {0.0, 1e15},
          "Median endurance of the devices (0: unlimited)",
          "doi:10.1038/s41565-020-0655-z; half a decade of spread assumed");
}

Faults::Faults(const FaultConfig& config, std::size_t rows, std::size_t columns, std::uint32_t id,
               std::uint64_t seed)
    : config_(config), draws_(seed, Purpose::faults) {
  any_ = config.fault_rate > 0.0 || config.open_row_rate > 0.0 || config.open_column_rate > 0.0 ||
         config.endurance_pulses > 0.0;
  const auto open_lines = [&](std::uint32_t entity, std::size_t count, double rate) {
    std::vector<std::uint8_t> open(rate > 0.0 ? count : 0);
    const Stream own = draws_.of(entity);
    for (std::size_t line = 0; line < open.size(); ++line) {
      open[line] = static_cast<double>(own.uniform(events::lines(line))) < rate ? 1 : 0;
    }
    return open;
  };
  row_is_open_ = open_lines(entities::open_rows(id), rows, config.open_row_rate);
  line_is_open_ = open_lines(entities::open_columns(id), 2 * columns, config.open_column_rate);
}

std::optional<float> Faults::stuck_us(const device::DeviceModel& model,
                                      const device::DeviceArray& array, std::size_t place,
                                      std::size_t row, std::size_t line) const {
  if (!row_is_open_.empty() && row_is_open_[row] != 0) return 0.0F;
  if (!line_is_open_.empty() && line_is_open_[line] != 0) return 0.0F;
  const std::uint32_t entity = array.entity(place);
  if (const auto found = manual_faults_.find(entity); found != manual_faults_.end()) {
    return found->second ? model.highest_us() : model.lowest_us();
  }
  const Stream own = draws_.of(entity);
  if (config_.fault_rate > 0.0) {
    const auto draw = static_cast<double>(own.uniform(fault_draw));
    if (draw < config_.fault_rate * config_.stuck_high_share) return model.highest_us();
    if (draw < config_.fault_rate) return model.lowest_us();
  }
  if (config_.endurance_pulses > 0.0) {
    constexpr float decade = 2.302585093F;
    const float factor = numeric::exp(decade * life_spread_decades * own.normal(endurance_draw));
    if (static_cast<double>(array.pulses[place]) >
        config_.endurance_pulses * static_cast<double>(factor)) {
      return own.uniform(end_state_draw) < worn_out_high_share ? model.highest_us() : 0.0F;
    }
  }
  return {};
}

}  // namespace imcsim::crossbar
