#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "fabric/network_model.hpp"

namespace imcsim::fabric {

/// A packet whose last flit has arrived.
struct Delivery {
  std::uint32_t made = 0;      ///< cycle in which its core created it
  std::uint32_t injected = 0;  ///< cycle in which its first flit left the core's queue
  std::uint32_t hops = 0;
};

/// All routers, links and sources of a network, and the flits in it. Numbering of ports: inputs are
/// the ends of the arcs, then the inputs from cores; outputs are the starts of the arcs, then the
/// outputs to cores. A medium carries one flit per cycle: a channel, or the connection to a core.
class RouterArray {
 public:
  RouterArray(const Routing& routing, const NetworkConfig& config);

  /// Adds a packet for core `to` to the queue of core `from`.
  void make_packet(std::uint32_t from, std::uint32_t to, std::uint32_t cycle);
  std::size_t queued(std::size_t core) const { return sources_[core].queue.size(); }

  /// Simulates one cycle; cycles are numbered from 0. Flits and credits arrive, cores send, virtual
  /// channels and switches are allocated, flits leave. Fills `deliveries`.
  void step(std::uint32_t cycle);

  std::vector<Delivery> deliveries;         ///< of the last step
  std::vector<std::uint64_t> medium_flits;  ///< per channel, since the start
  std::uint64_t delivered_flits = 0;
  std::uint64_t misdelivered_flits = 0;
  std::uint64_t flit_hops = 0;
  std::uint64_t flits_inside = 0;  ///< sent by a core and not yet delivered
  std::uint32_t last_move = 0;     ///< last cycle in which a flit left a buffer

 private:
  struct Packet {
    std::uint32_t to = 0;
    std::uint32_t made = 0, injected = 0, hops = 0;
    std::uint32_t last_arc = Topology::no_arc;
    std::uint32_t last_class = 0;
    std::uint32_t arrived = 0;  ///< flits that have reached the destination
  };
  struct Flit {
    std::uint32_t packet = 0;
    std::uint32_t index = 0;
  };
  enum class Stage : std::uint8_t { idle, waiting, active };
  struct InputChannel {  ///< a virtual channel at an input
    std::uint32_t first = 0, count = 0;
    std::uint32_t output = 0, output_channel = 0;
    std::uint32_t ready = 0;
    Stage stage = Stage::idle;
  };
  struct OutputChannel {  ///< local state of the virtual channel at the other end of a link
    std::uint32_t credits = 0;
    bool taken = false;
  };
  struct Waiting {
    std::uint32_t made = 0, to = 0;
  };
  struct Source {
    std::deque<Waiting> queue;
    std::uint32_t packet = 0, sent = 0, channel = 0, turn = 0;
    bool sending = false;
  };
  struct Arrival {
    std::uint32_t port = 0, channel = 0;
    Flit flit;
  };
  struct Credit {
    std::uint32_t holder = 0, channel = 0;
  };
  /// A round-robin choice: keeps the first candidate after `turn`.
  struct Choice {
    std::uint32_t turn = 0, key = 0, best = 0, cycle = 0xFFFFFFFFU;
  };

  InputChannel& input(std::uint32_t port, std::uint32_t channel) {
    return inputs_[std::size_t{port} * channels_ + channel];
  }
  OutputChannel& output(std::uint32_t holder, std::uint32_t channel) {
    return outputs_[std::size_t{holder} * channels_ + channel];
  }
  std::uint32_t holder_of_input(std::uint32_t port) const {
    return port < arcs_ ? port : port + cores_;
  }
  std::uint32_t router_of_input(std::uint32_t port) const;
  std::uint32_t medium_of(std::uint32_t output) const {
    return output < arcs_ ? topology_.arcs[output].channel : output - arcs_ + media_;
  }
  std::size_t slot(std::uint32_t cycle) const { return cycle % flights_.size(); }

  void take_arrivals(std::uint32_t cycle);
  void deliver(std::uint32_t core, const Flit& flit);
  void send_from_cores(std::uint32_t cycle);
  void start_packet(Source& source, std::uint32_t core, std::uint32_t cycle);
  void route(std::uint32_t port, std::uint32_t channel, std::uint32_t cycle);
  void allocate_channels(std::uint32_t cycle);
  bool allocate_channel(std::uint32_t place, std::uint32_t cycle);
  void allocate_switches(std::uint32_t cycle);
  void request_media(std::uint32_t port, std::uint32_t cycle);
  void grant_medium(std::uint32_t medium, std::uint32_t cycle);
  void accept(std::uint32_t port, std::uint32_t cycle);
  bool may_leave(const InputChannel& from, std::uint32_t cycle);
  void move(std::uint32_t port, std::uint32_t channel, std::uint32_t cycle);
  static bool offer(Choice& choice, std::uint32_t candidate, std::uint32_t count,
                    std::uint32_t cycle);

  const Routing& routing_;
  const Topology& topology_;
  std::uint32_t arcs_, cores_, media_, channels_, buffer_, packet_flits_, classes_;
  std::uint32_t link_cycles_, route_cycles_, switch_cycles_, exit_cycles_, entry_cycles_;

  std::vector<InputChannel> inputs_;
  std::vector<OutputChannel> outputs_;
  std::vector<Flit> buffers_;
  std::vector<Packet> packets_;
  std::vector<std::uint32_t> free_packets_;
  std::vector<Source> sources_;
  std::vector<std::vector<Arrival>> flights_;  ///< by arrival cycle, in a ring
  std::vector<std::vector<Credit>> credits_;
  /// Virtual channels at inputs that wait for an output virtual channel.
  std::vector<std::uint32_t> waiting_;
  std::vector<std::uint64_t> active_;        ///< per input: mask of its active virtual channels
  std::vector<std::uint64_t> active_ports_;  ///< mask of inputs with active virtual channels
  std::vector<std::uint32_t> channel_turn_;  ///< per output: start of the next search
  std::vector<std::uint32_t> input_turn_;    ///< per input: start of the next search
  std::vector<Choice> medium_choice_, input_choice_;
  std::vector<std::uint32_t> requested_media_, granted_ports_;
};

}  // namespace imcsim::fabric
