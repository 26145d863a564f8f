// Ctrl-C as a question that long work asks now and then, so that what there is gets written.
//
// SIGINT and SIGTERM only set a flag. A second one does no more than the first: whoever cannot wait
// has SIGKILL.
#pragma once

namespace sim {

// From now on; before that, the signals end the program at once.
void catch_interrupts();

// From any thread.
bool interrupted();

}  // namespace sim
