// Short runs of every command with known results. Each case runs on every instruction set of this
// machine and with 1 and 3 threads; digests.txt holds one line for all of these, for every
// compiler, for arm64 and for WebAssembly.
//
// The list is closed. A test fails if
//   - a case has no line in digests.txt, or a line no case;
//   - a task, device preset, training method or other entry of a registry has no case;
//   - no case uses a value that an option of a command offers, or changes a number that it takes.
//
// After an intended change of results, rewrite the table and state the reason in the commit:
//
//     build/tests/core_tests --run_test=golden -- --update-digests
//
// `--run_test=golden/infer` updates the lines of one command. `--print-digests` prints the lines
// instead of writing them. `--few-settings` runs each case twice: on the baseline with 1 thread and
// on the widest instruction set with 3 threads.
#include <fmt/format.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "golden/golden.hpp"
#include "study/safetensors.hpp"
#include "support.hpp"

namespace imcsim::golden {
BOOST_AUTO_TEST_SUITE(golden)

namespace {

constexpr const char* table_path = IMCSIM_SOURCE_DIR "/tests/golden/digests.txt";
constexpr const char* table_head =
    "# Case, digest as the command prints it, hash of all numbers of its result, counts and cost.\n"
    "# Written by: core_tests --run_test=golden -- --update-digests (see golden_test.cpp)\n";

using Table = std::map<std::string, std::string>;  ///< name, both numbers in hexadecimal

std::string text_of(const Result& result) {
  return fmt::format("{:016x} {:016x}", result.digest, result.numbers);
}

Table read_table() {
  Table table;
  std::ifstream file(table_path);
  BOOST_TEST_REQUIRE(file.good(), table_path << " cannot be read");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::string name;
    std::string digest;
    std::string numbers;
    words >> name >> digest >> numbers;
    const bool is_new = table.emplace(name, fmt::format("{} {}", digest, numbers)).second;
    BOOST_TEST(is_new, name << " appears twice in " << table_path);
  }
  return table;
}

const Table& stored() {
  static const Table table = read_table();
  return table;
}

const CaseList& all() {
  static const CaseList list = [] {
    CaseList whole;
    for (CaseList part :
         {train_cases(), infer_cases(), instrument_cases(), fabric_cases(), task_cases()}) {
      std::move(part.cases.begin(), part.cases.end(), std::back_inserter(whole.cases));
      whole.offered.merge(part.offered);
    }
    return whole;
  }();
  return list;
}

std::string command_of(const Case& golden) { return golden.name.substr(0, golden.name.find('/')); }

bool has_argument(std::string_view argument) {
  const auto& suite = boost::unit_test::framework::master_test_suite();
  return std::any_of(suite.argv + 1, suite.argv + suite.argc,
                     [&](const char* word) { return word == argument; });
}

/// Lines in the order of the cases; lines without a case are dropped.
void write_table(const Table& table) {
  std::string text = table_head;
  for (const Case& golden : all().cases) {
    const auto line = table.find(golden.name);
    if (line != table.end()) text += fmt::format("{} {}\n", line->first, line->second);
  }
  std::ofstream file(table_path);
  file << text;
  BOOST_TEST(file.good(), table_path << " cannot be written");
}

/// Runs a case on each instruction set and with each number of threads; all results must be equal.
Result result_of_case(const Case& golden) {
  const Result first = golden.run({Isa::baseline, 1});
  if (!golden.has_threads) return first;
  std::vector<Isa> isas = testing::supported_isas();
  std::vector<int> threads_of_runs = {1, 3};
  if (has_argument("--few-settings")) {
    isas = {isas.back()};
    threads_of_runs = {3};
  }
  for (const Isa isa : isas) {
    for (const int threads : threads_of_runs) {
      if (isa == Isa::baseline && threads == 1) continue;
      const Result found = golden.run({isa, threads});
      BOOST_TEST((found == first), golden.name << ": " << text_of(found) << " with "
                                               << names_of(isa)[static_cast<std::size_t>(isa)]
                                               << " and " << threads << " threads, "
                                               << text_of(first) << " with baseline and 1 thread");
    }
  }
  return first;
}

void check(const std::string& command) {
  Table found;
  for (const Case& golden : all().cases) {
    if (command_of(golden) != command) continue;
    try {
      found[golden.name] = text_of(result_of_case(golden));
    } catch (const std::exception& error) {
      BOOST_ERROR(golden.name << " failed: " << error.what());
    }
  }
  BOOST_TEST(!found.empty(), "no case of " << command);
  if (has_argument("--print-digests")) {
    for (const auto& [name, numbers] : found) std::cout << name << " " << numbers << "\n";
    return;
  }
  if (has_argument("--update-digests")) {
    Table table = read_table();
    for (const auto& [name, numbers] : found) table[name] = numbers;
    return write_table(table);
  }
  for (const auto& [name, numbers] : found) {
    const auto line = stored().find(name);
    if (line == stored().end()) continue;  // reported by cases_and_table_match
    BOOST_TEST(numbers == line->second, name << ": " << numbers << " instead of " << line->second);
  }
}

/// Commands with a test below.
constexpr std::string_view commands[] = {"train",  "infer",  "device",   "mvm",     "fit",
                                         "ablate", "export", "topology", "compile", "execute",
                                         "task",   "logic",  "arith"};

}  // namespace

