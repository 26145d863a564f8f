// Small things at the edge: URLs, endpoints, durations, log lines.
#include <gtest/gtest.h>

#include "net-real/address_registry.h"
#include "net-real/duration.h"
#include "net-real/endpoint.h"
#include "net-real/log.h"
#include "net-real/loop.h"
#include "net-real/options.h"
#include "tests/real/real_fixture.h"

namespace net {
namespace {

TEST(PeerUrl, OneSpellingForEachAddress) {
  for (const char* text : {"ws://192.168.0.1:7545", "ws://192.168.0.1:7545/"}) {
    EXPECT_EQ(parse_peer_url(text)->text(), "ws://192.168.0.1:7545");
  }
  EXPECT_EQ(parse_peer_url("ws://Some-Host.LOCAL")->text(), "ws://some-host.local:80");
  EXPECT_EQ(parse_peer_url("ws://[::1]:7/path?x")->text(), "ws://[::1]:7/path?x");
  EXPECT_EQ(parse_peer_url("ws://h:7?x")->target, "/?x");
}

TEST(PeerUrl, SaysWhatIsWrong) {
  for (const char* text : {"",
                           "ws://",
                           "ws://:1",
                           "http://a",
                           "wsx://a",
                           "ws://192.168.0.256:7545",
                           "ws://1.2.3",
                           "ws://1",
                           "ws://a:0",
                           "ws://a:65536",
                           "ws://a:x",
                           "ws://a:",
                           "ws://a b",
                           "ws://u@a",
                           "ws://a#f",
                           "ws://a..b",
                           "ws://[::1",
                           "ws://[x]",
                           "ws://[::1]x",
                           "ws://한글",
                           "ws://a_b"}) {
    const auto url = parse_peer_url(text);
    EXPECT_FALSE(url) << text;
    EXPECT_NE(url.ok() ? "" : url.error(), "") << text;
  }
  EXPECT_FALSE(parse_peer_url("ws://" + std::string(600, 'a')));
  EXPECT_FALSE(parse_peer_url("ws://" + std::string(64, 'a')));
}

TEST(PeerUrl, OfStrangersOnlyAddressesElsewhereAreDialled) {
  const auto may = [](const char* text, bool local) {
    const auto url = parse_peer_url(text);
    return url.ok() && may_be_told(*url, local);
  };
  for (const bool local : {false, true}) {
    for (const char* text : {"ws://192.0.2.1:7545", "wss://[2001:db8::1]", "ws://10.0.0.7:1"}) {
      EXPECT_TRUE(may(text, local)) << text;
    }
    for (const char* text :
         {"ws://0.0.0.0:1", "ws://[::]:1", "ws://[::ffff:127.0.0.1]:1", "ws://[::ffff:192.0.2.1]:1",
          "ws://0x7f000001:1", "ws://0x7f.0x1:1", "ws://2130706433:1", "ws://node.example:1",
          "ws://localhost:1", "ws://192.0.2.1:1/admin/delete?id=1", "ws://224.0.0.1:1",
          "ws://255.255.255.255:1", "ws://[ff02::1]:1", "ws://[::2]:1"}) {
      EXPECT_FALSE(may(text, local)) << text;
    }
  }
  for (const char* text : {"ws://127.0.0.1:1", "ws://127.1.2.3:1", "wss://[::1]:1"}) {
    EXPECT_TRUE(may(text, true)) << text;
    EXPECT_FALSE(may(text, false)) << text;
  }
}

TEST(AddressRegistry, NumbersUrlsAndHasALimit) {
  AddressRegistry registry;
  const PeerUrl a{"a", 1, "/"}, b{"b", 1, "/"};
  EXPECT_EQ(*registry.add(a), 0u);
  EXPECT_EQ(*registry.add(b), 1u);
  EXPECT_EQ(*registry.add(a), 0u);
  EXPECT_EQ(registry.url(1), b);
  for (std::size_t i = 2; i < AddressRegistry::kMaxAddresses; ++i) {
    EXPECT_TRUE(registry.add({"c", static_cast<std::uint16_t>(i), "/"}));
  }
  EXPECT_FALSE(registry.add({"d", 1, "/"}));
  EXPECT_TRUE(registry.add(b));
}

TEST(Endpoint, Parses) {
  EXPECT_EQ(parse_endpoint("0.0.0.0:7545")->text(), "0.0.0.0:7545");
  EXPECT_EQ(parse_endpoint("[::1]:0")->text(), "[::1]:0");
  EXPECT_EQ(parse_endpoint("localhost:1")->text(), "127.0.0.1:1");
  EXPECT_TRUE(parse_endpoint("[::1]:0")->is_loopback());
  EXPECT_FALSE(parse_endpoint("0.0.0.0:1")->is_loopback());
  for (const char* ip : {"127.0.0.1", "::1"}) EXPECT_TRUE(is_localhost(ip)) << ip;
  for (const char* ip : {"127.0.0.5", "::", "192.0.2.1", ""}) EXPECT_FALSE(is_localhost(ip)) << ip;
  for (const char* text : {"", ":", "7545", "1.2.3:1", "a:1", "::1:1", "1.2.3.4:", "1.2.3.4:-1",
                           "1.2.3.4:65536", "1.2.3.4:1x"}) {
    EXPECT_FALSE(parse_endpoint(text)) << text;
  }
}

TEST(Duration, Parses) {
  EXPECT_EQ(parse_duration("500ms"), chain::milliseconds(500));
  EXPECT_EQ(parse_duration("10 s"), chain::seconds(10));
  EXPECT_EQ(parse_duration("2min"), chain::minutes(2));
  EXPECT_EQ(parse_duration("1h"), chain::minutes(60));
  for (const char* text : {"", "s", "10", "-1s", "0s", "1d", "99999999h", "1.5s", "1s "}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Log, NoValueBreaksALine) {
  EXPECT_EQ(Log::line(LogFormat::text, 1234, "info", "e", {{"a", "plain"}, {"b", "x\ny \x1b[0m"}}),
            "1970-01-01T00:00:01.234Z info e a=plain b=\"x\\x0ay \\x1b[0m\"");
  EXPECT_EQ(Log::line(LogFormat::json, 0, "warn", "e", {{"n", 5}, {"q", "\"\xff"}}),
            "{\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"warn\",\"event\":\"e\","
            "\"n\":\"5\",\"q\":\"\\\"\\u00ff\"}");
  EXPECT_EQ(Log::line(LogFormat::json, 0, "info", "e", {LogField::own("ko", "높이 "), {"n", 5}}),
            "{\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"info\",\"event\":\"e\","
            "\"ko\":\"높이 \",\"n\":\"5\"}");
  EXPECT_EQ(Log::line(LogFormat::text, 0, "info", "e", {LogField::own("ko", ""), {"n", 5}}),
            "1970-01-01T00:00:00.000Z info e n=5");
  const std::string cut =
      Log::line(LogFormat::text, 0, "info", "e", {{"v", std::string(5000, 'x')}});
  EXPECT_LT(cut.size(), 300u);
  EXPECT_NE(cut.find("...(5000 bytes)"), cut.npos);
}

TEST(Log, WritesSoManyLinesOfAnEventInASecondAndNoMore) {
  MemoryLog memory;
  const std::int64_t second = wall_clock_ms() / 1000;
  for (int i = 0; i < 3 * Log::kMaxLines; ++i) memory.log.info("flood", {{"number", i}});
  memory.log.info("other");
  if (wall_clock_ms() / 1000 != second) GTEST_SKIP() << "the second passed meanwhile";
  EXPECT_TRUE(memory.has("number=99\n"));
  EXPECT_FALSE(memory.has("number=100\n"));
  EXPECT_TRUE(memory.has("other")) << "each event has its own count";
}

}  // namespace
}  // namespace net
