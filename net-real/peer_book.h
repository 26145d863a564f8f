// Peers that people ask for: the peers file, addPeers, addToPeer and what became of each.
//
// Between a URL and the node: spelling is checked, a number given, the node told to wish for the
// connection. A report waits for the outcome of the dials it began, but no longer than kReportWait,
// so that the answer says "connected" where that is the truth. One bad address stops no other.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "net-real/address_registry.h"
#include "net-real/host.h"
#include "net-real/http_call.h"

namespace net {

class PeerBook : public LinkEvents {
 public:
  static constexpr chain::Duration kReportWait = chain::seconds(1);
  static constexpr std::size_t kMaxFile = 1 << 20;  // bytes of a peers file

  using Answer = std::function<void(std::vector<PeerReport>)>;

  PeerBook(Loop& loop, AddressRegistry& registry, Log& log);

  // Where wishes go and events are handed on to. Once, before anything else.
  void serve(Host& host) { host_ = &host; }

  // Answers once, one report for each URL in their order.
  void add(const std::vector<std::string>& urls, Answer answer);
  // Answers nobody any more; what waits is answered as it stands.
  void stop();

  bool is_welcome(std::string_view ip) const override { return host_->is_welcome(ip); }
  // Keeps what is known of each address, then hands on to the host.
  void peer_up(chain::PeerId peer, chain::AddressId address) override;
  void peer_down(chain::PeerId peer) override;
  void dial_failed(chain::AddressId address, std::string_view reason) override;
  void dial_unneeded(chain::AddressId address, chain::PeerId connected,
                     std::string_view reason) override;
  void address_refused(chain::AddressId address, std::string_view reason) override;
  void received(chain::PeerId from, std::string_view frame) override;
  void oversized(chain::PeerId from) override;

 private:
  enum class State { idle, dialing, connected, unneeded, refused };
  struct Entry {
    State state = State::idle;
    std::string reason;  // of the last failure
  };
  struct Line {
    PeerReport report;
    chain::AddressId address = chain::kNoAddress;  // of a dial whose outcome is awaited
  };
  struct Pending {
    std::vector<Line> lines;
    Answer answer;
    chain::Time deadline;
  };

  Line begin(const std::string& url);
  // Whether all lines have their outcome; fills in those that have.
  bool settle(Pending& pending);
  void settle_all();
  void finish(Pending pending);
  // Notes the state of an address. One that no operator gave is remembered only while connected.
  void note(chain::AddressId address, State state, std::string_view reason);

  Loop& loop_;
  AddressRegistry& registry_;
  Log& log_;
  Host* host_ = nullptr;
  std::map<chain::AddressId, Entry> entries_;
  std::map<chain::PeerId, chain::AddressId> dialled_;
  std::list<Pending> pending_;
  Timer timer_;
};

// The text of a file, at most `most` bytes; the error is a line for people.
chain::Result<std::string> read_text_file(const std::string& path, std::size_t most);

// The URLs of a peers file.
chain::Result<std::vector<std::string>> read_peers_file(const std::string& path);

}  // namespace net
