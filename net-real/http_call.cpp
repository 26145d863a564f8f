#include "net-real/http_call.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include "core/block_size.h"
#include "net-real/json_text.h"

namespace net {
namespace {

using chain::Error;
using chain::Result;

constexpr int kMaxDepth = 16;                // nested arrays and objects in a body
constexpr std::size_t kMaxUrls = 1024;       // of one addPeers
constexpr std::uint64_t kHeaderBytes = 600;  // at most, of a mined block's JSON text without data

// Strict where nlohmann is not: depth, and keys that stand twice.
Result<Json> parse_json(std::string_view text) {
  std::string wrong;
  std::vector<std::set<std::string>> keys;
  const auto look = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > kMaxDepth && wrong.empty()) wrong = "nested too deeply";
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && wrong.empty() &&
        !keys.back().insert(value.get<std::string>()).second) {
      wrong = "a key stands twice";
    }
    return true;
  };
  try {
    Json json = Json::parse(text, look);
    if (!wrong.empty()) return Error{wrong};
    return json;
  } catch (const Json::parse_error& error) {
    return Error{"no JSON: it goes wrong at byte " + std::to_string(error.byte)};
  } catch (const Json::exception&) {
    return Error{std::string("no JSON: a number is out of range")};
  }
}

Result<std::vector<std::string>> strings_of(const Json& json) {
  if (!json.is_array()) return Error{std::string("not an array of strings")};
  std::vector<std::string> strings;
  for (const Json& element : json) {
    if (!element.is_string()) return Error{std::string("not an array of strings")};
    strings.push_back(element.get<std::string>());
  }
  return strings;
}

HttpResponse bad_request(std::string_view code, const std::string& error) {
  return error_response(400, code, error);
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

// A test network's. Sizes and nonces are within what a block can have.
HttpCall parse_mine_drawn(const Json& json, std::uint64_t max_block) {
  constexpr std::int64_t kMostNonce = std::int64_t{1} << 53;
  const auto number = [&json](const char* key, std::int64_t most) -> std::optional<std::int64_t> {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_number_integer()) return std::nullopt;
    if (*found < 1 || *found >= most) return std::nullopt;
    return found->get<std::int64_t>();
  };
  const auto most_bytes = static_cast<std::int64_t>(max_block == 0 ? 1 << 30 : max_block + 1);
  const auto bytes = number("block_bytes", most_bytes);
  const auto nonce = number("nonce", kMostNonce);
  if (!bytes || !nonce || json.size() != 2) {
    return bad_request("bad_block",
                       "found no size and nonce that a block can have; expected "
                       R"({"block_bytes":2000,"nonce":1}, at most )" +
                           std::to_string(most_bytes - 1) + " bytes");
  }
  return MineDrawn{static_cast<std::uint64_t>(*bytes), *nonce};
}

HttpCall parse_mine_block(const HttpRequest& request, std::uint64_t max_block) {
  constexpr std::string_view kWanted = R"(; expected {"data":["text", ...]})";
  const auto json = parse_json(request.body);
  if (!json) return bad_request("bad_json", "the body is " + json.error() + std::string(kWanted));
  if (json->is_object() && json->contains("block_bytes")) return parse_mine_drawn(*json, max_block);
  if (!json->is_object() || !json->contains("data")) {
    return bad_request("bad_data", "found no data" + std::string(kWanted));
  }
  const auto data = strings_of((*json)["data"]);
  if (!data) return bad_request("bad_data", "data is " + data.error() + std::string(kWanted));
  if (max_block != 0 && chain::data_json_length(*data) + kHeaderBytes > max_block) {
    return error_response(413, "block_too_big",
                          "the block would be larger than " + std::to_string(max_block) + " bytes");
  }
  return MineBlock{*data};
}

HttpCall parse_add_peers(const HttpRequest& request) {
  if (is_blank(request.body)) return AddPeers{};
  const auto urls = parse_url_list(request.body);
  if (!urls) return bad_request("bad_json", "the body is " + urls.error());
  return AddPeers{*urls};
}

HttpCall parse_add_to_peer(const HttpRequest& request) {
  constexpr std::string_view kWanted = R"(; expected {"peer":"ws://host:port"})";
  const auto json = parse_json(request.body);
  if (!json) return bad_request("bad_json", "the body is " + json.error() + std::string(kWanted));
  if (!json->is_object() || !json->contains("peer") || !(*json)["peer"].is_string()) {
    return bad_request("bad_peer", "found no peer" + std::string(kWanted));
  }
  return AddToPeer{(*json)["peer"].get<std::string>()};
}

bool read_number(std::string_view text, std::uint32_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

HttpCall parse_get_chains(std::string_view query) {
  GetChains call;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view key = part.substr(0, equals);
    std::uint32_t number = 0;
    const bool is_number = equals < part.size() && read_number(part.substr(equals + 1), number);
    if (key == "from" && is_number) {
      call.from = number;
    } else if (key == "limit" && is_number && number > 0) {
      call.limit = number;
    } else {
      return bad_request("bad_query", "expected ?from=HEIGHT&limit=BLOCKS");
    }
  }
  return call;
}

HttpCall parse_get_tree(std::string_view query) {
  constexpr std::string_view kKey = "to=";
  if (query.empty()) return GetTree{};
  std::uint32_t height = 0;
  if (!query.starts_with(kKey) || !read_number(query.substr(kKey.size()), height)) {
    return bad_request("bad_query", "expected ?to=HEIGHT");
  }
  return GetTree{height};
}

