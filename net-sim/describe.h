// simchain's commands and flags as JSON, for what is made of them: manual, completion.
//
// `simchain --describe` prints it, and tools/manual.py reads it; `chainnode --describe` has the
// same shape: {"name", "about", "version", "flags": [{"name", "value", "words", "help", "default",
// "variable"}], "arguments", "commands": [the same again]}. It is no interface for people.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace sim {

std::string describe(const CLI::App& app);

}  // namespace sim
