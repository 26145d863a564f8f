// Links without nodes: messages with numbers go in, arrivals come out.
//
// Drives sim::Links as the simulator does, and nothing else: no protocol answers, so a test says
// itself what is sent and when. Messages of a stream are numbered from 0 in the order of sending.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "net-sim/link.h"

namespace test {

class Cable {
 public:
  struct Arrival {
    chain::Time at;
    sim::StreamId stream;
    std::uint32_t number;
    bool operator==(const Arrival&) const = default;
  };

  // REQUIRES: `scenario` outlives the cable.
  Cable(const sim::Scenario& scenario, const std::vector<sim::Links::Rates>& rates)
      : links(scenario, rates, queue_), nodes_(rates.size()) {}

  // Links all nodes to each other; every stream, both directions.
  std::vector<sim::StreamId> full_mesh();
  // False if it was too large, and has no number.
  bool send(sim::StreamId stream, std::uint64_t bytes);
  void at(chain::Time when, std::function<void()> action) {
    plan_.emplace(when, std::move(action));
  }
  // Until nothing is left to happen.
  void run();

  chain::Time now() const { return now_; }
  // Every node in one group each of `groups`; one_way: only what group 0 sends is lost.
  void cut(std::uint64_t key, const std::vector<std::uint32_t>& groups, bool one_way = false);
  // Changes what lies between nodes `a` and `b`.
  void change(std::uint64_t key, sim::NodeIndex a, sim::NodeIndex b, const sim::LinkChange& change);

 private:
  sim::EventQueue<sim::Pending> queue_;
  std::multimap<chain::Time, std::function<void()>> plan_;
  std::map<sim::StreamId, std::uint32_t> sent_;
  chain::Time now_{};

  void handle(const sim::Pending& event);

 public:
  sim::Links links;
  std::vector<Arrival> arrivals;
  std::vector<std::pair<chain::Time, sim::StreamId>> timed_out, closed;

 private:
  std::size_t nodes_;
};

}  // namespace test
