// A small program of bytes as the frames of many peers, into a whole host with a store: valid, and
// as expensive as frames can be (tests/real/host_driver.h, which says what must hold).
#include <cstdio>

#include "core/check.h"
#include "tests/real/host_driver.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const net::TemporaryDirectory directory(net::fast_directory());
  net::HostDriver driver(directory.path(), {data, size});
  driver.run();
  if (!driver.fault().empty()) std::fprintf(stderr, "%s\n", driver.fault().c_str());
  CHECK(driver.fault().empty());
  return 0;
}
