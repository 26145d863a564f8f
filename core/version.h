// Which build this is: "0.1.0+1a2b3c4d5", the project's version and, in a git checkout, its commit.
//
// Both programs print it and every summary carries it, so that a result names the code that made
// it. The definition is written by the build (tools/version.cmake). It enters no digest: what
// behaves the same has the same digest.
#pragma once

#include <string_view>

namespace chain {

std::string_view version();

}  // namespace chain
