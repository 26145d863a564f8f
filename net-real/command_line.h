// Who said what: flags over environment over file over fallback, for the node and for its verbs.
//
//   chainnode [--flag VALUE]...            the node
//   chainnode VERB [--flag VALUE]... ...   something else to do with the same settings
//   (invocation.h)
//
// What nobody knows is refused with what was probably meant, on the command line and in a file. A
// CHAINNODE_* variable that no setting has may be somebody else's: a line on stderr says so.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "net-real/invocation.h"

namespace net {

// Nothing where there is nothing to do: --help or --version has been printed. Throws Failure for
// what is wrong.
std::optional<Invocation> parse_command_line(int argc, const char* const* argv,
                                             std::span<const Verb> verbs);

// What --help prints.
std::string help_text(std::span<const Verb> verbs);

}  // namespace net
