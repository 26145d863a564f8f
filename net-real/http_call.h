// HTTP requests as calls of the node, and answers as JSON text: pure functions on text.
//
// A request becomes what it asks for, or the response that refuses it. Nothing here knows a socket
// or a node, so all of it can be tested and fuzzed as it stands. Errors are
// {"error":"for people","code":"for_programs"}, with "ko" where the original has a Korean text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/block.h"
#include "core/refusal.h"
#include "core/result.h"
#include "net-real/links.h"
#include "net-real/text_stream.h"

namespace net {

struct HttpRequest {
  std::string method;
  std::string target;  // path and query
  std::string body;
  std::string host = {};           // of the header, "" if absent
  std::string origin = {};         // likewise: the web page that makes the call
  std::string fetch_site = {};     // likewise: how a browser says where its page comes from
  std::string content_type = {};   // likewise
  std::string authorization = {};  // likewise
  std::string client = {};         // the caller's IP address
};

struct HttpResponse {
  unsigned status = 200;
  std::string body;
  std::string allow = {};  // the methods of the path, where the status is 405
  std::string_view type = "application/json; charset=utf-8";
  std::shared_ptr<TextStream> stream = {};  // instead of a body: one that goes on
};

struct GetPeers {};
struct GetTip {};
struct GetBlock {
  chain::Hash hash;
};
struct GetBlockAt {
  std::uint32_t height = 0;
};
struct GetMetrics {};
struct GetHealth {};
struct GetReady {};
struct GetStatus {};
struct GetEvents {};
struct GetTree {
  std::optional<std::uint32_t> to;  // height of the last block; nothing: the highest
};
struct GetPage {
  std::string_view name;  // of a part of the page: "dashboard.js"
};
struct GetChains {
  std::uint32_t from = 0;              // height of the first block
  std::optional<std::uint32_t> limit;  // blocks
};
struct MineBlock {
  chain::Texts data;
};
// In a test network: a block filled up to so many bytes of JSON text.
struct MineDrawn {
  std::uint64_t block_bytes = 0;
  std::int64_t nonce = 1;
};
struct AddPeers {
  std::optional<std::vector<std::string>> urls;  // nothing: those of the peers file
};
struct AddToPeer {
  std::string url;
};
using HttpCall = std::variant<HttpResponse, GetPeers, GetChains, GetTip, GetBlock, GetBlockAt,
                              GetMetrics, GetHealth, GetReady, GetStatus, GetEvents, GetTree,
                              GetPage, MineBlock, MineDrawn, AddPeers, AddToPeer>;

// Who may call is http_access.h's business. What changes something takes JSON and nothing else, for
// any page may have a browser send a form.
//
// Never throws, whatever the text. `max_block` is the most bytes that a block's JSON may have.
HttpCall parse_call(const HttpRequest& request, std::uint64_t max_block);

// A JSON array of strings, as a peers file and the body of addPeers hold it. The error says where
// the text went wrong.
chain::Result<std::vector<std::string>> parse_url_list(std::string_view text);

HttpResponse error_response(unsigned status, std::string_view code, std::string_view error,
                            std::string_view korean = {});

// What became of one URL of addPeers.
struct PeerReport {
  std::string peer;  // as it was given
  std::string_view state;
  std::string reason;
};
std::string to_json(const PeerReport& report);
std::string to_json(const std::vector<PeerReport>& reports);

}  // namespace net
