// The half of Host that reports what a step did: log lines, counters and the newest events.
#include <algorithm>
#include <string>

#include "net-real/host.h"

namespace net {

using chain::PeerId;

void Host::count(const chain::Effects& effects) {
  counters_.blocks_taken += effects.accepted().size();
  counters_.headers_learnt += effects.headers().size();
  counters_.step_work += effects.work();
  for (const chain::Drop& drop : effects.drops()) {
    ++counters_.peers_dropped[static_cast<std::size_t>(drop.why)];
  }
  for (const chain::Refused& refused : effects.refusals()) {
    ++counters_.refused[static_cast<std::size_t>(refused.why)];
  }
  for (const chain::TipChange& change : effects.tip_changes()) {
    ++counters_.tips;
    counters_.tip_since_ms = wall_clock_ms();
    const std::uint32_t depth = tree().given_up(change.from, change.to);
    if (depth == 0) continue;
    ++counters_.reorgs;
    counters_.blocks_abandoned += depth;
    counters_.last_reorg_depth = depth;
    counters_.deepest_reorg = std::max(counters_.deepest_reorg, depth);
    if (reorgs_.size() == kMaxReorgs) reorgs_.pop_front();
    reorgs_.push_back({counters_.tip_since_ms, depth, change.from, change.to});
  }
}

void Host::note_rejection(const chain::Refused& refused) {
  const chain::RefusalText& text = chain::text_of(refused.why);
  const bool may_be_accepted =
      refused.why == chain::Refusal::merkle_root && !options_.rules.is_work();
  const std::string_view setting =
      may_be_accepted ? "check_merkle_root: false in the --chain file" : "";
  log_.info("refused", {{"peer", refused.peer},
                        {"code", text.code},
                        {"why", text.english},
                        LogField::own("ko", text.korean),
                        LogField::own("accepted_with", setting)});
  if (rejections_.size() == kMaxRejections) rejections_.pop_front();
  rejections_.push_back({wall_clock_ms(), refused.peer, refused.why});
}

// The echo of one's own tip, which the original sends after every block, is refused, but no event.
bool Host::is_echo(const chain::Message& message) const { return message.last == tip(); }

void Host::log_tip(const chain::TipChange& change, PeerId source) {
  const std::string hash = chain::lower_hex(tree().header(change.to).hash);
  const std::uint32_t height = tree().height(change.to);
  const std::uint32_t depth = tree().given_up(change.from, change.to);
  if (depth == 0) {
    const std::string from = source == chain::kNoPeer ? "here" : "peer";
    const bool next = tree().parent(change.to) == change.from;
    return log_.info("tip", {{"height", height},
                             {"hash", hash},
                             {"from", from},
                             {"change", next ? "appended" : "replaced"}});
  }
  log_.info("reorg", {{"height", height}, {"hash", hash}, {"abandoned", depth}, {"peer", source}});
}

}  // namespace net
