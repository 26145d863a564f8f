#include "net-sim/scenario_writer.h"

#include <algorithm>
#include <cctype>

#include "net-sim/scenario_keys.h"

namespace sim {
namespace {

// A text that YAML reads back as the same text without quotes, also inside brackets.
bool plain(const std::string& text) {
  const auto harmless = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string(" _./+%").find(c) != std::string::npos;
  };
  return !text.empty() && text.front() != ' ' && text.back() != ' ' && text.front() != '%' &&
         std::all_of(text.begin(), text.end(), harmless);
}

std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string text_in_yaml(const std::string& text) { return plain(text) ? text : json_line(text); }

}  // namespace

std::string yaml_flow(const Json& json) {
  if (json.is_string()) return text_in_yaml(json.get<std::string>());
  if (!json.is_structured()) return json_line(json);
  std::string inside;
  for (const auto& [key, value] : json.items()) {
    if (!inside.empty()) inside += ", ";
    if (json.is_object()) inside += text_in_yaml(key) + ": ";
    inside += yaml_flow(value);
  }
  return json.is_object() ? "{" + inside + "}" : "[" + inside + "]";
}

std::string scenario_yaml(const Scenario& scenario) {
  const Json json = scenario_codec().write(scenario);
  std::string text;
  for (const auto& [key, value] : json.items()) {
    const bool entries = value.is_array() && !value.empty();
    const bool section = value.is_object() && (key == "network" || key == "chain");
    text += key + ":" + (entries || section ? "" : " " + yaml_flow(value)) + "\n";
    if (!entries && !section) continue;
    for (const auto& [name, inner] : value.items()) {
      text += (entries ? "  - " : "  " + name + ": ") + yaml_flow(inner) + "\n";
    }
  }
  return text;
}

}  // namespace sim
