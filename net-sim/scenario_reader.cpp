#include "net-sim/scenario_reader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "net-sim/resolve.h"
#include "net-sim/scenario_keys.h"

namespace sim {
namespace {

using chain::Error;

constexpr std::size_t kMaxFileBytes = 16u << 20;  // a scenario of a million edges has 14 MB
constexpr std::uint32_t kSmallMesh = 9;  // nodes up to which the topology is a full mesh by default

bool given(Document& document, const std::string& path) {
  return Value::nearest(document, path).path() == path;
}

// The text of the comment that opens the file, up to its first empty line.
std::string opening_comment(const std::string& text) {
  std::string comment;
  std::size_t at = 0;
  while (at < text.size() && text[at] == '#') {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at + 1, end - at - 1);
    line.erase(0, std::min(line.find_first_not_of(" \t"), line.size()));
    line.erase(line.find_last_not_of(" \t\r") + 1);
    if (line.empty() && !comment.empty()) break;
    if (!line.empty()) comment += (comment.empty() ? "" : " ") + line;
    at = end + 1;
  }
  return comment;
}

// Defaults that depend on other keys.
void apply_defaults(Document& document, Scenario& scenario) {
  NetworkSection& network = scenario.network;
  if (!given(document, "network.topology") && network.nodes <= kSmallMesh) {
    network.topology = Topology{};
    network.topology.kind = Topology::Kind::full_mesh;
  }
  const bool original =
      std::all_of(scenario.protocol.begin(), scenario.protocol.end(),
                  [](const auto& part) { return part.first == ProtocolKind::push_chain; });
  if (!given(document, "chain.rules") && original) scenario.chain.rules = RulesKind::tutorial;
}

// --- what goes together ------------------------------------------

std::vector<std::string> partition_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const Event& event : scenario.events) {
    const Partition* partition = std::get_if<Partition>(&event.action);
    if (partition != nullptr && !partition->name.empty()) names.push_back(partition->name);
  }
  return names;
}

void check_events(Document& document, const Scenario& scenario) {
  std::vector<std::string> names = partition_names(scenario);
  for (std::size_t i = 0; i < scenario.events.size(); ++i) {
    const Event& event = scenario.events[i];
    const auto place = [&](const std::string& key) {
      return Value::nearest(document, "events." + std::to_string(i) + "." + key);
    };
    const Heal* heal = std::get_if<Heal>(&event.action);
    const bool named = heal != nullptr && !heal->name.empty();
    if (named && std::count(names.begin(), names.end(), heal->name) == 0) {
      names.push_back("all");
      place("heal").fail_unknown("no partition named `" + shown(heal->name) + "`", heal->name,
                                 names);
    }
    const Time end =
        std::min(event.to.value_or(chain::kNever), chain::kTimeZero + scenario.duration);
    if (event.every && !event.times && (end - event.at).ns / event.every->ns >= kMaxFirings) {
      place("every").fail(
          "an event that happens more than " + std::to_string(kMaxFirings) + " times",
          "a longer `every`, or `times`");
    }
  }
}

// A `for` of a partition ends in a heal.
std::vector<std::string> event_words(const Scenario& scenario) {
  std::vector<std::string> words;
  const auto add = [&](const std::string& word) {
    if (std::count(words.begin(), words.end(), word) == 0) words.push_back(word);
  };
  for (const Event& event : scenario.events) {
    add(name_of(event.action));
    if (event.lasts && std::holds_alternative<Partition>(event.action)) add("heal");
  }
  return words;
}

void check_expectations(Document& document, const Scenario& scenario) {
  const std::vector<std::string> words = event_words(scenario);
  for (std::size_t i = 0; i < scenario.expect.size(); ++i) {
    const std::string& after = scenario.expect[i].after;
    if (after.empty() || std::count(words.begin(), words.end(), after) > 0) continue;
    const Value place =
        Value::nearest(document, "expect." + std::to_string(i) + ".converged.after");
    if (words.empty())
      place.fail("`" + shown(after) + "`, but nothing happens in `events`", "an event");
    place.fail_unknown("no event `" + shown(after) + "` in this scenario", after, words);
  }
}

