#include "net-real/host.h"

#include <utility>

#include "core/check.h"
#include "core/wire_size.h"
#include "net-real/failure.h"

namespace net {
namespace {

using chain::BlockId;
using chain::PeerId;

chain::BlockTree tree_from(const chain::Genesis& genesis) {
  chain::BlockTree tree(random_number());
  tree.add_root(genesis.block.header, genesis.text);
  return tree;
}

chain::NodeOptions node_options(const HostOptions& options) {
  return {.rules = options.rules,
          .redial = options.redial,
          .protocol = options.protocol,
          .relay = options.relay,
          .keepalive = options.keepalive,
          .nonce = random_number(),
          .outbound = options.outbound,
          .max_frame = options.limits.max_frame,
          .limits = &options.sync};
}

}  // namespace

Host::Life::Life(Host& host, const chain::Genesis& genesis)
    : network(chain::network_id(genesis.text, host.options_.rules)),
      options(node_options(host.options_)),
      tree(tree_from(genesis)),
      node(tree, host.store_.load(tree, host.options_.rules), options),
      intake(
          tree, host.options_.rules, host.options_.protocol == chain::ProtocolKind::header_first,
          network,
          [&host](BlockId block, std::string data_json) {
            host.store_.keep(block, std::move(data_json));
            host.filled_.push_back(block);
            if (host.options_.recorder != nullptr) host.options_.recorder->add_body(block);
          },
          host.options_.sync) {}

void Host::Facts::append_data_json(BlockId id, std::string& out) const {
  host.store_.append_data_json(id, out);
}

std::string Host::Facts::address(std::uint32_t address) const {
  return host.registry_.url(address).text();
}

Host::Host(Loop& loop, BlockStore& store, Links& links, AddressRegistry& registry, Log& log,
           const HostOptions& options)
    : loop_(loop),
      store_(store),
      links_(links),
      registry_(registry),
      log_(log),
      options_(options),
      discouraged_(store.discouraged()),
      addresses_(registry, links, [this](std::string_view ip) { return is_welcome(ip); }),
      alarm_(loop, [this] { wake(); }),
      dialer_(options.redial) {
  counters_.tip_since_ms = wall_clock_ms();
  options_.limits.original_only = options.protocol == chain::ProtocolKind::push_chain;
  const auto stored = store.genesis_text();
  if (stored && options.genesis && *stored != options.genesis->text) {
    throw Failure(kExitBadInput,
                  "the data directory belongs to another network: its genesis is another text");
  }
  if (stored) {
    store.check_rules(options.rules);
    const auto genesis = chain::parse_genesis(*stored);
    if (!genesis) throw Failure(kExitBadInput, "the stored genesis: " + genesis.error());
    begin(*genesis);
  } else if (options.genesis) {
    store.set_genesis(options.genesis->text, options.rules);
    begin(*options.genesis);
  } else {
    log.info("learning_genesis");
  }
}

void Host::begin(const chain::Genesis& genesis) {
  life_ = std::make_unique<Life>(*this, genesis);
  if (options_.recorder != nullptr) {
    options_.recorder->begin(life_->options, life_->node.chain(), tree());
  }
  if (const Repairs& repairs = store_.repairs(); repairs.any()) {
    log_.warn("store_mended",
              {{"first", repairs.first},
               {"blocks_removed", repairs.blocks_removed},
               {"index", repairs.index_made_again ? "made again" : "sound"},
               {"tip", repairs.tip_moved ? "moved" : "kept"},
               {"log", repairs.log_cut ? "cut" : "whole"},
               {"discouraged", repairs.discouraged_made_again ? "made again" : "kept"}});
  }
  if (const std::size_t blocks = store_.old_blocks_removed(); blocks > 0) {
    log_.info("old_branches_removed", {{"blocks", blocks}});
  }
  log_.info("chain", {{"height", tree().height(tip())},
                      {"tip", chain::lower_hex(tree().header(tip()).hash)}});
}

// --- One step ------------------------------------------------------------------------------------

void Host::step(const chain::Input& input) {
  effects_.clear();
  const chain::Time now = loop_.now();
  life_->node.step(now, input, effects_);
  Recorder* const recorder = options_.recorder;
  if (recorder != nullptr) recorder->step(now, input, effects_, tree());
  const bool stores = !effects_.accepted().empty() || !effects_.headers().empty() ||
                      !effects_.tip_changes().empty();
  if (stores) store_.commit(tree(), effects_, tip());
  if (stores && recorder != nullptr) recorder->flush();
  withdraw_bodies();
  for (const chain::Drop& drop : effects_.drops()) {
    if (chain::is_fault(drop.why)) discourage(drop.peer);
  }
  const auto* received = std::get_if<chain::Received>(&input);
  const PeerId source = received != nullptr ? received->from : chain::kNoPeer;
  for (const chain::TipChange& change : effects_.tip_changes()) log_tip(change, source);
  for (const chain::Refused& refused : effects_.refusals()) {
    if (received != nullptr && is_echo(received->message)) continue;
    note_rejection(refused);
  }
  const bool tip_moved = !effects_.tip_changes().empty();
  if (received != nullptr) note_sender(*received);
  count(effects_);
  say(effects_);
  if (tip_moved) on_tip_();
}

// Charges the work of a message to its sender. Valid blocks and headers count in the competition
// for inbound places.
void Host::note_sender(const chain::Received& received) {
  links_.charge(received.from, effects_.work());
  const bool useful = !effects_.accepted().empty() || !effects_.headers().empty();
  const chain::Message& message = received.message;
  const bool known = chain::carries_blocks(message.type) && message.staged == chain::Staged::no;
  if (useful || known) links_.sent_blocks(received.from, useful);
}

// A body enters the tree and the store in one step, or neither: else it would stay in memory.
void Host::withdraw_bodies() {
  for (const BlockId block : std::exchange(filled_, {})) {
    if (!store_.withdraw(block) || tree().is_root(block)) continue;
    life_->tree.remove_body(block);
    ++counters_.bodies_withdrawn;
  }
  // Nothing is kept now. Were a body left by a fault of the node, it would stay for good.
  for (const BlockId block : store_.withdraw_kept()) {
    if (tree().has_body(block) && !tree().is_root(block)) life_->tree.remove_body(block);
    ++counters_.bodies_left;
    log_.warn("body_left", {{"block", block}});
  }
}

void Host::say(const chain::Effects& effects) {
  for (const chain::Send& send_it : effects.sends()) send(send_it.to, send_it.message);
  for (const chain::Drop& drop : effects.drops()) {
    const bool fault = chain::is_fault(drop.why);
    log_.info("peer_dropped", {{"peer", drop.peer}, {"why", chain::words_of(drop.why)}});
    links_.close(drop.peer, fault ? CloseWhy::offence : CloseWhy::normal,
                 chain::words_of(drop.why));
  }
  for (const chain::Dial& dial : effects.dials()) this->dial(dial.address);
  wake_no_later_than(effects.wake());
}

void Host::send(PeerId to, const chain::Message& message) {
  if (!frame_ || framed_message_ != message) {
    const std::uint64_t bytes = chain::wire_size(message, tree(), facts_);
    if (bytes > options_.limits.max_frame) {
      if (too_large_ != message.last) {
        log_.warn("chain_not_sent", {{"bytes", bytes},
                                     {"limit", options_.limits.max_frame},
                                     {"why", "the whole chain is larger than a frame may be"}});
      }
      too_large_ = message.last;
      return;
    }
    frame_ = std::make_shared<const std::string>(chain::encode(message, tree(), facts_));
    framed_message_ = message;
  }
  if (message.type == chain::MessageType::get_peers) addresses_.on_question(to);
  ++counters_.frames_sent[static_cast<std::size_t>(message.type)];
  counters_.bytes_sent += frame_->size();
  if (const auto found = traffic_.find(to); found != traffic_.end()) {
    found->second.sent += frame_->size();
  }
  links_.send(to, frame_);
}

// The answer of a dial that is not made comes from the loop, like that of any other.
void Host::dial(chain::AddressId address) {
  if (!addresses_.may_dial(address)) {
    return loop_.post([this, address] { dial_failed(address, "its subnet has an outbound peer"); });
  }
  addresses_.on_dial(address);
  links_.dial(address);
}

void Host::wake() {
  armed_ = chain::kNever;
  if (life_) return step(chain::Wake{});
  effects_.clear();
  dialer_.on_step_end(loop_.now(), effects_);
  say(effects_);
}

void Host::wake_no_later_than(chain::Time when) {
  if (when >= armed_) return;
  armed_ = when;
  alarm_.set(when);
}

bool Host::is_welcome(std::string_view ip) const {
  return !discouraged_.contains(ip, wall_clock_ms());
}

// Whichever side dialled. Without room on the disk it is remembered until the end of the process.
void Host::discourage(PeerId peer) {
  const DiscouragedIp entry{links_.remote_ip(peer), wall_clock_ms()};
  if (!discouraged_.add(entry.ip, entry.since_ms)) return;
  log_.info("ip_discouraged", {{"peer", peer}, {"ip", entry.ip}});
  if (has_space()) store_.discourage(entry);
}

bool Host::has_space() {
  const bool full = store_.free_bytes() < options_.disk_reserve;
  if (full && !out_of_space_) {
    log_.warn("disk_full", {{"reserve", options_.disk_reserve},
                            {"why", "no block is taken until there is room again"}});
  } else if (!full && out_of_space_) {
    log_.info("disk_has_room");
  }
  out_of_space_ = full;
  return !full;
}

// --- What connections tell -----------------------------------------------------------------------

void Host::peer_up(PeerId peer, chain::AddressId address) {
  traffic_[peer] = {};
  addresses_.on_peer_up(peer, address);
  if (life_) return step(chain::PeerUp{peer, address});
  dialled_[peer] = address;
  if (address != chain::kNoAddress) dialer_.on_peer_up(loop_.now(), address, peer);
  send_all(learner_.on_peer_up(peer));
}

void Host::peer_down(PeerId peer) {
  addresses_.on_peer_down(peer);
  traffic_.erase(peer);
  if (life_) {
    life_->intake.forget(peer);
    return step(chain::PeerDown{peer});
  }
  dialled_.erase(peer);
  configured_.erase(peer);
  learner_.on_peer_down(peer);
  dialer_.on_peer_down(loop_.now(), peer);
  wake_no_later_than(loop_.now());
}

void Host::dial_failed(chain::AddressId address, std::string_view) {
  addresses_.on_dial_failed(address);
  if (life_) return step(chain::DialFailed{address});
  dialer_.on_dial_failed(loop_.now(), address);
  wake_no_later_than(loop_.now());
}

// Looked after in good time: the other connection may end, and the other side not dial again.
void Host::dial_unneeded(chain::AddressId address, PeerId connected, std::string_view reason) {
  if (!life_ && configured_.insert(connected).second) send_all(learner_.ask_again(connected));
  dial_failed(address, reason);
}

void Host::address_refused(chain::AddressId address, std::string_view) {
  addresses_.on_dial_failed(address);
  // The dial is over, and nobody wishes for another.
  if (life_) {
    step(chain::Disconnect{address});
    return step(chain::DialFailed{address});
  }
  dialer_.forget(address);
  dialer_.on_dial_failed(loop_.now(), address);
}

void Host::connect(chain::AddressId address) {
  if (life_) return step(chain::Connect{address});
  effects_.clear();
  dialer_.wish(address, chain::Wish::lasting, effects_);
  say(effects_);
}

void Host::received(PeerId from, std::string_view frame) {
  counters_.bytes_received += frame.size();
  if (const auto found = traffic_.find(from); found != traffic_.end()) {
    found->second.received += frame.size();
  }
  const auto decoded = chain::decode(frame, options_.limits);
  if (!decoded) {
    ++counters_.frames_malformed;
    const std::string why = "malformed: " + std::string(decoded.error().code) + " at byte " +
                            std::to_string(decoded.error().offset);
    log_.warn("malformed", {{"peer", from}, {"why", why}});
    // Nodes of the original differ in what they write; that is no fault.
    if (protocol_of(from) == "header_first") discourage(from);
    return links_.close(from, CloseWhy::offence, why);
  }
  if (!*decoded) {  // a type that this version does not know
    ++counters_.frames_unknown;
    return;
  }
  ++counters_.frames_received[static_cast<std::size_t>((*decoded)->type)];
  if (learning()) {
    if (chain::is_original((*decoded)->type)) learn_from(from, frame, **decoded);
    return;
  }
  take(from, **decoded);
}

// A node of header_first knows the limit. Nodes of the original send whole chains, however long.
void Host::oversized(PeerId from) {
  ++counters_.peers_dropped[static_cast<std::size_t>(chain::Offence::oversized)];
  log_.warn("oversized", {{"peer", from}, {"limit", options_.limits.max_frame}});
  if (protocol_of(from) == "header_first") discourage(from);
}

// Without room on the disk what carries blocks is not read: the node hears that they were refused,
// and asks again later.
void Host::take(PeerId from, const chain::WireMessage& wire) {
  if (!life_->node.hears(from, wire.type)) return;
  const bool stores = !wire.blocks.empty() || !wire.headers.empty();
  if (stores && !has_space()) {
    if (chain::is_original(wire.type)) return;
    const chain::Hash& last =
        wire.blocks.empty() ? wire.headers.back().hash : wire.blocks.back().header.hash;
    chain::Message refused = chain::make(wire.type, life_->tree.name(last), 1);
    refused.staged = chain::Staged::no_room;
    return step(chain::Received{from, refused});
  }
  chain::AddressId listens = chain::kNoAddress;
  if (wire.type == chain::MessageType::hello) {
    listens = addresses_.listens(from, wire.texts.front());
  }
  const chain::Message message = wire.type == chain::MessageType::peers
                                     ? addresses_.answer(from, wire, options_.listens)
                                     : life_->intake.take(from, wire, tip(), wall_clock_ms());
  step(chain::Received{from, message, listens});
}

std::optional<BlockId> Host::tip_of(PeerId peer) const {
  return life_ ? life_->node.tip_of(peer) : std::nullopt;
}

PeerTraffic Host::traffic_of(PeerId peer) const {
  const auto found = traffic_.find(peer);
  return found == traffic_.end() ? PeerTraffic{} : found->second;
}

std::string_view Host::protocol_of(PeerId peer) const {
  return life_ ? life_->node.protocol_of(peer) : "";
}

Host::Mining Host::mined(const chain::Block& block) {
  if (!has_space()) return Mining::no_space;
  if (block.header.previous_hash != tree().header(tip()).hash) return Mining::stale;
  step(chain::Mined{life_->intake.add_own(block)});
  return Mining::taken;
}

// --- Before the genesis --------------------------------------------------------------------------

void Host::send_all(const std::vector<GenesisLearner::Reply>& replies) {
  for (const auto& reply : replies) {
    links_.send(reply.to, std::make_shared<const std::string>(reply.frame));
  }
}

// A genesis is learnt from a peer that this node dialed. An inbound peer may teach it, too, if it
// is the node at a dialed address, or if no peer is configured.
bool Host::may_teach(PeerId peer) const {
  const bool configured = expects_peers_ || dialer_.size() > 0;
  const auto found = dialled_.find(peer);
  const bool dialed = found != dialled_.end() && found->second != chain::kNoAddress;
  return !configured || dialed || configured_.contains(peer);
}

void Host::learn_from(PeerId from, std::string_view frame, const chain::WireMessage& wire) {
  const bool teaches = may_teach(from);
  send_all(learner_.on_frame(from, frame, wire, teaches));
  if (!teaches && !wire.blocks.empty() && wire.blocks.front().header.height == 0) {
    log_.info("genesis_ignored", {{"peer", from}, {"why", "this node dials peers to learn from"}});
  }
  if (!learner_.learned()) return;
  log_.info("genesis_learnt", {{"peer", from}, {"text", learner_.learned()->text}});
  store_.set_genesis(learner_.learned()->text, options_.rules);
  begin(*learner_.learned());
  // The node hears now what it would have heard.
  for (const auto& [peer, address] : dialled_) step(chain::PeerUp{peer, address});
  for (const chain::AddressId address : dialer_.wishes()) step(chain::Connect{address});
  for (const PeerId peer : learner_.unanswered()) {
    step(chain::Received{peer, chain::query_latest()});
  }
  take(from, wire);
  on_tip_();
}

}  // namespace net
