// chainnode's flags, settings and verbs as JSON, for what is made of them: manual, completion.
//
// `chainnode --describe` prints it, and tools/manual.py reads it; `simchain --describe` has the
// same shape: {"name", "about", "version", "flags": [{"name", "value", "words", "help", "default",
// "variable"}], "arguments", "commands": [the same again]}. It is no interface for people.
#pragma once

#include <span>
#include <string>

#include "net-real/invocation.h"

namespace net {

std::string describe(std::span<const Verb> verbs);

}  // namespace net
