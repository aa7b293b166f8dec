#include "fabric/network_simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "fabric/router_array.hpp"
#include "numeric/events.hpp"
#include "numeric/random.hpp"

namespace imcsim::fabric {
namespace {

constexpr std::uint32_t stalled_cycles = 2000;

/// Latency statistics of the packets created in the measured cycles.
class Latencies {
 public:
  void add(const Delivery& packet, std::uint32_t cycle, bool first_half) {
    const double latency = static_cast<double>(cycle - packet.made);
    ++count_;
    sum_ += latency;
    squares_ += latency * latency;
    network_ += static_cast<double>(cycle - packet.injected);
    hops_ += static_cast<double>(packet.hops);
    (first_half ? early_ : late_) += latency;
    ++(first_half ? early_count_ : late_count_);
    const std::size_t bin = std::min<std::size_t>(cycle - packet.made, most);
    if (bin >= histogram_.size()) histogram_.resize(bin + 1);
    ++histogram_[bin];
  }

  std::uint64_t count() const { return count_; }

  void fill(SimulationResult& result) const {
    result.packets = count_;
    if (count_ == 0) return;
    const auto n = static_cast<double>(count_);
    result.latency_cycles = sum_ / n;
    const double variance = squares_ / n - result.latency_cycles * result.latency_cycles;
    result.latency_std_cycles = std::sqrt(std::max(variance, 0.0));
    result.network_cycles = network_ / n;
    result.mean_hops = hops_ / n;
    std::uint64_t below = 0;
    std::size_t bin = 0;
    while (bin < histogram_.size() && 100 * (below += histogram_[bin]) < 99 * count_) ++bin;
    result.latency_99_cycles = static_cast<double>(bin);
  }

  /// Whether the mean latency of the second half of the packets is more than 1.5 times the first
  /// half's.
  bool growing() const {
    if (early_count_ == 0 || late_count_ == 0) return false;
    return late_ / static_cast<double>(late_count_) >
           1.5 * early_ / static_cast<double>(early_count_);
  }

 private:
  static constexpr std::size_t most = 1U << 20;
  std::uint64_t count_ = 0, early_count_ = 0, late_count_ = 0;
  double sum_ = 0.0, squares_ = 0.0, network_ = 0.0, hops_ = 0.0, early_ = 0.0, late_ = 0.0;
  std::vector<std::uint64_t> histogram_;
};

/// One simulation run: packet generation and the main loop.
class Run {
 public:
  Run(const Routing& routing, const SimulationConfig& config)
      : config_(config),
        cores_(routing.topology().cores()),
        array_(routing, config.network),
        begin_(static_cast<std::uint32_t>(config.warmup_cycles)),
        end_(begin_ + static_cast<std::uint32_t>(config.measured_cycles)),
        probability_(config.injection_rate / static_cast<double>(config.network.packet_flits)),
        most_queued_(64 +
                     static_cast<std::size_t>(4.0 * config.latency_limit_cycles * probability_)) {
    const Stream stream(config.seed, Purpose::network_traffic);
    for (std::size_t c = 0; c < cores_; ++c) {
      streams_.push_back(stream.of(entities::cores(c)));
      if (config.pattern != TrafficPattern::uniform) {
        destinations_.push_back(destination_of(config.pattern, c, cores_));
      }
    }
  }

  SimulationResult simulate() {
    SimulationResult result;
    std::vector<std::uint64_t> before;
    std::uint64_t delivered_before = 0;
    const std::uint32_t last = end_ + static_cast<std::uint32_t>(config_.measured_cycles);
    std::uint32_t cycle = 0;
    for (; cycle < last; ++cycle) {
      if (cycle == begin_) {
        before = array_.medium_flits;
        delivered_before = array_.delivered_flits;
      }
      if (cycle == end_) measure(result, before, delivered_before);
      if (cycle >= end_ && (overflowed_ || latencies_.count() == measured_made_)) break;
      make_packets(cycle);
      array_.step(cycle);
      collect(cycle);
      if (array_.flits_inside > 0 && cycle > array_.last_move + stalled_cycles) {
        throw RunError(fmt::format("deadlock since cycle {1}: {0} flits wait for each other",
                                   array_.flits_inside, array_.last_move));
      }
    }
    finish(result, cycle);
    return result;
  }

