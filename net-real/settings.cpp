#include "net-real/settings.h"

#include <charconv>
#include <cstdlib>
#include <utility>
#include <vector>

#include "net-real/duration.h"
#include "net-real/failure.h"

namespace net {
namespace {

[[noreturn]] void refuse(const Said& said, const std::string& expected) {
  throw Failure(kExitBadInput, said.where + ": found '" + said.text + "'; expected " + expected);
}

// XDG_DATA_HOME/chainnode, else ~/.local/share/chainnode.
std::string default_data_dir() {
  const char* data_home = std::getenv("XDG_DATA_HOME");
  if (data_home != nullptr && data_home[0] == '/') return std::string(data_home) + "/chainnode";
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return std::string(home) + "/.local/share/chainnode";
  throw Failure(kExitBadInput, "there is no home directory: say --data-dir DIR");
}

bool switch_from(const Said& said) {
  if (said.text == "true" || said.text == "1") return true;
  if (said.text == "false" || said.text == "0") return false;
  refuse(said, "true or false");
}

template <typename T>
T word_from(const Said& said, const std::vector<std::pair<std::string, T>>& words) {
  std::string expected;
  for (const auto& [word, meaning] : words) {
    if (word == said.text) return meaning;
    expected += (expected.empty() ? "" : " or ") + word;
  }
  refuse(said, expected);
}

std::uint64_t number_from(const Said& said, std::uint64_t least, std::uint64_t most) {
  std::uint64_t number = 0;
  const char* const end = said.text.data() + said.text.size();
  const auto [stop, error] = std::from_chars(said.text.data(), end, number);
  if (error != std::errc() || stop != end || number < least || number > most) {
    refuse(said, std::to_string(least) + " to " + std::to_string(most));
  }
  return number;
}

Endpoint endpoint_from(const Said& said) {
  const auto endpoint = parse_endpoint(said.text);
  if (!endpoint) throw Failure(kExitBadInput, said.where + ": " + endpoint.error());
  return *endpoint;
}

chain::Duration duration_from(const Said& said) {
  const auto duration = parse_duration(said.text);
  if (!duration) refuse(said, "a time like 500ms, 10s or 2min");
  return *duration;
}

void apply_pin(Options& options, const Said& said) {
  const auto pin = chain::from_lower_hex(said.text);
  if (!pin) refuse(said, "64 lower-case hex digits, as chainnode pin prints them");
  options.tls.pins.push_back(*pin);
}

void apply_peers(Options& options, const Said& said) {
  options.peers_file = said.text;
  options.dial_peers_file = said.origin != Origin::fallback;
}

void apply_genesis(Options& options, const Said& said) {
  options.learn_genesis = said.text == "learn";
  options.genesis_file = options.learn_genesis ? "" : said.text;
}

void apply_rules(Options& options, const Said& said) {
  options.rules = word_from<chain::RulesKind>(
      said, {{"work", chain::RulesKind::work}, {"tutorial", chain::RulesKind::tutorial}});
  options.rules_are_said = said.origin != Origin::fallback;
}

void apply_protocol(Options& options, const Said& said) {
  options.protocol =
      word_from<chain::ProtocolKind>(said, {{"header_first", chain::ProtocolKind::header_first},
                                            {"push_chain", chain::ProtocolKind::push_chain}});
}

void apply_threads(Options& options, const Said& said) {
  options.mining.threads = static_cast<unsigned>(number_from(said, 1, Miner::kMaxThreads));
}

void apply_record_limit(Options& options, const Said& said) {
  constexpr std::uint64_t kMostMegabytes = 1'000'000;
  options.record_limit = number_from(said, 1, kMostMegabytes) * 1'000'000;
}

void apply_min_peers(Options& options, const Said& said) {
  constexpr std::uint64_t kMost = 1'000;
  options.min_peers = static_cast<std::uint32_t>(number_from(said, 0, kMost));
}

void apply_log_json(Options& options, const Said& said) {
  options.log_format = switch_from(said) ? LogFormat::json : LogFormat::text;
}

constexpr Setting kSettings[] = {
    {.name = "config",
     .value = "FILE",
     .help = "settings as `key = value` lines, TOML; the keys are these flags without `--`",
     .apply = [](Options&, const Said&) {}},  // read before all else
    {.name = "data-dir",
     .value = "DIR",
     .help = "where blocks are kept, by one node at a time (~/.local/share/chainnode)",
     .apply = [](Options& to, const Said& said) { to.data_dir = said.text; },
     .fallback_here = default_data_dir},
    {.name = "p2p",
     .value = "ADDRESS:PORT",
     .help = "where peers connect; port 0: any free one",
     .apply = [](Options& to, const Said& said) { to.p2p = endpoint_from(said); },
     .fallback = "127.0.0.1:7545"},
    {.name = "http",
     .value = "ADDRESS:PORT",
     .help = "where the HTTP API listens; off loopback it needs TLS, and callers the token that "
             "stands in DIR/api-token",
     .apply = [](Options& to, const Said& said) { to.http = endpoint_from(said); },
     .fallback = "127.0.0.1:3000"},
    {.name = "peers",
     .value = "FILE",
     .help =
         "an array of ws:// or wss:// URLs; dialed by POST /addPeers and, where a file is named, "
         "at the start",
     .apply = apply_peers,
     .fallback = "peer.json"},
    {.name = "genesis",
     .value = "FILE|learn",
     .help = "a file with the genesis block's JSON text, or `learn`: from the first peer, of those "
             "that are dialed if there are any (what the data directory has, else the most "
             "widespread one)",
     .apply = apply_genesis},
    {.name = "rules",
     .value = "tutorial|work",
     .help = "tutorial: what the clones check; work: proof of work, and the most of it wins",
     .apply = apply_rules,
     .fallback = "tutorial"},
    {.name = "chain",
     .value = "FILE",
     .help = "a JSON file that says both, and more: a network of its own",
     .apply = [](Options& to, const Said& said) { to.chain_file = said.text; }},
    {.name = "protocol",
     .value = "header_first|push_chain",
     .help = "header_first, and push_chain with peers that speak nothing else; or push_chain, the "
             "original, alone",
     .apply = apply_protocol,
     .fallback = "header_first"},
    {.name = "mine",
     .value = "",
     .help = "mine blocks of one's own, one every --mine-interval",
     .apply = [](Options& to, const Said& said) { to.mining.continuous = switch_from(said); },
     .fallback = "false"},
    {.name = "mine-interval",
     .value = "TIME",
     .help = "mean time between them",
     .apply = [](Options& to, const Said& said) { to.mining.interval = duration_from(said); },
     .fallback = "10s"},
    {.name = "mine-timeout",
     .value = "TIME",
     .help = "how long POST /mineBlock may take",
     .apply = [](Options& to, const Said& said) { to.mining.timeout = duration_from(said); },
     .fallback = "60s"},
    {.name = "threads",
     .value = "N",
     .help = "how many threads mine",
     .apply = apply_threads,
     .fallback = "1"},
    {.name = "record",
     .value = "FILE",
     .help = "record all that the node is told, and a digest of what it does, for simchain replay; "
             "a file that is there is gone on with",
     .apply = [](Options& to, const Said& said) { to.record_file = said.text; }},
    {.name = "record-limit",
     .value = "MB",
     .help = "go on in FILE.1, FILE.2 ... after so many MB",
     .apply = apply_record_limit,
     .fallback = "256"},
    {.name = "min-peers",
     .value = "N",
     .help = "with fewer GET /readyz says 503",
     .apply = apply_min_peers,
     .fallback = "1"},
    {.name = "log-json",
     .value = "",
     .help = "one JSON object a line on stderr",
     .apply = apply_log_json,
     .fallback = "false"},
    {.name = "tls-cert",
     .value = "FILE",
     .help = "certificate (PEM, with what leads to its CA): HTTP becomes https, peers come over "
             "wss; read again at SIGHUP, as the other TLS files",
     .apply = [](Options& to, const Said& said) { to.tls.certificate = said.text; }},
    {.name = "tls-key",
     .value = "FILE",
     .help = "its key (PEM)",
     .apply = [](Options& to, const Said& said) { to.tls.key = said.text; }},
    {.name = "tls-ca",
     .value = "FILE",
     .help = "whom the certificates of dialed wss:// peers must be signed by (PEM; the system's)",
     .apply = [](Options& to, const Said& said) { to.tls.peer_ca = said.text; }},
    {.name = "tls-client-ca",
     .value = "FILE",
     .help = "for a private network: peers that come in must show a certificate signed by it (PEM)",
     .apply = [](Options& to, const Said& said) { to.tls.client_ca = said.text; }},
    {.name = "pin",
     .value = "HEX",
     .help = "a dialed wss:// peer must have this key, or that of another --pin, whoever signed "
             "its certificate; `chainnode pin` prints a node's own",
     .apply = apply_pin,
     .repeats = true},
    {.name = "plain-peers",
     .value = "",
     .help = "peers come in over ws, although there is a certificate: for the tutorial's nodes",
     .apply = [](Options& to, const Said& said) { to.plain_peers = switch_from(said); },
     .fallback = "false"},
    {.name = "require-token",
     .value = "",
     .help = "callers of the HTTP API on this machine need the token, too",
     .apply = [](Options& to, const Said& said) { to.require_token = switch_from(said); },
     .fallback = "false"},
};

}  // namespace

std::string Setting::flag() const { return "--" + std::string(name); }

std::string Setting::variable() const {
  std::string text = "CHAINNODE_";
  for (const char c : name)
    text += c == '-' ? '_' : static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c);
  return text;
}

std::span<const Setting> settings() { return kSettings; }

const Setting* find_setting(std::string_view name) {
  for (const Setting& setting : kSettings) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

}  // namespace net
