// The tables of `chain` and `mining`.
#include <algorithm>

#include "net-sim/node_options.h"
#include "net-sim/presets.h"
#include "net-sim/scenario_keys.h"

namespace sim {
namespace {

constexpr std::uint64_t kMaxRetarget = 1'000'000;  // blocks

Codec<Validation> validation_codec() {
  using V = Validation;
  return object<V>(
      "validation",
      {field("per_block", &V::per_block, duration(), "of a node's CPU, a block"),
       field("per_MB", &V::per_megabyte, duration(), "and for 1,000,000 bytes of it")});
}

// `fixed` or {retarget: 10 blocks}.
Codec<std::optional<std::uint64_t>> difficulty_codec() {
  const std::string expected = "`fixed` or {retarget: 10 blocks}";
  return {[=](const Value& value) -> std::optional<std::uint64_t> {
            if (value.is_text() && value.text() == "fixed") return std::nullopt;
            if (!value.is_map()) value.fail(value.described(), expected);
            const auto members = value.members();
            if (members.size() != 1 || members[0].key != "retarget") value.fail("a map", expected);
            const Value& number = members[0].value;
            std::string text = number.text_or_fail("a number of blocks");
            if (text.ends_with(" blocks")) text.resize(text.size() - 7);
            const auto blocks = parse_count(text);
            if (!blocks.ok() || *blocks == 0 || *blocks > kMaxRetarget) {
              number.fail(number.described(), "1 to 1000000 blocks, such as `10 blocks`");
            }
            return *blocks;
          },
          [](const std::optional<std::uint64_t>& every) {
            if (!every) return Json("fixed");
            return Json{{"retarget", std::to_string(*every) + " blocks"}};
          },
          {{"anyOf",
            {{{"const", "fixed"}},
             {{"type", "object"},
              {"properties", {{"retarget", {{"type", Json::array({"integer", "string"})}}}}}}}}}};
}

// --- mining ------------------------------------------------------

Fields<MiningSection> pool_fields() {
  using M = MiningSection;
  const auto list = list_of(share(), 1, "a list of shares");
  auto shares = unless_empty(field("shares", &M::shares, list, "of nodes 0, 1, …"));
  shares.read = [list](const Value& value, M& into) {
    into.shares = list.read(value);
    make_whole(value, into.shares, "powers");
  };
  return {shares,
          unless_empty(field("regions", &M::regions, list_of(text("a name"), 1, "a list of names"),
                             "where they are, if the network has regions of those names"))};
}

// What a preset of pools says beside the keys given here.
void add_preset(const Value& value, MiningSection& into) {
  for (const auto& member : value.members()) {
    if (member.key != "preset") continue;
    Document preset = preset_document(member.value);
    MiningSection figures;
    read_fields(Value(preset, preset.root, ""), pool_fields(), figures, "a preset of pools");
    if (into.shares.empty()) {
      into.shares = figures.shares;
      auto& notes = value.document().notes;
      notes.insert(notes.end(), preset.notes.begin(), preset.notes.end());
    }
    if (into.regions.empty()) into.regions = figures.regions;
  }
  into.preset.clear();
}

void check_pools(const Value& value, const MiningSection& pools) {
  const std::uint32_t nodes = value.document().nodes;
  if (pools.shares.empty())
    value.fail("pools without `shares`", "shares, or a preset that has them");
  if (pools.shares.size() > nodes) {
    value.fail("power for " + std::to_string(pools.shares.size()) + " nodes",
               "at most " + std::to_string(nodes) + ", one for each node");
  }
  if (pools.regions.size() > pools.shares.size()) {
    value.fail(std::to_string(pools.regions.size()) + " `regions` for " +
                   std::to_string(pools.shares.size()) + " `shares`",
               "at most one for each");
  }
}

Codec<MiningSection> pools_codec() {
  auto fields = pool_fields();
  fields.insert(fields.begin(),
                unless_empty(field("preset", &MiningSection::preset, text("the name of a preset"),
                                   "figures under a name, such as pools-2015")));
  return object<MiningSection>("power", fields, [](const Value& value, MiningSection& into) {
    into.power = MiningSection::Power::list;
    add_preset(value, into);
  });
}

// `equal`, `none`, a list of shares, {kind: zipf} or {preset: …}.
Codec<MiningSection> power_codec() {
  using M = MiningSection;
  using Power = M::Power;
  const auto zipf =
      kinds<M, Power>("power", &M::power,
                      {{"equal", Power::equal, {}},
                       {"none", Power::none, {}},
                       {"zipf",
                        Power::zipf,
                        {field("exponent", &M::exponent, decimal({0}, {100 * kBillion}),
                               "node i has a power of 1 / (i + 1)^exponent")}}});
  const auto pools = pools_codec();
  const auto shares = pool_fields().front();
  const auto read = [=](const Value& value) {
    M into;
    if (value.is_list()) {
      into.power = Power::list;
      shares.read(value, into);
      check_pools(value, into);
      return into;
    }
    if (!value.is_map() && !value.is_text()) {
      value.fail(value.described(), "`equal`, `none`, a list of shares, or {kind: zipf}");
    }
    const std::vector<std::string> words{"preset", "shares", "regions"};
    for (const auto& member : value.is_map() ? value.members() : std::vector<Value::Member>{}) {
      if (std::count(words.begin(), words.end(), member.key) == 0) continue;
      into = pools.read(value);
      check_pools(value, into);
      return into;
    }
    return zipf.read(value);
  };
  const auto write = [=](const M& from) {
    if (from.power == Power::list)
      return from.regions.empty() ? shares.write(from) : pools.write(from);
    if (from.power == Power::zipf) return zipf.write(from);
    return Json(from.power == Power::equal ? "equal" : "none");
  };
  Json schema = zipf.schema;
  schema["anyOf"].push_back(shares.schema);
  schema["anyOf"].push_back(pools.schema);
  return {read, write, schema};
}

}  // namespace

Codec<ChainSection> chain_codec() {
  using C = ChainSection;
  return object<C>(
      "chain",
      {field("rules", &C::rules,
             words<RulesKind>({{"work", RulesKind::work}, {"tutorial", RulesKind::tutorial}}),
             "of blocks; tutorial where every node speaks push_chain, else work"),
       field("block_interval", &C::block_interval, duration(kInstant),
             "the mean, of the whole network"),
       field("block_size", &C::block_size, distribution_codec("block_size", Dimension::size),
             "of a block's JSON"),
       field("tie_break", &C::tie_break,
             words<TieBreak>({{"first_seen", TieBreak::first_seen},
                              {"lowest_hash", TieBreak::lowest_hash},
                              {"random", TieBreak::random}}),
             "which of two tips with equal work is followed"),
       field("validation", &C::validation, validation_codec(), "the time that blocks cost a node"),
       field("difficulty", &C::retarget, difficulty_codec(), "or adjusted every so many blocks"),
       field("min_difficulty", &C::min_difficulty,
             count(0, static_cast<std::uint32_t>(kFirstDifficulty)),
             "the zero bits below which no adjustment goes; it begins at 20"),
       field("commit_time", &C::commit_time, duration(), "until an accepted block is durable"),
       field("max_block", &C::max_block, limit_in_bytes(), "the largest block"),
       field("check_genesis", &C::check_genesis, boolean(),
             "rules tutorial: false is the original, which adopts a chain of a foreign genesis"),
       field("check_merkle_root", &C::check_merkle_root, boolean(),
             "rules tutorial: false is the original, which takes a body of another merkle root")});
}

Codec<MiningSection> mining_codec() {
  using M = MiningSection;
  const auto power = power_codec();
  return object<M>("mining",
                   {Field<M>{"power", "who finds the blocks: shares of the whole", false,
                             [=](const Value& value, M& into) { into = power.read(value); },
                             power.write, power.schema}});
}

}  // namespace sim
