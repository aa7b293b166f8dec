// study: configurations and results of the commands.
//
// Settings       values from files, presets and flags, each with its origin
// TrainConfig    all parameters of `train`
// TrainSession   a training run that can be advanced, inspected, stopped, saved and resumed
// DeviceStudyConfig, MvmConfig   parameters of `device` and `mvm`
// TopologyStudyConfig   the interconnect between cores, and its load
// CompileStudyConfig, ExecuteConfig   compilation of a network for cores, and its execution
// TaskConfig, run_task   parameters and runs of `task`, `logic` and `arith`
// SweepStudy, SweepRow   variants of a command, and their results
// CostChoice, cost_json   energy and time by a cost model
// to_json, to_toml, digest, safetensors: results and state as bytes
//
// Hosts (the tool, the page) provide input bytes and display results; this folder does not open
// files.
#pragma once

#include "study/ablation.hpp"
#include "study/comparison.hpp"
#include "study/compile_study.hpp"
#include "study/device_study.hpp"
#include "study/execute_study.hpp"
#include "study/export_onnx.hpp"
#include "study/fit_study.hpp"
#include "study/glossary.hpp"
#include "study/infer.hpp"
#include "study/infer_onnx.hpp"
#include "study/infer_runs.hpp"
#include "study/json.hpp"
#include "study/mvm.hpp"
#include "study/presets.hpp"
#include "study/pricing.hpp"
#include "study/safetensors.hpp"
#include "study/settings.hpp"
#include "study/sweep_rows.hpp"
#include "study/sweep_study.hpp"
#include "study/task_inputs.hpp"
#include "study/task_study.hpp"
#include "study/topology_study.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"
#include "study/version.hpp"
