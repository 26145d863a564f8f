// `chainnode config`: what is in force, and who said so.
//
//   p2p = "0.0.0.0:7545"       # /etc/chainnode.toml:3
//   threads = 4                # CHAINNODE_THREADS
//   # http = "127.0.0.1:3000"  # default
//   # record = "FILE"          # nobody says
//
// The text is a --config file that means what is in force now. With --json an object for programs:
// {"threads": {"value": "4", "from": "environment", "where": "CHAINNODE_THREADS"}, ...}.
#pragma once

namespace net {

struct Invocation;

// Returns an exit code.
int print_settings(const Invocation& invocation);

}  // namespace net
