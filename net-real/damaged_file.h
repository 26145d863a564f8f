// What is done with a file before it is mended: it is kept as it is, beside the mended one.
//
// Nobody knows what a damaged store is still good for; so no mending overwrites an earlier one's
// copy, and the copy is on disk before anything is changed.
#pragma once

#include <string>

namespace net {

// Copies FILE, and the log FILE-wal if it holds anything, to FILE.damaged, or the first of
// FILE.damaged.2, FILE.damaged.3 ... that is free. Returns that name. Throws Failure.
std::string keep_damaged(const std::string& file);

}  // namespace net
