#include "sweep_slurm.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <thread>

#include "base/error.hpp"
#include "child_process.hpp"
#include "files.hpp"
#include "study/json.hpp"
#include "sweep_folder.hpp"

namespace imcsim::cli {
namespace {

namespace fs = std::filesystem;
using study::Json;

constexpr std::size_t most_tasks = 1000;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

[[noreturn]] void throw_slurm_error(const std::string& program, const ChildOutput& output) {
  if (output.code == 127) {
    throw RunError(fmt::format(
        "--engine slurm: {} is not installed on this machine; use --engine local", program));
  }
  throw RunError(fmt::format("--engine slurm: {} failed: {}", program, first_line(output.text)));
}

std::string must_run(const std::vector<std::string>& words) {
  const ChildOutput output = run_child(words);
  if (output.code != 0) throw_slurm_error(words.front(), output);
  return output.text;
}

/// Maximum number of tasks of a job array on the cluster.
std::size_t max_array_size() {
  std::istringstream lines(must_run({"scontrol", "show", "config"}));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("MaxArraySize")) continue;
    const std::size_t at = line.find_first_of("0123456789");
    if (at != std::string::npos) return std::strtoul(line.c_str() + at, nullptr, 10);
  }
  return most_tasks;
}

std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

/// Removes a file or folder; errors are ignored.
void discard(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
}

/// A submitted job array. Its folder contains plan, script, journals and logs. Its name is recorded
/// before the call of sbatch, so that a later call finds the job even after a crash.
class Submission {
 public:
  Submission(const SlurmRequest& request, std::string name)
      : request_(request), name_(std::move(name)), folder_(folder_of(request) / name_) {
    const Json plan = Json::parse(read_text(plan_path(), at_field("engine")), nullptr, false);
    if (!plan.is_object() || !plan.contains("chunks")) return;
    for (const Json& chunk : plan["chunks"]) {
      chunks_.push_back(chunk.get<std::vector<std::size_t>>());
    }
  }

  static fs::path folder_of(const SlurmRequest& request) {
    return fs::path(request.folder) / ("slurm" + request.part);
  }
  static std::string note_of(const SlurmRequest& request) {
    return (folder_of(request) / "job.json").string();
  }

  /// The job array of a previous call, if one is recorded.
  static std::optional<Submission> previous(const SlurmRequest& request) {
    std::error_code error;
    if (!fs::exists(note_of(request), error)) return {};
    const Json note = Json::parse(read_text(note_of(request), at_field("engine")), nullptr, false);
    const std::string name = note.is_object() ? note.value("name", std::string{}) : "";
    if (name.empty() || !fs::exists(folder_of(request) / name / "plan.json", error)) return {};
    return Submission(request, name);
  }

  static Submission submit(const SlurmRequest& request, const std::vector<std::size_t>& variants) {
    const std::size_t largest = std::max<std::size_t>(1, std::min(max_array_size(), most_tasks));
    const std::size_t least = (variants.size() + largest - 1) / largest;
    const std::size_t chunk = std::max({request.chunk, least, std::size_t{1}});
    Json chunks = Json::array();
    for (std::size_t at = 0; at < variants.size(); at += chunk) {
      const std::size_t end = std::min(at + chunk, variants.size());
      chunks.push_back(std::vector<std::size_t>(variants.data() + at, variants.data() + end));
    }
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto stamp = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    const std::string name = fmt::format("imcsim-{}-{}", stamp, ::getpid());
    const fs::path folder = folder_of(request) / name;
    std::error_code error;
    fs::create_directories(folder, error);
    const Json plan = {{"study_name", request.study_name}, {"chunks", chunks}};
    write_file((folder / "plan.json").string(), plan.dump() + "\n");
    Submission submission(request, name);
    write_file((folder / "job.sh").string(), submission.script());
    write_file(note_of(request), Json({{"name", name}}).dump() + "\n");
    submission.call_sbatch();
    return submission;
  }

  bool is_queued() const {
    for (int attempt = 0;; ++attempt) {
      const ChildOutput output = run_child({"squeue", "-h", "-n", name_, "-o", "%i"});
      if (output.code == 0) return !output.text.empty();
      if (output.code == 127 || attempt == 20) throw_slurm_error("squeue", output);
      std::this_thread::sleep_for(std::chrono::seconds(1));
    }
  }

  /// Stores journal lines that are new since the last call.
  void collect() {
    std::vector<std::string> lines;
    for (std::size_t t = 0; t < chunks_.size(); ++t) {
      std::error_code error;
      const std::uintmax_t size = fs::file_size(journal(t), error);
      if (error || size == seen_[t]) continue;
      seen_[t] = size;
      for (std::string& line : whole_lines(journal(t))) {
        if (stored_.insert(line).second) lines.push_back(std::move(line));
      }
    }
    if (!lines.empty()) request_.store(lines);
  }

