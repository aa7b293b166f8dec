#include "signals.hpp"

#include <csignal>

namespace imcsim::cli {
namespace {

volatile std::sig_atomic_t received_signal = 0;

extern "C" void record_signal(int signal) {
  received_signal = signal;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void catch_stop_signals() {
  std::signal(SIGINT, record_signal);
  std::signal(SIGTERM, record_signal);
}

int stop_signal() { return received_signal; }

}  // namespace imcsim::cli
