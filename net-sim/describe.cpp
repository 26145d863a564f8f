#include "net-sim/describe.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "core/version.h"

namespace sim {

using Json = nlohmann::ordered_json;

namespace {

// Of "TEXT:{slurm,parallel}" the words; of "N:NONNEGATIVE" none.
Json words_of(const std::string& type) {
  Json words = Json::array();
  const std::size_t from = type.find('{'), to = type.find('}');
  if (from == type.npos || to == type.npos) return words;
  for (const std::string& word : CLI::detail::split(type.substr(from + 1, to - from - 1), ',')) {
    words.push_back(word);
  }
  return words;
}

Json describe_option(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const Json words = words_of(type);
  std::string value = option.get_items_expected_max() == 0 ? "" : type.substr(0, type.find(':'));
  if (!words.empty()) {
    value.clear();
    for (const Json& word : words) {
      value += (value.empty() ? "" : "|") + word.get<std::string>();
    }
  }
  return {{"name", "--" + option.get_lnames().front()},
          {"value", value},
          {"words", words},
          {"help", option.get_description()},
          {"default", option.get_default_str()},
          {"variable", ""}};
}

std::string argument_text(const CLI::Option& option) {
  const std::string name = option.get_name() + (option.get_items_expected_max() > 1 ? "..." : "");
  return option.get_required() ? name : "[" + name + "]";
}

Json describe_app(const CLI::App& app) {
  Json flags = Json::array();
  std::string arguments;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) {
      arguments += (arguments.empty() ? "" : " ") + argument_text(*option);
    } else {
      flags.push_back(describe_option(*option));
    }
  }
  Json commands = Json::array();
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands.push_back(describe_app(*command));
  }
  return {{"name", app.get_name()},
          {"about", app.get_description()},
          {"arguments", arguments},
          {"flags", flags},
          {"commands", commands}};
}

}  // namespace

std::string describe(const CLI::App& app) {
  Json json = describe_app(app);
  json["name"] = "simchain";
  json["about"] = "a deterministic simulator of blockchain networks";
  json["version"] = chain::version();
  return json.dump(1);
}

}  // namespace sim
