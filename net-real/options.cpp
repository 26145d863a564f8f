#include "net-real/options.h"

#include <charconv>

#include "net-real/failure.h"

namespace net {

void check_together(const Options& options) {
  if (options.learn_genesis && options.rules == chain::RulesKind::work) {
    throw Failure(kExitBadInput,
                  "--genesis learn goes with --rules tutorial: under work the genesis is pinned");
  }
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

// Rules `work` are for trying things out: block 1 takes 2^18 hashes, well under a second.
chain::ChainRules rules_of(const Options& options) {
  if (options.rules == chain::RulesKind::tutorial) return {};
  return {.kind = chain::RulesKind::work,
          .first_difficulty = 18,
          .retarget = 10,
          .block_interval = chain::seconds(10),
          .max_block = 128 << 10};
}

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

}  // namespace net
