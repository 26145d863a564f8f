#include "net-sim/presets.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "net-sim/units.h"

namespace sim {
namespace {

constexpr std::streamsize kMaxPresetBytes = 1 << 20;

bool plain_name(const std::string& name) {
  return name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
             std::string::npos &&
         !name.empty();
}

}  // namespace

Document preset_document(const Value& place) {
  const std::string& name = place.text_or_fail("the name of a preset");
  const std::string inside = "presets/" + name + ".yaml";
  if (plain_name(name)) {
    const auto beside = std::filesystem::path(place.document().file).parent_path() / inside;
    std::error_code ignored;
    const bool there = std::filesystem::is_regular_file(beside, ignored);
    if (std::ifstream in(beside, std::ios::binary); there && in) {
      std::string text(static_cast<std::size_t>(kMaxPresetBytes) + 1, '\0');
      in.read(text.data(), kMaxPresetBytes + 1);
      if (in.gcount() > kMaxPresetBytes) {
        place.fail("a preset of more than 1 MiB", "a preset such as `bitcoin-2019`");
      }
      text.resize(static_cast<std::size_t>(in.gcount()));
      return parse_document(text, beside.string(), {});
    }
  }
  std::vector<std::string> names;
  for (const PresetFile& preset : built_in_presets()) {
    if (preset.name == name) return parse_document(std::string(preset.text), inside, {});
    names.emplace_back(preset.name);
  }
  place.fail_unknown("unknown preset `" + shown(name) + "`", name, names);
}

}  // namespace sim
