// Frames that wait for slow peers: each text once, up to a limit over all of them.
#include "net-real/send_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace net {
namespace {

Frame frame(std::size_t bytes) { return std::make_shared<const std::string>(bytes, 'x'); }

TEST(SendQueues, TakeUpToTheirLimit) {
  const auto all = std::make_shared<SendQueues>(100);
  SendQueue first(all), second(all);
  first.push(frame(60));
  EXPECT_TRUE(all->fits(frame(39)));
  EXPECT_TRUE(all->fits(frame(40)));
  EXPECT_FALSE(all->fits(frame(41)));
  second.push(frame(40));
  EXPECT_EQ(all->bytes(), 100u);
  EXPECT_FALSE(all->fits(frame(1)));
  first.pop();
  EXPECT_EQ(all->bytes(), 40u);
  EXPECT_TRUE(all->fits(frame(60)));
}

TEST(SendQueues, CountOnceWhatWaitsForMany) {
  const auto all = std::make_shared<SendQueues>(100);
  const Frame block = frame(100);
  SendQueue second(all);
  {
    SendQueue first(all);
    first.push(block);
    EXPECT_TRUE(all->fits(block));
    second.push(block);
    first.push(block);
    EXPECT_EQ(first.bytes(), 200u);
    EXPECT_EQ(all->bytes(), 100u);
  }
  EXPECT_EQ(all->bytes(), 100u);  // of the one that is left
  second.clear();
  EXPECT_EQ(all->bytes(), 0u);
  EXPECT_EQ(second.bytes(), 0u);
}

}  // namespace
}  // namespace net
