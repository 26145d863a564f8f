#include "net-real/print_settings.h"

#include <algorithm>
#include <cstdio>

#include "net-real/invocation.h"
#include "net-real/json_text.h"

namespace net {
namespace {

std::string_view word_for(Origin origin) {
  switch (origin) {
    case Origin::fallback:
      return "default";
    case Origin::file:
      return "file";
    case Origin::environment:
      return "environment";
    case Origin::flag:
      return "flag";
  }
  return "";
}

// Whether it may stand without quotes: TOML's integers have 64 bits and no zeros before them.
bool is_integer(const std::string& text) {
  constexpr std::size_t kMostDigits = 18;
  const bool has_digits_only =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  const bool is_padded = text.size() > 1 && text.front() == '0';
  return has_digits_only && !text.empty() && !is_padded && text.size() <= kMostDigits;
}

// As TOML has it: what is a number or a switch without quotes.
std::string toml_value(const Setting& setting, const std::string& text) {
  if (setting.is_switch()) return text == "true" || text == "1" ? "true" : "false";
  if (is_integer(text)) return text;
  constexpr std::string_view kEscaped = "\"\\\t\n\r\b\f", kLetters = "\"\\tnrbf";
  std::string quoted = "\"";
  for (const char c : text) {
    const std::size_t which = kEscaped.find(c);
    quoted += which == kEscaped.npos ? std::string(1, c) : std::string("\\") + kLetters[which];
  }
  return quoted + "\"";
}

// A comment ends with its line, whatever the name of the file that it tells of.
std::string in_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c >= 0 && c < ' '; }, '?');
  return text;
}

// "node.toml:3: threads" -> "node.toml:3": the key stands beside it anyway.
std::string place(const Said& said) {
  switch (said.origin) {
    case Origin::fallback:
      return "default";
    case Origin::file:
      return said.where.substr(0, said.where.rfind(": "));
    default:
      return said.where;
  }
}

// What nobody said is a comment, so that the file says no more than was said.
std::string toml_line(const InForce& row) {
  const Setting& setting = *row.setting;
  std::string name(setting.name);
  if (row.said.empty()) return "# " + name + " = \"" + std::string(setting.value) + "\"";
  if (row.said.front().origin == Origin::fallback) name = "# " + name;
  if (!setting.repeats) return name + " = " + toml_value(setting, row.said.front().text);
  std::string list;
  for (const Said& said : row.said) {
    list += (list.empty() ? "" : ", ") + toml_value(setting, said.text);
  }
  return name + " = [" + list + "]";
}

bool is_listed(const InForce& row) {
  return row.setting->name != "config" && (!row.setting->help.empty() || !row.said.empty());
}

void print_toml(const std::vector<InForce>& in_force) {
  std::size_t width = 0;
  for (const InForce& row : in_force) {
    if (is_listed(row)) width = std::max(width, toml_line(row).size());
  }
  for (const InForce& row : in_force) {
    if (!is_listed(row)) continue;
    const std::string line = toml_line(row);
    const std::string who = row.said.empty() ? "nobody says" : in_one_line(place(row.said.front()));
    std::printf("%s%s  # %s\n", line.c_str(), std::string(width - line.size(), ' ').c_str(),
                who.c_str());
  }
}

void print_json(const std::vector<InForce>& in_force) {
  Json all;
  for (const InForce& row : in_force) {
    auto& entry = all[std::string(row.setting->name)];
    entry = {{"value", nullptr}, {"from", "default"}, {"where", nullptr}};
    if (row.said.empty()) continue;
    if (row.setting->repeats) {
      entry["value"] = Json::array();
      for (const Said& said : row.said) entry["value"].push_back(said.text);
    } else {
      entry["value"] = row.said.front().text;
    }
    entry["from"] = word_for(row.said.front().origin);
    if (row.said.front().origin != Origin::fallback) entry["where"] = place(row.said.front());
  }
  // Paths may hold any bytes, and JSON may not.
  std::puts(json_text(all, 2).c_str());
}

}  // namespace

int print_settings(const Invocation& invocation) {
  if (invocation.json) {
    print_json(invocation.in_force);
  } else {
    print_toml(invocation.in_force);
  }
  return 0;
}

}  // namespace net
