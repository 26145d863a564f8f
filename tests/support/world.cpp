#include "tests/support/world.h"

#include <algorithm>
#include <array>

#include "core/check.h"

namespace test {

using namespace chain;

namespace {

// "ws://3" -> 3
AddressId address_in(const std::string& text) {
  return static_cast<AddressId>(std::stoul(text.substr(5)));
}

std::string arrow(NodeNumber from, NodeNumber to) {
  return std::to_string(from) + "->" + std::to_string(to);
}

}  // namespace

std::string time_text(Time t) {
  const std::int64_t ms = t.ns / 1'000'000;
  if (ms % 1000 == 0) return std::to_string(ms / 1000) + "s";
  if (ms < 10'000) return std::to_string(ms) + "ms";
  return std::to_string(ms / 1000) + '.' + std::to_string(1000 + ms % 1000).substr(1) + "s";
}

World::Host::Host(const NodeSettings& wanted, NodeNumber its_number, std::string_view genesis)
    : settings(wanted),
      number(its_number),
      rules{.kind = wanted.rules,
            .check_genesis = wanted.check_genesis,
            .tie_break = wanted.tie_break},
      network_name(network_id(genesis, rules)),
      intake(tree, rules, wanted.protocol == ProtocolKind::header_first, network_name,
             [this](BlockId id, std::string text) {
               if (data.size() <= id) data.resize(id + 1);
               data[id] = std::move(text);
             }) {
  const auto parsed = parse_genesis(genesis);
  CHECK(parsed.ok());
  const BlockId root = tree.add_root(parsed->block.header, parsed->text);
  data.push_back(encode_data(parsed->block.body));
  node = std::make_unique<Node>(tree, ChainView(root), options());
}

NodeOptions World::Host::options() const {
  return {.rules = rules,
          .redial = settings.redial,
          .protocol = settings.protocol,
          .relay = settings.relay,
          .trusts_nonces = true,
          .own_address = number,
          .keepalive = settings.keepalive,
          .nonce = 1000 * (number + 1) + lives,
          .outbound = settings.outbound};
}

NodeNumber World::add_node(const NodeSettings& settings) {
  if (settings.rules == RulesKind::work) book_.later_than_parent();
  const auto number = static_cast<NodeNumber>(hosts_.size());
  hosts_.push_back(std::make_unique<Host>(
      settings, number, settings.foreign_genesis ? kForeignGenesis : kWidespreadGenesis));
  return static_cast<NodeNumber>(hosts_.size() - 1);
}

std::string World::tip(NodeNumber n) const {
  const Host& host = *hosts_[n];
  const BlockId id = host.node->chain().tip();
  Block block{host.tree.header(id), {}};
  const auto texts = decode_data(host.data[id], CodecLimits{});
  CHECK(texts.ok());
  block.body = *texts;
  return book_.name_of(block);
}

std::uint32_t World::height(NodeNumber n) const {
  return hosts_[n]->tree.height(hosts_[n]->node->chain().tip());
}

void World::say(const std::string& line) {
  if (trace) trace(time_text(now_) + ' ' + line);
}

// --- connections -------------------------------------------------

// The open connection between two nodes; its number.
std::uint32_t World::between(NodeNumber a, NodeNumber b) const {
  for (std::uint32_t i = 0; i < connections_.size(); ++i) {
    const Connection& c = connections_[i];
    const bool these = (c.node[0] == a && c.node[1] == b) || (c.node[0] == b && c.node[1] == a);
    if (these && (c.open[0] || c.open[1])) return i;
  }
  CHECK(false);  // the script names two nodes that are not connected
  return 0;
}

void World::link(NodeNumber a, NodeNumber b, Duration latency) {
  const auto number = static_cast<std::uint32_t>(connections_.size());
  connections_.push_back({{a, b}, {true, true}, latency});
  latency_ = latency;
  step(a, PeerUp{number, b});
  step(b, PeerUp{number, kNoAddress});
}

void World::unlink(NodeNumber a, NodeNumber b) {
  const std::uint32_t number = between(a, b);
  close(number, connections_[number].node[0] == a ? 0 : 1);
}

void World::close(std::uint32_t number, int end) {
  Connection& c = connections_[number];
  if (!c.open[end]) return;
  c.open[end] = false;
  come(c.latency, {Coming::closed, number, 1 - end, 0, ""});
  step(c.node[end], PeerDown{number});
}

void World::cut(const std::set<NodeNumber>& one, const std::set<NodeNumber>& other) {
  for (const NodeNumber a : one) {
    for (const NodeNumber b : other) {
      cut_.insert({a, b});
      cut_.insert({b, a});
    }
  }
}

void World::heal() {
  cut_.clear();
  for (Coming& what : held_) come({}, std::move(what));
  held_.clear();
}

void World::stop(NodeNumber n) {
  for (std::uint32_t i = 0; i < connections_.size(); ++i) {
    for (const int end : {0, 1}) {
      Connection& c = connections_[i];
      if (c.node[end] != n || !c.open[end]) continue;
      c.open[end] = false;
      come(c.latency, {Coming::closed, i, 1 - end, 0, ""});
    }
  }
  hosts_[n]->up = false;
}

// As from disk: the chain view is what it was, all else is new.
void World::start(NodeNumber n) {
  Host& host = *hosts_[n];
  CHECK(!host.up);
  host.up = true;
  ++host.lives;
  host.node = std::make_unique<Node>(host.tree, host.node->chain(), host.options());
}

// --- what nodes do -----------------------------------------------

void World::step(NodeNumber n, const Input& input) {
  if (!hosts_[n]->up) return;
  Effects effects;
  node(n).step(now_, input, effects);
  carry_out(n, effects);
}

void World::carry_out(NodeNumber n, const Effects& effects) {
  for (const Send& send : effects.sends()) {
    const Connection& c = connections_[send.to];
    transmit(send.to, c.node[0] == n ? 0 : 1, encode(send.message, hosts_[n]->tree, *hosts_[n]));
  }
  for (const Dial& wanted : effects.dials()) dial(n, wanted.address);
  for (const Drop& drop : effects.drops()) {
    close(drop.peer, connections_[drop.peer].node[0] == n ? 0 : 1);
  }
  if (effects.wake() != kNever) come(effects.wake() - now_, {Coming::wake, 0, 0, n, ""});
}

void World::mine(NodeNumber n) {
  const Block& block = book_.mine(tip(n), now_);
  step(n, Mined{hosts_[n]->intake.add_own(block)});
}

void World::send(NodeNumber a, NodeNumber b, const std::string& frame) {
  const std::uint32_t number = between(a, b);
  transmit(number, connections_[number].node[0] == a ? 0 : 1, frame);
}

void World::transmit(std::uint32_t number, int from_end, const std::string& frame) {
  const Connection& c = connections_[number];
  const auto message = decode(frame, CodecLimits{});
  if (message && *message) {
    FrameCount& count = sent[std::string(name_of((*message)->type))];
    ++count.frames;
    count.bytes += frame.size();
  }
  const auto lost = losses_.find({c.node[from_end], c.node[1 - from_end]});
  if (lost != losses_.end() && lost->second > 0) {
    --lost->second;
    return;
  }
  come(c.latency, {Coming::frame, number, 1 - from_end, 0, frame});
}

void World::dial(NodeNumber from, NodeNumber to) {
  say(std::to_string(from) + " dials " + std::to_string(to));
  const auto number = static_cast<std::uint32_t>(connections_.size());
  connections_.push_back({{from, to}, {false, false}, latency_});
  come(latency_, {Coming::dial, number, 1, 0, ""});
}

// --- what arrives ------------------------------------------------

void World::pop() {
  const auto first = queue_.begin();
  CHECK(first->first >= now_);
  now_ = first->first;
  const Coming what = std::move(first->second);
  queue_.erase(first);
  happen(what);
}

void World::run_until_quiet() {
  const auto under_way = [](const auto& entry) { return entry.second.what != Coming::wake; };
  while (std::any_of(queue_.begin(), queue_.end(), under_way)) pop();
}

void World::run_for(Duration duration) {
  const Time end = now_ + duration;
  while (!queue_.empty() && queue_.begin()->first <= end) pop();
  now_ = end;
}

void World::happen(const Coming& what) {
  if (what.what == Coming::wake) return step(what.node, Wake{});
  Connection& c = connections_[what.connection];
  const NodeNumber here = c.node[what.end];
  const NodeNumber there = c.node[1 - what.end];
  const bool failing = is_cut(there, here) || !hosts_[here]->up;
  switch (what.what) {
    case Coming::dial:
      if (failing) {
        const Duration wait = hosts_[here]->up ? kDialTimeout - c.latency : c.latency;
        return come(wait, {Coming::dial_failed, what.connection, 0, 0, ""});
      }
      come(c.latency, {Coming::accepted, what.connection, 0, 0, ""});
      c.open[1] = true;
      return step(here, PeerUp{what.connection, kNoAddress});
    case Coming::accepted:
      c.open[0] = true;
      return step(here, PeerUp{what.connection, there});
    case Coming::dial_failed:
      say(std::to_string(here) + " cannot reach " + std::to_string(there));
      return step(here, DialFailed{there});
    default:
      return arrive(what);
  }
}

// A frame, or the end of a connection.
void World::arrive(const Coming& what) {
  Connection& c = connections_[what.connection];
  const NodeNumber to = c.node[what.end];
  const NodeNumber from = c.node[1 - what.end];
  if (is_cut(from, to)) return held_.push_back(what);
  if (!c.open[what.end]) return;
  if (what.what == Coming::frame) return receive(what, from, to);
  say(arrow(from, to) + " closed");
  c.open[what.end] = false;
  step(to, PeerDown{what.connection});
}

void World::receive(const Coming& what, NodeNumber from, NodeNumber to) {
  const bool original = hosts_[to]->settings.protocol == ProtocolKind::push_chain;
  const auto read = decode(what.text, CodecLimits{.original_only = original});
  if (!read) {
    say(arrow(from, to) + " malformed: " + std::string(read.error().code));
    return close(what.connection, what.end);
  }
  if (!*read) return say(arrow(from, to) + " unknown, ignored");
  const WireMessage& wire = **read;
  Host& host = *hosts_[to];
  if (!node(to).hears(what.connection, wire.type)) return say(arrow(from, to) + ' ' + words(wire));
  const std::int64_t now_ms = kOriginMs + now_.ns / 1'000'000;
  Received received{what.connection,
                    host.intake.take(what.connection, wire, node(to).chain().tip(), now_ms),
                    kNoAddress};
  if (wire.type == MessageType::hello) received.listens = address_in(wire.texts.front());
  if (wire.type == MessageType::peers) {
    std::array<AddressId, kMaxPeersTold> all{};
    for (std::size_t i = 0; i < wire.texts.size(); ++i) all[i] = address_in(wire.texts[i]);
    received.message = peers(static_cast<std::uint8_t>(wire.texts.size()), all);
  }
  Effects effects;
  node(to).step(now_, received, effects);
  std::string verdict;
  for (const Refused& refusal : effects.refusals()) {
    const RefusalText& text = text_of(refusal.why);
    verdict = ": " + std::string(text.code);
    ++refused[std::string(name_of(wire.type)) + verdict + ", " + std::string(text.english)];
  }
  for (const Drop& drop : effects.drops()) verdict += " drop " + std::string(name_of(drop.why));
  say(arrow(from, to) + ' ' + words(wire) + verdict);
  carry_out(to, effects);
}

std::string World::words(const WireMessage& message) const {
  std::string text(name_of(message.type));
  const auto path = [&](const std::string& first, const std::string& last) {
    return text + ' ' + (first == last ? first : first + ".." + last);
  };
  if (!message.blocks.empty()) {
    return path(book_.name_of(message.blocks.front()), book_.name_of(message.blocks.back()));
  }
  if (!message.headers.empty()) {
    return path(book_.name_of(message.headers.front().hash),
                book_.name_of(message.headers.back().hash));
  }
  if (message.type == MessageType::get_blocks && message.number > 1) {
    text += " the last " + std::to_string(message.number) + " up to";
  }
  for (const Hash& hash : message.hashes) text += ' ' + book_.name_of(hash);
  for (const std::string& address : message.texts) text += ' ' + address;
  if (message.type == MessageType::reject) text += ' ' + std::string(name_of(message.offence));
  return text;
}

}  // namespace test
