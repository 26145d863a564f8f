#include "net-real/peer_sockets.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <map>
#include <utility>

#include "core/check.h"
#include "net-real/listener.h"
#include "net-real/peer_session.h"

namespace net {

using chain::AddressId;
using chain::PeerId;

struct PeerSockets::State : PeerSession::Owner {
  State(Loop& the_loop, const AddressRegistry& the_registry, Log& the_log,
        const SocketLimits& the_limits)
      : loop(the_loop),
        registry(the_registry),
        log(the_log),
        limits(the_limits),
        listener(the_loop, the_log) {}

  void accepted(Tcp::socket socket);
  std::shared_ptr<PeerSession> add(Tcp::socket socket, AddressId address);
  bool is_own(const PeerSession& session) const;
  void tell_end(PeerSession& session);

  std::string objection(const PeerSession& session) override;
  void opened(PeerSession& session) override;
  void received(PeerSession& session, std::string_view frame) override;
  void ended(PeerSession& session) override;

  Loop& loop;
  const AddressRegistry& registry;
  Log& log;
  const SocketLimits limits;
  Listener listener;
  LinkEvents* events = nullptr;
  std::map<PeerId, std::shared_ptr<PeerSession>> sessions;
  PeerId next_peer = 0;  // numbers are not used again
  bool stopping = false;
  std::function<void()> stopped;
};

// --- Connections come in -------------------------------------------------------------------------

void PeerSockets::State::accepted(Tcp::socket socket) {
  if (sessions.size() >= limits.max_peers) {
    log.warn("peer_turned_away", {{"why", "there are " + std::to_string(limits.max_peers)}});
    return;
  }
  add(std::move(socket), chain::kNoAddress)->accept();
}

std::shared_ptr<PeerSession> PeerSockets::State::add(Tcp::socket socket, AddressId address) {
  const PeerId peer = next_peer++;
  auto session = make_peer_session(*this, std::move(socket), peer, address, limits);
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

std::string PeerSockets::State::objection(const PeerSession& session) {
  if (is_own(session)) return "this is the node's own address";
  for (const auto& [peer, other] : sessions) {
    if (other.get() == &session || other->address() == chain::kNoAddress) continue;
    if (other->remote() == session.remote()) {
      return "connected already as " + registry.url(other->address()).text();
    }
  }
  return "";
}

void PeerSockets::State::opened(PeerSession& session) {
  const bool inbound = session.address() == chain::kNoAddress;
  log.info("peer_up", {{"peer", session.peer()},
                       {"remote", session.remote_text()},
                       {"address", inbound ? "inbound" : registry.url(session.address()).text()}});
  events->peer_up(session.peer(), session.address());
}

void PeerSockets::State::received(PeerSession& session, std::string_view frame) {
  events->received(session.peer(), frame);
}

void PeerSockets::State::ended(PeerSession& session) {
  if (sessions.erase(session.peer()) == 0) return;
  tell_end(session);
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
  const std::string url = registry.url(session.address()).text();
  log.info(session.is_refused() ? "address_refused" : "dial_failed",
           {{"address", url}, {"why", why}});
  if (session.is_refused()) return events->address_refused(session.address(), why);
  events->dial_failed(session.address(), why);
}

// --- For the host --------------------------------------------------------------------------------

PeerSockets::PeerSockets(Loop& loop, const AddressRegistry& registry, Log& log,
                         const SocketLimits& limits)
    : state_(std::make_unique<State>(loop, registry, log, limits)) {}

PeerSockets::~PeerSockets() = default;

Endpoint PeerSockets::listen(const Endpoint& where) {
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
  if (state.sessions.size() >= state.limits.max_peers) {
    return state.loop.post([&state, address] {
      state.events->dial_failed(address, "there are too many connections");
    });
  }
  state.add(Tcp::socket(state.loop.context()), address)->dial(state.registry.url(address));
}

std::vector<PeerFacts> PeerSockets::peers() const {
  std::vector<PeerFacts> facts;
  for (const auto& [peer, session] : state_->sessions) {
    if (!session->is_open()) continue;
    facts.push_back({peer, session->address(), session->remote_text(), session->since_ms()});
  }
  return facts;
}

}  // namespace net
