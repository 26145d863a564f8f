#include "net-real/describe.h"

#include "core/version.h"
#include "net-real/json_text.h"

namespace net {
namespace {

// Of "tutorial|work" the words; of "FILE" none.
Json words_of(std::string_view value) {
  Json words = Json::array();
  if (value.find('|') == value.npos) return words;
  while (!value.empty()) {
    const std::string_view word = value.substr(0, value.find('|'));
    value.remove_prefix(std::min(value.size(), word.size() + 1));
    words.push_back(word);
  }
  return words;
}

Json flag(std::string_view name, std::string_view help) {
  return {{"name", name}, {"value", ""}, {"words", Json::array()}, {"help", help}};
}

Json describe_setting(const Setting& setting) {
  Json json = flag(setting.flag(), setting.help);
  json["value"] = setting.value;
  json["words"] = words_of(setting.value);
  json["default"] = setting.is_switch() ? "" : setting.fallback;
  json["variable"] = setting.variable();
  return json;
}

}  // namespace

std::string describe(std::span<const Verb> verbs) {
  Json settings_json = Json::array();
  for (const Setting& setting : settings()) {
    if (!setting.help.empty()) settings_json.push_back(describe_setting(setting));
  }
  Json commands = Json::array();
  for (const Verb& verb : verbs) {
    Json flags = Json::array();
    if (verb.knows_json) flags.push_back(flag("--json", "for programs"));
    for (const Json& setting : settings_json) flags.push_back(setting);
    commands.push_back({{"name", verb.name},
                        {"about", verb.help},
                        {"arguments", verb.words},
                        {"flags", flags},
                        {"commands", Json::array()}});
  }
  Json flags = settings_json;
  flags.push_back(flag("--help", "what there is to say, in short"));
  flags.push_back(flag("--version", "the version, and what it was built from"));
  return json_text({{"name", "chainnode"},
                    {"about", "a node of the tutorial's network"},
                    {"version", chain::version()},
                    {"arguments", ""},
                    {"flags", flags},
                    {"commands", commands}},
                   1);
}

}  // namespace net
