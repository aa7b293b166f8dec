#include "fabric/router_array.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/error.hpp"

namespace imcsim::fabric {
namespace {

constexpr std::uint32_t core_link_cycles = 1;
constexpr std::uint32_t credit_cycles = 2;  ///< from leaving a buffer to the link, plus processing

std::uint32_t narrow(std::int64_t value) { return static_cast<std::uint32_t>(value); }

}  // namespace

RouterArray::RouterArray(const Routing& routing, const NetworkConfig& config)
    : routing_(routing),
      topology_(routing.topology()),
      arcs_(static_cast<std::uint32_t>(topology_.arcs.size())),
      cores_(static_cast<std::uint32_t>(topology_.cores())),
      media_(static_cast<std::uint32_t>(topology_.channels)),
      channels_(narrow(config.virtual_channels)),
      buffer_(narrow(config.buffer_flits)),
      packet_flits_(narrow(config.packet_flits)),
      classes_(config.deadlock_avoidance ? routing.classes() : 1),
      link_cycles_(narrow(link_cycles_of(topology_, config))),
      route_cycles_(narrow(std::max<std::int64_t>(config.router_cycles - 3, 0))),
      switch_cycles_(config.router_cycles >= 3 ? 1 : 0),
      exit_cycles_(narrow(config.router_cycles) - route_cycles_ - switch_cycles_),
      entry_cycles_(narrow(config.interface_cycles) - core_link_cycles) {
  if (channels_ < classes_) {
    throw InputError(at_field("virtual-channels"),
                     fmt::format("{} are too few for the routes of {}", channels_, topology_.name),
                     fmt::format("at least {}, one per class", classes_));
  }
  const std::size_t ports = std::size_t{arcs_} + cores_;
  inputs_.resize(ports * channels_);
  outputs_.assign((ports + cores_) * channels_, {buffer_, false});
  buffers_.resize(inputs_.size() * buffer_);
  sources_.resize(cores_);
  const std::size_t longest =
      std::size_t{link_cycles_} + exit_cycles_ + credit_cycles + entry_cycles_ + 2;
  flights_.resize(longest);
  credits_.resize(longest);
  active_.assign(ports, 0);
  active_ports_.assign(ports / 64 + 1, 0);
  channel_turn_.assign(ports, 0);
  input_turn_.assign(ports, 0);
  medium_choice_.resize(std::size_t{media_} + cores_);
  input_choice_.resize(ports);
  medium_flits.assign(media_, 0);
}

std::uint32_t RouterArray::router_of_input(std::uint32_t port) const {
  return port < arcs_ ? topology_.arcs[port].to : topology_.router_of_core[port - arcs_];
}

void RouterArray::make_packet(std::uint32_t from, std::uint32_t to, std::uint32_t cycle) {
  sources_[from].queue.push_back({cycle, to});
}

void RouterArray::step(std::uint32_t cycle) {
  deliveries.clear();
  take_arrivals(cycle);
  send_from_cores(cycle);
  allocate_channels(cycle);
  allocate_switches(cycle);
}

void RouterArray::take_arrivals(std::uint32_t cycle) {
  for (const Credit& credit : credits_[slot(cycle)])
    ++output(credit.holder, credit.channel).credits;
  credits_[slot(cycle)].clear();
  for (const Arrival& arrival : flights_[slot(cycle)]) {
    if (arrival.port >= arcs_ + cores_) {
      deliver(arrival.port - arcs_ - cores_, arrival.flit);
      continue;
    }
    InputChannel& at = input(arrival.port, arrival.channel);
    const std::size_t base = (std::size_t{arrival.port} * channels_ + arrival.channel) * buffer_;
    buffers_[base + (at.first + at.count) % buffer_] = arrival.flit;
    ++at.count;
    if (at.stage == Stage::idle) route(arrival.port, arrival.channel, cycle);
  }
  flights_[slot(cycle)].clear();
}

void RouterArray::deliver(std::uint32_t core, const Flit& flit) {
  Packet& packet = packets_[flit.packet];
  ++delivered_flits;
  --flits_inside;
  if (packet.to != core || packet.arrived != flit.index) ++misdelivered_flits;
  ++packet.arrived;
  if (flit.index + 1 < packet_flits_) return;
  deliveries.push_back({packet.made, packet.injected, packet.hops});
  free_packets_.push_back(flit.packet);
}

/// Starts the next packet of the core's queue if a virtual channel is free.
void RouterArray::start_packet(Source& source, std::uint32_t core, std::uint32_t cycle) {
  const std::uint32_t holder = arcs_ + cores_ + core;
  for (std::uint32_t i = 0; i < channels_; ++i) {
    const std::uint32_t channel = (source.turn + i) % channels_;
    if (output(holder, channel).taken) continue;
    output(holder, channel).taken = true;
    if (free_packets_.empty()) {
      free_packets_.push_back(static_cast<std::uint32_t>(packets_.size()));
      packets_.emplace_back();
    }
    source.packet = free_packets_.back();
    free_packets_.pop_back();
    Packet fresh;
    fresh.to = source.queue.front().to;
    fresh.made = source.queue.front().made;
    fresh.injected = cycle;
    packets_[source.packet] = fresh;
    source.queue.pop_front();
    source.channel = channel;
    source.turn = (channel + 1) % channels_;
    source.sent = 0;
    source.sending = true;
    return;
  }
}

void RouterArray::send_from_cores(std::uint32_t cycle) {
  for (std::uint32_t core = 0; core < cores_; ++core) {
    Source& source = sources_[core];
    if (!source.sending && !source.queue.empty()) start_packet(source, core, cycle);
    if (!source.sending) continue;
    OutputChannel& ahead = output(arcs_ + cores_ + core, source.channel);
    if (ahead.credits == 0) continue;
    --ahead.credits;
    ++flits_inside;
    last_move = cycle;
    flights_[slot(cycle + entry_cycles_)].push_back(
        {arcs_ + core, source.channel, {source.packet, source.sent}});
    if (++source.sent < packet_flits_) continue;
    ahead.taken = false;
    source.sending = false;
  }
}

/// Routes a packet whose first flit has reached the head of its buffer.
void RouterArray::route(std::uint32_t port, std::uint32_t channel, std::uint32_t cycle) {
  InputChannel& at = input(port, channel);
  const std::size_t place = std::size_t{port} * channels_ + channel;
  Packet& packet = packets_[buffers_[place * buffer_ + at.first].packet];
  const std::uint32_t here = router_of_input(port);
  const std::uint32_t there = topology_.router_of_core[packet.to];
  if (here == there) {
    at.output = arcs_ + packet.to;
  } else {
    const std::uint32_t arc = routing_.next(here, there);
    packet.last_class = routing_.next_class(packet.last_arc, packet.last_class, arc);
    packet.last_arc = arc;
    ++packet.hops;
    at.output = arc;
  }
  at.stage = Stage::waiting;
  at.ready = cycle + route_cycles_;
  waiting_.push_back(static_cast<std::uint32_t>(place));
}

void RouterArray::allocate_channels(std::uint32_t cycle) {
  if (waiting_.empty()) return;
  // Start with a different request in each cycle.
  const auto shift = static_cast<std::ptrdiff_t>(cycle % waiting_.size());
  std::rotate(waiting_.begin(), waiting_.begin() + shift, waiting_.end());
  std::erase_if(waiting_, [&](std::uint32_t place) { return allocate_channel(place, cycle); });
}

bool RouterArray::allocate_channel(std::uint32_t place, std::uint32_t cycle) {
  InputChannel& at = inputs_[place];
  if (at.ready > cycle) return false;
  std::uint32_t first = 0;
  std::uint32_t count = channels_;
  if (at.output < arcs_ && classes_ > 1) {
    const std::uint32_t of =
        packets_[buffers_[std::size_t{place} * buffer_ + at.first].packet].last_class;
    first = of * channels_ / classes_;
    count = (of + 1) * channels_ / classes_ - first;
  }
  std::uint32_t& turn = channel_turn_[at.output];
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t channel = first + (turn + i) % count;
    if (output(at.output, channel).taken) continue;
    output(at.output, channel).taken = true;
    turn = (channel - first + 1) % count;
    at.output_channel = channel;
    at.stage = Stage::active;
    at.ready = cycle + switch_cycles_;
    const std::uint32_t port = place / channels_;
    active_[port] |= std::uint64_t{1} << place % channels_;
    active_ports_[port / 64] |= std::uint64_t{1} << port % 64;
    return true;
  }
  return false;
}

