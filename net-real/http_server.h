// An HTTP server of small JSON answers, with or without TLS: connections, limits and deadlines; no
// meaning.
//
// A request is read whole, given to the handler, and answered whenever the handler's `respond` is
// called, once, from the loop's thread; an answer with a stream goes on until that ends (SSE). What
// is no HTTP is refused here, as JSON like all else. When there are as many connections as may be,
// the one that has been idle for longest makes room for the next: nobody keeps others out by doing
// nothing. Beast stays in the .cpp.
#pragma once

#include <functional>
#include <memory>

#include "net-real/endpoint.h"
#include "net-real/http_call.h"
#include "net-real/log.h"
#include "net-real/loop.h"

namespace net {

class Tls;

struct HttpLimits {
  std::uint32_t max_header = 8 << 10;  // bytes of a request's header
  std::uint64_t max_body = 128 << 10;  // bytes of a request's body
  std::size_t max_connections = 4096;  // of more the longest idle is closed
  std::size_t max_elsewhere = 64;      // of these, of one customer (endpoint.h) elsewhere
  std::size_t max_answers = 64 << 20;  // bytes of all answers under way; more are a 503
  chain::Duration handshake = chain::seconds(10);  // of TLS
  chain::Duration read = chain::seconds(30);       // for a whole request, and between two
  chain::Duration write = chain::seconds(30);      // for a whole answer
  chain::Duration stop = chain::seconds(2);        // for the answers under way when the node stops
};

class HttpServer {
 public:
  using Respond = std::function<void(HttpResponse)>;
  using Handler = std::function<void(const HttpRequest&, Respond)>;

  HttpServer(Loop& loop, Log& log, const HttpLimits& limits);
  ~HttpServer();

  // Throws Failure, naming the address, if it cannot be listened on. Returns where it listens.
  Endpoint listen(const Endpoint& where);
  // Once, before the loop runs. `tls`: null, it is plain HTTP; it outlives the server.
  void serve(Handler handler, const Tls* tls = nullptr);
  // Accepts no more and closes what is idle; calls `done` when the answers under way are given, or
  // when that takes too long.
  void stop(std::function<void()> done);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace net
