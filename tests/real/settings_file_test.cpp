// What a --config file may hold, and what is refused by its line.
#include "net-real/settings_file.h"

#include <gtest/gtest.h>

namespace net {
namespace {

TEST(SettingsFile, HoldsTextsNumbersSwitchesAndLists) {
  const auto found = parse_settings(
      "# a comment\n"
      "\n"
      "data-dir = \"/srv/a # b\"  # a comment\n"
      "\tthreads=4\r\n"
      "mine = true\n"
      "peers = 'C:\\x'\n"
      "pin = [ \"a, b\", 'c', ]\n"
      "record = \"\\\"q\\\" \\\\ \\t\"");
  ASSERT_TRUE(found) << found.error();
  ASSERT_EQ(found->size(), 6u);
  const auto expect = [&](std::size_t i, std::size_t line, const char* key,
                          const std::vector<std::string>& values) {
    EXPECT_EQ((*found)[i].line, line);
    EXPECT_EQ((*found)[i].key, key);
    EXPECT_EQ((*found)[i].values, values);
  };
  expect(0, 3, "data-dir", {"/srv/a # b"});
  expect(1, 4, "threads", {"4"});
  expect(2, 5, "mine", {"true"});
  expect(3, 6, "peers", {"C:\\x"});
  expect(4, 7, "pin", {"a, b", "c"});
  expect(5, 8, "record", {"\"q\" \\ \t"});
}

TEST(SettingsFile, RefusesByLineWhatIsNoSetting) {
  for (const char* text :
       {"threads", "threads =", "= 4", "threads = 4s", "threads = 04", "threads = 1.5",
        "threads = -1", "threads = 4 5", "p2p = 127.0.0.1:7545", "peers = \"a", "peers = 'a\"",
        "peers = \"a\\x\"", "peers = \"a\" b", "[section]", "pin = [\"a\"", "pin = [,]",
        "pin = [\"a\" \"b\"]", "a.b = 1", "mine = yes"}) {
    const auto found = parse_settings("\n" + std::string(text) + "\n");
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(found.error().substr(0, 9), "2: found ") << text;
    EXPECT_NE(found.error().find("; expected "), std::string::npos) << text;
  }
}

TEST(SettingsFile, RefusesAKeyThatStandsTwice) {
  const auto found = parse_settings("mine = true\nthreads = 1\nmine = false\n");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error(), "3: mine stands in line 1, too; expected it once");
}

}  // namespace
}  // namespace net
