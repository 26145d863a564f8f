#include "net-sim/named_graph.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include "net-sim/link_set.h"
#include "net-sim/units.h"

namespace sim {
namespace {

constexpr std::size_t kMaxName = 200;                // bytes of a node's name
constexpr std::uint32_t kMaxFileLinks = 10'000'000;  // 100 bytes each while they are read
constexpr std::int64_t kMaxLinkLatency = chain::minutes(1440).ns;
constexpr std::size_t kMaxWholeDigits = 18;  // of a name that is a number; fits in 64 bits
constexpr int kMaxExponent = 30;

struct ValueRule {
  const char* name;
  const char* unit;
  Dimension dimension;
  std::int64_t min, max;
  const char* expected;
};
constexpr std::array<ValueRule, kLinkValues> kRules = {
    ValueRule{"latency_ms", " ms", Dimension::time, 0, kMaxLinkLatency,
              "a number of milliseconds from 0 to 86400000"},
    ValueRule{"bandwidth_mbit_per_s", " Mbit/s", Dimension::rate, 1,
              static_cast<std::int64_t>(kMaxBytes), "a number of Mbit/s above 0"},
    ValueRule{"loss", "", Dimension::number, 0, kBillion, "a probability from 0 to 1"}};

const ValueRule& rule_of(LinkValue value) { return kRules[static_cast<std::size_t>(value)]; }

// `1.25e-3` as `0.00125`; without an exponent, or with one out of bounds, as it is.
std::string without_exponent(std::string_view text) {
  const std::size_t e = text.find_first_of("eE");
  if (e == std::string_view::npos) return std::string(text);
  std::string_view power = text.substr(e + 1);
  if (power.starts_with('+')) power.remove_prefix(1);
  int shift = 0;
  const auto [end, error] = std::from_chars(power.data(), power.data() + power.size(), shift);
  const bool whole = error == std::errc() && end == power.data() + power.size();
  if (!whole || shift > kMaxExponent || shift < -kMaxExponent) return std::string(text);
  const std::string_view mantissa = text.substr(0, e);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  std::string digits(mantissa.substr(0, point));
  if (point < mantissa.size()) digits += mantissa.substr(point + 1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) {
    return std::string(text);
  }
  const std::ptrdiff_t before = static_cast<std::ptrdiff_t>(point) + shift;
  const auto size = static_cast<std::ptrdiff_t>(digits.size());
  if (before <= 0) return "0." + std::string(static_cast<std::size_t>(-before), '0') + digits;
  if (before >= size) return digits + std::string(static_cast<std::size_t>(before - size), '0');
  return digits.insert(static_cast<std::size_t>(before), ".");
}

bool is_whole_number(const std::string& name) {
  return name.size() <= kMaxWholeDigits &&
         name.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

const char* name_of(LinkValue value) { return rule_of(value).name; }

void read_link_value(LinkValue value, std::string_view text, std::uint64_t line, LinkOwn& own) {
  const ValueRule& rule = rule_of(value);
  const auto parsed = parse_quantity(without_exponent(text) + rule.unit, rule.dimension);
  if (!parsed || *parsed < rule.min || *parsed > rule.max) {
    throw FileFault{line, in_quotes(text) + " as " + rule.name, rule.expected};
  }
  switch (value) {
    case LinkValue::latency_ms:
      own.latency = Duration{*parsed};
      break;
    case LinkValue::bandwidth_mbit_per_s:
      own.bandwidth = static_cast<std::uint64_t>(*parsed);
      break;
    case LinkValue::loss:
      own.loss = Share{*parsed};
      break;
  }
}

std::uint32_t NamedGraph::index_of(std::string_view name, std::uint64_t line) {
  const auto [at, is_new] =
      index_.try_emplace(std::string(name), static_cast<std::uint32_t>(nodes_.size()));
  if (!is_new) return at->second;
  if (name.empty()) throw FileFault{line, "a node without a name", "a word or a number"};
  if (name.size() > kMaxName) {
    throw FileFault{line, "a name of " + std::to_string(name.size()) + " bytes",
                    "at most " + std::to_string(kMaxName)};
  }
  if (nodes_.size() == kMaxNodes) {
    throw FileFault{line, "one more node than " + std::to_string(kMaxNodes), "no more than that"};
  }
  nodes_.push_back({at->first, line, false});
  return at->second;
}

void NamedGraph::declare(std::string_view name, std::uint64_t line, bool once) {
  const std::uint32_t index = index_of(name, line);
  Node& node = nodes_[index];
  if (!node.declared) {
    declared_.push_back(index);
    node.declared = true;
  } else if (once) {
    throw FileFault{line, "node " + in_quotes(name) + " for the second time", "each node once"};
  }
}

void NamedGraph::link(std::string_view from, std::string_view to, const LinkOwn& own,
                      std::uint64_t line) {
  const std::uint32_t a = index_of(from, line);
  const std::uint32_t b = index_of(to, line);
  if (a == b)
    throw FileFault{line, "a link of node " + in_quotes(from) + " to itself", "two nodes"};
  if (links_.size() == kMaxFileLinks) {
    throw FileFault{line, "one more link than " + std::to_string(kMaxFileLinks),
                    "no more than that"};
  }
  if (own != LinkOwn{}) own_.push_back({static_cast<std::uint32_t>(links_.size()), own});
  links_.push_back({a, b, line});
}

// The number of each of nodes_.
std::vector<NodeIndex> NamedGraph::numbers() const {
  std::vector<std::uint32_t> order = declared_;
  const auto whole = [](const Node& node) { return is_whole_number(node.name); };
  if (std::all_of(nodes_.begin(), nodes_.end(), whole)) {
    std::vector<std::uint64_t> value;
    for (const Node& node : nodes_) value.push_back(*parse_count(node.name));
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::tie(value[a], nodes_[a].name) < std::tie(value[b], nodes_[b].name);
    });
  }
  std::vector<NodeIndex> number(nodes_.size());
  for (NodeIndex i = 0; i < order.size(); ++i) number[order[i]] = i;
  return number;
}

FileGraph NamedGraph::finish() {
  for (const Node& node : nodes_) {
    if (node.declared) continue;
    throw FileFault{node.line, "a link of " + in_quotes(node.name) + ", which is no node",
                    "a node of that name"};
  }
  if (nodes_.empty()) throw FileFault{0, "no node", "at least one"};
  const std::vector<NodeIndex> number = numbers();
  FileGraph graph{static_cast<std::uint32_t>(nodes_.size()), {}, std::move(own_), {}};
  graph.edges.reserve(links_.size());
  LinkSet known;
  for (const Link& link : links_) {
    if (!known.add(number[link.from], number[link.to])) {
      throw FileFault{link.line,
                      "a second link between " + in_quotes(nodes_[link.from].name) + " and " +
                          in_quotes(nodes_[link.to].name),
                      "each link once"};
    }
    graph.edges.emplace_back(number[link.from], number[link.to]);
  }
  return graph;
}

}  // namespace sim
