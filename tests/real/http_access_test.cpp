// Who may call, how often, and what shows the token.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "net-real/api_token.h"
#include "net-real/endpoint.h"
#include "net-real/failure.h"
#include "net-real/http_access.h"
#include "tests/real/real_fixture.h"

namespace net {
namespace {

unsigned status_of(const HttpRequest& request, const HttpAccess& access = {}) {
  const auto refused = refusal_of(request, access);
  return refused ? refused->status : 200;
}

HttpRequest from_page(const std::string& host, const std::string& origin,
                      const std::string& site = "") {
  return {.method = "GET",
          .target = "/peers",
          .body = "",
          .host = host,
          .origin = origin,
          .fetch_site = site};
}

TEST(HttpAccess, APageElsewhereIsRefusedByEachWayToKnowIt) {
  const auto status = [](const std::string& origin, const std::string& site) {
    return status_of(from_page("localhost:3000", origin, site));
  };
  EXPECT_EQ(status("http://localhost:3000", "same-origin"), 200u);
  EXPECT_EQ(status("", "none"), 200u) << "typed into the address bar";
  EXPECT_EQ(status("", "cross-site"), 403u);
  EXPECT_EQ(status("", "same-site"), 403u) << "another port of this machine";
  EXPECT_EQ(status("http://localhost:8080", ""), 403u);
  EXPECT_EQ(status("https://localhost:3000", ""), 403u);
}

TEST(HttpAccess, OnLoopbackOnlyProgramsOnThisMachineCall) {
  const auto status = [](const std::string& host, const std::string& origin) {
    return status_of(from_page(host, origin));
  };
  for (const char* host :
       {"", "localhost:3000", "127.0.0.1", "127.0.0.1:1", "[::1]:3000", "[::1]"}) {
    const bool given = *host != '\0';
    EXPECT_EQ(status(host, ""), 200u) << host;
    EXPECT_EQ(status(host, given ? std::string("http://") + host : ""), 200u) << host;
  }
  for (const char* host :
       {"evil.example", "evil.example:3000", "127.evil.example", "192.168.0.1:3000",
        "localhost.evil.example", "[::2]:3000", "127.0.0.1@evil.example"}) {
    EXPECT_EQ(status(host, ""), 403u) << host;
    EXPECT_EQ(status("localhost:3000", std::string("http://") + host), 403u) << host;
  }
  EXPECT_EQ(status("localhost:3000", "null"), 403u) << "a page from a file or a frame of another";
}

TEST(HttpAccess, FromElsewhereByAnAddressOrTheCertificatesName) {
  HttpAccess access{.is_local = false, .is_https = true};
  access.names = [](const std::string& name) { return name == "node.example"; };
  for (const char* host :
       {"node.example", "node.example:3000", "192.0.2.1:3000", "[2001:db8::1]"}) {
    EXPECT_EQ(status_of(from_page(host, ""), access), 200u) << host;
    EXPECT_EQ(status_of(from_page(host, std::string("https://") + host), access), 200u) << host;
    EXPECT_EQ(status_of(from_page(host, std::string("http://") + host), access), 403u) << host;
  }
  for (const char* host : {"evil.example", "node.example.evil", "evil.example:3000", ":3000"}) {
    EXPECT_EQ(status_of(from_page(host, ""), access), 403u) << host;
  }
}

TEST(HttpAccess, TheTokenOpensAllButWhatIsOpen) {
  const std::string token(64, 'a');
  const HttpAccess access{.is_local = false, .is_https = true, .token = token};
  const auto status = [&](const std::string& target, const std::string& authorization) {
    return status_of(
        {.method = "GET", .target = target, .body = "", .authorization = authorization}, access);
  };
  for (const char* target : {"/", "/healthz", "/readyz?verbose", "/dashboard.js"}) {
    EXPECT_EQ(status(target, ""), 200u) << target;
  }
  for (const char* target : {"/peers", "/metrics", "/mineBlock", "//", "/healthz/", "/nothing"}) {
    EXPECT_EQ(status(target, "Bearer " + token), 200u) << target;
    for (const std::string& wrong :
         {std::string(), token, std::string("Bearer "), "Bearer " + token + "a", "bearer " + token,
          "Basic " + token, "Bearer " + std::string(63, 'a') + "b", "Bearer " + token.substr(1)}) {
      EXPECT_EQ(status(target, wrong), 401u) << target << " " << wrong;
    }
  }
}

TEST(HttpAccess, TheTokenIsMadeOnceForItsOwnersEyes) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "api-token";
  const std::string token = read_or_make_token(directory.path());
  EXPECT_EQ(token.size(), 64u);
  EXPECT_EQ(read_or_make_token(directory.path()), token);
  struct stat facts {};
  ASSERT_EQ(stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  const auto words = [&] {
    try {
      read_or_make_token(directory.path());
    } catch (const Failure& failure) {
      return std::string(failure.what());
    }
    return std::string();
  };
  chmod(file.c_str(), 0640);
  EXPECT_NE(words().find("others may read it"), std::string::npos);
  chmod(file.c_str(), 0600);
  for (const char* text : {"", "short", "\n"}) {
    std::ofstream(file) << text;
    EXPECT_NE(words().find("holds no token"), std::string::npos) << text;
  }
  std::ofstream(file) << std::string(64, 'b');
  EXPECT_EQ(read_or_make_token(directory.path()), std::string(64, 'b'));
}

// Of a directory that may be written but not read no name can be synced.
TEST(HttpAccess, ATokenIsTrustedOnceItsNameIsOnDisk) {
  constexpr uid_t kNobody = 65534;
  const TemporaryDirectory directory;
  const bool is_root = geteuid() == 0;  // who may read anything
  if (is_root) {
    ASSERT_EQ(chown(directory.path().c_str(), kNobody, kNobody), 0);
    ASSERT_EQ(seteuid(kNobody), 0);
  }
  EXPECT_EQ(chmod(directory.path().c_str(), 0300), 0);
  EXPECT_THROW(read_or_make_token(directory.path()), Failure);
  EXPECT_EQ(chmod(directory.path().c_str(), 0700), 0);
  ASSERT_TRUE(!is_root || seteuid(0) == 0);
}

TEST(HttpAccess, CallsFromElsewhereHaveARate) {
  CallRates rates;
  const auto take = [&](chain::Time now, const std::string& ip) {
    return rates.take_call(now, ip);
  };
  chain::Time now{chain::seconds(1).ns};
  for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(take(now, "127.0.0.1"));
  for (int i = 0; i < CallRates::kElsewhere.burst; ++i) ASSERT_TRUE(take(now, "192.0.2.1"));
  EXPECT_FALSE(take(now, "192.0.2.1"));
  EXPECT_TRUE(take(now, "192.0.2.2"));
  now = now + chain::milliseconds(1000 / CallRates::kElsewhere.per_second);
  EXPECT_TRUE(take(now, "192.0.2.1"));
  EXPECT_FALSE(take(now, "192.0.2.1"));
  // Of too many customers the late ones share a bucket; those with a full one are forgotten.
  std::size_t refused = 0;
  for (std::size_t i = 0; i < 2 * CallRates::kMaxCallers; ++i) {
    refused += take(now, "2001:db8:" + std::to_string(i) + "::1") ? 0u : 1u;
  }
  EXPECT_GT(refused, 0u);
  now = now + chain::seconds(60);
  EXPECT_TRUE(take(now, "198.51.100.1"));
}

TEST(HttpAccess, WhoHasManyAddressesOfIpv6IsOneCustomer) {
  CallRates rates;
  const chain::Time now{chain::seconds(1).ns};
  for (int i = 0; i < CallRates::kElsewhere.burst; ++i) {
    ASSERT_TRUE(rates.take_call(now, "2001:db8:0:1::" + std::to_string(i)));
  }
  EXPECT_FALSE(rates.take_call(now, "2001:db8:0:1:ffff::1"));
  EXPECT_TRUE(rates.take_call(now, "2001:db8:0:2::1"));
  EXPECT_EQ(customer_of("2001:db8:0:1::7"), customer_of("2001:db8:0:1:2:3:4:5"));
  EXPECT_EQ(customer_of("fe80::1%eth0"), customer_of("fe80::2"));
  EXPECT_NE(customer_of("2001:db8:0:1::7"), customer_of("2001:db8:0:2::7"));
  EXPECT_NE(customer_of("192.0.2.1"), customer_of("192.0.2.2"));
}

TEST(Endpoint, ASubnetIsA24OfIpv4AndA64OfIpv6) {
  EXPECT_EQ(subnet_of("192.0.2.1"), subnet_of("192.0.2.255"));
  EXPECT_NE(subnet_of("192.0.2.255"), subnet_of("192.0.3.0"));
  EXPECT_EQ(subnet_of("2001:db8:0:1::"), subnet_of("2001:db8:0:1:ffff:ffff:ffff:ffff"));
  EXPECT_NE(subnet_of("2001:db8:0:1:ffff:ffff:ffff:ffff"), subnet_of("2001:db8:0:2::"));
  EXPECT_EQ(subnet_of("fe80::1%eth0"), subnet_of("fe80::2"));
}

TEST(HttpAccess, OnlyChangesTakeFromWhatAllMayChange) {
  CallRates rates;
  const chain::Time now{chain::seconds(1).ns};
  const HttpRequest read{.method = "GET", .target = "/peers", .body = ""};
  const HttpRequest change{.method = "POST", .target = "/addPeers", .body = ""};
  for (int i = 0; i < CallRates::kChanges.burst; ++i) ASSERT_TRUE(rates.take_change(now, change));
  EXPECT_FALSE(rates.take_change(now, change));
  EXPECT_TRUE(rates.take_change(now, read));
}

TEST(TokenBucket, FillsByTimeAndNoFurther) {
  TokenBucket bucket({.per_second = 10, .burst = 3});
  chain::Time now{chain::seconds(5).ns};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.take(now));
  EXPECT_FALSE(bucket.take(now));
  EXPECT_FALSE(bucket.take(now + chain::milliseconds(99)));
  EXPECT_TRUE(bucket.take(now + chain::milliseconds(100)));
  EXPECT_FALSE(bucket.take(now + chain::milliseconds(199)));
  now = now + chain::minutes(1'000'000);
  EXPECT_TRUE(bucket.is_full(now));
  EXPECT_EQ(bucket.owe(now, 3).ns, 0);
  EXPECT_EQ(bucket.owe(now, 5).ns, chain::milliseconds(500).ns);
  EXPECT_FALSE(bucket.take(now + chain::milliseconds(599)));
  EXPECT_TRUE(bucket.take(now + chain::milliseconds(600)));
}

}  // namespace
}  // namespace net
