// Random programs of valid and expensive frames, into a host: what is stored is what steps took,
// and the work of a step is linear in its frame, the peers and the download window. The same driver
// as tests/fuzz/host_fuzz.cpp; here it runs everywhere, unguided.
#include <gtest/gtest.h>

#include <random>

#include "tests/real/host_driver.h"

namespace net {
namespace {

using Program = std::vector<std::uint8_t>;

void run_program(const Program& program, const std::string& name, double& most_windows) {
  const TemporaryDirectory directory(fast_directory());
  HostDriver driver(directory.path(), program);
  driver.run();
  most_windows = std::max(most_windows, driver.most_windows());
  EXPECT_EQ(driver.fault(), "") << name << ", after " << driver.steps() << " steps";
}

Program random_program(std::uint32_t seed, std::size_t size) {
  std::mt19937 random(seed);
  Program program(size);
  for (std::uint8_t& byte : program) byte = static_cast<std::uint8_t>(random());
  return program;
}

TEST(HostProperty, StoresWhatStepsTakeAndWorksNoMoreThanAFrameIsWorth) {
  double most_windows = 0;
  for (std::uint32_t seed = 1; seed <= 60 && !testing::Test::HasFailure(); ++seed) {
    run_program(random_program(seed, 120), "seed " + std::to_string(seed), most_windows);
  }
  testing::Test::RecordProperty("most_windows", std::to_string(most_windows));
}

}  // namespace
}  // namespace net
