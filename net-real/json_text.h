// JSON as this node writes it: keys in the order in which they were put, in one line, and whatever
// a stranger's text holds, the result is UTF-8.
//
// Not for the blocks' own JSON, whose every byte counts (core/json_block.h).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace net {

using Json = nlohmann::ordered_json;

// `indent`: -1 for one line.
inline std::string json_text(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace net
