// Real connections behind shaped links: sockets on both sides of a carrier (carrier.h).
//
//   node a -- dials --> listener of (a, b) ==== carrier ==== shaper dials --> node b
//
// Each pair of nodes that may connect has a listener of its own, so that a dial tells who dials
// whom. What a node writes is read at once, whatever its link; so nodes never wait for a shaped
// link, and what is under way is held here. Bytes are never changed. The time from an arrival's
// instant to the return of its write is the shaper's error, which it keeps a book of.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "net-real/endpoint.h"
#include "net-real/log.h"
#include "net-real/shaper/agenda.h"
#include "net-real/shaper/carrier.h"

namespace net {

class Shaper final : private Carrier::Ends {
 public:
  // Bytes that wait to be written to one socket; more, and the connection is reset.
  static constexpr std::size_t kMostUnwritten = 64 << 20;

  Shaper(Loop& loop, Log& log);
  ~Shaper() override;

  Carrier& carrier() { return carrier_; }
  LoopAgenda& agenda() { return agenda_; }

  // Where `node` takes connections.
  void set_target(NodeNumber node, const Endpoint& where);
  // Where `from` is to dial `to`. Throws Failure if it cannot be listened on.
  Endpoint listen(NodeNumber from, NodeNumber to, const Endpoint& where);
  // Ends all connections between the two at once, at both ends.
  void reset(NodeNumber a, NodeNumber b);

  const LateBook& errors() const { return errors_; }
  const LateBook& beats() const { return agenda_.beats(); }
  std::uint64_t pieces() const { return pieces_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  struct End;
  struct Parts;

  void read(const std::shared_ptr<End>& end);
  void flush(const std::shared_ptr<End>& end);
  void gone(End& end);
  void hang_up(End& end, bool is_reset);
  std::shared_ptr<End> end_of(StreamNumber stream) const { return ends_[stream]; }

  void dialled(StreamNumber stream) override;
  void dial_failed(StreamNumber stream) override;
  void arrived(StreamNumber stream, Piece piece, chain::Time due) override;
  void ended(StreamNumber stream, chain::Time due) override;

  Loop& loop_;
  Log& log_;
  LoopAgenda agenda_;
  Carrier carrier_;
  std::unique_ptr<Parts> parts_;            // what Asio is needed for
  std::vector<std::shared_ptr<End>> ends_;  // by the stream that leaves them; null: gone
  LateBook errors_;
  std::uint64_t pieces_ = 0, bytes_ = 0;
};

}  // namespace net
