// The text of a --config file: `key = value`, a line each, # opens a comment.
//
//   data-dir = "/srv/chain"      # texts in quotes; \" \\ \t \n \r \b \f in double ones
//   threads = 4                  # integers and true or false without
//   pin = ["sha256//...", '...'] # several texts, in one line
//
// Whatever is read here is TOML and means the same there. What TOML has besides, tables, dates,
// fractions, texts over several lines, no setting needs: it is refused by its line, as is a key
// that stands twice. Which keys there are is not known here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace net {

struct FileSetting {
  std::size_t line = 0;  // from 1
  std::string key;
  std::vector<std::string> values;  // more than one, or none, only of a list
};

// The error begins with the number of the line: "3: found ...; expected ...".
chain::Result<std::vector<FileSetting>> parse_settings(std::string_view text);

}  // namespace net
