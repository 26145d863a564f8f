// chainnode's command line, checked: what comes out of it can be acted upon.
//
// What the command line of the contract has and this version has not is refused by name, never
// ignored. Nothing here opens, reads or listens.
#pragma once

#include <optional>
#include <string>

#include "core/protocol.h"
#include "core/record.h"
#include "net-real/endpoint.h"
#include "net-real/log.h"
#include "net-real/mine_queue.h"

namespace net {

struct Options {
  std::string data_dir;
  Endpoint p2p{"127.0.0.1", 7545};
  Endpoint http{"127.0.0.1", 3000};
  std::string peers_file = "peer.json";
  bool dial_peers_file = false;  // at the start: where --peers was given
  std::string genesis_file;      // "": what the data directory has, else the widespread one
  bool learn_genesis = false;
  chain::ProtocolKind protocol = chain::ProtocolKind::header_first;
  chain::RulesKind rules = chain::RulesKind::tutorial;
  MineOptions mining;
  std::uint32_t min_peers = 1;                       // without so many the node is not ready
  std::string record_file;                           // "": none
  std::uint64_t record_limit = chain::kRecordLimit;  // bytes of a part of it
  LogFormat log_format = LogFormat::text;
};

// Nothing, with `exit_code` and what was printed, where there is nothing to run: --help, --version,
// a mistake.
std::optional<Options> parse_options(int argc, const char* const* argv, int& exit_code);

// "500ms", "10 s", "2min", "1h"; nothing if it is none.
std::optional<chain::Duration> parse_duration(std::string_view text);

}  // namespace net