void check_whole(Document& document, const Scenario& scenario) {
  const Measure& measure = scenario.measure;
  if (measure.warm_up + measure.cool_down >= scenario.duration) {
    Value::nearest(document, "measure")
        .fail("warm_up and cool_down of " + duration_text(measure.warm_up + measure.cool_down) +
                  " together",
              "less than the duration, " + duration_text(scenario.duration));
  }
  if (measure.cool_down > Duration{} && scenario.until.kind != Until::Kind::duration) {
    Value::nearest(document, "measure.cool_down")
        .fail("cool_down before an end that `until` leaves open", "no `until`, or no cool_down");
  }
  if (scenario.chain.retarget > 0 && scenario.chain.rules == RulesKind::tutorial) {
    Value::nearest(document, "chain.difficulty")
        .fail("a difficulty that is adjusted under rules `tutorial`, which ask for none",
              "rules `work`, or `fixed`");
  }
  if (!scenario.chain.check_merkle_root && scenario.chain.rules == RulesKind::work) {
    Value::nearest(document, "chain.check_merkle_root")
        .fail("check_merkle_root: false under rules `work`, which always check it",
              "rules `tutorial`, or true");
  }
  if (scenario.chain.min_difficulty > 0 && !scenario.chain.retarget) {
    Value::nearest(document, "chain.min_difficulty")
        .fail("a least difficulty where the difficulty is fixed", "`difficulty: {retarget: ...}`");
  }
  check_events(document, scenario);
  check_expectations(document, scenario);
}

void add_notes(Scenario& scenario) {
  for (const Event& event : scenario.events) {
    if (event.at <= chain::kTimeZero + scenario.duration) continue;
    scenario.notes.push_back(event.where + ": `" + name_of(event.action) + "` at " +
                             duration_text(event.at - chain::kTimeZero) +
                             " never happens: the run ends at " + duration_text(scenario.duration));
  }
}

Scenario read_document(Document& document) {
  document.nodes = NetworkSection{}.nodes;
  Scenario scenario = scenario_codec().read(Value(document, document.root, ""));
  scenario.file = document.file;
  scenario.name = std::filesystem::path(document.file).stem().string();
  apply_defaults(document, scenario);
  check_whole(document, scenario);
  if (const std::string problem = draw_problem(scenario); !problem.empty()) {
    throw ScenarioError{problem};
  }
  scenario.notes = document.notes;
  add_notes(scenario);
  return scenario;
}

}  // namespace

chain::Result<Scenario> read_scenario_text(const std::string& text, const std::string& file,
                                           const std::vector<Override>& overrides) {
  try {
    Document document = parse_document(text, file, overrides);
    Scenario scenario = read_document(document);
    scenario.question = opening_comment(text);
    return scenario;
  } catch (const ScenarioError& error) {
    return Error{error.line};
  }
}

chain::Result<Scenario> read_scenario(const std::string& file,
                                      const std::vector<Override>& overrides) {
  std::string text;
  const auto read_all = [&](std::istream& in) {
    std::string block(1 << 16, '\0');
    while (in && text.size() <= kMaxFileBytes) {
      in.read(block.data(), static_cast<std::streamsize>(block.size()));
      text.append(block, 0, static_cast<std::size_t>(in.gcount()));
    }
  };
  if (file == "-") {
    read_all(std::cin);
    return read_scenario_text(text, "stdin", overrides);
  }
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    return Error{file + ": a directory; expected a scenario file"};
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{file + ": cannot be read; expected a scenario file"};
  read_all(in);
  if (text.size() > kMaxFileBytes) {
    return Error{file + ": more than " + std::to_string(kMaxFileBytes >> 20) +
                 " MiB; expected a scenario file"};
  }
  return read_scenario_text(text, file, overrides);
}

}  // namespace sim
