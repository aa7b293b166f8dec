// fabric: an array of cores and its interconnect.
//
// Topology            routers, links and cores: mesh, torus, ring, tree, bus, path power, a file
// Routing             one route per pair of routers, deadlock-free with enough classes
// Flow, ChannelLoad   traffic, unicast or multicast, and the load of each channel
// NetworkModel        latency as a function of load in closed form (single-server queues)
// CoreConfig          time and energy of a core; run_pipeline: pipeline stages, tick by tick
// simulate_network    flit by flit: buffers, virtual channels, credits, round-robin allocators
//
// This folder contains no neural networks: `compiler` and `study` define the traffic.
#pragma once

#include "fabric/core_model.hpp"
#include "fabric/network_model.hpp"
#include "fabric/network_simulation.hpp"
#include "fabric/pipeline.hpp"
#include "fabric/placement.hpp"
#include "fabric/properties.hpp"
#include "fabric/routing.hpp"
#include "fabric/topology.hpp"
#include "fabric/traffic.hpp"
