#include "tests/golden/script.h"

#include <algorithm>
#include <functional>
#include <sstream>
#include <stdexcept>

#include "tests/golden/golden_file.h"
#include "tests/support/random_blocks.h"

namespace test {
namespace {

[[noreturn]] void fail(const std::string& why) { throw std::runtime_error(why); }

std::uint32_t count_of(const std::string& word) {
  if (word.empty() || word.size() > 6 || word.find_first_not_of("0123456789") != word.npos) {
    fail("found `" + word + "`; expected a number");
  }
  return static_cast<std::uint32_t>(std::stoul(word));
}

chain::Duration duration_of(const std::string& word) {
  const std::size_t unit = std::min(word.find_first_not_of("0123456789"), word.size());
  const std::int64_t value = count_of(word.substr(0, unit));
  if (word.substr(unit) == "ms") return chain::milliseconds(value);
  if (word.substr(unit) == "s") return chain::seconds(value);
  if (word.substr(unit) == "min") return chain::minutes(value);
  fail("found `" + word + "`; expected a duration such as 10ms");
}

// "x3" -> 3
std::uint32_t times_of(const std::string& word) {
  if (word.empty() || word[0] != 'x') fail("found `" + word + "`; expected a number such as x3");
  return count_of(word.substr(1));
}

template <typename T>
T one_of(const std::string& word, const std::map<std::string, T>& words) {
  const auto found = words.find(word);
  if (found == words.end()) fail("no such word: " + word);
  return found->second;
}

NodeSettings settings_of(const std::function<std::string(const char*, const char*)>& option) {
  NodeSettings settings;
  settings.protocol = one_of<chain::ProtocolKind>(
      option("protocol", "push_chain"), {{"push_chain", chain::ProtocolKind::push_chain},
                                         {"header_first", chain::ProtocolKind::header_first}});
  settings.rules = one_of<chain::RulesKind>(
      option("rules", "tutorial"),
      {{"tutorial", chain::RulesKind::tutorial}, {"work", chain::RulesKind::work}});
  settings.relay =
      one_of<chain::Relay>(option("relay", "headers"), {{"inv", chain::Relay::inv},
                                                        {"headers", chain::Relay::headers},
                                                        {"block", chain::Relay::block}});
  settings.tie_break = one_of<chain::TieBreak>(option("tie_break", "first_seen"),
                                               {{"first_seen", chain::TieBreak::first_seen},
                                                {"lowest_hash", chain::TieBreak::lowest_hash},
                                                {"random", chain::TieBreak::random}});
  settings.keepalive = duration_of(option("keepalive", "10min"));
  settings.outbound = count_of(option("outbound", "0"));
  settings.check_genesis = option("check_genesis", "true") == "true";
  settings.foreign_genesis = option("genesis", "widespread") == "foreign";
  const std::string redial = option("redial", "");
  const std::size_t dots = redial.find("..");
  if (!redial.empty()) {
    if (dots == redial.npos) fail("found redial=" + redial + "; expected redial=1s..8s");
    settings.redial = {duration_of(redial.substr(0, dots)), duration_of(redial.substr(dots + 2))};
  }
  return settings;
}

std::string plural(std::uint64_t n, const std::string& word) {
  return std::to_string(n) + ' ' + word + (n == 1 ? "" : "s");
}

}  // namespace

const std::string& Script::Words::at(std::size_t i) const {
  if (i >= plain.size()) fail("`" + command + "` is too short");
  return plain[i];
}

std::string Script::Words::option(const std::string& key, const std::string& otherwise) const {
  const auto found = options.find(key);
  return found == options.end() ? otherwise : found->second;
}

Script::Words Script::words_of(const std::string& text) {
  Words words;
  std::istringstream in(text);
  in >> words.command;
  for (std::string word; in >> word;) {
    const std::size_t equals = word.find('=');
    if (equals != word.npos && word[0] != '{') {
      words.options[word.substr(0, equals)] = word.substr(equals + 1);
    } else {
      words.plain.push_back(word);
    }
  }
  return words;
}

const std::map<std::string, Script::Command>& Script::commands() {
  static const std::map<std::string, Command> table{
      {"nodes", &Script::nodes}, {"node", &Script::node},     {"link", &Script::link},
      {"dial", &Script::dial},   {"unlink", &Script::unlink}, {"stop", &Script::stop},
      {"start", &Script::start}, {"lose", &Script::lose},     {"cut", &Script::cut},
      {"heal", &Script::heal},   {"mine", &Script::mine},     {"forge", &Script::forge},
      {"send", &Script::send},   {"run", &Script::run_world}, {"trace", &Script::trace},
      {"show", &Script::show},   {"forget", &Script::forget}};
  return table;
}

std::vector<std::string> Script::run(const std::vector<std::string>& lines) {
  seen_.clear();
  world_.sent.clear();
  world_.refused.clear();
  for (const std::string& line : lines) {
    std::istringstream parts(without_comment(line) + " ; ");
    std::string text;
    for (std::string word; parts >> word;) {
      if (word != ";") {
        text += word + ' ';
        continue;
      }
      if (text.empty()) continue;
      const Words words = words_of(text);
      const auto found = commands().find(words.command);
      if (found == commands().end()) fail("no such command: " + text);
      (this->*found->second)(words);
      text.clear();
    }
  }
  show_tips();
  show_frames();
  for (const auto& [what, times] : world_.refused) {
    seen_.push_back("refused " + std::to_string(times) + ' ' + what);
  }
  return seen_;
}

// --- what is seen ------------------------------------------------

// Neighbours with one tip share a line.
void Script::show_tips() {
  const auto nodes = static_cast<NodeNumber>(world_.size());
  for (NodeNumber first = 0, next; first < nodes; first = next) {
    const std::string tip = world_.tip(first);
    for (next = first + 1; next < nodes && world_.tip(next) == tip;) ++next;
    const std::string who =
        next == first + 1 ? "node " + std::to_string(first)
                          : "nodes " + std::to_string(first) + ".." + std::to_string(next - 1);
    seen_.push_back(who + " height " + std::to_string(world_.height(first)) + " tip " + tip);
  }
}

void Script::show_frames() {
  for (const auto& [type, count] : world_.sent) {
    seen_.push_back("sent " + type + ": " + plural(count.frames, "frame") + ", " +
                    plural(count.bytes, "byte"));
  }
}

// --- words -------------------------------------------------------

NodeNumber Script::number(const std::string& word) const {
  const NodeNumber node = count_of(word);
  if (node >= world_.size()) fail("there is no node " + word);
  return node;
}

std::pair<NodeNumber, NodeNumber> Script::arrow(const std::string& word) const {
  const std::size_t at = word.find("->");
  if (at == word.npos) fail("found `" + word + "`; expected A->B");
  return {number(word.substr(0, at)), number(word.substr(at + 2))};
}

// "0,2..4"
std::set<NodeNumber> Script::set_of(const std::string& word) const {
  std::set<NodeNumber> set;
  std::istringstream parts(word);
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t dots = part.find("..");
    const NodeNumber first = number(part.substr(0, dots));
    const NodeNumber last = dots == part.npos ? first : number(part.substr(dots + 2));
    for (NodeNumber node = first; node <= last; ++node) set.insert(node);
  }
  return set;
}

