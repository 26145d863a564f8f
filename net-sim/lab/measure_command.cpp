#include "net-sim/lab/measure_command.h"

#include <chrono>

#include "net-sim/command.h"
#include "net-sim/expectation.h"
#include "net-sim/lab/measured_world.h"
#include "net-sim/lab/world_facts.h"
#include "net-sim/page.h"
#include "net-sim/tables.h"

namespace sim {
namespace {

class Listener final : public Observer {
 public:
  explicit Listener(const Simulator& simulator) : simulator_(simulator) {}
  void stepped(Time now, NodeIndex node, const chain::Input& input,
               const chain::Effects&) override {
    const auto* received = std::get_if<chain::Received>(&input);
    const bool is_unheard = received != nullptr && !chain::is_original(received->message.type) &&
                            simulator_.options(node).protocol == chain::ProtocolKind::push_chain;
    if (!is_unheard) book.note(now, node, input, simulator_.tree());
  }
  void stopped(Time, NodeIndex node) override { book.begin(node); }

  HeardBook book;

 private:
  const Simulator& simulator_;
};

chain::Result<Json> beside_simulation(const MeasuredWorld& world) {
  auto simulator = Simulator::create(world.scenario);
  if (!simulator) return chain::Error{world.scenario.file + ": " + simulator.error()};
  Listener listener(**simulator);
  (*simulator)->watch(listener);
  (*simulator)->run({});
  const BlockNames simulated = block_names(**simulator), real = block_names(world.view());
  return first_difference({listener.book, simulated}, {world.heard, real});
}

std::string difference_page(const Json& beside) {
  std::string page = "\nbeside the simulation\n  " + beside.at("differing").dump() + " of " +
                     beside.at("connections").dump() + " connections heard something else\n";
  const Json& first = beside.at("first");
  if (first.is_null()) return page;
  page += "  first at node " + first.at("node").dump() + ", connection " +
          first.at("connection").dump() + ", message " + first.at("message").dump() + "\n";
  for (const char* world : {"simulated", "real"}) {
    page += std::string("    ") + world + "\n";
    Json lines = first.at(world).at("before");
    lines.push_back(first.at(world).at("differs"));
    for (const Json& line : lines) {
      page += "      " +
              (line.is_null()
                   ? std::string("nothing more")
                   : line.at("at_seconds").dump() + " s  " + line.at("what").get<std::string>()) +
              "\n";
    }
  }
  return page;
}

}  // namespace

int measure_command(const MeasureOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const auto world = read_world(options.directory);
  if (!world) return fail(world.error());
  const RunView view = (*world)->view();
  const std::chrono::duration<double> read = std::chrono::steady_clock::now() - start;
  Json report = run_report(view, Ending::duration, {read.count(), peak_memory_bytes()});
  report["facts"] = world_facts(view);
  report["torn_bytes"] = (*world)->torn_bytes;
  const auto beside = beside_simulation(**world);
  if (!beside) return fail(beside.error());
  report["beside_simulation"] = *beside;
  int code = all_met(report) ? kAsExpected : kNotMet;
  if (!options.out.empty()) {
    const auto tables = write_tables(options.out, view, report, nullptr);
    if (!tables) {
      fail(tables.error());
      code = worse(code, kOutputFailed);
    }
  }
  const std::string text =
      options.json ? json_text(report) + "\n"
                   : run_page((*world)->scenario, report, false) + difference_page(*beside);
  return worse(code, print(text));
}

}  // namespace sim
