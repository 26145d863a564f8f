// The first messages of a run, one by one, for a diagram of who says what to whom.
//
// Sums hide how a protocol works; its first messages show it. An observer, attached where tables
// are written, that costs next to nothing once it has enough. Each stream delivers in its order, so
// an arrival is the first of its kind that is still under way there; what never arrives, lost or
// under way at the end, has no time of arrival. What a frame's own limit held back was never sent.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net-sim/observer.h"
#include "net-sim/simulator.h"

namespace sim {

inline constexpr std::size_t kFirstMessages = 200;  // more than anybody looks at

class FirstMessages final : public Observer {
 public:
  // Of `simulator`, which outlives it, only what is public.
  explicit FirstMessages(const Simulator& simulator) : simulator_(simulator) {}

  void sent(chain::Time now, StreamId stream, const chain::Message& message, std::uint64_t bytes,
            bool over_limit) override;
  void delivered(chain::Time now, StreamId stream, const chain::Message& message) override;

  // sent_s,received_s,from,to,type,block,height: a line each, in the order of sending. `block`: the
  // hash of the newest block that it tells of, or of the tip that it asks beyond; empty, as is
  // `height`, where there is none or where the block is no valid one.
  std::string csv() const;

 private:
  struct Sent {
    chain::Time at;
    std::optional<chain::Time> received;
    StreamId stream;
    chain::Message message;
  };

  const Simulator& simulator_;
  std::vector<Sent> messages_;
  std::size_t under_way_ = 0;
};

}  // namespace sim
