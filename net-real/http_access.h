// Who may call the HTTP API: programs on this machine, and elsewhere those that show the token.
//
// A browser names the page that makes a call, and a page of another site is refused, also where its
// name was made to point here (DNS rebinding): the Host must be an address, or a name of ours. Off
// loopback every call needs the token, but for the page itself, which holds no secret, and for the
// probes of whoever looks after the node. Nobody calls more often than so many times in a second:
// changes for all together, calls from elsewhere for each customer (endpoint.h), refused ones with
// them. Pure but for those counts.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "net-real/http_call.h"
#include "net-real/token_bucket.h"

namespace net {

struct HttpAccess {
  bool is_local = true;  // it listens on loopback
  bool is_https = false;
  std::string token = {};  // what callers must show; "": nothing
  // Whether the certificate is one of this host.
  std::function<bool(const std::string& host)> names = [](const std::string&) { return false; };
};

// The response that refuses the call; nothing where it may be made.
std::optional<HttpResponse> refusal_of(const HttpRequest& request, const HttpAccess& access);

class CallRates {
 public:
  static constexpr Rate kChanges{.per_second = 10'000, .burst = 20'000};
  static constexpr Rate kElsewhere{.per_second = 100, .burst = 500};  // of one customer
  static constexpr std::size_t kMaxCallers = 1'024;  // customers; more share one bucket

  // Whether a call from there comes at a time for it, whatever becomes of it: else a token could be
  // guessed as fast as the line goes.
  bool take_call(chain::Time now, const std::string& client);
  // The same of what changes something, once it may be made: calls that are refused use nothing up.
  bool take_change(chain::Time now, const HttpRequest& request);

 private:
  TokenBucket changes_{kChanges};
  TokenBucket others_{kElsewhere};
  std::map<std::string, TokenBucket> callers_;  // by customer; whose bucket is not full
};

}  // namespace net
