// Golden cases: short runs of every command with known results.
//
// Case          a named run: `train/tiki-taka-buffer` is a run of `imcsim train`
// Result        digest of a run, and a hash of all numbers of its JSON
// Choices       option values that cases use, or that commands offer
// *_cases       the cases; one source file for a few commands
//
// golden_test.cpp runs the cases, compares the results with digests.txt, and describes how to
// update that file.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/dataset.hpp"
#include "study/json.hpp"
#include "study/resolve.hpp"

namespace imcsim::golden {

struct Result {
  std::uint64_t digest = 0;   ///< as the command prints it
  std::uint64_t numbers = 0;  ///< XXH64 of all numbers in `result`, the counts and `cost`
  friend bool operator==(const Result&, const Result&) = default;
};

/// Result of the JSON that a command prints. Texts are left out: a new wording changes no result.
Result result_of(const study::Json& json);

/// Option values, such as `train method=float`. An option with a list of values (or on and off)
/// has an entry for each value; a number has one entry, for a value other than the default.
using Choices = std::set<std::string>;

struct Case {
  std::string name;  ///< `command/what it shows`
  std::function<Result(const Execution&)> run;
  Choices uses;
  bool has_threads = true;  ///< false: the command takes no Execution, so that one run suffices
};

/// The cases of one or more commands, and all choices that these commands offer.
struct CaseList {
  std::vector<Case> cases;
  Choices offered;
};
CaseList train_cases();
CaseList infer_cases();       ///< saved models and ONNX files; export
CaseList instrument_cases();  ///< device, mvm, fit, ablate
CaseList fabric_cases();      ///< topology, compile, execute
CaseList task_cases();        ///< task, logic, arith

/// Choices that the options of a command offer; `reference` holds their defaults. Options of
/// crossbars and devices are the same in all commands and have entries of `crossbar` instead.
Choices choices_offered(std::string_view command, const FieldList& reference);

/// Choices that a configuration uses, without those of inactive options.
Choices choices_used(std::string_view command, const FieldList& fields, const FieldList& reference);

template <class Config>
Choices uses_of(std::string_view command, Config config) {
  Config reference;
  return choices_used(command, fields_of(config), fields_of(reference));
}

/// Lines of `key = value` as options of a command; an option without effect is refused.
study::Settings options(const std::string& toml);

bool no_files(const std::string& name, std::string& text);

template <class Config>
Config config_of(const std::string& toml) {
  return study::resolve_config<Config>(options(toml), no_files).config;
}

/// Images of 28 × 28 pixels: 300 for training and 1,100 for tests, enough to divide an evaluation
/// among threads.
const dataset::Dataset& digits();

/// The same classes with 14 × 14 pixels, 60 images for training and 40 for tests.
const dataset::Dataset& small_digits();

/// Images of 14 × 14 pixels for ONNX graphs: 12 for calibration and 110 for tests, enough to divide
/// an evaluation among threads.
const dataset::Dataset& graph_digits();

/// Color images of 32 × 32 pixels in ten classes, as in CIFAR-10.
const dataset::Dataset& color_images();

/// The bytes that `imcsim train --save` writes.
const std::vector<std::uint8_t>& trained_model(const std::string& toml,
                                               const dataset::Dataset& data);

std::span<const std::uint8_t> bytes_of(const std::string& text);

}  // namespace imcsim::golden
