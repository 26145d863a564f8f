// Codecs: how one kind of value is read from a scenario, written back and described in JSON Schema.
//
// The three belong together, so that a key is declared once (scenario_keys.h) and its reader, its
// default as shown to people and its schema cannot drift apart. Codecs compose: a list of, one of
// some kinds, a map of fields. What single keys mean does not belong here.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "net-sim/scenario.h"
#include "net-sim/units.h"
#include "net-sim/yaml_value.h"

namespace sim {

using Json = nlohmann::ordered_json;

template <typename V>
struct Codec {
  std::function<V(const Value&)> read;  // throws ScenarioError
  std::function<Json(const V&)> write;  // what read accepts
  Json schema;
};

// One key of a map that is read into a T.
template <typename T>
struct Field {
  std::string_view key;    // these two are literals: they outlive every codec
  std::string_view about;  // one line, for the schema
  bool required = false;
  std::function<void(const Value&, T&)> read;
  std::function<Json(const T&)> write;  // null: not set, left out
  Json schema;
};

template <typename T>
using Fields = std::vector<Field<T>>;

// --- leaves ------------------------------------------------------

inline constexpr Duration kInstant = chain::nanoseconds(1);  // the shortest time that passes

Codec<std::int64_t> quantity(Dimension dimension, std::int64_t min, std::int64_t max);
Codec<Duration> duration(Duration min = {}, Duration max = kMaxDuration);
Codec<Share> share(Share max = kWhole);  // `30 %`
Codec<Share> probability();              // `30 %` or 0.3
Codec<std::uint64_t> rate();             // `10 Mbit/s` or `unlimited`
Codec<std::uint64_t> limit_in_bytes();   // `1 MB` or `unlimited`
Codec<Decimal> decimal(Decimal min, Decimal max);
Codec<bool> boolean();
Codec<std::string> text(const std::string& expected);
Codec<NodeIndex> node_index();  // of a node that exists

// A whole number from `min` to `max`.
Codec<std::uint64_t> count64(std::uint64_t min, std::uint64_t max);
Codec<std::uint32_t> count(std::uint32_t min, std::uint32_t max = 1'000'000'000);

// --- words -------------------------------------------------------

template <typename E>
using Words = std::vector<std::pair<std::string_view, E>>;

template <typename E>
Codec<E> words(const Words<E>& all) {
  std::vector<std::string> names;
  for (const auto& [name, value] : all) names.emplace_back(name);
  Codec<E> codec;
  codec.schema = {{"enum", names}};
  codec.read = [all, names](const Value& value) {
    const std::string& word =
        value.text_or_fail((names.size() == 1 ? "" : "one of ") + listed(names));
    for (const auto& [name, meaning] : all) {
      if (name == word) return meaning;
    }
    value.fail_unknown("unknown " + value.described(), word, names);
  };
  codec.write = [all](const E& wanted) {
    for (const auto& [name, meaning] : all) {
      if (meaning == wanted) return Json(name);
    }
    return Json();
  };
  return codec;
}

// --- lists -------------------------------------------------------

template <typename V>
Codec<std::vector<V>> list_of(const Codec<V>& element, std::size_t at_least,
                              const std::string& expected) {
  Codec<std::vector<V>> codec;
  codec.schema = {{"type", "array"}, {"minItems", at_least}, {"items", element.schema}};
  codec.read = [=, read = element.read](const Value& value) {
    if (!value.is_list()) value.fail(value.described(), expected);
    std::vector<V> all;
    for (const Value& item : value.items()) all.push_back(read(item));
    if (all.size() < at_least) {
      value.fail("a list of " + std::to_string(all.size()),
                 expected + ", at least " + std::to_string(at_least));
    }
    return all;
  };
  codec.write = [write = element.write](const std::vector<V>& all) {
    Json json = Json::array();
    for (const V& each : all) json.push_back(write(each));
    return json;
  };
  return codec;
}

template <typename V>
Codec<std::pair<V, V>> pair_of(const Codec<V>& element, const std::string& expected) {
  Codec<std::pair<V, V>> codec;
  codec.schema = {{"type", "array"}, {"minItems", 2}, {"maxItems", 2}, {"items", element.schema}};
  codec.read = [=, read = element.read](const Value& value) {
    if (!value.is_list()) value.fail(value.described(), expected);
    const auto items = value.items();
    if (items.size() != 2) {
      value.fail("a list of " + std::to_string(items.size()), expected);
    }
    V first = read(items[0]);
    V second = read(items[1]);
    return std::pair<V, V>(std::move(first), std::move(second));
  };
  codec.write = [write = element.write](const std::pair<V, V>& both) {
    return Json::array({write(both.first), write(both.second)});
  };
  return codec;
}

// --- fields of a map ---------------------------------------------

template <typename T, typename V>
Field<T> field(std::string_view key, V T::*member, const Codec<V>& codec, std::string_view about) {
  return {key,
          about,
          false,
          [member, read = codec.read](const Value& value, T& into) { into.*member = read(value); },
          [member, write = codec.write](const T& from) { return write(from.*member); },
          codec.schema};
}

template <typename T, typename V>
Field<T> field(std::string_view key, std::optional<V> T::*member, const Codec<V>& codec,
               std::string_view about) {
  return {key,
          about,
          false,
          [member, read = codec.read](const Value& value, T& into) { into.*member = read(value); },
          [member, write = codec.write](const T& from) {
            return (from.*member).has_value() ? write(*(from.*member)) : Json();
          },
          codec.schema};
}

template <typename T>
Field<T> required(Field<T> field) {
  field.required = true;
  return field;
}

// What a list, a text or a flag leaves unsaid needs no line of its own when written.
template <typename T>
Field<T> unless_empty(Field<T> field) {
  field.write = [write = std::move(field.write)](const T& from) {
    Json json = write(from);
    const bool said_nothing = json.empty() || json == Json("") || json == Json(false);
    return said_nothing ? Json() : json;
  };
  return field;
}

template <typename T>
std::vector<std::string> keys_of(const Fields<T>& fields) {
  std::vector<std::string> keys;
  for (const auto& field : fields) keys.emplace_back(field.key);
  return keys;
}

// The members of `value` into `into`, in the order of `fields`; a key of none of them fails, as
// does a required one that is missing. `besides`: a key that the caller has read. `name`: of the
// map.
template <typename T>
void read_fields(const Value& value, const Fields<T>& fields, T& into, const std::string& name,
                 const std::string& besides = "") {
  if (!value.is_map()) value.fail(value.described(), "a map of keys for " + name);
  const auto members = value.members();
  const auto keys = keys_of(fields);
  for (const auto& member : members) {
    if (member.key == besides || std::count(keys.begin(), keys.end(), member.key) > 0) continue;
    member.key_place.fail_unknown("unknown key `" + shown(member.key) + "` in " + name, member.key,
                                  keys);
  }
  for (const auto& field : fields) {
    bool found = false;
    for (const auto& member : members) {
      if (member.key != field.key) continue;
      field.read(member.value, into);
      found = true;
    }
    if (found || !field.required) continue;
    const std::string key = "`" + std::string(field.key) + "`";
    value.fail(name + " without " + key, key + ": " + std::string(field.about));
  }
}

template <typename T>
Json write_fields(const Fields<T>& fields, const T& from) {
  Json json = Json::object();
  for (const auto& field : fields) {
    if (Json written = field.write(from); !written.is_null())
      json[std::string(field.key)] = std::move(written);
  }
  return json;
}

// `defaults`: whose values the schema tells.
template <typename T>
Json schema_of(const Fields<T>& fields, const T& defaults) {
  Json properties = Json::object(), missing = Json::array();
  for (const auto& field : fields) {
    Json& property = properties[std::string(field.key)] = field.schema;
    property["description"] = field.about;
    if (field.required) {
      missing.push_back(field.key);
    } else if (Json written = field.write(defaults); !written.is_null()) {
      property["default"] = std::move(written);
    }
  }
  Json schema = {{"type", "object"}, {"additionalProperties", false}, {"properties", properties}};
  if (!missing.empty()) schema["required"] = std::move(missing);
  return schema;
}

// A map of fields. `check` sees the whole afterwards and fails on what does not go together.
template <typename T>
Codec<T> object(std::string name, Fields<T> fields,
                std::function<void(const Value&, T&)> check = nullptr) {
  Codec<T> codec;
  codec.schema = schema_of(fields, T{});
  const auto shared = std::make_shared<const Fields<T>>(std::move(fields));
  codec.read = [=](const Value& value) {
    T into;
    read_fields(value, *shared, into, name);
    if (check) check(value, into);
    return into;
  };
  codec.write = [=](const T& from) { return write_fields(*shared, from); };
  return codec;
}

// --- kinds -------------------------------------------------------

// One kind of a thing that comes in kinds, and the keys that it has.
template <typename T, typename K>
struct KindOf {
  std::string_view word;
  K kind;
  Fields<T> fields;

  bool needs_keys() const {
    return std::any_of(fields.begin(), fields.end(), [](const auto& f) { return f.required; });
  }
};

// `{kind: WORD, keys of that kind}`, or the bare word where no key is required. `kind` may be left
// out where the kind of a T{} needs no key.
template <typename T, typename K>
Codec<T> kinds(std::string name, K T::*member, std::vector<KindOf<T, K>> all,
               std::function<void(const Value&, T&)> check = nullptr) {
  Words<K> kind_words;
  std::vector<std::string> kind_names;
  Json bare = Json::array(), choices = Json::array();
  for (const auto& each : all) {
    kind_words.emplace_back(each.word, each.kind);
    kind_names.emplace_back(each.word);
    if (!each.needs_keys()) bare.push_back(each.word);
    T defaults;
    defaults.*member = each.kind;
    Json schema = schema_of(each.fields, defaults);
    schema["properties"]["kind"] = {{"const", each.word}};
    if (each.kind != T{}.*member || each.needs_keys()) schema["required"].push_back("kind");
    choices.push_back(std::move(schema));
  }
  if (!bare.empty()) choices.insert(choices.begin(), Json{{"enum", bare}});
  const Codec<K> kind_codec = words(kind_words);
  const auto shared = std::make_shared<const std::vector<KindOf<T, K>>>(std::move(all));
  Codec<T> codec;
  codec.schema = {{"anyOf", choices}};
  codec.read = [=](const Value& value) {
    T into;
    const auto read_kind = [&](const Value& place) { into.*member = kind_codec.read(place); };
    bool told = !value.is_map();
    if (told) read_kind(value);
    for (const auto& each : value.is_map() ? value.members() : std::vector<Value::Member>{}) {
      if (each.key != "kind") continue;
      read_kind(each.value);
      told = true;
    }
    for (const auto& each : *shared) {
      if (each.kind != into.*member) continue;
      if (!told && each.needs_keys()) value.fail(name + " without `kind`", listed(kind_names));
      const std::string full_name = name + " `" + std::string(each.word) + "`";
      if (value.is_map()) {
        read_fields(value, each.fields, into, full_name, "kind");
      } else if (each.needs_keys()) {
        value.fail(full_name + " without its keys", "{kind: " + std::string(each.word) + ", " +
                                                        std::string(each.fields.front().key) +
                                                        ": …}");
      }
    }
    if (check) check(value, into);
    return into;
  };
  codec.write = [=](const T& from) {
    Json json = {{"kind", kind_codec.write(from.*member)}};
    for (const auto& each : *shared) {
      if (each.kind == from.*member) json.update(write_fields(each.fields, from));
    }
    return json;
  };
  return codec;
}

}  // namespace sim
