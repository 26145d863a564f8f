#include "net-real/event_feed.h"

#include <algorithm>
#include <utility>

namespace net {

EventFeed::EventFeed(Loop& loop, std::function<std::string()> status)
    : loop_(loop), status_(std::move(status)), timer_(loop, [this] { tell(); }) {}

HttpResponse EventFeed::watch() {
  std::erase_if(watchers_, [](const auto& watcher) { return !watcher->is_open(); });
  if (watchers_.size() >= kMaxWatchers) {
    return error_response(503, "too_many_watchers",
                          std::to_string(kMaxWatchers) + " watch already");
  }
  const auto stream = std::make_shared<TextStream>([this] { tell(); });
  watchers_.push_back(stream);
  return {200, "", "", "text/event-stream; charset=utf-8", stream};
}

void EventFeed::tell() {
  std::erase_if(watchers_, [](const auto& watcher) { return !watcher->is_open(); });
  if (watchers_.empty()) return;
  timer_.set(loop_.now() + kPause);
  const auto is_ready = [](const auto& watcher) { return watcher->is_ready(); };
  if (std::none_of(watchers_.begin(), watchers_.end(), is_ready)) return;
  const std::string event = "event: status\ndata: " + status_() + "\n\n";
  for (const auto& watcher : watchers_) {
    if (watcher->is_ready()) watcher->write(event);
  }
}

void EventFeed::stop() {
  for (const auto& watcher : std::exchange(watchers_, {})) watcher->end();
}

}  // namespace net
