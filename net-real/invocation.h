// What somebody asks of the program: to run the node, or a verb instead, with which settings.
//
// A verb is what `chainnode VERB` does besides running a node; verbs.cpp has the table of them, and
// a new verb is a new row. It has the node's settings, from flags, environment and file alike, so
// that it speaks of the same node, and ends with an exit code.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net-real/options.h"
#include "net-real/settings.h"

namespace net {

struct Invocation;

struct Verb {
  std::string_view name;
  std::string_view words;  // its arguments, as help names them: "", "FILE", "FROM TO"
  std::string_view help;
  bool knows_json = false;  // has --json, for programs
  int (*run)(const Invocation& invocation);

  std::size_t count_words() const;
};

// A setting and what holds for it: nothing, one thing, or several where it repeats.
struct InForce {
  const Setting* setting = nullptr;
  std::vector<Said> said;
};

struct Invocation {
  const Verb* verb = nullptr;  // null: run the node
  std::span<const Verb> verbs;
  Options options;
  std::vector<InForce> in_force;   // a row for each setting
  std::vector<std::string> words;  // of the verb, as many as it takes
  bool json = false;               // where the verb knows --json
};

}  // namespace net
