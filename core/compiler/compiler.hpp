// compiler: a network becomes a program for a fabric of cores.
//
// Pipeline      stages of a graph, and which pixels each iteration of a stage reads
// Program       stages cut into tiles, copied, placed on cores, with routes, buffers and schedule
// compile       from one to the other
// ValuePipeline the values of a program, computed from what its memories hold
// model_shape   well-known networks without weights, to see what they would take
#pragma once

#include "compiler/model_shapes.hpp"
#include "compiler/partition.hpp"
#include "compiler/program.hpp"
#include "compiler/value_pipeline.hpp"
