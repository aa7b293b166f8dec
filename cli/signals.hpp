#pragma once

namespace imcsim::cli {

/// Records SIGINT (Ctrl-C) and SIGTERM instead of ending the program; a second signal of the same
/// kind ends it.
void catch_stop_signals();

/// The recorded signal, or 0.
int stop_signal();

}  // namespace imcsim::cli
