#include "net-real/peer_sockets.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <map>
#include <utility>

#include "core/check.h"
#include "net-real/eviction.h"
#include "net-real/listener.h"
#include "net-real/peer_session.h"

namespace net {

using chain::AddressId;
using chain::PeerId;

struct PeerSockets::State : PeerSession::Owner {
  // A connection that came in and holds a place.
  struct Inbound {
    std::string customer;  // customer_of() its IP address
    EvictionCandidate candidate;
  };

  State(Loop& the_loop, const AddressRegistry& the_registry, const Tls& the_tls, Log& the_log,
        const SocketLimits& the_limits)
      : loop(the_loop),
        registry(the_registry),
        tls(the_tls),
        log(the_log),
        limits(the_limits),
        queues(std::make_shared<SendQueues>(the_limits.max_queues)),
        listener(the_loop, the_log),
        nonce(random_number()) {}

  void accepted(Tcp::socket socket);
  std::string objection_to(const std::string& ip) const;
  template <typename Is>
  std::size_t count_inbound(const Is& is) const;
  bool has_place() const;
  bool evict_one();
  std::size_t count_outbound() const;
  std::size_t count_dials() const;
  void dial_next();
  std::shared_ptr<PeerSession> add(Tcp::socket socket, AddressId address, bool secure);
  bool is_own(const PeerSession& session) const;
  bool is_same_node(const PeerSession& a, const PeerSession& b) const;
  bool stays(const PeerSession& session, const PeerSession& other) const;
  void tell_end(PeerSession& session);

  Verdict judge(const PeerSession& session) override;
  void opened(PeerSession& session) override;
  void received(PeerSession& session, std::string_view frame) override;
  void oversized(PeerSession& session) override { events->oversized(session.peer()); }
  bool make_room(const Frame& frame) override;
  void ended(PeerSession& session) override;

