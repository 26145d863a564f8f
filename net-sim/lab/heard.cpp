#include "net-sim/lab/heard.h"

#include <algorithm>

namespace sim {
namespace {

constexpr std::size_t kContext = 3;  // messages shown before a difference

bool has_count(chain::MessageType type) {
  return type == chain::MessageType::headers || type == chain::MessageType::get_blocks ||
         type == chain::MessageType::blocks;
}

std::string words(const HeardBook::Heard& heard, const BlockNames& names) {
  return heard.what + (heard.hash ? " " + names.of(*heard.hash) : "");
}

using Messages = std::vector<HeardBook::Heard>;

const Messages& stream_at(const HeardBook& book, const HeardBook::Place& place) {
  static const Messages kNothing;
  const auto found = book.all().find(place);
  return found == book.all().end() ? kNothing : found->second;
}

Json side(const Messages& stream, std::size_t at, const BlockNames& names) {
  const auto shown = [&](const HeardBook::Heard& heard) {
    return Json{{"at_seconds", heard.at.seconds()}, {"what", words(heard, names)}};
  };
  Json before = Json::array();
  for (std::size_t i = at - std::min(at, kContext); i < at; ++i) before.push_back(shown(stream[i]));
  return {{"before", before}, {"differs", at < stream.size() ? shown(stream[at]) : Json(nullptr)}};
}

}  // namespace

void BlockNames::found(NodeIndex finder, const chain::Hash& hash) {
  names_.emplace(hash, std::to_string(finder) + "." + std::to_string(++found_[finder]));
}

std::string BlockNames::of(const chain::Hash& hash) const {
  const auto name = names_.find(hash);
  return name == names_.end() ? "genesis" : name->second;
}

void HeardBook::note(Time at, NodeIndex node, const chain::Input& input,
                     const chain::BlockTree& tree) {
  auto& peers = peers_[node];
  if (const auto* up = std::get_if<chain::PeerUp>(&input)) {
    peers[up->peer] = {++opened_[node], false};
    heard_[{node, opened_[node]}].push_back({at, "opens", {}});
  } else if (const auto* down = std::get_if<chain::PeerDown>(&input)) {
    heard_[{node, peers[down->peer].connection}].push_back({at, "ends", {}});
  } else if (const auto* mined = std::get_if<chain::Mined>(&input)) {
    heard_[{node, 0}].push_back({at, "finds", tree.hash(mined->block)});
  } else if (const auto* received = std::get_if<chain::Received>(&input)) {
    const chain::Message& message = received->message;
    Peer& peer = peers[received->from];
    if (message.type == chain::MessageType::hello) peer.has_said_hello = true;
    if (peer.has_said_hello && chain::is_original(message.type)) return;
    Heard heard{at, std::string(chain::name_of(message.type)), {}};
    if (has_count(message.type)) heard.what += " " + std::to_string(message.count());
    const bool is_named = chain::names_block(message) && message.last != chain::kNoBlock;
    const bool is_told = chain::is_staged(message.last) && message.last != chain::kNoBlock &&
                         !chain::is_original(message.type) && tree.names_given() > 0;
    if (is_named || is_told) heard.hash = tree.hash(message.last);
    heard_[{node, peer.connection}].push_back(std::move(heard));
  }
}

Json first_difference(const HeardWorld& simulated, const HeardWorld& real) {
  std::set<HeardBook::Place> places;
  for (const HeardWorld* world : {&simulated, &real}) {
    for (const auto& [place, stream] : world->book.all()) places.insert(place);
  }
  std::size_t differing = 0;
  Time earliest = chain::kNever;
  Json first = nullptr;
  for (const HeardBook::Place& place : places) {
    const Messages& a = stream_at(simulated.book, place);
    const Messages& b = stream_at(real.book, place);
    std::size_t i = 0;
    while (i < a.size() && i < b.size() &&
           words(a[i], simulated.names) == words(b[i], real.names)) {
      ++i;
    }
    if (i == a.size() && i == b.size()) continue;
    ++differing;
    const Time at =
        std::min(i < a.size() ? a[i].at : chain::kNever, i < b.size() ? b[i].at : chain::kNever);
    if (at >= earliest) continue;
    earliest = at;
    first = {{"node", place.node},
             {"connection", place.connection},
             {"message", i + 1},
             {"simulated", side(a, i, simulated.names)},
             {"real", side(b, i, real.names)}};
  }
  return {{"connections", places.size()}, {"differing", differing}, {"first", first}};
}

}  // namespace sim
