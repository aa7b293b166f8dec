// study: what a run is asked and what it answered.
//
// Settings       values from files, presets and flags, each with its origin
// TrainConfig    everything that `train` can be asked
// TrainSession   a training that can be advanced, inspected, stopped, saved and resumed
// DeviceStudyConfig, MvmConfig   the same for `device` and `mvm`
// TopologyStudyConfig   the network between cores, and load on it
// CompileStudyConfig, ExecuteConfig   a network becomes a program for cores, and runs there
// TaskConfig, run_task   the same for `task`, `logic` and `arith`
// SweepStudy, SweepRow   many variants of a command, and what is kept of each
// CostChoice, cost_json   what it cost, by prices of a preset
// to_json, to_toml, digest, safetensors: results and state as bytes
//
// Hosts (the tool, the page) bring bytes and show answers; nothing here opens a file.
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
