// The list of non-idealities for ablation.
#include "study/ablation.hpp"

namespace imcsim::study {
namespace {

constexpr double more = 1.0 / fine_pulse;

constexpr Edit set(std::string_view key, std::string_view text) { return {key, text}; }
constexpr Edit times(std::string_view key, double factor) {
  return {key, {}, factor, Edit::How::times};
}

}  // namespace

// A finer pulse keeps the shape of the update curve, the memory over the same conductance change,
// and the noise in proportion to the pulse size. As this noise averages out over more pulses, noise
// and nonlinearity of a pulse are evaluated at full pulse size, see `needs_full_pulse`. Methods
// other than mixed precision limit the pulses per sample, so that finer pulses would limit their
// learning; `ablation_variants` omits this row for them.
const std::vector<NonIdeality>& non_idealities() {
  constexpr AblatedCommand train = AblatedCommand::train;
  constexpr AblatedCommand infer = AblatedCommand::infer;
  constexpr AblatedCommand mvm = AblatedCommand::mvm;
  static const std::vector<NonIdeality> list = {
      {"granularity",
       "Pulse size divided by 16, with nonlinearity and noise in proportion",
       {train},
       {times("granularity", fine_pulse),
        times("set-mean-slope", fine_pulse),
        times("set-mean-offset-us", fine_pulse),
        times("set-mean-memory-us", fine_pulse),
        times("set-std-slope", fine_pulse),
        times("set-std-offset-us", fine_pulse),
        times("set-std-memory-us", fine_pulse),
        times("memory-decay-pulses", more),
        times("step-up-us", fine_pulse),
        times("step-down-us", fine_pulse),
        times("exponential-up-us", fine_pulse),
        times("exponential-down-us", fine_pulse),
        times("exponential-noise-offset-us", fine_pulse),
        times("exponential-noise-slope", fine_pulse),
        times("measured-pulse", more),
        times("measured-set-mean-us", fine_pulse),
        times("measured-set-std-us", fine_pulse),
        times("measured-depress-mean-us", fine_pulse),
        times("measured-depress-std-us", fine_pulse),
        times("verify-most-pulses", more)},
       {}},
      {"nonlinearity",
       "Each pulse changes the conductance by the granularity, independent of history",
       {train},
       {set("update-nonlinearity", "off")},
       {"set-mean-offset-us", "set-mean-memory-us", "step-up-us", "exponential-up-us",
        "measured-set-mean-us"},
       true},
      {"write noise",
       "Each pulse has its mean effect",
       {train},
       {set("programming-noise", "off")},
       {"set-std-slope", "set-std-offset-us", "set-std-memory-us", "step-noise",
        "step-write-noise-us", "exponential-noise", "exponential-write-noise-us",
        "measured-set-std-us", "reset-std-us"},
       true},
      {"programming",
       "Each device is programmed exactly to its target",
       {infer, mvm},
       {set("programming", "exact"),
        set("programming-noise", "off"),
        {"reprogram", "exact", 1.0, Edit::How::set_if_chosen}},
       {}},
      {"read noise",
       "Reads without white or 1/f noise",
       {train, infer, mvm},
       {set("read-noise", "off")},
       {"read-noise-slope", "read-noise-offset-us", "white-read-noise", "flicker-power",
        "flicker-log", "measured-read-noise-us"}},
      {"converters",
       "Exact inputs and outputs: no quantization, clipping or converter errors",
       {train, infer, mvm},
       {set("dac-bits", "0"), set("adc-bits", "0"), set("dac-offset-std", "0"),
        set("dac-gain-std", "0"), set("dac-noise-std", "0"), set("adc-offset-std", "0"),
        set("adc-gain-std", "0"), set("adc-noise-std", "0")},
       {}},
      {"drift",
       "Conductances do not drift",
       {train, infer, mvm},
       {set("drift", "off")},
       {"drift-exponent", "drift-exponent-std", "drift-mean-log", "measured-drift-mean",
        "step-decay-time"}},
      {"device spread",
       "All devices have nominal parameters",
       {train, infer, mvm},
       {set("device-spread", "off")},
       {"conductance-max-std", "set-spread", "drift-exponent-std", "drift-std-log", "step-spread",
        "step-asymmetry-std", "step-min-std-us", "step-slope-std", "step-decay-time-std",
        "exponential-spread", "exponential-asymmetry-std", "exponential-min-std-us",
        "set-conductance-std-us", "half-amplitude-std-ua", "amplitude-width-std-ua",
        "measured-drift-std"}},
      {"current-voltage curve",
       "Devices obey Ohm's law",
       {train, infer, mvm},
       {set("nonlinearity-voltage-v", "0")},
       {}},
      {"wires",
       "Wires without resistance",
       {train, infer, mvm},
       {set("wire-resistance-ohm", "0")},
       {}},
      {"temperature",
       "Reads at the programming temperature",
       {train, infer, mvm},
       {set("temperature-k", "300")},
       {}},
      {"faults",
       "No stuck devices, open lines or wear-out",
       {train, infer, mvm},
       {set("fault-rate", "0"), set("open-row-rate", "0"), set("open-column-rate", "0"),
        set("endurance-pulses", "0")},
       {}},
  };
  return list;
}

}  // namespace imcsim::study