const std::string& Script::block(const std::string& word) {
  if (!world_.book().has(word)) fail("there is no block " + word);
  return word;
}

// --- commands ----------------------------------------------------

void Script::nodes(const Words& words) {
  const auto option = [&](const char* key, const char* other) { return words.option(key, other); };
  const NodeSettings settings = settings_of(option);
  latency_ = duration_of(words.option("latency", "10ms"));
  const NodeNumber n = count_of(words.at(0));
  for (NodeNumber i = 0; i < n; ++i) world_.add_node(settings);
  const std::string topology = words.option("topology", n == 2 ? "line" : "none");
  const auto link = [&](NodeNumber a, NodeNumber b) { world_.link(a, b, latency_); };
  if (topology == "line" || topology == "ring") {
    for (NodeNumber i = 0; i + 1 < n; ++i) link(i, i + 1);
    if (topology == "ring") link(n - 1, 0);
  } else if (topology == "star") {
    for (NodeNumber i = 1; i < n; ++i) link(i, 0);
  } else if (topology == "mesh") {
    for (NodeNumber i = 0; i < n; ++i) {
      for (NodeNumber j = i + 1; j < n; ++j) link(i, j);
    }
  } else if (topology != "none") {
    fail("no such topology: " + topology);
  }
}

void Script::node(const Words& words) {
  const auto option = [&](const char* key, const char* other) { return words.option(key, other); };
  if (world_.add_node(settings_of(option)) != count_of(words.at(0))) {
    fail("nodes are numbered as they come");
  }
}