bool RouterArray::offer(Choice& choice, std::uint32_t candidate, std::uint32_t count,
                        std::uint32_t cycle) {
  const std::uint32_t key =
      candidate >= choice.turn ? candidate - choice.turn : candidate + count - choice.turn;
  const bool first = choice.cycle != cycle;
  if (first || key < choice.key) {
    choice.key = key;
    choice.best = candidate;
    choice.cycle = cycle;
  }
  return first;
}

bool RouterArray::may_leave(const InputChannel& from, std::uint32_t cycle) {
  if (from.count == 0 || from.ready > cycle) return false;
  return from.output >= arcs_ || output(from.output, from.output_channel).credits > 0;
}

void RouterArray::allocate_switches(std::uint32_t cycle) {
  requested_media_.clear();
  granted_ports_.clear();
  for (std::size_t word = 0; word < active_ports_.size(); ++word) {
    for (std::uint64_t left = active_ports_[word]; left != 0; left &= left - 1) {
      request_media(static_cast<std::uint32_t>(word * 64) +
                        static_cast<std::uint32_t>(std::countr_zero(left)),
                    cycle);
    }
  }
  for (const std::uint32_t medium : requested_media_) grant_medium(medium, cycle);
  for (const std::uint32_t port : granted_ports_) accept(port, cycle);
}

