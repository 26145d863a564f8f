#include "net-real/options.h"

#include "net-real/chain_file.h"
#include "net-real/failure.h"

namespace net {

void check_network(const Options& options) {
  const bool genesis_is_said = options.learn_genesis || !options.genesis_file.empty();
  if (!options.chain_file.empty() && (genesis_is_said || options.rules_are_said)) {
    throw Failure(kExitBadInput, std::string("--chain: found ") +
                                     (genesis_is_said ? "--genesis" : "--rules") +
                                     " beside it; expected it alone, for the file says both");
  }
  if (options.learn_genesis && options.rules == chain::RulesKind::work) {
    throw Failure(kExitBadInput,
                  "--genesis learn goes with --rules tutorial: under work the genesis is pinned");
  }
}

void check_servers(const Options& options) {
  const auto refuse = [](const std::string& line) { throw Failure(kExitBadInput, line); };
  const bool has_certificate = !options.tls.certificate.empty();
  if (has_certificate == options.tls.key.empty()) {
    refuse("--tls-cert and --tls-key go together");
  }
  if (!options.http.is_loopback() && !has_certificate) {
    refuse(
        "--http " + options.http.text() +
        " can be reached from elsewhere; expected --tls-cert and --tls-key, or a loopback address");
  }
  if (!options.tls.client_ca.empty() && (!has_certificate || options.plain_peers)) {
    refuse(
        "--tls-client-ca is for peers that come in over wss: expected --tls-cert and --tls-key, "
        "and no --plain-peers");
  }
}

// Rules `work` are for trying things out: a block takes at least 2^18 hashes, well under a second.
// No block is cheaper, so that nobody fills a disk with blocks that cost nothing.
chain::ChainRules rules_of(const Options& options) {
  if (!options.chain_file.empty()) return read_chain_file(options.chain_file).rules;
  if (options.rules == chain::RulesKind::tutorial) return {};
  return {.kind = chain::RulesKind::work,
          .first_difficulty = 18,
          .min_difficulty = 18,
          .retarget = 10,
          .block_interval = chain::seconds(10),
          .max_block = 128 << 10};
}

}  // namespace net
