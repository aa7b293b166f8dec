// Preloaded into the tool (LD_PRELOAD): makes one call that changes a file fail, or clocks jump.
//   FAULT_AT      number of the failing call, from 1, counted over open for writing, write, fsync,
//                 close and rename; no call fails if unset
//   FAULT_ERROR   value of errno, EIO or ENOSPC (a full disk stays full), or 0: the process is
//                 killed in the call, in a write after half of the bytes
//   FAULT_REPORT  file to which the name of the failed call is written
//   CLOCK_SEED    at one reading of a clock in eight the time of day jumps by up to a year to
//                 either side, and the steady clock by up to an hour, forwards as after a sleep
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long calls = 0;
static int is_full = 0;
static int half_written = -1;

static long number_of(const char* name) {
  const char* text = getenv(name);
  return text == NULL ? 0 : strtol(text, NULL, 10);
}

static void report(const char* call) {
  const char* path = getenv("FAULT_REPORT");
  if (path == NULL) return;
  const int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (file < 0) return;
  syscall(SYS_write, file, call, strlen(call));
  syscall(SYS_write, file, "\n", (size_t)1);
  syscall(SYS_close, file);
}

enum Verdict { works, fails_now, fails_still };

// Decides whether this call fails, and sets errno if it does.
static enum Verdict decide(const char* call, int needs_space) {
  const long at = number_of("FAULT_AT");
  if (at == 0) return works;
  const int error = (int)number_of("FAULT_ERROR");
  if (is_full && needs_space) {
    errno = ENOSPC;
    return fails_still;
  }
  // With ENOSPC, the next call that needs space fails instead.
  if (calls + 1 == at && error == ENOSPC && !needs_space) return works;
  if (++calls != at) return works;
  is_full = error == ENOSPC;
  report(call);
  errno = error;
  return fails_now;
}

// Kills the process if FAULT_ERROR is 0.
static void end_if_killed(void) {
  if (number_of("FAULT_ERROR") == 0) raise(SIGKILL);
}

// True for a regular file that is open for writing.
static int is_written(int file) {
  struct stat status;
  if (file <= 2 || syscall(SYS_fstat, file, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  return (fcntl(file, F_GETFL) & O_ACCMODE) != O_RDONLY;
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if ((flags & O_CREAT) && decide("open", 1) != works) {
    end_if_killed();
    return -1;
  }
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) __attribute__((alias("open")));

// Writes half of the bytes before it fails.
ssize_t write(int file, const void* bytes, size_t size) {
  if (!is_written(file)) return syscall(SYS_write, file, bytes, size);
  if (file == half_written) {
    half_written = -1;
    errno = (int)number_of("FAULT_ERROR");
    return -1;
  }
  const enum Verdict verdict = decide("write", 1);
  if (verdict == works) return syscall(SYS_write, file, bytes, size);
  if (verdict == fails_still) return -1;
  const ssize_t put = size < 2 ? -1 : syscall(SYS_write, file, bytes, size / 2);
  end_if_killed();
  if (put > 0) half_written = file;
  return put;
}

int fsync(int file) {
  if (is_written(file) && decide("fsync", 1) != works) {
    end_if_killed();
    return -1;
  }
  return (int)syscall(SYS_fsync, file);
}

int close(int file) {
  const int failed = is_written(file) && decide("close", 0) != works;
  const int error = errno;
  const int done = (int)syscall(SYS_close, file);
  if (!failed) return done;
  end_if_killed();
  errno = error;
  return -1;
}

int rename(const char* from, const char* to) {
  if (decide("rename", 0) != works) {
    end_if_killed();
    return -1;
  }
  return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static int64_t day_s = 0;
static int64_t steady_s = 0;

static uint32_t next_draw(void) {
  static uint32_t state = 0;
  if (state == 0) state = (uint32_t)number_of("CLOCK_SEED");
  const uint32_t drawn = __atomic_load_n(&state, __ATOMIC_RELAXED) * 1664525U + 1013904223U;
  __atomic_store_n(&state, drawn, __ATOMIC_RELAXED);
  return drawn >> 8;
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  const int done = (int)syscall(SYS_clock_gettime, clock, now);
  if (done != 0 || number_of("CLOCK_SEED") == 0) return done;
  const int jumps = next_draw() % 8 == 0;
  if (clock == CLOCK_REALTIME) {
    if (jumps) day_s = (int64_t)(next_draw() % 63072000U) - 31536000;
    now->tv_sec += day_s;
  } else if (clock == CLOCK_MONOTONIC) {
    if (jumps) __atomic_fetch_add(&steady_s, next_draw() % 3600U, __ATOMIC_RELAXED);
    now->tv_sec += __atomic_load_n(&steady_s, __ATOMIC_RELAXED);
  }
  return done;
}
