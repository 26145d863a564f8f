// How a node is to run, checked: what stands here can be acted upon.
//
// Plain data. Each setting is a row of settings.cpp, which says how its text becomes a value here;
// command_line.h finds out who said what. Nothing here opens, reads or listens.
#pragma once

#include <string>

#include "core/protocol.h"
#include "net-real/endpoint.h"
#include "net-real/log.h"
#include "net-real/mine_queue.h"
#include "net-real/tls_files.h"

namespace net {

struct Options {
  std::string data_dir;
  Endpoint p2p, http;
  std::string peers_file;
  bool dial_peers_file = false;  // at the start: where --peers was given
  std::string genesis_file;      // "": what the data directory has, else the widespread one
  bool learn_genesis = false;
  std::string chain_file;  // "": the network is what genesis and rules say
  chain::ProtocolKind protocol = chain::ProtocolKind::header_first;
  chain::RulesKind rules = chain::RulesKind::tutorial;
  bool rules_are_said = false;  // and not what they are where nobody says
  MineOptions mining;
  std::uint32_t min_peers = 1;     // without so many the node is not ready
  std::string record_file;         // "": none
  std::uint64_t record_limit = 0;  // bytes of a part of it
  LogFormat log_format = LogFormat::text;
  TlsFiles tls;
  bool plain_peers = false;    // peers come in over ws, although there is a certificate
  bool require_token = false;  // of callers on this machine, too
};

// What no single setting is to blame for: both throw Failure where two do not go together. Which
// network it is everybody must know; what listens is the business of a node that runs, and a verb
// may be without it (systemd hands the key to the node alone).
void check_network(const Options& options);
void check_servers(const Options& options);

// Those of the network; those of a chain file are read from it, which may throw Failure.
chain::ChainRules rules_of(const Options& options);

}  // namespace net