BOOST_AUTO_TEST_CASE(the_data_set_is_unchanged) {
  const std::uint64_t hash = study::hash_of(digits().training.pixels());
  BOOST_TEST(study::digest_text(hash) == "1f71eaddc9c2c12a");
}

BOOST_AUTO_TEST_CASE(train) { check("train"); }
BOOST_AUTO_TEST_CASE(infer) { check("infer"); }
BOOST_AUTO_TEST_CASE(device) { check("device"); }
BOOST_AUTO_TEST_CASE(mvm) { check("mvm"); }
BOOST_AUTO_TEST_CASE(fit) { check("fit"); }
BOOST_AUTO_TEST_CASE(ablate) { check("ablate"); }
BOOST_AUTO_TEST_CASE(exports) { check("export"); }
BOOST_AUTO_TEST_CASE(topology) { check("topology"); }
BOOST_AUTO_TEST_CASE(compile) { check("compile"); }
BOOST_AUTO_TEST_CASE(execute) { check("execute"); }
BOOST_AUTO_TEST_CASE(task) { check("task"); }
BOOST_AUTO_TEST_CASE(logic) { check("logic"); }
BOOST_AUTO_TEST_CASE(arith) { check("arith"); }

BOOST_AUTO_TEST_CASE(cases_and_table_match) {
  std::set<std::string> names;
  for (const Case& golden : all().cases) {
    BOOST_TEST(names.insert(golden.name).second, golden.name << " is the name of two cases");
    BOOST_TEST(stored().contains(golden.name), golden.name << " has no line in digests.txt");
    BOOST_TEST(std::count(std::begin(commands), std::end(commands), command_of(golden)) == 1,
               golden.name << " belongs to no test");
  }
  for (const auto& [name, numbers] : stored()) {
    BOOST_TEST(names.contains(name), name << " of digests.txt has no case");
  }
}

/// Methods, kinds of layers, device models, tasks, and the values of all options of all commands.
BOOST_AUTO_TEST_CASE(every_choice_is_used) {
  Choices used;
  for (const Case& golden : all().cases) used.insert(golden.uses.begin(), golden.uses.end());
  for (const std::string& choice : all().offered) {
    BOOST_TEST(used.contains(choice), "no case uses " << choice);
  }
}

/// Two equal results show that what distinguishes the cases has no effect, unless they are listed
/// as equal.
BOOST_AUTO_TEST_CASE(results_differ_unless_listed_as_equal) {
  const std::map<std::string, std::string> same = {
      {"train/tiki-taka-buffer-resumed", "train/tiki-taka-buffer"},
      {"infer/saved-reprogram-auto", "infer/saved-reprogram-off"},
      {"device/pulse-pcm-hermes-pair", "device/pulse-pcm-inference"},  // differ in programming only
      {"topology/routing-auto", "topology/routing-dimension-order"},
      {"task/recover-matrix-auto", "task/recover-matrix-gaussian"}};
  std::map<std::string, std::string> first;  // name of the first case with a result
  for (const auto& [name, numbers] : stored()) {
    if (same.contains(name)) continue;
    const auto [other, is_new] = first.emplace(numbers, name);
    BOOST_TEST(is_new, name << " has the result of " << other->second);
  }
  for (const auto& [name, other] : same) {
    BOOST_TEST_REQUIRE((stored().contains(name) && stored().contains(other)), name);
    BOOST_TEST(stored().at(name) == stored().at(other), name << " differs from " << other);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::golden