void Script::link(const Words& words) {
  const std::string latency = words.option("latency", "");
  world_.link(number(words.at(0)), number(words.at(1)),
              latency.empty() ? latency_ : duration_of(latency));
}

void Script::unlink(const Words& words) { world_.unlink(number(words.at(0)), number(words.at(1))); }

void Script::dial(const Words& words) {
  world_.step(number(words.at(0)), chain::Connect{number(words.at(1))});
}

void Script::stop(const Words& words) { world_.stop(number(words.at(0))); }

void Script::start(const Words& words) { world_.start(number(words.at(0))); }

void Script::lose(const Words& words) {
  const auto [from, to] = arrow(words.at(0));
  world_.lose(from, to);
}

void Script::cut(const Words& words) {
  std::set<NodeNumber> all;
  for (NodeNumber node = 0; node < world_.size(); ++node) all.insert(node);
  if (words.plain.empty()) return world_.cut(all, all);
  const std::set<NodeNumber> one = set_of(words.at(0));
  if (words.at(1) != "|") fail("expected cut A | B");
  if (words.at(2) != "rest") return world_.cut(one, set_of(words.at(2)));
  for (const NodeNumber node : one) all.erase(node);
  world_.cut(one, all);
}

void Script::heal(const Words&) { world_.heal(); }

void Script::mine(const Words& words) {
  const std::uint32_t times = words.plain.size() > 1 ? times_of(words.at(1)) : 1;
  for (std::uint32_t i = 0; i < times; ++i) world_.mine(number(words.at(0)));
}

// Faults are those of the last block.
void Script::forge(const Words& words) {
  if (words.at(1) != "on") fail("expected forge BRANCH on BLOCK");
  std::string parent = block(words.at(2));
  for (std::uint32_t left = words.plain.size() > 3 ? times_of(words.at(3)) : 1; left > 0; --left) {
    Forgery faults;
    if (left == 1) {
      if (words.options.count("height") != 0) faults.height = count_of(words.option("height", ""));
      if (words.options.count("previous") != 0) faults.previous = words.option("previous", "");
      faults.wrong_hash = words.option("hash", "") == "wrong";
    }
    parent = world_.book().forge(words.at(0), parent, faults);
  }
}

void Script::send(const Words& words) {
  const auto [from, to] = arrow(words.at(0));
  world_.send(from, to, frame_of(words));
}

std::string Script::frame_of(const Words& words) {
  const std::string& type = words.at(1);
  if (type == "QueryLatest") return R"({"type":0,"payload":{}})";
  if (type == "raw") return words.at(2);
  const std::string& last = block(words.at(2));
  if (type == "Headers") {
    std::string frame = R"({"type":102,"payload":[)";
    chain::append_header(frame, world_.book().block(last).header);
    return frame + "]}";
  }
  if (type == "WholeChain") {
    std::vector<chain::Block> chain = world_.book().chain_to(last);
    const std::string first = words.option("from", "");
    if (!first.empty()) {
      const auto start = std::find(chain.begin(), chain.end(), world_.book().block(block(first)));
      chain.erase(chain.begin(), start);
    }
    return test::frame_of(chain::MessageType::whole_chain, chain);
  }
  if (type != "LatestBlock") fail("no such message: " + type);
  return test::frame_of(chain::MessageType::latest_block, {world_.book().block(last)});
}

void Script::run_world(const Words& words) {
  if (words.option("until", "") == "quiet") return world_.run_until_quiet();
  world_.run_for(duration_of(words.option("for", "")));
}

void Script::trace(const Words& words) {
  world_.trace = nullptr;
  if (words.at(0) != "on") return;
  world_.trace = [this](const std::string& line) { seen_.push_back(line); };
}

void Script::show(const Words&) { show_tips(); }

void Script::forget(const Words&) {
  world_.sent.clear();
  world_.refused.clear();
}

}  // namespace test
