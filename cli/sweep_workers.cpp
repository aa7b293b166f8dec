#include "sweep_workers.hpp"

#include <algorithm>
#include <array>
#include <mutex>

#include "base/error.hpp"
#include "numeric/execution.hpp"

#if !defined(__EMSCRIPTEN__)
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>

#endif

namespace imcsim::cli {
namespace {

void run_in_threads(const std::vector<std::size_t>& variants, const WorkerPlan& plan) {
  std::mutex guard;
  bool failed = false;
  parallel_for(static_cast<int>(plan.workers), variants.size(), [&](std::size_t i) {
    {
      const std::lock_guard lock(guard);
      if (failed || !plan.should_continue()) return;
    }
    const std::string line = plan.compute(variants[i]);
    const std::lock_guard lock(guard);
    if (failed) return;
    failed = true;  // reset only if store() does not throw
    plan.store({line});
    failed = false;
  });
}

#if !defined(__EMSCRIPTEN__)

using Clock = std::chrono::steady_clock;

bool write_whole(int descriptor, const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t put = ::write(descriptor, at, size);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    at += put;
    size -= static_cast<std::size_t>(put);
  }
  return true;
}

bool read_whole(int descriptor, void* data, std::size_t size) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = ::read(descriptor, at, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

/// Work queued at a worker, in seconds, so that it does not wait while the master writes to disk.
/// Variants longer than longest_queued_s are assigned one at a time, for an even distribution at
/// the end.
constexpr double queued_s = 0.2;
constexpr double longest_queued_s = 2.0;

/// Minimum interval between writes to disk, in seconds.
constexpr double write_interval_s = 0.1;

/// A worker process. The master writes numbers of variants to `down` and reads lines from `up`,
/// each preceded by its length.
struct Worker {
  pid_t process = -1;
  int down = -1;
  int up = -1;
  std::deque<std::size_t> assigned;  ///< in the order in which they are computed
  std::string unread;
};

std::string reason_of(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return fmt::format("the process was ended by signal {} ({})", signal, ::strsignal(signal));
  }
  return fmt::format("the process ended with code {}", WEXITSTATUS(status));
}

class ProcessPool {
 public:
  ProcessPool(const std::vector<std::size_t>& variants, const WorkerPlan& plan)
      : waiting_(variants.begin(), variants.end()), plan_(plan), start_(Clock::now()) {}

  ~ProcessPool() {
    for (Worker& worker : workers_) {
      if (worker.process > 0) ::kill(worker.process, SIGKILL);
    }
    for (Worker& worker : workers_) reap(worker);
  }
  ProcessPool(const ProcessPool&) = delete;
  ProcessPool& operator=(const ProcessPool&) = delete;

  void run() {
    workers_.resize(std::min(plan_.workers, waiting_.size()));
    for (Worker& worker : workers_) start(worker);
    std::vector<std::string> lines;
    Clock::time_point last_write = start_;
    while (plan_.should_continue() && (!waiting_.empty() || has_assigned_work())) {
      collect(lines);
      // New variants are assigned before finished ones are written to disk; lines of short
      // variants are written together.
      const std::chrono::duration<double> since = Clock::now() - last_write;
      if (lines.empty() || since.count() < write_interval_s) continue;
      plan_.store(lines);
      lines.clear();
      last_write = Clock::now();
    }
    if (!lines.empty()) plan_.store(lines);
  }

 private:
  bool has_assigned_work() const {
    for (const Worker& worker : workers_) {
      if (!worker.assigned.empty()) return true;
    }
    return false;
  }

  /// Number of variants queued at a worker; several if they are short, so that it does not wait.
  std::size_t depth() const {
    if (finished_ == 0) return 1;
    const double wall_s = std::chrono::duration<double>(Clock::now() - start_).count();
    const double each_s =
        wall_s * static_cast<double>(workers_.size()) / static_cast<double>(finished_);
    if (each_s > longest_queued_s) return 1;
    return static_cast<std::size_t>(std::min(64.0, 1.0 + queued_s / each_s));
  }

  void assign(Worker& worker) {
    const std::size_t most = depth();
    while (worker.assigned.size() < most && !waiting_.empty()) {
      const std::size_t variant = waiting_.front();
      const auto number = static_cast<std::uint64_t>(variant);
      if (!write_whole(worker.down, &number, sizeof number)) return;  // it has ended: see collect()
      waiting_.pop_front();
      worker.assigned.push_back(variant);
    }
  }

