// GET /events: what a node is doing, for those who watch, as server-sent events.
//
//   event: status
//   data: {...}          what GET /status answers: at once, at every tip, and once a second
//
// Every event is the whole of it, so that who misses some misses nothing. A watcher that does not
// keep up is told less often, and costs the memory of one event. While nobody is ready to be
// told nothing is made.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net-real/http_call.h"
#include "net-real/loop.h"

namespace net {

class EventFeed {
 public:
  static constexpr std::size_t kMaxWatchers = 32;
  static constexpr chain::Duration kPause = chain::seconds(1);

  // `status`: the JSON of an event, in one line.
  EventFeed(Loop& loop, std::function<std::string()> status);

  // An answer that goes on, or the refusal of one more.
  HttpResponse watch();
  // Something happened that nobody should wait a second for.
  void tell();
  // Ends all that is being watched.
  void stop();

 private:
  Loop& loop_;
  const std::function<std::string()> status_;
  std::vector<std::shared_ptr<TextStream>> watchers_;
  Timer timer_;
};

}  // namespace net
