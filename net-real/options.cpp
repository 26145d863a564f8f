#include "net-real/options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdlib>
#include <utility>
#include <vector>

#include "core/version.h"
#include "net-real/failure.h"

namespace net {
namespace {

// What is typed, as text.
struct Typed {
  std::string data_dir, p2p = "127.0.0.1:7545", http = "127.0.0.1:3000", peers, genesis;
  std::string rules = "tutorial", protocol = "header_first";
  std::string mine_timeout = "60s", mine_interval = "10s";
  unsigned threads = 1, min_peers = 1;
  std::uint64_t record_limit_mb = chain::kRecordLimit / 1'000'000;
  bool mine = false, log_json = false;
  std::string record, config, chain, tls_cert, tls_key;
};

[[noreturn]] void refuse(const std::string& line) { throw Failure(kExitBadInput, line); }

// XDG_DATA_HOME/chainnode, else ~/.local/share/chainnode.
std::string default_data_dir() {
  const char* data_home = std::getenv("XDG_DATA_HOME");
  if (data_home != nullptr && data_home[0] == '/') return std::string(data_home) + "/chainnode";
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return std::string(home) + "/.local/share/chainnode";
  refuse("there is no home directory: say --data-dir DIR");
}

void add_flags(CLI::App& app, Typed& typed) {
  app.add_option("--data-dir", typed.data_dir,
                 "where blocks are kept, by one node at a time (~/.local/share/chainnode)");
  app.add_option("--p2p", typed.p2p, "where peers connect; port 0: any free one")
      ->capture_default_str();
  app.add_option("--http", typed.http, "where the HTTP API listens, on loopback only")
      ->capture_default_str();
  app.add_option("--peers", typed.peers,
                 "an array of ws:// URLs; dialed at the start, and by POST /addPeers "
                 "(peer.json, by POST /addPeers only)");
  app.add_option("--genesis", typed.genesis,
                 "a file with the genesis block's JSON text, or `learn`: from the first peer "
                 "(what the data directory has, else the most widespread one)");
  app.add_option("--rules", typed.rules,
                 "tutorial: what the clones check; work: proof of work, and the most of it wins")
      ->capture_default_str();
  app.add_option(
         "--protocol", typed.protocol,
         "header_first, and push_chain with peers that speak nothing else; or push_chain, the "
         "original, alone")
      ->capture_default_str();
  app.add_flag("--mine", typed.mine, "mine blocks of one's own, one every --mine-interval");
  app.add_option("--mine-interval", typed.mine_interval, "mean time between them")
      ->capture_default_str();
  app.add_option("--mine-timeout", typed.mine_timeout, "how long POST /mineBlock may take")
      ->capture_default_str();
  app.add_option("--threads", typed.threads, "that mine")->capture_default_str();
  app.add_option("--record", typed.record,
                 "record all that the node is told, and a digest of what it does, for simchain "
                 "replay; a file that is there is gone on with");
  app.add_option("--record-limit", typed.record_limit_mb,
                 "go on in FILE.1, FILE.2 ... after so many MB")
      ->capture_default_str();
  app.add_option("--min-peers", typed.min_peers, "with fewer GET /readyz says 503")
      ->capture_default_str();
  app.add_flag("--log-json", typed.log_json, "one JSON object a line on stderr");
  for (const auto& [name, value] : {std::pair{"--config", &typed.config},
                                    {"--chain", &typed.chain},
                                    {"--tls-cert", &typed.tls_cert},
                                    {"--tls-key", &typed.tls_key}}) {
    app.add_option(name, *value)->group("");
  }
}

// An unset shell variable is a mistake, not a wish for the default.
void refuse_what_is_empty(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    const bool is_flag = option->get_items_expected_max() == 0;
    if (option->count() > 0 && !is_flag && option->as<std::string>().empty()) {
      refuse(option->get_name() + ": found nothing; expected a value");
    }
  }
}

void refuse_what_is_not_built(const CLI::App& app) {
  for (const char* name : {"--config", "--chain", "--tls-cert", "--tls-key"}) {
    if (app.count(name) > 0) refuse(std::string(name) + ": this version does not have that yet");
  }
}

template <typename T>
T word_from(const std::string& flag, const std::string& text,
            const std::vector<std::pair<std::string, T>>& words) {
  std::string expected;
  for (const auto& [word, meaning] : words) {
    if (word == text) return meaning;
    expected += (expected.empty() ? "" : " or ") + word;
  }
  refuse(flag + ": found '" + text + "'; expected " + expected);
}

Endpoint endpoint_from(const std::string& flag, const std::string& text) {
  const auto endpoint = parse_endpoint(text);
  if (!endpoint) refuse(flag + ": " + endpoint.error());
  return *endpoint;
}

chain::Duration duration_from(const std::string& flag, const std::string& text) {
  const auto duration = parse_duration(text);
  if (!duration) refuse(flag + ": found '" + text + "'; expected a time like 500ms, 10s or 2min");
  return *duration;
}

Options checked(const Typed& typed) {
  Options options;
  options.data_dir = typed.data_dir.empty() ? default_data_dir() : typed.data_dir;
  options.p2p = endpoint_from("--p2p", typed.p2p);
  options.http = endpoint_from("--http", typed.http);
  if (!options.http.is_loopback()) {
    refuse("--http: found '" + typed.http +
           "'; expected a loopback address, for the API has no password in this version");
  }
  options.dial_peers_file = !typed.peers.empty();
  if (options.dial_peers_file) options.peers_file = typed.peers;
  options.learn_genesis = typed.genesis == "learn";
  if (!options.learn_genesis) options.genesis_file = typed.genesis;
  if (typed.threads < 1 || typed.threads > Miner::kMaxThreads) {
    refuse("--threads: found " + std::to_string(typed.threads) + "; expected 1 to " +
           std::to_string(Miner::kMaxThreads));
  }
  options.protocol =
      word_from<chain::ProtocolKind>("--protocol", typed.protocol,
                                     {{"header_first", chain::ProtocolKind::header_first},
                                      {"push_chain", chain::ProtocolKind::push_chain}});
  options.rules = word_from<chain::RulesKind>(
      "--rules", typed.rules,
      {{"work", chain::RulesKind::work}, {"tutorial", chain::RulesKind::tutorial}});
  if (options.learn_genesis && options.rules == chain::RulesKind::work) {
    refuse("--genesis learn goes with --rules tutorial: under work the genesis is pinned");
  }
  options.mining.threads = typed.threads;
  options.mining.continuous = typed.mine;
  options.mining.interval = duration_from("--mine-interval", typed.mine_interval);
  options.mining.timeout = duration_from("--mine-timeout", typed.mine_timeout);
  options.min_peers = typed.min_peers;
  options.record_file = typed.record;
  constexpr std::uint64_t kMostMegabytes = 1'000'000;
  if (typed.record_limit_mb < 1 || typed.record_limit_mb > kMostMegabytes) {
    refuse("--record-limit: found " + std::to_string(typed.record_limit_mb) + "; expected 1 to " +
           std::to_string(kMostMegabytes) + " MB");
  }
  options.record_limit = typed.record_limit_mb * 1'000'000;
  options.log_format = typed.log_json ? LogFormat::json : LogFormat::text;
  return options;
}

}  // namespace

std::optional<chain::Duration> parse_duration(std::string_view text) {
  constexpr std::int64_t kMost = 1'000'000;  // of any unit: no overflow, and long enough
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 1 || number > kMost) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (text == "ms") return chain::milliseconds(number);
  if (text == "s") return chain::seconds(number);
  if (text == "min") return chain::minutes(number);
  if (text == "h" && number <= kMost / 60) return chain::minutes(60 * number);
  return std::nullopt;
}

std::optional<Options> parse_options(int argc, const char* const* argv, int& exit_code) {
  CLI::App app("A node of the tutorial's network: WebSocket peers, an HTTP API, blocks on disk.",
               "chainnode");
  app.set_version_flag("--version", std::string(chain::version()));
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  Typed typed;
  add_flags(app, typed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {  // --help, --version
    exit_code = app.exit(done);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    refuse(std::string(error.what()) + "; chainnode --help lists the flags");
  }
  refuse_what_is_empty(app);
  refuse_what_is_not_built(app);
  return checked(typed);
}

}  // namespace net
