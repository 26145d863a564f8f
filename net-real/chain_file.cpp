#include "net-real/chain_file.h"

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "net-real/duration.h"
#include "net-real/failure.h"
#include "net-real/peer_book.h"

namespace net {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kMostBlocks = 1'000'000;  // between two adjustments of the difficulty
constexpr std::int64_t kMostBytes = 1 << 30;     // of a frame or a block
constexpr std::int64_t kLeastFrame = 4096;       // bytes; hellos and locators go through it
constexpr std::int64_t kMostOutbound = 100;      // connections

// What is wrong, for a person.
struct Fault {
  std::string line;
};

[[noreturn]] void refuse(const std::string& key, const Json& found, const std::string& expected) {
  throw Fault{key + ": found " + found.dump(-1, ' ', false, Json::error_handler_t::replace) +
              "; expected " + expected};
}

// An object whose keys are taken one by one; what is left over is misspelt.
class Keys {
 public:
  Keys(const Json& json, std::string prefix) : json_(json), prefix_(std::move(prefix)) {
    if (!json.is_object()) refuse(prefix_.empty() ? "the file" : prefix_, json, "an object");
  }

  const Json* find(const std::string& key) {
    known_.insert(key);
    const auto found = json_.find(key);
    return found == json_.end() ? nullptr : &*found;
  }
  std::int64_t number(const std::string& key, std::int64_t fallback, std::int64_t least,
                      std::int64_t most) {
    const Json* found = find(key);
    if (found == nullptr) return fallback;
    const bool fits = found->is_number_integer() && *found >= least && *found <= most;
    if (!fits) refuse(name(key), *found, std::to_string(least) + " to " + std::to_string(most));
    return found->get<std::int64_t>();
  }
  bool truth(const std::string& key, bool fallback) {
    const Json* found = find(key);
    if (found == nullptr) return fallback;
    if (!found->is_boolean()) refuse(name(key), *found, "true or false");
    return found->get<bool>();
  }
  chain::Duration duration(const std::string& key, chain::Duration fallback) {
    const Json* found = find(key);
    if (found == nullptr) return fallback;
    const auto read = found->is_string() ? parse_duration(found->get<std::string>()) : std::nullopt;
    if (!read) refuse(name(key), *found, "a time like \"500 ms\", \"10 s\" or \"2 min\"");
    return *read;
  }
  template <typename T>
  T word(const std::string& key, T fallback, const std::map<std::string, T>& words) {
    const Json* found = find(key);
    if (found == nullptr) return fallback;
    std::string expected;
    for (const auto& [word, meaning] : words) {
      if (*found == word) return meaning;
      expected += (expected.empty() ? "" : " or ") + word;
    }
    refuse(name(key), *found, expected);
  }
  std::string name(const std::string& key) const {
    return prefix_.empty() ? key : prefix_ + "." + key;
  }
  void refuse_others() const {
    std::string expected;
    for (const std::string& key : known_) expected += (expected.empty() ? "" : ", ") + key;
    for (const auto& [key, value] : json_.items()) {
      if (!known_.contains(key)) refuse(name(key), value, "no such key, but " + expected);
    }
  }

 private:
  const Json& json_;
  const std::string prefix_;
  std::set<std::string> known_;
};

Json json_of(std::string_view text) {
  std::vector<std::set<std::string>> keys;
  const auto look = [&keys](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(value).second) {
      refuse("a key", value, "each key once");
    }
    return true;
  };
  try {
    return Json::parse(text, look);
  } catch (const Json::exception&) {
    throw Fault{"found no JSON; expected an object like {\"rules\": \"work\"}"};
  }
}

chain::ChainRules rules_from(Keys& keys) {
  chain::ChainRules rules;
  rules.kind = keys.word<chain::RulesKind>(
      "rules", chain::RulesKind::work,
      {{"work", chain::RulesKind::work}, {"tutorial", chain::RulesKind::tutorial}});
  rules.hash_order = keys.word<chain::HashOrder>(
      "hash_order", chain::HashOrder::standard,
      {{"standard", chain::HashOrder::standard}, {"variant", chain::HashOrder::variant}});
  rules.seal =
      keys.word<chain::Seal>("seal", chain::Seal::hash,
                             {{"hash", chain::Seal::hash}, {"simulated", chain::Seal::simulated}});
  rules.first_difficulty = keys.number("first_difficulty", 0, 0, chain::kMaxDifficulty);
  rules.min_difficulty = keys.number("min_difficulty", 0, 0, rules.first_difficulty);
  rules.retarget = static_cast<std::uint32_t>(keys.number("retarget", 0, 0, kMostBlocks));
  if (rules.min_difficulty > 0 && rules.retarget == 0) {
    throw Fault{"min_difficulty: found " + std::to_string(rules.min_difficulty) +
                " where the difficulty is fixed; expected a retarget above 0"};
  }
  rules.block_interval = keys.duration("block_interval", rules.block_interval);
  rules.max_block = static_cast<std::uint64_t>(keys.number("max_block", 128 << 10, 0, kMostBytes));
  rules.check_merkle_root = keys.truth("check_merkle_root", true);
  if (rules.is_work() && !rules.check_merkle_root) {
    refuse("check_merkle_root", false, "true beside rules work, or rules tutorial");
  }
  return rules;
}