  Loop& loop;
  const AddressRegistry& registry;
  const Tls& tls;
  Log& log;
  const SocketLimits limits;
  const std::shared_ptr<SendQueues> queues;
  std::uint64_t slow_peers_cut = 0;
  Listener listener;
  bool listens_secure = false;
  LinkEvents* events = nullptr;
  const std::uint64_t nonce;  // of this node
  std::map<PeerId, std::shared_ptr<PeerSession>> sessions;
  std::map<PeerId, PeerId> same_node;   // of a session that is not kept: the one that is
  std::map<PeerId, Inbound> inbound;    // without those that were evicted
  std::deque<AddressId> waiting_dials;  // for one of max_dials to end
  PeerId next_peer = 0;                 // numbers are not used again
  bool stopping = false;
  std::function<void()> stopped;
};

// --- Connections come in -------------------------------------------------------------------------

void PeerSockets::State::accepted(Tcp::socket socket) {
  const auto remote = remote_of(socket);
  if (!remote) return;
  const std::string ip = remote->address().to_string();
  std::string why = objection_to(ip);
  if (why.empty() && !has_place() && !evict_one()) why = "there are too many connections";
  if (!why.empty()) {
    log.warn("peer_turned_away", {{"remote", ip}, {"why", why}});
    return;
  }
  const auto session = add(std::move(socket), chain::kNoAddress, listens_secure);
  inbound[session->peer()] = {
      customer_of(ip), {.peer = session->peer(), .subnet = subnet_of(ip), .connected = loop.now()}};
  session->accept();
}

// The connections that came in and are as `is` says.
template <typename Is>
std::size_t PeerSockets::State::count_inbound(const Is& is) const {
  return static_cast<std::size_t>(std::count_if(
      inbound.begin(), inbound.end(), [&is](const auto& entry) { return is(entry.second); }));
}

// Why no further connection from that IP address is accepted; "" if one is.
std::string PeerSockets::State::objection_to(const std::string& ip) const {
  if (!events->is_welcome(ip)) return "a node there broke the rules";
  if (is_localhost(ip)) return "";
  const auto is_there = [at = customer_of(ip)](const Inbound& i) { return i.customer == at; };
  const auto is_near = [at = subnet_of(ip)](const Inbound& i) { return i.candidate.subnet == at; };
  if (count_inbound(is_there) >= limits.max_per_ip) {
    return "there are too many connections from there";
  }
  if (count_inbound(is_near) >= limits.max_per_subnet) {
    return "there are too many connections from that subnet";
  }
  return "";
}

bool PeerSockets::State::has_place() const {
  return inbound.size() < limits.max_inbound &&
         inbound.size() + count_outbound() < limits.max_peers;
}

// Closes the peer that eviction.h chooses. False: it chooses none.
bool PeerSockets::State::evict_one() {
  std::vector<EvictionCandidate> table;
  for (auto& [peer, entry] : inbound) {
    entry.candidate.ping = sessions.at(peer)->round_trip();
    table.push_back(entry.candidate);
  }
  const PeerId chosen = choose_eviction(std::move(table), loop.now());
  if (chosen == chain::kNoPeer) return false;
  const auto session = sessions.at(chosen);
  inbound.erase(chosen);
  log.info("peer_evicted", {{"peer", chosen}, {"remote", session->remote_text()}});
  session->cut("its place went to another peer");
  return true;
}

std::shared_ptr<PeerSession> PeerSockets::State::add(Tcp::socket socket, AddressId address,
                                                     bool secure) {
  const PeerId peer = next_peer++;
  auto session = make_peer_session({*this, tls, limits, queues, nonce}, std::move(socket), peer,
                                   address, secure);
  sessions[peer] = session;
  return session;
}

// --- What sessions tell --------------------------------------------------------------------------

bool PeerSockets::State::is_own(const PeerSession& session) const {
  const auto listening = listener.local();
  if (!listening || session.remote().port() != listening->port()) return false;
  const auto remote = session.remote().address();
  if (remote == listening->address()) return true;
  // On all interfaces: a connection to oneself has one address at both ends, or loopback ones.
  return listening->address().is_unspecified() &&
         (remote == session.local().address() || remote.is_loopback());
}

// By the nonces where both have one; else two dials that ended at one place. Nonces count only
// together with the IP address: any peer knows ours and could pass for us to another.
bool PeerSockets::State::is_same_node(const PeerSession& a, const PeerSession& b) const {
  if (a.nonce() || b.nonce()) {
    return a.nonce() == b.nonce() && a.remote().address() == b.remote().address();
  }
  const bool both_dialled = a.address() != chain::kNoAddress && b.address() != chain::kNoAddress;
  return both_dialled && a.remote() == b.remote();
}

// Of two connections between a pair the one that the node with the lower nonce dialled stays, of
// two that one node dialled the older; so both ends choose alike.
bool PeerSockets::State::stays(const PeerSession& session, const PeerSession& other) const {
  const auto dialler = [this](const PeerSession& s) {
    return s.address() != chain::kNoAddress ? nonce : s.nonce().value_or(nonce);
  };
  return dialler(session) < dialler(other);
}

Verdict PeerSockets::State::judge(const PeerSession& session) {
  if (session.nonce() == nonce || (session.address() != chain::kNoAddress && is_own(session))) {
    return Verdict::own_address;
  }
  for (const auto& [peer, other] : sessions) {
    if (other.get() == &session || !other->is_open() || !is_same_node(session, *other)) continue;
    if (!stays(session, *other)) {
      same_node[session.peer()] = peer;
      return Verdict::connected_already;
    }
    other->close(CloseWhy::normal, "one connection a pair");
  }
  return Verdict::keep;
}

void PeerSockets::State::opened(PeerSession& session) {
  const bool came_in = session.address() == chain::kNoAddress;
  log.info("peer_up", {{"peer", session.peer()},
                       {"remote", session.remote_text()},
                       {"address", came_in ? "inbound" : registry.url(session.address()).text()}});
  events->peer_up(session.peer(), session.address());
  dial_next();
}

void PeerSockets::State::received(PeerSession& session, std::string_view frame) {
  if (const auto found = inbound.find(session.peer()); found != inbound.end()) {
    found->second.candidate.last_frame = loop.now();
  }
  events->received(session.peer(), frame);
}

bool PeerSockets::State::make_room(const Frame& frame) {
  while (!queues->fits(frame)) {
    PeerSession* slowest = nullptr;
    for (const auto& [peer, session] : sessions) {
      if (session->queue().empty()) continue;
      const bool slower =
          slowest == nullptr || session->queue().front_since() < slowest->queue().front_since();
      if (slower) slowest = session.get();
    }
    if (slowest == nullptr) return false;
    ++slow_peers_cut;
    slowest->cut("it does not take what is sent: more than " + std::to_string(limits.max_queues) +
                 " bytes wait for all peers");
  }
  return true;
}

void PeerSockets::State::ended(PeerSession& session) {
  inbound.erase(session.peer());
  if (sessions.erase(session.peer()) == 0) return;
  tell_end(session);
  same_node.erase(session.peer());
  dial_next();
  if (stopping && sessions.empty() && stopped) std::exchange(stopped, nullptr)();
}

void PeerSockets::State::tell_end(PeerSession& session) {
  const std::string& why = session.end_reason();
  if (session.since_ms() != 0) {
    log.info("peer_down", {{"peer", session.peer()}, {"why", why}});
    return events->peer_down(session.peer());
  }
  if (session.address() == chain::kNoAddress) {
    log.info("handshake_failed", {{"remote", session.remote_text()}, {"why", why}});
    return;
  }
  const AddressId address = session.address();
  const auto tell = [&](std::string_view event) {
    log.info(event, {{"address", registry.url(address).text()}, {"why", why}});
  };
  switch (session.verdict()) {
    case Verdict::keep:
      tell("dial_failed");
      return events->dial_failed(address, why);
    case Verdict::connected_already:
      tell("dial_unneeded");
      return events->dial_unneeded(address, same_node[session.peer()], why);
    case Verdict::own_address:
      tell("address_refused");
      return events->address_refused(address, why);
  }
}

std::size_t PeerSockets::State::count_outbound() const {
  return static_cast<std::size_t>(std::count_if(
      sessions.begin(), sessions.end(),
      [](const auto& entry) { return entry.second->address() != chain::kNoAddress; }));
}

std::size_t PeerSockets::State::count_dials() const {
  return static_cast<std::size_t>(
      std::count_if(sessions.begin(), sessions.end(), [](const auto& entry) {
        return entry.second->address() != chain::kNoAddress && entry.second->since_ms() == 0;
      }));
}

void PeerSockets::State::dial_next() {
  while (!stopping && !waiting_dials.empty() && count_dials() < limits.max_dials) {
    const AddressId address = waiting_dials.front();
    waiting_dials.pop_front();
    if (sessions.size() >= limits.max_peers) {
      loop.post(
          [this, address] { events->dial_failed(address, "there are too many connections"); });
      continue;
    }
    const PeerUrl& url = registry.url(address);
    add(Tcp::socket(loop.context()), address, url.is_secure)->dial(url);
  }
}

// --- For the host --------------------------------------------------------------------------------

PeerSockets::PeerSockets(Loop& loop, const AddressRegistry& registry, const Tls& tls, Log& log,
                         const SocketLimits& limits)
    : state_(std::make_unique<State>(loop, registry, tls, log, limits)) {}

PeerSockets::~PeerSockets() = default;

Endpoint PeerSockets::listen(const Endpoint& where, bool is_secure) {
  state_->listens_secure = is_secure;
  return state_->listener.listen("--p2p", where);
}

void PeerSockets::serve(LinkEvents& events) {
  state_->events = &events;
  state_->listener.accept(
      [state = state_.get()](Tcp::socket socket) { state->accepted(std::move(socket)); });
}

void PeerSockets::stop(std::function<void()> done) {
  State& state = *state_;
  state.stopping = true;
  state.stopped = std::move(done);
  state.listener.close();
  if (state.sessions.empty()) {
    return state.loop.post([&state] { std::exchange(state.stopped, nullptr)(); });
  }
  for (const auto& entry : state.sessions) {
    entry.second->close(CloseWhy::going_away, "the node stops");
  }
}

void PeerSockets::send(PeerId to, const Frame& frame) {
  const auto found = state_->sessions.find(to);
  if (found != state_->sessions.end()) found->second->send(frame);
}

void PeerSockets::close(PeerId peer, CloseWhy why, std::string_view reason) {
  const auto found = state_->sessions.find(peer);
  if (found != state_->sessions.end()) found->second->close(why, reason);
}

void PeerSockets::dial(AddressId address) {
  State& state = *state_;
  if (state.stopping) return;
  for (const auto& entry : state.sessions) {
    if (entry.second->address() == address) return;
  }
  auto& waiting = state.waiting_dials;
  if (std::find(waiting.begin(), waiting.end(), address) != waiting.end()) return;
  waiting.push_back(address);
  state.dial_next();
}

SendStats PeerSockets::send_stats() const {
  return {state_->queues->bytes(), state_->slow_peers_cut};
}

void PeerSockets::charge(PeerId peer, std::uint64_t work) {
  const auto found = state_->sessions.find(peer);
  if (found != state_->sessions.end()) found->second->charge(work);
}

void PeerSockets::sent_blocks(PeerId peer, bool useful) {
  const auto found = state_->inbound.find(peer);
  if (found == state_->inbound.end()) return;
  EvictionCandidate& candidate = found->second.candidate;
  candidate.sent_blocks = true;
  if (useful) candidate.useful_block = state_->loop.now();
}

std::string PeerSockets::remote_ip(PeerId peer) const {
  const auto found = state_->sessions.find(peer);
  return found == state_->sessions.end() ? "" : found->second->remote().address().to_string();
}

std::vector<PeerFacts> PeerSockets::peers() const {
  std::vector<PeerFacts> facts;
  for (const auto& [peer, session] : state_->sessions) {
    if (!session->is_open()) continue;
    facts.push_back({peer, session->address(), session->remote_text(), session->since_ms(),
                     session->round_trip()});
  }
  return facts;
}

}  // namespace net
