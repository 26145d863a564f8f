// How often this program has allocated: its operator new is replaced by one that counts.
//
// In a file of its own, for where a compiler sees both the new and the free behind a delete it
// takes them for a mismatch.
#pragma once

#include <cstdint>

namespace test {

// Since the program started, on all threads.
std::uint64_t allocations();

}  // namespace test