 private:
  bool measured(std::uint32_t made) const { return made >= begin_ && made < end_; }

  void make_packets(std::uint32_t cycle) {
    for (std::size_t c = 0; c < cores_; ++c) {
      if (static_cast<double>(streams_[c].uniform(events::cycles(cycle))) >= probability_) continue;
      if (array_.queued(c) >= most_queued_) {
        overflowed_ = true;
        continue;
      }
      const std::uint32_t to =
          destinations_.empty()
              ? static_cast<std::uint32_t>(
                    (std::uint64_t{streams_[c].word(events::cycles(cycle), 1)} * cores_) >> 32)
              : destinations_[c];
      array_.make_packet(static_cast<std::uint32_t>(c), to, cycle);
      ++made_;
      if (measured(cycle)) ++measured_made_;
    }
  }

  void collect(std::uint32_t cycle) {
    const std::uint32_t middle = begin_ + (end_ - begin_) / 2;
    for (const Delivery& packet : array_.deliveries) {
      if (measured(packet.made)) latencies_.add(packet, cycle, packet.made < middle);
    }
  }

  /// Evaluates channels and cores over the measured cycles, which end here.
  void measure(SimulationResult& result, const std::vector<std::uint64_t>& before,
               std::uint64_t delivered_before) const {
    const auto cycles = static_cast<double>(config_.measured_cycles);
    result.accepted_rate = static_cast<double>(array_.delivered_flits - delivered_before) /
                           (cycles * static_cast<double>(cores_));
    std::uint64_t sum = 0;
    std::uint64_t most = 0;
    for (std::size_t m = 0; m < before.size(); ++m) {
      const std::uint64_t flits = array_.medium_flits[m] - before[m];
      sum += flits;
      most = std::max(most, flits);
    }
    result.highest_utilisation = static_cast<double>(most) / cycles;
    result.mean_utilisation =
        static_cast<double>(sum) /
        (cycles * static_cast<double>(std::max<std::size_t>(before.size(), 1)));
  }

  void finish(SimulationResult& result, std::uint32_t cycle) const {
    latencies_.fill(result);
    result.saturated = overflowed_ || latencies_.count() < measured_made_ || latencies_.growing() ||
                       result.latency_cycles > config_.latency_limit_cycles;
    result.made_flits = made_ * static_cast<std::uint64_t>(config_.network.packet_flits);
    result.delivered_flits = array_.delivered_flits;
    result.misdelivered_flits = array_.misdelivered_flits;
    result.flits_left = result.made_flits - array_.delivered_flits;
    result.flit_hops = array_.flit_hops;
    result.cycles = cycle;
  }

  const SimulationConfig& config_;
  std::size_t cores_;
  RouterArray array_;
  std::uint32_t begin_, end_;
  double probability_;
  std::size_t most_queued_;
  std::vector<Stream> streams_;
  std::vector<std::uint32_t> destinations_;
  Latencies latencies_;
  std::uint64_t made_ = 0, measured_made_ = 0;
  bool overflowed_ = false;
};

}  // namespace

void describe(SimulationConfig& c, FieldList& f) {
  f.field("warmup-cycles", c.warmup_cycles, Unit::none, {0.0, 1e7},
          "Warm-up cycles before the measurement");
  f.field("measured-cycles", c.measured_cycles, Unit::none, {100.0, 1e7},
          "Measured cycles; the run continues for up to the same number until all packets arrive");
  f.field("latency-limit-cycles", c.latency_limit_cycles, Unit::none, {1.0, 1e5},
          "Mean latency above which a network counts as saturated, in cycles", "BookSim2");
}

SimulationResult simulate_network(const Routing& routing, const SimulationConfig& config) {
  return Run(routing, config).simulate();
}

}  // namespace imcsim::fabric
