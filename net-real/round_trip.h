// How long a byte takes to a peer and back, as the kernel knows it.
//
// TCP measures that with every segment that is acknowledged, for either protocol and without a ping
// of ours. Of a connection that has been silent it is what it last was.
#pragma once

#include <optional>

#include "core/time.h"

namespace net {

// Smoothed, of a connected TCP socket; nothing if it is none, or nothing was measured yet.
std::optional<chain::Duration> round_trip_of(int descriptor);

}  // namespace net
