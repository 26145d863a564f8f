// File descriptors, and who may have how many of them.
//
// A process that has none left can neither take a call nor write a block. So the limit is raised as
// far as it may be, some are kept for files and peers, and HTTP gets no more than the rest.
#pragma once

#include <cstddef>

namespace net {

struct Descriptors {
  std::size_t http = 0;  // connections
};

// Raises the process' limit. Throws Failure if even then they are too few.
Descriptors share_descriptors();

}  // namespace net
