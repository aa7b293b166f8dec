// compiler: translates a network to a program for a fabric of cores.
//
// Pipeline      stages of a graph, and the pixels read by each iteration of a stage
// Program       tiled, replicated and placed stages, with routes, buffers and schedule
// compile       Pipeline to Program
// ValuePipeline computes the outputs of a program from the contents of its memories
// model_shape   well-known networks without weight values, for resource estimates
#pragma once

#include "compiler/model_shapes.hpp"
#include "compiler/partition.hpp"
#include "compiler/program.hpp"
#include "compiler/value_pipeline.hpp"
