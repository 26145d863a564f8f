#include "tests/support/cable.h"

#include "core/check.h"

namespace test {

using sim::EventKind;

std::vector<sim::StreamId> Cable::full_mesh() {
  std::vector<sim::StreamId> streams;
  for (sim::NodeIndex a = 0; a < nodes_; ++a) {
    for (sim::NodeIndex b = a + 1; b < nodes_; ++b) {
      streams.push_back(links.connect(a, b));
      streams.push_back(streams.back() ^ 1);
    }
  }
  return streams;
}

bool Cable::send(sim::StreamId stream, std::uint64_t bytes) {
  const bool sent = links.send(stream, chain::latest_block(sent_[stream]), bytes, now_);
  if (sent) ++sent_[stream];
  return sent;
}

void Cable::cut(std::uint64_t key, const std::vector<std::uint32_t>& groups, bool one_way) {
  links.add_cut(key, {groups, one_way});
}

void Cable::change(std::uint64_t key, sim::NodeIndex a, sim::NodeIndex b,
                   const sim::LinkChange& change) {
  sim::LinkRule rule{std::vector<std::uint8_t>(nodes_), change};
  rule.set[a] |= 1;
  rule.set[b] |= 2;
  links.add_rule(key, std::move(rule));
}

// What is planned for an instant comes before what arrives at it.
void Cable::run() {
  while (!plan_.empty() || !queue_.empty()) {
    if (!plan_.empty() && (queue_.empty() || plan_.begin()->first <= queue_.next_time())) {
      const auto action = std::move(plan_.begin()->second);
      now_ = plan_.begin()->first;
      plan_.erase(plan_.begin());
      action();
      continue;
    }
    const sim::Pending event = queue_.pop();
    now_ = event.at;
    handle(event);
  }
}

void Cable::handle(const sim::Pending& event) {
  switch (event.kind) {
    case EventKind::deliver:
      if (links.arrives(event)) arrivals.push_back({now_, event.target, event.message.last});
      return;
    case EventKind::first_byte:
      return links.on_first_byte(event);
    case EventKind::fin:
      if (!links.arrives(event)) return;
      closed.emplace_back(now_, event.target);
      return links.close_end(event.target ^ 1);
    case EventKind::retransmit:
      return links.on_retransmit(event);
    case EventKind::tcp_timeout:
      if (!links.times_out(event)) return;
      timed_out.emplace_back(now_, event.target);
      return links.close_end(event.target);
    default:
      CHECK(false);  // there are no nodes here for the other kinds
  }
}

}  // namespace test
