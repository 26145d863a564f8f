// A file of output, whole or not at all: written under a temporary name beside it and renamed, so
// that a reader never sees half a file and a full disk leaves the old one.
//
// What is there and no regular file (a device, a pipe) is written to as it is: a rename would take
// its place.
#pragma once

#include <filesystem>
#include <string_view>

namespace sim {

// False if it could not be written.
bool write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace sim
