// Which block is mined next: what people asked for, one at a time in their order, and with --mine
// blocks of the node's own whenever nobody asks.
//
// A job starts again whenever the tip moves. A block that is found too late nevertheless is tried
// once more, then given up. Blocks of one's own wait between one and another: the clones' chains
// often have difficulty 0, and a node that mines as fast as it can would flood its network. The
// pause is drawn anew each time, from half to one and a half of --mine-interval, so that nodes
// started together do not find their blocks together.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "core/random.h"
#include "net-real/host.h"
#include "net-real/miner.h"

namespace net {

enum class MineEnd { mined, timeout, stale, no_space, queue_full, learning, stopping };

struct MineResult {
  MineEnd end;
  std::string block_json = {};                    // of the block that was mined
  chain::Refusal refusal = chain::Refusal::none;  // stale: why the block does not extend the tip
};

struct MineOptions {
  unsigned threads = 1;
  chain::Duration timeout = chain::seconds(60);  // for a request, the queue included
  bool continuous = false;
  chain::Duration interval = chain::seconds(10);  // mean, between blocks of one's own
};

class MineQueue {
 public:
  static constexpr std::size_t kMaxWaiting = 64;  // requests

  using Answer = std::function<void(const MineResult& result)>;

  MineQueue(Loop& loop, Host& host, Log& log, const MineOptions& options);

  // Answers once, from the loop or from within this call. The block is durable by then.
  void mine(chain::Texts data, Answer answer);
  // A block that an oracle says was found here: filled up to `block_bytes` of JSON text, with the
  // nonce that tells it from others.  REQUIRES: the network's seal is simulated.
  void mine_drawn(std::uint64_t block_bytes, std::int64_t nonce, Answer answer);
  std::size_t waiting() const { return waiting_.size(); }  // behind the one that is mined
  bool is_mining() const { return current_.has_value(); }
  std::uint64_t hashes() const { return miner_.hashes(); }  // tried since the start
  // The host's tip is another, or there is one now.
  void tip_moved();
  // Answers all who wait, and mines no more.
  void stop();

 private:
  struct Request {
    chain::Texts data;
    Answer answer;  // empty: a block of one's own
    chain::Time deadline;
    std::optional<std::uint64_t> block_bytes = {};  // drawn: `data` is made for the header
    std::int64_t nonce = 1;                         // where no work is asked for
    int late = 0;                                   // how often it was found too late
  };

  void enqueue(Request request);
  void start_next();
  void start_job();
  void found(std::uint64_t job, const chain::Header& header);
  void pause_before_own();
  void own_is_due();
  void expire();
  void arm();

  Loop& loop_;
  Host& host_;
  Log& log_;
  MineOptions options_;
  chain::Random random_;
  std::deque<Request> waiting_;
  std::optional<Request> current_;
  std::uint64_t job_ = 0;  // of current_; what is found for another is out of date
  bool own_due_ = false;
  bool stopped_ = false;
  Timer own_timer_;
  Timer deadline_timer_;
  Miner miner_;  // last: its threads end before what they report to
};

}  // namespace net
