#pragma once

namespace imcsim::cli {

/// From now on Ctrl-C and TERM are noted instead of ending the program; a second one ends it.
void catch_stop_signals();

/// The signal that asked to stop, or 0.
int stop_signal();

}  // namespace imcsim::cli