  void start(Worker& worker) {
    int down[2];
    int up[2];
    if (::pipe(down) != 0 || ::pipe(up) != 0) {
      throw RunError(fmt::format("cannot create a pipe to a worker: {}", std::strerror(errno)));
    }
    const pid_t master = ::getpid();
    const pid_t process = ::fork();
    if (process < 0) throw RunError(fmt::format("cannot start a worker: {}", std::strerror(errno)));
    if (process == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != master) ::_exit(1);
      std::signal(SIGINT, SIG_IGN);  // the master ends its workers
      std::signal(SIGTERM, SIG_DFL);
      for (const Worker& other : workers_) {
        if (other.down >= 0) ::close(other.down);
        if (other.up >= 0) ::close(other.up);
      }
      ::close(down[1]);
      ::close(up[0]);
      work(down[0], up[1]);
    }
    ::close(down[0]);
    ::close(up[1]);
    worker = {process, down[1], up[0], {}, {}};
    assign(worker);
  }

  [[noreturn]] void work(int down, int up) const {
    std::uint64_t variant = 0;
    while (read_whole(down, &variant, sizeof variant)) {
      const std::string line = plan_.compute(static_cast<std::size_t>(variant));
      const auto size = static_cast<std::uint64_t>(line.size());
      if (!write_whole(up, &size, sizeof size) || !write_whole(up, line.data(), line.size())) break;
    }
    ::_exit(0);
  }

  /// Waits for lines, and assigns variants to the workers that sent them.
  void collect(std::vector<std::string>& lines) {
    std::vector<pollfd> watched;
    for (const Worker& worker : workers_) watched.push_back({worker.up, POLLIN, 0});
    const int timeout_ms = lines.empty() ? 200 : 20;
    if (::poll(watched.data(), watched.size(), timeout_ms) < 0 && errno != EINTR) {
      throw RunError(fmt::format("cannot wait for workers: {}", std::strerror(errno)));
    }
    for (std::size_t w = 0; w < workers_.size(); ++w) {
      if (watched[w].revents == 0) continue;
      Worker& worker = workers_[w];
      std::array<char, 1 << 16> part;
      const ssize_t got = ::read(worker.up, part.data(), part.size());
      if (got > 0) {
        worker.unread.append(part.data(), static_cast<std::size_t>(got));
        take_lines(worker, lines);
        assign(worker);
      } else if (got == 0 || errno != EINTR) {
        handle_worker_exit(worker, lines);
      }
    }
  }

  void take_lines(Worker& worker, std::vector<std::string>& lines) {
    std::uint64_t size = 0;
    std::size_t at = 0;
    while (worker.unread.size() - at >= sizeof size) {
      std::memcpy(&size, worker.unread.data() + at, sizeof size);
      if (worker.unread.size() - at - sizeof size < size) break;
      lines.push_back(worker.unread.substr(at + sizeof size, static_cast<std::size_t>(size)));
      at += sizeof size + static_cast<std::size_t>(size);
      worker.assigned.pop_front();
      ++finished_;
    }
    worker.unread.erase(0, at);
  }

  /// Handles a worker that ended: its current variant has failed, its queued variants are
  /// reassigned.
  void handle_worker_exit(Worker& worker, std::vector<std::string>& lines) {
    std::deque<std::size_t> assigned;
    assigned.swap(worker.assigned);
    const std::string reason = reason_of(reap(worker));
    if (!assigned.empty()) {
      lines.push_back(plan_.lost_line(assigned.front(), reason));
      assigned.pop_front();
      ++finished_;
    } else if (++idle_exits_ > 100) {
      throw RunError("worker processes exit without computing a variant: " + reason);
    }
    waiting_.insert(waiting_.begin(), assigned.begin(), assigned.end());
    if (!waiting_.empty()) start(worker);
  }

  static int reap(Worker& worker) {
    int status = 0;
    if (worker.down >= 0) ::close(worker.down);
    if (worker.up >= 0) ::close(worker.up);
    if (worker.process > 0) {
      while (::waitpid(worker.process, &status, 0) < 0 && errno == EINTR) {
      }
    }
    worker = {};
    return status;
  }

  std::deque<std::size_t> waiting_;
  const WorkerPlan& plan_;
  Clock::time_point start_;
  std::vector<Worker> workers_;
  std::size_t finished_ = 0;
  int idle_exits_ = 0;
};

#endif

}  // namespace

std::span<const std::string_view> names_of(WorkerKind) {
  static constexpr std::array<std::string_view, 2> names = {"processes", "threads"};
  return names;
}

void run_workers(WorkerKind kind, const std::vector<std::size_t>& variants,
                 const WorkerPlan& plan) {
#if !defined(__EMSCRIPTEN__)
  if (kind == WorkerKind::processes) {
    // Writing to a worker that has ended must not end this process.
    const auto before = std::signal(SIGPIPE, SIG_IGN);
    ProcessPool(variants, plan).run();
    std::signal(SIGPIPE, before);
    return;
  }
#else
  static_cast<void>(kind);
#endif
  run_in_threads(variants, plan);
}

}  // namespace imcsim::cli
