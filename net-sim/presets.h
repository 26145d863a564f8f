// Presets: figures of real networks and miners under a name, in files as a scenario is one.
//
// Those of scenarios/presets are compiled in, so that they are found wherever the program runs; a
// file `presets/NAME.yaml` beside the scenario counts above them. A scenario that has been read
// holds the figures themselves, and no names of presets any more.
#pragma once

#include <span>
#include <string_view>

#include "net-sim/yaml_value.h"

namespace sim {

struct PresetFile {
  std::string_view name, text;
};

// By name. The build makes this from the files (tools/embed.cmake).
std::span<const PresetFile> built_in_presets();

// The preset whose name stands at `place`; fails there if there is none. Errors inside it name its
// own file.
Document preset_document(const Value& place);

}  // namespace sim