// What a test network without a genesis of its own begins with: the widespread one, with other
// words of the same length.
std::string test_genesis() {
  constexpr std::string_view kWords = "GENESIS BLOCK", kTestWords = "TEST NETWORK!";
  static_assert(kWords.size() == kTestWords.size());
  std::string text(chain::kWidespreadGenesis);
  return text.replace(text.find(kWords), kWords.size(), kTestWords);
}

chain::Genesis genesis_from(Keys& keys, bool is_test, const ReadText& read) {
  const Json* given = keys.find("genesis");
  std::string text = is_test ? test_genesis() : std::string(chain::kWidespreadGenesis);
  if (given != nullptr) {
    if (!given->is_string()) refuse("genesis", *given, "a file's name, or a block's JSON as text");
    text = given->get<std::string>();
    const bool is_text = text.find('{') != text.npos;
    if (!is_text) {
      auto found = read(text);
      if (!found) throw Fault{"genesis: " + found.error()};
      text = *found;
    }
  }
  auto genesis = chain::parse_genesis(text);
  if (!genesis) throw Fault{"genesis: " + genesis.error()};
  if (is_test && genesis->text == chain::kWidespreadGenesis) {
    throw Fault{
        "genesis: found the most widespread one beside seal: simulated; expected one of its own, "
        "for nodes of the original know a network by nothing else"};
  }
  return *genesis;
}

TestHabits habits_from(Keys& keys) {
  TestHabits habits;
  habits.relay = keys.word<chain::Relay>("relay", habits.relay,
                                         {{"inv", chain::Relay::inv},
                                          {"headers", chain::Relay::headers},
                                          {"block", chain::Relay::block}});
  habits.keepalive = keys.duration("keepalive", habits.keepalive);
  habits.outbound = static_cast<std::uint32_t>(keys.number("outbound", 0, 0, kMostOutbound));
  habits.max_frame =
      static_cast<std::uint64_t>(keys.number("max_frame", 1 << 20, kLeastFrame, kMostBytes));
  const Json* redial = keys.find("redial");
  if (redial != nullptr && !redial->is_null()) {
    Keys pauses(*redial, "test.redial");
    habits.redial = chain::Redial{pauses.duration("first", chain::seconds(1)),
                                  pauses.duration("max", chain::minutes(2))};
    pauses.refuse_others();
  }
  keys.refuse_others();
  return habits;
}

// Counts and bytes as numbers, times as texts.
chain::SyncLimits limits_from(const Json& json) {
  chain::SyncLimits limits;
  Keys sections(json, "options");
  for (const char* section : {"header_first", "node"}) {
    const Json* found = sections.find(section);
    if (found == nullptr) continue;
    Keys keys(*found, std::string("options.") + section);
    for (const chain::SyncLimitRow& row : chain::sync_limit_rows()) {
      if (row.section != section) continue;
      const std::string name(row.name);
      const std::int64_t usual = chain::limit_value(limits, row);
      const bool is_time = row.unit() == chain::LimitUnit::duration;
      const std::int64_t value = is_time ? keys.duration(name, chain::Duration{usual}).ns
                                         : keys.number(name, usual, row.min, row.max);
      if (value < row.min || value > row.max) {
        refuse(keys.name(name), *keys.find(name), "1 ms to 1 day");
      }
      chain::set_limit(limits, row, value);
    }
    keys.refuse_others();
  }
  sections.refuse_others();
  return limits;
}

ChainFile file_from(const Json& json, const ReadText& read) {
  Keys keys(json, "");
  ChainFile file;
  file.rules = rules_from(keys);
  const bool is_test = file.rules.seal == chain::Seal::simulated;
  file.genesis = genesis_from(keys, is_test, read);
  if (const Json* habits = keys.find("test")) {
    Keys inner(*habits, "test");
    file.habits = habits_from(inner);
  }
  if (const Json* options = keys.find("options")) file.limits = limits_from(*options);
  keys.refuse_others();
  const std::uint64_t frame = file.habits.value_or(TestHabits{}).max_frame;
  constexpr std::uint64_t kAround = 64;  // bytes of a frame around its one block, at most
  if (file.rules.max_block + kAround > frame) {
    throw Fault{"max_block: found " + std::to_string(file.rules.max_block) +
                " bytes; expected at most " + std::to_string(frame - kAround) +
                ", which a frame of " + std::to_string(frame) + " bytes can carry"};
  }
  return file;
}

}  // namespace

chain::Result<ChainFile> parse_chain_file(std::string_view text, const ReadText& read) {
  try {
    return file_from(json_of(text), read);
  } catch (const Fault& fault) {
    return chain::Error{fault.line};
  }
}

ChainFile read_chain_file(const std::string& path) {
  const auto text = read_text_file(path, kMaxChainFile);
  if (!text) throw Failure(kExitBadInput, "--chain: " + text.error());
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  auto file = parse_chain_file(*text, [&folder](const std::string& name) {
    return read_text_file((folder / name).string(), kMaxChainFile);
  });
  if (!file) throw Failure(kExitBadInput, path + ": " + file.error());
  return *file;
}

}  // namespace net
