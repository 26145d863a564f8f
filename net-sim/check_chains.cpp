#include "net-sim/check_chains.h"

#include <algorithm>

#include "core/branch_accounts.h"
#include "net-sim/node_options.h"
#include "net-sim/simulator.h"

namespace sim {
namespace {

// The rules' own limits, written apart from chain_rules.h: a second opinion.
constexpr std::int64_t kAheadMs = 2 * 3'600'000;

}  // namespace

ChainChecker::ChainChecker(const Checked& world, ViolationLog& log)
    : world_(world),
      log_(log),
      rules_(chain_rules(world.scenario)),
      validator_(world.tree, rules_),
      pages_(world.honest.size()) {
  for (Page& page : pages_) {
    page.has.add(0);
    page.complete.add(0);
  }
}

std::string ChainChecker::name(chain::BlockId block) const {
  return "block " + std::to_string(block) + " of height " +
         std::to_string(world_.tree.height(block));
}

// What has come into the tree since: children of each block, and when they claim to be made.
void ChainChecker::learn_tree() {
  while (facts_.size() < world_.tree.size()) {
    const auto block = static_cast<chain::BlockId>(facts_.size());
    facts_.push_back({.timestamp_ms = world_.tree.header(block).timestamp_ms});
    if (world_.tree.is_root(block)) continue;
    Facts& parent = facts_[world_.tree.parent(block)];
    facts_[block].next_sibling = parent.first_child;
    parent.first_child = block;
  }
}

void ChainChecker::found(NodeIndex maker, chain::BlockId block, std::uint64_t draw) {
  learn_tree();
  facts_[block].rule_set = world_.rule_set(maker);
  facts_[block].draw = draw;
}

void ChainChecker::stepped(Time now, NodeIndex node, const chain::Input& input,
                           const chain::Effects& effects) {
  if (effects.quiet() || world_.honest[node] == 0) return;
  if (!effects.refusals().empty()) judge_refusal(node, input);
  const bool says_nothing =
      effects.accepted().empty() && effects.headers().empty() && effects.tip_changes().empty();
  if (says_nothing) return;
  judge_source(node, input, effects);
  judge_step(now, node, pages_[node], effects);
}

void ChainChecker::judge_source(NodeIndex node, const chain::Input& input,
                                const chain::Effects& effects) {
  const auto* mined = std::get_if<chain::Mined>(&input);
  const auto* received = std::get_if<chain::Received>(&input);
  const auto brought = [&](chain::BlockId block) {
    if (mined != nullptr) return mined->block == block;
    if (received == nullptr) return false;
    const chain::Message& message = received->message;
    const bool is_path = message.type == chain::MessageType::blocks ||
                         message.type == chain::MessageType::latest_block ||
                         message.type == chain::MessageType::whole_chain;
    if (!is_path || chain::is_staged(message.last)) return false;
    const std::uint32_t end = world_.tree.height(message.last);
    const std::uint32_t count = message.type == chain::MessageType::blocks         ? message.count()
                                : message.type == chain::MessageType::latest_block ? 1
                                                                                   : end + 1;
    const std::uint32_t height = world_.tree.height(block);
    return height <= end && end - height < count && world_.tree.is_ancestor(block, message.last);
  };
  for (const chain::BlockId block : effects.accepted()) {
    if (brought(block)) continue;
    log_.report(Invariant::body_received, node, world_.is_original(node),
                "took " + name(block) + ", which nobody had sent it");
  }
}

void ChainChecker::judge_refusal(NodeIndex node, const chain::Input& input) {
  const auto* received = std::get_if<chain::Received>(&input);
  if (received == nullptr || received->message.type != chain::MessageType::headers ||
      received->message.staged != chain::Staged::low_work ||
      chain::is_staged(received->message.last)) {
    return;
  }
  const chain::BlockId last = received->message.last, tip = pages_[node].tip;
  if (world_.view(node).has_header(last)) return;  // from there the branch is asked for again
  if (world_.tree.work(last) < floor_of(node, tip) || may_lack_room(node, tip, last)) return;
  log_.report(Invariant::refused_rightly, node, world_.is_original(node),
              "refused the header of " + name(last) + "; its tip is " + name(tip));
}

void ChainChecker::judge_step(Time now, NodeIndex node, Page& page, const chain::Effects& effects) {
  learn_tree();
  const chain::BlockTree& tree = world_.tree;
  if (!effects.headers().empty()) {
    const chain::BlockId last = effects.headers().back();
    if (tree.work(last) < floor_of(node, page.tip) && !was_shown(node, last)) {
      log_.report(Invariant::no_light_branch, node, world_.is_original(node),
                  "stored the header of " + name(last) + ", far below its tip, " + name(page.tip));
    }
  }
  for (const chain::BlockId block : effects.accepted()) take(now, node, page, block);
  for (const chain::TipChange& change : effects.tip_changes()) {
    if (change.from != page.tip || tree.work(change.to) < tree.work(page.tip)) {
      log_.report(Invariant::tip_never_falls, node, world_.is_original(node),
                  "its tip went from " + name(page.tip) + " to " + name(change.to));
    }
    page.tip = change.to;
  }
  judge_tip(node, page);
  // What a body makes whole beside its own branch may wait for the next message; the body itself
  // not.
  for (const chain::BlockId block : effects.accepted()) judge_best(node, page, block);
  const bool held = world_.scenario.chain.commit_time.ns > 0 &&
                    !(effects.accepted().empty() && effects.headers().empty());
  if (!held) page.durable = page.tip;
}

void ChainChecker::take(Time now, NodeIndex node, Page& page, chain::BlockId block) {
  judge_block(node, block);
  if (!world_.tree.is_root(block) && facts_[block].rule_set != world_.rule_set(node)) {
    log_.report(Invariant::chain_valid, node, false,
                "took " + name(block) + ", which a node of another rule set made");
  }
  std::int64_t clock_ms = kOriginMs + (now - chain::kTimeZero).ns / 1'000'000;
  if (!world_.clock_offsets.empty()) clock_ms += world_.clock_offsets[node].ns / 1'000'000;
  if (facts_[block].timestamp_ms > clock_ms + kAheadMs) {
    log_.report(Invariant::timestamp_bounded, node, unasked(node),
                "took " + name(block) + " from " +
                    std::to_string((facts_[block].timestamp_ms - clock_ms) / 1000) +
                    " s ahead of its clock");
  }
  if (!page.has.has(block)) add_body(page, block);
  judge_hole(node, page, block);
}

// A body may come before those below it, as far as bodies are asked for at once.
void ChainChecker::judge_hole(NodeIndex node, const Page& page, chain::BlockId block) {
  const std::uint32_t most = world_.options[node].limits->download_window;
  std::uint32_t above = 0;
  for (chain::BlockId at = block; !page.complete.has(at); at = world_.tree.parent(at)) {
    if (++above <= most) continue;
    log_.report(Invariant::orphans_bounded, node, world_.is_original(node),
                "took " + name(block) + ", more than " + std::to_string(most) +
                    " blocks above the last that it has whole");
    return;
  }
}

void ChainChecker::add_body(Page& page, chain::BlockId block) {
  page.has.add(block);
  const bool stands = world_.tree.is_root(block) || page.complete.has(world_.tree.parent(block));
  if (stands) complete(page, block);
}

// And all that had waited for it.
void ChainChecker::complete(Page& page, chain::BlockId block) {
  std::vector<chain::BlockId> waiting{block};
  while (!waiting.empty()) {
    const chain::BlockId at = waiting.back();
    waiting.pop_back();
    page.complete.add(at);
    if (world_.tree.work(at) > world_.tree.work(page.best)) page.best = at;
    for (chain::BlockId child = facts_[at].first_child; child != chain::kNoBlock;
         child = facts_[child].next_sibling) {
      if (page.has.has(child) && !page.complete.has(child)) waiting.push_back(child);
    }
  }
}

void ChainChecker::judge_tip(NodeIndex node, const Page& page) {
  if (world_.tree.ancestor(page.tip, 0) == 0) return;
  log_.report(Invariant::pinned_genesis, node, unasked(node),
              name(page.tip) + " has another genesis than the network");
}

void ChainChecker::judge_best(NodeIndex node, const Page& page, chain::BlockId candidate) {
  const bool worse =
      page.complete.has(candidate) && world_.tree.work(candidate) > world_.tree.work(page.tip);
  if (!worse && page.complete.has(page.tip)) return;
  log_.report(Invariant::tip_is_best, node, world_.is_original(node),
              "its tip is " + name(page.tip) + "; it has " + name(candidate));
}

void ChainChecker::judge_block(NodeIndex node, chain::BlockId block) {
  Facts& facts = facts_[block];
  if (facts.judged || world_.tree.is_root(block)) return;
  facts.judged = true;
  const bool original = world_.is_original(node);
  const std::string fault = validator_.fault_of(block);
  if (!fault.empty()) {
    log_.report(Invariant::chain_valid, node, original, "took " + name(block) + ": " + fault);
  }
  if (facts.draw == 0) {
    log_.report(Invariant::block_traced, node, original, "took " + name(block) + ", nobody's");
  } else if (facts.draw == facts_[world_.tree.parent(block)].draw) {
    log_.report(Invariant::work_paid, node, unasked(node),
                "took " + name(block) + " and its parent, which one draw paid for");
    facts.judged = false;  // the next node that takes it may be another's fault
  }
}

std::uint64_t ChainChecker::floor_of(NodeIndex node, chain::BlockId tip) const {
  const chain::BlockTree& tree = world_.tree;
  if (tree.is_root(tip)) return 0;
  const std::uint64_t of_one = tree.work(tip) - tree.work(tree.parent(tip));
  const std::uint64_t below = of_one * world_.options[node].limits->low_work_depth;
  return below > tree.work(tip) ? 0 : tree.work(tip) - below;
}

// Whether the accounts of branches may be full for the header `last`. No account has more entries
// than the tree has blocks.
bool ChainChecker::may_lack_room(NodeIndex node, chain::BlockId tip, chain::BlockId last) const {
  const chain::BlockTree& tree = world_.tree;
  if (tree.work(last) > tree.work(tip)) return false;
  const chain::SyncLimits& limits = *world_.options[node].limits;
  const chain::BlockId fork = tree.fork_point(tip, last);
  return fork == chain::kNoBlock ||
         tree.size() > std::min(limits.peer_branch_headers, limits.total_branch_headers) ||
         !chain::is_short_branch(tree, tip, tree.height(last) - tree.height(fork),
                                 tree.work(last) - tree.work(fork), limits.branch_headers);
}

// A branch may be stored from its first header on once a peer has shown that it is heavy enough.
void ChainChecker::delivered(NodeIndex node, const chain::Message& message) {
  if (message.type != chain::MessageType::headers || message.staged != chain::Staged::no ||
      chain::is_staged(message.last) || world_.honest[node] == 0) {
    return;
  }
  Page& page = pages_[node];
  if (world_.view(node).has_header(message.last)) return;
  // A node with a CPU steps later; if the difficulty rises meanwhile, the floor falls.
  const bool may_fall = needs_cpus(world_.scenario) && world_.scenario.chain.retarget > 0;
  if (!may_fall && world_.tree.work(message.last) < floor_of(node, page.tip)) return;
  const auto same = std::find_if(page.shown.begin(), page.shown.end(), [&](chain::BlockId block) {
    return world_.tree.is_ancestor(block, message.last);
  });
  if (same != page.shown.end()) {
    *same = message.last;
  } else {
    page.shown.push_back(message.last);
  }
}

bool ChainChecker::was_shown(NodeIndex node, chain::BlockId block) const {
  const auto& shown = pages_[node].shown;
  return std::any_of(shown.begin(), shown.end(),
                     [&](chain::BlockId heavy) { return world_.tree.is_ancestor(block, heavy); });
}

// What it had kept is all that it knows now.
void ChainChecker::started(NodeIndex node) {
  if (world_.honest[node] == 0) return;
  learn_tree();
  Page& page = pages_[node];
  const chain::ChainView& view = world_.view(node);
  if (world_.tree.work(view.tip()) < world_.tree.work(page.durable)) {
    log_.report(
        Invariant::durable_kept, node, world_.is_original(node),
        "it starts again at " + name(view.tip()) + "; " + name(page.durable) + " was durable");
  }
  page = Page{};
  page.tip = page.durable = view.tip();
  for (chain::BlockId block = 0; block < facts_.size(); ++block) {
    if (view.has_body(block)) add_body(page, block);
  }
}

}  // namespace sim
