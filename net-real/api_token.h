// The token that opens the HTTP API to who is not on this machine: 32 random bytes in a file.
//
// DATA_DIR/api-token, 64 hex digits, for its owner's eyes alone (mode 0600). It is made at the
// first need and can be replaced by hand; SIGHUP has it read again.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace net {

// What the file holds, made if there is none. Throws Failure: not to be read or written, others may
// read it, or it holds no token.
std::string read_or_make_token(const std::filesystem::path& data_directory);

// Whether an Authorization header shows the token, in a time that does not tell how much of it was
// right.
bool shows_token(std::string_view authorization, std::string_view token);

}  // namespace net
