// The verbs of chainnode (invocation.h), as one table.
//
// What a verb does stands in a file of its own: print_settings.h and its neighbours.
#pragma once

#include <span>

#include "net-real/invocation.h"

namespace net {

std::span<const Verb> verbs();

}  // namespace net