// "application/json", with a charset maybe.
bool is_json_type(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  constexpr std::string_view kJson = "application/json";
  return std::equal(type.begin(), type.end(), kJson.begin(), kJson.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

// What stands behind the path of its route, or after the question mark; and all of the request.
struct Asked {
  std::string_view rest, query;
  const HttpRequest& request;
  std::uint64_t max_block;
};

HttpCall parse_get_block(const Asked& asked) {
  const auto hash = chain::from_lower_hex(asked.rest);
  if (!hash) return bad_request("bad_hash", "expected 64 lower-case hex digits after /blocks/");
  return GetBlock{*hash};
}

HttpCall parse_get_block_at(const Asked& asked) {
  std::uint32_t height = 0;
  if (!read_number(asked.rest, height)) {
    return bad_request("bad_height", "expected a height after /block-height/");
  }
  return GetBlockAt{height};
}

struct Route {
  std::string_view path;  // what ends with a slash begins a longer one
  std::string_view method;
  HttpCall (*parse)(const Asked&);
};
// The first that fits.
const Route kRoutes[] = {
    {"/peers", "GET", [](const Asked&) -> HttpCall { return GetPeers{}; }},
    {"/chains", "GET", [](const Asked& asked) { return parse_get_chains(asked.query); }},
    {"/blocks/tip", "GET", [](const Asked&) -> HttpCall { return GetTip{}; }},
    {"/blocks/", "GET", parse_get_block},
    {"/block-height/", "GET", parse_get_block_at},
    {"/metrics", "GET", [](const Asked&) -> HttpCall { return GetMetrics{}; }},
    {"/status", "GET", [](const Asked&) -> HttpCall { return GetStatus{}; }},
    {"/tree", "GET", [](const Asked& asked) { return parse_get_tree(asked.query); }},
    {"/events", "GET", [](const Asked&) -> HttpCall { return GetEvents{}; }},
    {"/", "GET", [](const Asked&) -> HttpCall { return GetPage{"dashboard.html"}; }},
    {"/dashboard.js", "GET", [](const Asked&) -> HttpCall { return GetPage{"dashboard.js"}; }},
    {"/dashboard.css", "GET", [](const Asked&) -> HttpCall { return GetPage{"dashboard.css"}; }},
    {"/healthz", "GET", [](const Asked&) -> HttpCall { return GetHealth{}; }},
    {"/readyz", "GET", [](const Asked&) -> HttpCall { return GetReady{}; }},
    {"/mineBlock", "POST",
     [](const Asked& asked) { return parse_mine_block(asked.request, asked.max_block); }},
    {"/addPeers", "POST", [](const Asked& asked) { return parse_add_peers(asked.request); }},
    {"/addToPeer", "POST", [](const Asked& asked) { return parse_add_to_peer(asked.request); }}};

const Route* route_of(std::string_view path) {
  const auto fits = [path](const Route& route) {
    const bool prefix = route.path.size() > 1 && route.path.back() == '/';
    return prefix ? path.starts_with(route.path) && path.size() > route.path.size()
                  : path == route.path;
  };
  const auto found = std::find_if(std::begin(kRoutes), std::end(kRoutes), fits);
  return found == std::end(kRoutes) ? nullptr : found;
}

std::string known_paths() {
  std::string paths;
  for (const Route& route : kRoutes) {
    paths += (paths.empty() ? "" : ", ") + std::string(route.path);
    if (route.path.back() == '/') paths += "...";
  }
  return paths;
}

}  // namespace

HttpCall parse_call(const HttpRequest& request, std::uint64_t max_block) {
  const std::string_view target = request.target;
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, mark);
  const Route* route = route_of(path);
  if (route == nullptr) return error_response(404, "not_found", "expected one of " + known_paths());
  const bool is_head = request.method == "HEAD" && route->method == "GET";
  if (request.method != route->method && !is_head) {
    HttpResponse refused = error_response(
        405, "method_not_allowed", std::string(path) + " takes " + std::string(route->method));
    refused.allow = route->method;
    return refused;
  }
  const bool changes = route->method == "POST";
  if (changes && !request.body.empty() && !is_json_type(request.content_type)) {
    return error_response(415, "not_json", "expected a body with Content-Type: application/json");
  }
  const std::string_view rest = path.substr(std::min(route->path.size(), path.size()));
  const std::string_view query = target.substr(std::min(mark + 1, target.size()));
  return route->parse({rest, query, request, max_block});
}

Result<std::vector<std::string>> parse_url_list(std::string_view text) {
  const std::string wanted = R"(; expected an array like ["ws://192.168.0.123:7545"])";
  const auto json = parse_json(text);
  if (!json) return Error{json.error() + wanted};
  auto urls = strings_of(*json);
  if (!urls) return Error{urls.error() + wanted};
  if (urls->size() > kMaxUrls) {
    return Error{"a list of more than " + std::to_string(kMaxUrls) + " URLs"};
  }
  return urls;
}

HttpResponse error_response(unsigned status, std::string_view code, std::string_view error,
                            std::string_view korean) {
  Json json{{"error", error}, {"code", code}};
  if (!korean.empty()) json["ko"] = korean;
  return {status, json_text(json)};
}

std::string to_json(const PeerReport& report) {
  return json_text(Json{{"peer", report.peer}, {"state", report.state}, {"reason", report.reason}});
}

std::string to_json(const std::vector<PeerReport>& reports) {
  std::string out;
  for (const PeerReport& report : reports) {
    out += out.empty() ? '[' : ',';
    out += to_json(report);
  }
  return out.empty() ? "[]" : out + ']';
}

}  // namespace net
