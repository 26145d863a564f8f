// What all commands share: exit codes, words for people and programs, work on all cores.
//
// stdout is for data, and what cannot be written there is a failure; stderr is for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace sim {

// Of several runs the worst counts, in this order of severity, the last the worst.
enum ExitCode : int {
  kAsExpected = 0,
  kNotMet = 2,  // an expectation or liveness failed
  kWallLimit = 4,
  kOutputFailed = 5,  // output could not be written
  kBadInput = 1,      // bad input or usage
  kUnsafe = 3,        // a safety invariant broke
  kInterrupted = 130,
};
int worse(int a, int b);

// To stdout. The exit code: a full disk is no success.
int print(const std::string& text);
// A line to stderr; returns kBadInput.
int fail(const std::string& line);

// Of this process, so far.
std::uint64_t peak_memory_bytes();

// How many threads work on so many jobs; `asked`: 0 for all cores.
std::size_t threads_for(std::size_t asked, std::size_t jobs);
// Calls `work` in each of so many threads at once, and returns when all have.
void in_threads(std::size_t threads, const std::function<void()>& work);

}  // namespace sim
