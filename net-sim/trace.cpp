#include "net-sim/trace.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "net-sim/output_file.h"
#include "net-sim/report.h"
#include "net-sim/scenario_keys.h"
#include "net-sim/scenario_writer.h"
#include "net-sim/step_words.h"

namespace sim {
namespace {

constexpr int kNetwork = 1, kTimetable = 2;  // processes, as Perfetto groups tracks

class Trace {
 public:
  Trace(const Simulator& simulator, const ViewRecords& records)
      : simulator_(simulator),
        records_(records),
        tree_(simulator.tree()),
        end_(std::min(simulator.now(), records.until)) {}

  std::string text();

 private:
  // The tip of a node since when; kNever while it is not there.
  struct Open {
    Time since;
    chain::BlockId tip = 0;
  };

  std::ostream& event(const char* phase, int process, std::uint64_t track, Time at);
  void name_tracks();
  void add_tips();
  void close_span(NodeIndex node, Time at);
  void add_messages();
  void arrow(const Travel& travel, Time at);
  void add_timetable();
  std::string block_text(chain::BlockId block) const;
  static std::string microseconds_text(std::int64_t nanoseconds);

  const Simulator& simulator_;
  const ViewRecords& records_;
  const chain::BlockTree& tree_;
  const Time end_;
  std::vector<Open> open_;
  std::ostringstream out_;
  std::uint64_t arrows_ = 0;
  bool first_ = true;
};

std::string Trace::microseconds_text(std::int64_t nanoseconds) {
  char text[40];
  std::snprintf(text, sizeof text, "%lld.%03lld", static_cast<long long>(nanoseconds / 1'000),
                static_cast<long long>(nanoseconds % 1'000));
  return text;
}

std::string Trace::block_text(chain::BlockId block) const {
  return std::to_string(tree_.height(block)) + " " + short_name(tree_, block);
}

// Opened here, to be closed by the caller.
std::ostream& Trace::event(const char* phase, int process, std::uint64_t track, Time at) {
  out_ << (first_ ? "\n" : ",\n") << "{\"ph\":\"" << phase << "\",\"pid\":" << process
       << ",\"tid\":" << track << ",\"ts\":" << microseconds_text((at - chain::kTimeZero).ns);
  first_ = false;
  return out_;
}

void Trace::name_tracks() {
  const auto name = [&](const char* what, int process, std::uint64_t track,
                        const std::string& text) {
    event("M", process, track, chain::kTimeZero)
        << ",\"name\":\"" << what << "\",\"args\":{\"name\":" << json_text(text) << "}}";
  };
  name("process_name", kNetwork, 0, simulator_.scenario().name);
  name("process_name", kTimetable, 0, "events of the scenario");
  for (NodeIndex node = 0; node < simulator_.scenario().network.nodes; node += records_.stride) {
    const Adversary* adversary = simulator_.adversary(node);
    name("thread_name", kNetwork, node,
         "node " + std::to_string(node) + (adversary == nullptr ? "" : ", not honest"));
  }
}

void Trace::close_span(NodeIndex node, Time at) {
  Open& open = open_[node];
  if (open.since == chain::kNever) return;
  event("X", kNetwork, node, open.since)
      << ",\"dur\":" << microseconds_text((at - open.since).ns) << ",\"cat\":\"tip\",\"name\":\""
      << block_text(open.tip) << "\"}";
  open.since = chain::kNever;
}

// Tips and lives together, by time.
void Trace::add_tips() {
  open_.resize(simulator_.scenario().network.nodes);
  std::vector<bool> known(open_.size());
  for (const ViewLife& life : records_.lives) {
    if (!known[life.node] && life.up) open_[life.node].since = chain::kNever;  // comes later
    known[life.node] = true;
  }
  auto life = records_.lives.begin();
  const auto live_until = [&](Time at) {
    for (; life != records_.lives.end() && life->at <= at; ++life) {
      close_span(life->node, life->at);
      if (life->up) open_[life->node].since = life->at;
    }
  };
  for (const ViewTip& tip : records_.tips) {
    live_until(tip.at);
    close_span(tip.node, tip.at);
    open_[tip.node] = {tip.at, tip.to};
  }
  live_until(end_);
  for (NodeIndex node = 0; node < open_.size(); node += records_.stride) close_span(node, end_);
  for (const ViewReorg& reorg : records_.reorgs) {
    if (!records_.shows(reorg.tip.node)) continue;
    event("i", kNetwork, reorg.tip.node, reorg.tip.at)
        << ",\"s\":\"t\",\"cat\":\"reorg\",\"name\":\"gives up " << reorg.depth << "\"}";
  }
  for (const FoundBlock& found : simulator_.metrics().found()) {
    if (!records_.shows(found.finder) || found.found > end_) continue;
    event("i", kNetwork, found.finder, found.found)
        << ",\"s\":\"t\",\"cat\":\"found\",\"name\":\"finds " << block_text(found.block) << "\"}";
  }
}

void Trace::arrow(const Travel& travel, Time at) {
  if (at == chain::kNever || at > end_ || !records_.shows(travel.from)) return;
  const std::string rest = ",\"cat\":\"message\",\"name\":\"" +
                           std::string(chain::name_of(travel.type)) +
                           "\",\"id\":" + std::to_string(++arrows_);
  event("s", kNetwork, travel.from, travel.sent) << rest << "}";
  event("f", kNetwork, travel.to, at) << rest << ",\"bp\":\"e\"}";
}

void Trace::add_messages() {
  for (const ViewTip& tip : records_.tips) {
    if (tip.cause == ViewTip::Cause::message) arrow(tip.travel, tip.at);
  }
  for (const Travel& travel : records_.messages) arrow(travel, travel.arrived);
}

void Trace::add_timetable() {
  const std::vector<Event>& events = simulator_.scenario().events;
  for (const ViewHappening& happening : records_.happenings) {
    if (happening.firing.event >= events.size()) continue;
    const Event& what = events[happening.firing.event];
    const std::string word = name_of(what.action);
    const std::string text = word + ": " + yaml_flow(event_codec().write(what).at(word));
    event("i", kTimetable, 1, happening.firing.at)
        << ",\"s\":\"p\",\"name\":" << json_text(happening.firing.undo ? "end of " + text : text)
        << "}";
  }
}

std::string Trace::text() {
  Json other = {{"scenario", simulator_.scenario().name},
                {"seed", simulator_.scenario().seed.run},
                {"digest", chain::hex16(simulator_.digest())},
                {"nodes", simulator_.scenario().network.nodes},
                {"every_nth_node_shown", records_.stride},
                {"messages_sent", records_.messages_sent},
                {"ends_at_seconds", (end_ - chain::kTimeZero).seconds()}};
  out_ << "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[";
  name_tracks();
  add_tips();
  add_messages();
  add_timetable();
  other["messages_shown"] = arrows_;
  out_ << "\n],\"otherData\":" << json_text(other) << "}\n";
  return out_.str();
}

}  // namespace

chain::Result<std::filesystem::path> write_trace(const std::filesystem::path& file,
                                                 const Simulator& simulator,
                                                 const ViewRecords& records) {
  if (!write_file(file, Trace(simulator, records).text())) {
    return chain::Error("cannot write " + file.string());
  }
  return file;
}

}  // namespace sim
