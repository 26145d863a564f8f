// File descriptors, and who may have how many of them.
//
// A process that has none left can neither take a call nor write a block. So the limit is raised to
// what all limits together need, if it may be, some are kept for files and peers, and HTTP gets no
// more than the rest.
#pragma once

#include <cstddef>

namespace net {

// Raises the process' limit; how many connections HTTP may have then. Throws Failure if even so
// they are too few.
std::size_t http_descriptors();

}  // namespace net
