// The tables of `chain` and `mining`.
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

// `equal`, `none`, a list of shares, {kind: zipf} or {preset: …}.
Codec<MiningSection> power_codec() {
  using M = MiningSection;
  using Power = M::Power;
  const auto list = list_of(share(), 1, "a list of shares");
  const auto zipf =
      kinds<M, Power>("power", &M::power,
                      {{"equal", Power::equal, {}},
                       {"none", Power::none, {}},
                       {"zipf",
                        Power::zipf,
                        {field("exponent", &M::exponent, decimal({0}, {100 * kBillion}),
                               "node i has a power of 1 / (i + 1)^exponent")}}});
  const auto preset =
      object<M>("power", {required(field("preset", &M::preset, text("the name of a preset"),
                                         "the name of a preset, such as pools-2015"))});
  const auto read = [=](const Value& value) {
    M into;
    if (value.is_list()) {
      into.power = Power::list;
      into.shares = list.read(value);
      if (into.shares.size() > value.document().nodes) {
        value.fail("power for " + std::to_string(into.shares.size()) + " nodes",
                   "at most " + std::to_string(value.document().nodes) + ", one for each node");
      }
      make_whole(value, into.shares, "powers");
      return into;
    }
    if (value.is_map()) {
      for (const auto& member : value.members()) {
        if (member.key != "preset") continue;
        into = preset.read(value);
        into.power = Power::preset;
        return into;
      }
    }
    if (!value.is_map() && !value.is_text()) {
      value.fail(value.described(), "`equal`, `none`, a list of shares, or {kind: zipf}");
    }
    return zipf.read(value);
  };
  const auto write = [=](const M& from) {
    if (from.power == Power::list) return list.write(from.shares);
    if (from.power == Power::preset) return preset.write(from);
    if (from.power == Power::zipf) return zipf.write(from);
    return Json(from.power == Power::equal ? "equal" : "none");
  };
  Json schema = zipf.schema;
  schema["anyOf"].push_back(list.schema);
  schema["anyOf"].push_back(preset.schema);
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
       field("commit_time", &C::commit_time, duration(), "until an accepted block is durable"),
       field("max_block", &C::max_block, limit_in_bytes(), "the largest block"),
       field("check_genesis", &C::check_genesis, boolean(),
             "rules tutorial: false is the original, which adopts a chain of a foreign genesis")});
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
