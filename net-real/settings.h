// Everything that can be set, as one table: a new flag is a new row of settings.cpp.
//
// A setting has one name and three spellings: the flag --data-dir, the environment variable
// CHAINNODE_DATA_DIR, the key data-dir of a --config file. Help, manual, shell completion and
// `chainnode config` are made from the rows, so that they cannot lag behind. No setting is a
// secret: keys and tokens are files, and a setting names the file.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "net-real/options.h"

namespace net {

// Later wins.
enum class Origin { fallback, file, environment, flag };

// What somebody said of a setting.
struct Said {
  Origin origin = Origin::fallback;
  std::string where;  // for error lines: "--threads", "CHAINNODE_THREADS", "node.toml:3: threads"
  std::string text;   // never ""; "true" or "false" of a switch
};

struct Setting {
  std::string_view name;   // "data-dir"
  std::string_view value;  // what is to be said: "DIR", "FILE", "work|tutorial"; "": it is a switch
  std::string_view help;   // "": not listed anywhere
  // Puts it where it belongs, or throws Failure: "WHERE: found ...; expected ...".
  void (*apply)(Options& options, const Said& said);
  std::string_view fallback = "";            // in force where nothing is said; "": nothing is
  std::string (*fallback_here)() = nullptr;  // the same, where it depends on the machine
  bool repeats = false;                      // may be said more than once; all of it is in force

  bool is_switch() const { return value.empty(); }
  std::string flag() const;
  std::string variable() const;
};

std::span<const Setting> settings();

// The setting of that name; null: there is none.
const Setting* find_setting(std::string_view name);

}  // namespace net
