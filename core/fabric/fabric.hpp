// fabric: cores in an array, and what travels between them.
//
// Topology            routers, links and cores: mesh, torus, ring, tree, bus, path power, a file
// Routing             one route for each pair of routers, free of deadlock with enough classes
// Flow, ChannelLoad   traffic, unicast or multicast, and the load of each channel
// NetworkModel        latency from load in closed form (queues of one server)
// CoreConfig          time and energy of a core; run_pipeline: stages of cores, tick by tick
// simulate_network    flit by flit: buffers, virtual channels, credits, round-robin allocators
//
// It knows no network of neurons: who sends what is said by `compiler` and `study`.
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
