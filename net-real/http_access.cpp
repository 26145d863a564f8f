#include "net-real/http_access.h"

#include <algorithm>

#include "net-real/api_token.h"
#include "net-real/endpoint.h"

namespace net {
namespace {

// What is told to anybody: the page, and whether the node lives.
constexpr std::string_view kOpenPaths[] = {"/", "/dashboard.js", "/dashboard.css", "/healthz",
                                           "/readyz"};

bool is_open(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  return std::find(std::begin(kOpenPaths), std::end(kOpenPaths), path) != std::end(kOpenPaths);
}

// "localhost:3000", "127.0.0.1", "[::1]:3000"; nothing if it is no address.
std::optional<Endpoint> address_in(const std::string& host) {
  auto endpoint = parse_endpoint(host);
  if (!endpoint) endpoint = parse_endpoint(host + ":0");
  return endpoint ? std::optional(*endpoint) : std::nullopt;
}

// A name that somebody else owns may point here any time; an address may not be owned.
bool is_ours(const std::string& host, const HttpAccess& access) {
  const auto address = address_in(host);
  if (address) return !access.is_local || address->is_loopback();
  return !access.is_local && access.names(host.substr(0, host.rfind(':')));
}

// A page of this node's own says that it is of the same origin, whatever the browser.
bool is_called_from_elsewhere(const HttpRequest& request, const HttpAccess& access) {
  const std::string& site = request.fetch_site;
  if (!site.empty() && site != "same-origin" && site != "none") return true;
  const std::string scheme = access.is_https ? "https://" : "http://";
  return !request.origin.empty() && request.origin != scheme + request.host;
}

}  // namespace

std::optional<HttpResponse> refusal_of(const HttpRequest& request, const HttpAccess& access) {
  if (!request.host.empty() && !is_ours(request.host, access)) {
    return error_response(403, "not_local", "this API is not called by that name");
  }
  if (is_called_from_elsewhere(request, access)) {
    return error_response(403, "not_local", "this API is not for pages of other sites");
  }
  const bool needs_token = !access.token.empty() && !is_open(request.target);
  if (needs_token && !shows_token(request.authorization, access.token)) {
    return error_response(401, "no_token",
                          "expected the header Authorization: Bearer TOKEN, with what the file "
                          "api-token in the node's data directory holds");
  }
  return std::nullopt;
}

bool CallRates::take_change(chain::Time now, const HttpRequest& request) {
  return request.method != "POST" || changes_.take(now);
}

bool CallRates::take_call(chain::Time now, const std::string& client) {
  if (is_localhost(client)) return true;
  const std::string customer = customer_of(client);
  auto found = callers_.find(customer);
  if (found == callers_.end() && callers_.size() >= kMaxCallers) {
    std::erase_if(callers_, [now](auto& caller) { return caller.second.is_full(now); });
  }
  if (found == callers_.end()) {
    if (callers_.size() >= kMaxCallers) return others_.take(now);
    found = callers_.emplace(customer, TokenBucket(kElsewhere)).first;
  }
  return found->second.take(now);
}

}  // namespace net
