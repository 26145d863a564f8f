// HTTP calls as text: what they ask for, and that no text is too odd.
#include <gtest/gtest.h>

#include "core/random.h"
#include "net-real/http_call.h"

namespace net {
namespace {

constexpr std::uint64_t kMaxBlock = 128 << 10;

HttpCall call(const std::string& method, const std::string& target, const std::string& body = "") {
  return parse_call(
      {.method = method, .target = target, .body = body, .content_type = "application/json"},
      kMaxBlock);
}

unsigned status_of(const HttpCall& parsed) {
  const auto* refused = std::get_if<HttpResponse>(&parsed);
  return refused != nullptr ? refused->status : 200;
}

TEST(HttpCall, Asks) {
  EXPECT_TRUE(std::holds_alternative<GetPeers>(call("GET", "/peers")));
  const auto chains = std::get<GetChains>(call("GET", "/chains?limit=3&from=2"));
  EXPECT_EQ(chains.from, 2u);
  EXPECT_EQ(chains.limit, 3u);
  const auto mine = std::get<MineBlock>(call("POST", "/mineBlock", R"({"data":["한글",""]})"));
  EXPECT_EQ(mine.data, (chain::Texts{"한글", ""}));
  EXPECT_FALSE(std::get<AddPeers>(call("POST", "/addPeers", " \n")).urls);
  EXPECT_EQ(std::get<AddPeers>(call("POST", "/addPeers", R"(["a"])")).urls->size(), 1u);
  EXPECT_EQ(std::get<AddToPeer>(call("POST", "/addToPeer", R"({"peer":"ws://a"})")).url, "ws://a");
}

TEST(HttpCall, Refuses) {
  EXPECT_EQ(status_of(call("GET", "/nothing")), 404u);
  for (const char* target : {"/blocks/", "/blocks", "/block-height/"}) {
    EXPECT_EQ(status_of(call("GET", target)), 404u) << target;
  }
  for (const char* target : {"/blocks/x", "/blocks/AB", "/block-height/-1", "/block-height/1x"}) {
    EXPECT_EQ(status_of(call("GET", target)), 400u) << target;
  }
  EXPECT_EQ(std::get<HttpResponse>(call("PUT", "/chains")).allow, "GET");
  EXPECT_EQ(status_of(call("PUT", "/chains")), 405u);
  EXPECT_EQ(status_of(call("POST", "/mineBlock", std::string(60'000, '['))), 400u);
  EXPECT_EQ(status_of(call("POST", "/mineBlock", R"({"data":[1e999]})")), 400u);
  EXPECT_EQ(status_of(call("POST", "/mineBlock", R"({"data":["a"],"data":["b"]})")), 400u);
  const std::string large = R"({"data":[")" + std::string(kMaxBlock - 300, 'x') + "\"]}";
  EXPECT_EQ(status_of(call("POST", "/mineBlock", large)), 413u);
}

TEST(HttpCall, AsksForBlocksAndFacts) {
  EXPECT_TRUE(std::holds_alternative<GetTip>(call("GET", "/blocks/tip")));
  const auto block = std::get<GetBlock>(call("GET", "/blocks/" + std::string(63, '0') + "f"));
  EXPECT_EQ(block.hash.bytes.back(), 15);
  EXPECT_EQ(std::get<GetBlockAt>(call("GET", "/block-height/12")).height, 12u);
  EXPECT_TRUE(std::holds_alternative<GetMetrics>(call("GET", "/metrics")));
  EXPECT_TRUE(std::holds_alternative<GetHealth>(call("HEAD", "/healthz")));
  EXPECT_TRUE(std::holds_alternative<GetReady>(call("GET", "/readyz?verbose")));
}

// What a form of another page can have a browser send is no JSON.
TEST(HttpCall, WhatChangesSomethingIsJson) {
  const auto status = [](const std::string& type, const std::string& body) {
    return status_of(parse_call(
        {.method = "POST", .target = "/addPeers", .body = body, .content_type = type}, kMaxBlock));
  };
  EXPECT_EQ(status("", ""), 200u) << "curl -X POST, without a body";
  EXPECT_EQ(status("Application/JSON; charset=utf-8", "[]"), 200u);
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded",
                           "multipart/form-data", "application/jsonp", "text/json"}) {
    EXPECT_EQ(status(type, "[]"), 415u) << type;
  }
}

TEST(HttpCall, ErrorsAreJsonWhateverTheyQuote) {
  EXPECT_EQ(error_response(409, "stale", "a \"b\"\xff", "높이").body,
            "{\"error\":\"a \\\"b\\\"\xEF\xBF\xBD\",\"code\":\"stale\",\"ko\":\"높이\"}");
}

TEST(HttpCall, NoTextIsTooOdd) {
  chain::Random random(1);
  const std::string pieces[] = {
      R"({"data":[)", R"("x")",  ",",    "]}", "[",    "{",
      R"("peer":)",   "\\u00ff", "1e99", "\"", "\xff", std::string(1, '\0')};
  const std::string targets[] = {"/mineBlock", "/addPeers", "/addToPeer", "/chains?from=", "?", ""};
  for (int i = 0; i < 50'000; ++i) {
    std::string body;
    for (std::uint64_t n = random.below(12); n > 0; --n) {
      body += pieces[random.below(std::size(pieces))];
    }
    std::string target = targets[random.below(std::size(targets))];
    if (random.below(4) == 0) target += body;
    const HttpCall parsed = call(random.below(2) == 0 ? "POST" : "GET", target, body);
    const unsigned status = status_of(parsed);
    EXPECT_TRUE(status == 200 || status == 400 || status == 404 || status == 405 || status == 413)
        << status;
  }
}

}  // namespace
}  // namespace net
