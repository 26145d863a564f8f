#include "net-sim/page.h"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace sim {
namespace {

constexpr std::size_t kMostMiners = 12;      // rows; more are left to the JSON
constexpr std::size_t kMostOccurrences = 4;  // of an event, a row each; more share one

std::string number(double value, const char* format = "%.4g") {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string count(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string bytes(double value) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (; value >= 1000 && unit < 4; ++unit) value /= 1000;
  return number(value, unit == 0 ? "%.0f" : "%.2f") + ' ' + kUnits[unit];
}

std::string seconds(const Json& value) {
  if (value.is_null()) return "never";
  const double s = value.get<double>();
  if (s == 0) return "0 s";
  if (s < 1) return number(s * 1000, "%.1f") + " ms";
  if (s < 120) return number(s, "%.2f") + " s";
  if (s < 7200) return number(s / 60, "%.1f") + " min";
  return number(s / 3600, "%.1f") + " h";
}

std::string percent(const Json& value) {
  return value.is_null() ? "none" : number(value.get<double>() * 100, "%.2f") + " %";
}

std::string row(const std::string& name, const std::string& value, const std::string& note = "") {
  std::string line = "  " + name;
  line.resize(std::max<std::size_t>(line.size() + 1, 26), ' ');
  line += value;
  if (!note.empty()) {
    line.resize(std::max<std::size_t>(line.size() + 2, 46), ' ');
    line += note;
  }
  return line + "\n";
}

std::string heading(const Scenario& scenario, const Json& report) {
  std::string text = scenario.name + ": " + scenario.question + "\n\n";
  text += row("network", count(report["nodes"].get<std::uint64_t>()) + " nodes",
              count(report["links"].get<std::uint64_t>()) + " links at the start");
  text +=
      row("simulated", seconds(report["simulated_seconds"]),
          "seed " + report["seed"].dump() + ", ended by " + report["ended_by"].get<std::string>());
  text += row("digest", report["digest"].get<std::string>(),
              "the same for this scenario and seed on any machine");
  return text;
}

std::string expectations(const Json& report, bool colour) {
  if (report["expectations"].empty()) return "";
  std::string text = "\nexpected\n";
  for (const Json& entry : report["expectations"]) {
    const bool met = entry["verdict"] == "met";
    std::string verdict = met ? "met    " : "NOT MET";
    if (colour) verdict = (met ? "\033[32m" : "\033[31m") + verdict + "\033[0m";
    text += "  " + verdict + " " + entry["expect"].get<std::string>() +
            "  (measured: " + entry["measured"].get<std::string>() + ")\n";
  }
  return text;
}

// One row for all times that an event took place: the middle one, the longest, and how many never.
std::string many_convergences(const std::string& event, std::vector<double> took,
                              std::size_t never) {
  const std::size_t all = took.size() + never;
  std::sort(took.begin(), took.end());
  const std::size_t middle = (all - 1) / 2;
  const Json median = middle < took.size() ? Json(took[middle]) : Json(nullptr);
  std::string note = "after " + event + ", " + count(all) + " times: ";
  if (never > 0) note += count(never) + " never" + (took.empty() ? "" : ", ");
  if (!took.empty()) note += "longest " + seconds(took.back());
  return row("converged", (median.is_null() ? "" : "median ") + seconds(median), note);
}

// The moment of a cut is left out: whoever is cut off then still agrees with the others.
std::string convergences(const Json& report) {
  std::vector<std::string> events;
  for (const Json& entry : report["convergence"]) {
    const auto event = entry["after"].get<std::string>();
    const bool seen = std::find(events.begin(), events.end(), event) != events.end();
    if (event != "partition" && !seen) events.push_back(event);
  }
  std::string text;
  for (const std::string& event : events) {
    std::string rows;
    std::vector<double> took;
    std::size_t never = 0;
    for (const Json& entry : report["convergence"]) {
      if (entry["after"] != event) continue;
      const Json& time = entry["seconds"];
      rows +=
          row("converged", seconds(time), "after " + event + " at " + seconds(entry["at_seconds"]));
      if (time.is_null()) {
        ++never;
      } else {
        took.push_back(time.get<double>());
      }
    }
    const bool many = took.size() + never > kMostOccurrences;
    text += many ? many_convergences(event, took, never) : rows;
  }
  return text;
}

std::string agreement(const Json& report) {
  std::string text = "\nagreement\n";
  text += row("distinct tips", report["distinct_tips"].dump(),
              "at the end; 1: all nodes follow the same chain");
  const Json& heights = report["heights"];
  const bool level = heights["min"] == heights["max"];
  text += row(level ? "height" : "heights",
              heights["min"].dump() + (level ? "" : " to " + heights["max"].dump()),
              "of the nodes' chains at the end");
  const std::string times = convergences(report);
  return times.empty() ? text : text + times + row("", "", "until all nodes follow one tip");
}

std::string blocks(const Json& report) {
  std::string text = "\nblocks\n";
  text += row("found", count(report["blocks"]["mined"].get<std::uint64_t>()),
              count(report["blocks"]["main_chain"].get<std::uint64_t>()) + " on the main chain, " +
                  count(report["blocks"]["stale"].get<std::uint64_t>()) + " stale");
  const Json& stale = report["stale_rate"];
  text += row("stale / all", percent(stale["of_all"]), "stale: valid, but not on the main chain");
  text += row("stale / main chain", percent(stale["of_main_chain"]),
              "main chain: that of the tip which most nodes hold at the end");
  text +=
      row("forked heights", percent(stale["forked_heights"]), "heights with two or more blocks");
  const Json& times = report["propagation_seconds"];
  if (!times["p50"].is_null()) {
    text += row("propagation", seconds(times["p50"]) + " median",
                "90 %: " + seconds(times["p90"]) + ", 99 %: " + seconds(times["p99"]) +
                    ", last: " + seconds(times["p100"]));
    text += row("", "",
                "from finding to receipt, over the " + percent(report["reached_share"]) +
                    " of (block, node) pairs that had one");
  }
  const Json& reorgs = report["reorgs"];
  const auto changes = reorgs["count"].get<std::uint64_t>();
  text += row("reorgs", count(changes),
              changes == 0 ? "no node ever left its branch"
                           : "times that a node left its branch; deepest: " +
                                 reorgs["max_depth"].dump() + " blocks given up");
  return text;
}

std::string traffic(const Json& report) {
  std::string text = "\ntraffic\n";
  std::uint64_t messages = 0;
  for (const auto& [type, entry] : report["messages"].items()) {
    const auto sent = entry["count"].get<std::uint64_t>();
    messages += sent;
    text += row(type, count(sent) + " messages", bytes(entry["bytes"].get<double>()));
  }
  std::string total = bytes(report["bytes_total"].get<double>());
  if (!report["redundancy"].is_null()) {
    total += ", " + number(report["redundancy"].get<double>()) +
             " x the fewest possible (each block once to each node)";
  }
  return text + row("all", count(messages) + " messages", total);
}

std::string miners(const Json& report) {
  const Json& list = report["miners"];
  if (list.empty() || list.size() > kMostMiners) return "";
  std::string text = "\nminers\n";
  for (const Json& miner : list) {
    const std::string how = miner["power"] == 0
                                ? "by `mine` events"
                                : "with " + percent(miner["power"]) + " of the power";
    text +=
        row("node " + miner["node"].dump(), percent(miner["main_chain_share"]) + " of the chain",
            how + "; " + miner["stale"].dump() + " stale");
  }
  return text;
}

std::string attack(const Json& report) {
  if (!report.contains("attack")) return "";
  const Json& facts = report["attack"];
  std::string text = "\nattack\n";
  std::string rate = percent(facts["rate"]);
  if (!facts["interval95"].is_null()) {
    rate += " (95 %: " + percent(facts["interval95"][0]) + " to " +
            percent(facts["interval95"][1]) + ")";
  }
  text += row(facts["kind"].get<std::string>(),
              count(facts["attempts"].get<std::uint64_t>()) + " attempts",
              count(facts["successes"].get<std::uint64_t>()) + " succeeded, " + rate);
  return text + row("revenue", percent(facts["revenue"]), "of the main chain is the attackers'");
}

std::string machine(const Json& report) {
  const Json& speed = report["events_per_second"];
  std::string text = "\n" + count(report["events"].get<std::uint64_t>()) + " events in " +
                     seconds(report["wall_seconds"]);
  if (!speed.is_null()) text += " (" + number(speed.get<double>() / 1e6, "%.2f") + " M/s)";
  return text + ", " + bytes(report["peak_memory_bytes"].get<double>()) + " of memory\n";
}

}  // namespace

std::string run_page(const Scenario& scenario, const Json& report, bool colour) {
  std::string text = heading(scenario, report) + expectations(report, colour) + agreement(report) +
                     blocks(report) + traffic(report) + miners(report) + attack(report) +
                     machine(report);
  for (const std::string& note : scenario.notes) text += "note: " + note + "\n";
  return text;
}

}  // namespace sim
