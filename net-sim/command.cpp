#include "net-sim/command.h"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <thread>
#include <vector>

namespace sim {

int worse(int a, int b) {
  static constexpr std::array<int, 7> kSeverity{kAsExpected, kNotMet, kWallLimit,  kOutputFailed,
                                                kBadInput,   kUnsafe, kInterrupted};
  const auto rank = [](int code) {
    return std::find(kSeverity.begin(), kSeverity.end(), code) - kSeverity.begin();
  };
  return rank(a) >= rank(b) ? a : b;
}

int print(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0) return kAsExpected;
  std::fprintf(stderr, "simchain: cannot write to standard output\n");
  return kOutputFailed;
}

int fail(const std::string& line) {
  std::fprintf(stderr, "%s\n", line.c_str());
  return kBadInput;
}

std::uint64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

std::size_t threads_for(std::size_t asked, std::size_t jobs) {
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  return std::min(jobs, asked > 0 ? asked : cores);
}

void in_threads(std::size_t threads, const std::function<void()>& work) {
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < threads; ++i) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
}

}  // namespace sim