void RouterArray::request_media(std::uint32_t port, std::uint32_t cycle) {
  for (std::uint64_t left = active_[port]; left != 0; left &= left - 1) {
    const InputChannel& from = input(port, static_cast<std::uint32_t>(std::countr_zero(left)));
    if (!may_leave(from, cycle)) continue;
    const std::uint32_t medium = medium_of(from.output);
    if (offer(medium_choice_[medium], port, arcs_ + cores_, cycle))
      requested_media_.push_back(medium);
  }
}

void RouterArray::grant_medium(std::uint32_t medium, std::uint32_t cycle) {
  const std::uint32_t port = medium_choice_[medium].best;
  if (offer(input_choice_[port], medium, media_ + cores_, cycle)) granted_ports_.push_back(port);
}

void RouterArray::accept(std::uint32_t port, std::uint32_t cycle) {
  const std::uint32_t medium = input_choice_[port].best;
  medium_choice_[medium].turn = (port + 1) % (arcs_ + cores_);
  input_choice_[port].turn = (medium + 1) % (media_ + cores_);
  for (std::uint32_t i = 0; i < channels_; ++i) {
    const std::uint32_t channel = (input_turn_[port] + i) % channels_;
    const InputChannel& from = input(port, channel);
    if ((active_[port] >> channel & 1U) == 0 || medium_of(from.output) != medium) continue;
    if (!may_leave(from, cycle)) continue;
    input_turn_[port] = (channel + 1) % channels_;
    return move(port, channel, cycle);
  }
}

void RouterArray::move(std::uint32_t port, std::uint32_t channel, std::uint32_t cycle) {
  InputChannel& from = input(port, channel);
  const std::size_t base = (std::size_t{port} * channels_ + channel) * buffer_;
  const Flit flit = buffers_[base + from.first];
  from.first = (from.first + 1) % buffer_;
  --from.count;
  last_move = cycle;
  const std::uint32_t back = port < arcs_ ? link_cycles_ : core_link_cycles;
  credits_[slot(cycle + credit_cycles + back)].push_back({holder_of_input(port), channel});
  if (from.output < arcs_) {
    --output(from.output, from.output_channel).credits;
    ++flit_hops;
    ++medium_flits[medium_of(from.output)];
    flights_[slot(cycle + exit_cycles_ + link_cycles_)].push_back(
        {from.output, from.output_channel, flit});
  } else {
    flights_[slot(cycle + exit_cycles_ + core_link_cycles)].push_back(
        {from.output + cores_, from.output_channel, flit});
  }
  if (flit.index + 1 < packet_flits_) return;
  output(from.output, from.output_channel).taken = false;
  from.stage = Stage::idle;
  active_[port] &= ~(std::uint64_t{1} << channel);
  if (active_[port] == 0) active_ports_[port / 64] &= ~(std::uint64_t{1} << port % 64);
  if (from.count > 0) route(port, channel, cycle + 1);
}

}  // namespace imcsim::fabric
