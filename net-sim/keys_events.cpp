// The table of `events`: when, and what happens.
#include <array>

#include "net-sim/scenario_keys.h"

namespace sim {
namespace {

// --- actions -----------------------------------------------------

template <typename A>
Field<Event> action(std::string_view key, const Codec<A>& codec, std::string_view about) {
  return {key,
          about,
          false,
          [=](const Value& value, Event& into) { into.action = codec.read(value); },
          [=](const Event& from) {
            const A* mine = std::get_if<A>(&from.action);
            return mine == nullptr ? Json() : codec.write(*mine);
          },
          codec.schema};
}

Codec<Partition> partition_codec() {
  using P = Partition;
  return object<P>(
      "partition",
      {unless_empty(field("name", &P::name, text("a name"), "by which `heal` can mend it alone")),
       required(field("groups", &P::groups,
                      list_of(selector_codec(Rest::allowed), 2,
                              "a list of groups such as `[50 %, 50 %]` or `[0..4, rest]`"),
                      "who can still talk to whom, such as [50 %, rest]")),
       field("sockets", &P::sockets,
             words<P::Sockets>({{"silent", P::Sockets::silent}, {"reset", P::Sockets::reset}}),
             "silent: streams stall and nobody is told; reset: they close at once"),
       unless_empty(field("one_way", &P::one_way, boolean(),
                          "only what the first group sends is lost; two groups"))},
      [](const Value& value, P& partition) {
        if (partition.one_way && partition.groups.size() != 2) {
          value.fail("`one_way` with " + std::to_string(partition.groups.size()) + " groups",
                     "two");
        }
      });
}

Codec<Heal> heal_codec() {
  const std::string expected = "`all` or the name of a partition";
  return {[=](const Value& value) {
            const std::string& name = value.text_or_fail(expected);
            if (name.empty()) value.fail("an empty text", expected);
            return Heal{name == "all" ? "" : name};
          },
          [](const Heal& heal) { return Json(heal.name.empty() ? "all" : heal.name); },
          {{"type", "string"}}};
}

// {select: …}, for the actions that only say who.
template <typename A>
Codec<A> some_nodes(const std::string& name) {
  return object<A>(name, {required(field("select", &A::select, selector_codec(), "which nodes"))});
}

template <typename A>
Codec<A> two_nodes(const std::string& name) {
  return object<A>(name,
                   {required(field("from", &A::from, node_index(), "the node that dials")),
                    required(field("to", &A::to, node_index(), "the node that is dialled"))},
                   [](const Value& value, A& ends) {
                     if (ends.from == ends.to) value.fail("a node and itself", "two nodes");
                   });
}

Codec<StopMining> stop_mining_codec() {
  const auto selector = selector_codec();
  return {[=](const Value& value) { return StopMining{selector.read(value)}; },
          [=](const StopMining& stop) { return selector.write(stop.select); }, selector.schema};
}

Codec<Churn> churn_codec() {
  using C = Churn;
  const auto rate = decimal({0}, {1'000'000 * kBillion});
  return object<C>("churn",
                   {field("leave_per_hour", &C::leave_per_hour, rate, "of the whole network"),
                    field("join_per_hour", &C::join_per_hour, rate, "of the whole network")});
}

Fields<Event> action_fields() {
  const auto crash = object<Crash>(
      "crash", {required(field("select", &Crash::select, selector_codec(), "which nodes")),
                unless_empty(field("lose_unsynced", &Crash::lose_unsynced, boolean(),
                                   "what is not yet durable is lost"))});
  const auto mine = object<Mine>(
      "mine", {required(field("node", &Mine::node, node_index(), "who finds them")),
               field("blocks", &Mine::blocks, count(1, 1'000'000), "how many, one upon another")});
  const auto power = object<PowerChange>(
      "power", {required(field("select", &PowerChange::select, selector_codec(), "which nodes")),
                required(field("to", &PowerChange::to, share(),
                               "their power together, of the initial total"))});
  return {action("partition", partition_codec(), "cuts the network into groups"),
          action("heal", heal_codec(), "mends `all`, or the partition of that name"),
          action("crash", crash, "nodes stop and forget what is not durable"),
          action("link", link_change_codec(), "changes links"),
          action("mine", mine, "blocks found at once, whatever the mining power"),
          action("connect", two_nodes<Connect>("connect"), "a new link"),
          action("disconnect", two_nodes<Disconnect>("disconnect"), "a link closes"),
          action("join", some_nodes<Join>("join"), "nodes that were not there before"),
          action("leave", some_nodes<Leave>("leave"), "nodes go, closing their sockets"),
          action("pause", some_nodes<Pause>("pause"), "nodes compute nothing; sockets stay open"),
          action("churn", churn_codec(), "nodes come and go at random"),
          action("power", power, "changes mining power; the rest is not scaled up"),
          action("stop_mining", stop_mining_codec(), "`all`, or which nodes")};
}

// --- time --------------------------------------------------------

bool is_churn(const Event& event) { return std::holds_alternative<Churn>(event.action); }

// `at`, and `from` where the event repeats or lasts.
Field<Event> start_field(std::string_view key, std::string_view about) {
  const auto codec = duration();
  return {key,
          about,
          false,
          [=](const Value& value, Event& into) { into.at = chain::kTimeZero + codec.read(value); },
          [=](const Event& from) {
            const bool spans = from.every.has_value() || from.to.has_value();
            if (spans != (key == "from")) return Json();
            return codec.write(from.at - chain::kTimeZero);
          },
          codec.schema};
}

Field<Event> end_field() {
  const auto codec = duration(kInstant);
  return {"to",
          "the last time of a repeated event, or the end of churn",
          false,
          [=](const Value& value, Event& into) { into.to = chain::kTimeZero + codec.read(value); },
          [=](const Event& from) {
            return from.to ? codec.write(*from.to - chain::kTimeZero) : Json();
          },
          codec.schema};
}

Field<Event> restart_field() {
  const auto codec = duration();
  return {"restart_after",
          "of a crash: how long the nodes stay down",
          false,
          [=](const Value& value, Event& into) {
            Crash* crash = std::get_if<Crash>(&into.action);
            if (crash == nullptr) value.fail("`restart_after` without `crash`", "a crash");
            crash->restart_after = codec.read(value);
          },
          [=](const Event& from) {
            const Crash* crash = std::get_if<Crash>(&from.action);
            return crash != nullptr && crash->restart_after ? codec.write(*crash->restart_after)
                                                            : Json();
          },
          codec.schema};
}

Fields<Event> time_fields() {
  return {start_field("at", "when"),
          start_field("from", "when it happens first, or begins"),
          field("every", &Event::every, duration(kInstant), "and again after so long"),
          end_field(),
          field("times", &Event::times, count64(1, kMaxFirings), "how often"),
          field("for", &Event::lasts, duration(kInstant), "undone after so long")};
}

void check_start(const Value& value, Event& event, const std::vector<std::string>& keys) {
  const auto has = [&](const char* key) { return std::count(keys.begin(), keys.end(), key) > 0; };
  const bool spans = event.every.has_value() || is_churn(event);
  if (has("at") && has("from")) value.fail("both `at` and `from`", "one of them");
  if (has("at") && event.every) value.fail("`at` beside `every`", "`from`, its first time");
  if (!has("at") && !has("from") && !spans) value.fail("an event without a time", "`at`");
  if (has("from") && !spans) value.fail("`from` without `every`", "`at`, or how often it happens");
  if (has("times") && !event.every) value.fail("`times` without `every`", "how often it happens");
  if (has("to") && !spans) value.fail("`to` without `every`", "how often it happens");
  if (event.every && !has("from")) event.at = chain::kTimeZero + *event.every;
}

void check_end(const Value& value, const Event& event) {
  if (event.to && *event.to < event.at) {
    value.fail("`to` before the event begins", "a later time");
  }
  if (event.every && event.lasts && *event.lasts > *event.every) {
    value.fail("`for` longer than `every`", "that one ends before the next begins");
  }
  if (!event.lasts) return;
  if (std::holds_alternative<Crash>(event.action)) {
    value.fail("`for` of a crash", "`restart_after`");
  }
  if (std::holds_alternative<Heal>(event.action) || std::holds_alternative<Mine>(event.action)) {
    value.fail(std::string("`for` of `") + name_of(event.action) + "`, which cannot be undone",
               "no `for`");
  }
}

// Exactly one action; a time that fits it.
void check_event(const Value& value, Event& event) {
  std::vector<std::string> keys;
  std::string first;
  static const std::vector<std::string> actions = keys_of(action_fields());
  for (const auto& member : value.members()) {
    keys.push_back(member.key);
    if (std::count(actions.begin(), actions.end(), member.key) == 0) continue;
    if (!first.empty()) {
      member.key_place.fail("`" + member.key + "` beside `" + first + "`", "one action an event");
    }
    first = member.key;
  }
  if (first.empty()) value.fail("an event without an action", "one of " + listed(actions));
  check_start(value, event, keys);
  check_end(value, event);
  event.where = value.where();
}

}  // namespace

const char* name_of(const Action& action) {
  // In the order of the variant.
  constexpr std::array kNames = {"partition", "heal",       "crash",      "link",  "mine",
                                 "connect",   "disconnect", "join",       "leave", "pause",
                                 "churn",     "power",      "stop_mining"};
  static_assert(kNames.size() == std::variant_size_v<Action>);
  return kNames[action.index()];
}

Codec<Event> event_codec() {
  Fields<Event> fields = time_fields();
  for (auto& each : action_fields()) fields.push_back(std::move(each));
  fields.push_back(restart_field());
  auto codec = object<Event>("an event", fields, check_event);
  for (auto& [key, property] : codec.schema["properties"].items()) property.erase("default");
  return codec;
}

}  // namespace sim
