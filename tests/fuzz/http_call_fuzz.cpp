// Any bytes as an HTTP call: a line each for target, Host, Origin, Sec-Fetch-Site and
// Authorization, the rest is the body. Who may not call does not, whatever is called.
#include <algorithm>
#include <cstdint>

#include "core/check.h"
#include "net-real/address_registry.h"
#include "net-real/http_access.h"

namespace {

std::string take_line(std::string_view& text) {
  const std::string line(text.substr(0, text.find('\n')));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

bool is_error(const net::HttpResponse& response) {
  return response.status >= 400 && response.body.starts_with('{');
}

void try_access(const net::HttpRequest& request) {
  const std::string token(64, 'a');
  for (const bool is_local : {true, false}) {
    net::HttpAccess access{.is_local = is_local, .is_https = !is_local, .token = token};
    access.names = [](const std::string& name) { return name == "node.example"; };
    const auto refused = net::refusal_of(request, access);
    if (refused) {
      CHECK(is_error(*refused) && (refused->status == 401 || refused->status == 403));
      continue;
    }
    const std::string scheme = is_local ? "http://" : "https://";
    CHECK(request.origin.empty() || request.origin == scheme + request.host);
    CHECK(request.fetch_site.empty() || request.fetch_site == "same-origin" ||
          request.fetch_site == "none");
    CHECK(!is_local || request.host.empty() || request.host.starts_with("127.") ||
          request.host.starts_with("localhost") || request.host.starts_with("[::1]"));
    // The page and the probes are for anybody.
    const std::string path = request.target.substr(0, request.target.find('?'));
    CHECK(request.authorization == "Bearer " + token || path == "/" || path == "/healthz" ||
          path == "/readyz" || path.starts_with("/dashboard."));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  net::HttpRequest request{.method = "", .target = take_line(text), .body = ""};
  request.host = take_line(text);
  request.origin = take_line(text);
  request.fetch_site = take_line(text);
  request.authorization = take_line(text);
  request.content_type = "application/json";
  request.body = std::string(text);
  try_access(request);
  for (const char* method : {"GET", "POST"}) {
    request.method = method;
    const net::HttpCall call = net::parse_call(request, 128 << 10);
    if (const auto* refused = std::get_if<net::HttpResponse>(&call)) CHECK(is_error(*refused));
    if (const auto* add = std::get_if<net::AddToPeer>(&call)) {
      const auto url = net::parse_peer_url(add->url);
      CHECK(!url.ok() || *net::parse_peer_url(url->text()) == *url);
    }
  }
  return 0;
}