  /// After the job has ended: stores a failure for each variant without a row, with the last line
  /// of the log of its task.
  void fail_missing() {
    const std::vector<std::size_t> missing = request_.missing();
    const std::set<std::size_t> without(missing.begin(), missing.end());
    std::vector<std::string> lines;
    for (std::size_t t = 0; t < chunks_.size(); ++t) {
      for (const std::size_t variant : chunks_[t]) {
        if (without.contains(variant))
          lines.push_back(request_.lost_line(variant, failure_text(t)));
      }
    }
    if (!lines.empty()) request_.store(lines);
  }

  void remove_files() const {
    discard(note_of(request_));
    discard(folder_);
    std::error_code error;
    fs::remove(folder_of(request_), error);  // only if empty
  }
  const std::string& name() const { return name_; }
  std::size_t tasks() const { return chunks_.size(); }

 private:
  std::string plan_path() const { return (folder_ / "plan.json").string(); }
  std::string journal(std::size_t task) const {
    return (folder_ / fmt::format("task-{}.jsonl", task)).string();
  }

  std::string script() const {
    const std::string study = (fs::path(request_.folder) / "study.toml").string();
    std::string words = fmt::format(
        "exec {} sweep {} --out {} --task {}", shell_quoted(fs::read_symlink("/proc/self/exe")),
        shell_quoted(study), shell_quoted(request_.folder), shell_quoted(plan_path()));
    if (!request_.data_dir.empty()) words += " --data-dir " + shell_quoted(request_.data_dir);
    return "#!/bin/sh\n" + words + "\n";
  }

  void call_sbatch() const {
    std::string array = fmt::format("--array=0-{}", chunks_.size() - 1);
    if (request_.at_once > 0) array += fmt::format("%{}", request_.at_once);
    std::vector<std::string> words = {"sbatch", "--parsable", array, "--job-name=" + name_,
                                      "--output=" + (folder_ / "task-%a.log").string()};
    std::istringstream more(request_.options);
    for (std::string word; more >> word;) words.push_back(word);
    words.push_back((folder_ / "job.sh").string());
    const ChildOutput output = run_child(words);
    if (output.code == 0) return;
    remove_files();
    throw_slurm_error("sbatch", output);
  }

  std::string failure_text(std::size_t task) const {
    const std::string log = (folder_ / fmt::format("task-{}.log", task)).string();
    const std::vector<std::string> lines = whole_lines(log);
    const std::string words = lines.empty() ? "canceled, or never started" : lines.back();
    return fmt::format("the Slurm task ended without a result: {}", words);
  }

  const SlurmRequest& request_;
  std::string name_;
  fs::path folder_;
  std::vector<std::vector<std::size_t>> chunks_;
  std::map<std::size_t, std::uintmax_t> seen_;
  std::set<std::string> stored_;
};

/// Follows a job until it has left the queue and all its lines are stored; false if stopped before.
bool follow(Submission& submission, const SlurmRequest& request) {
  for (int round = 0;; ++round) {
    // Queried before collecting: a job that has left the queue writes no more lines.
    const bool queued = round % 4 != 0 || submission.is_queued();
    submission.collect();
    if (!queued) break;
    if (!request.should_continue()) {
      request.report(
          fmt::format("job {0} continues; run again to follow it, or cancel it with scancel -n {0}",
                      submission.name()));
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
  }
  return true;
}

}  // namespace

bool run_on_slurm(const SlurmRequest& request) {
  must_run({"sbatch", "--version"});  // fails if Slurm is not installed
  if (auto previous = Submission::previous(request)) {
    const bool queued = previous->is_queued();
    if (queued) request.report(fmt::format("following job {}", previous->name()));
    if (!follow(*previous, request)) return false;
    if (queued) previous->fail_missing();
    previous->remove_files();
    if (queued) return true;  // the next call submits failed and canceled tasks again
  }
  const std::vector<std::size_t> missing = request.missing();
  if (missing.empty()) return true;
  Submission submission = Submission::submit(request, missing);
  request.report(fmt::format("submitted {} tasks as {}", submission.tasks(), submission.name()));
  if (!follow(submission, request)) return false;
  submission.fail_missing();
  submission.remove_files();
  return true;
}

SlurmTask read_slurm_task(const std::string& plan) {
  const char* number = std::getenv("SLURM_ARRAY_TASK_ID");
  const Json json = Json::parse(read_text(plan, at_field("task")), nullptr, false);
  const std::size_t task = number == nullptr ? 0 : std::strtoul(number, nullptr, 10);
  if (number == nullptr || !json.is_object() || !json.contains("chunks") ||
      task >= json["chunks"].size()) {
    throw InputError(at_field("task"), "is reserved for tasks of a job array of imcsim",
                     "--engine slurm");
  }
  return {json.value("study_name", std::string{}),
          json["chunks"][task].get<std::vector<std::size_t>>(),
          (fs::path(plan).parent_path() / fmt::format("task-{}.jsonl", task)).string()};
}

std::size_t slurm_processors() {
  const char* number = std::getenv("SLURM_CPUS_PER_TASK");
  return number == nullptr ? 1 : std::max<std::size_t>(1, std::strtoul(number, nullptr, 10));
}

}  // namespace imcsim::cli
