#include "net-real/descriptors.h"

#include <sys/resource.h>

#include <algorithm>
#include <string>

#include "net-real/failure.h"
#include "net-real/http_server.h"
#include "net-real/socket_limits.h"

namespace net {
namespace {

constexpr std::size_t kFiles = 64;      // the store's, the log, epoll, listeners, one recording
constexpr std::size_t kLeastHttp = 32;  // connections, so that an operator gets through
constexpr rlim_t kMostFiles = 65'536;   // more than all limits together need

}  // namespace

std::size_t http_descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, kMostFiles));
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);  // what came of it: it may not be ours to raise
  const auto all = static_cast<std::size_t>(limit.rlim_cur);
  const std::size_t kept = kFiles + SocketLimits{}.max_peers;
  if (all < kept + 2 * kLeastHttp) {
    throw Failure(kExitBadInput, "found a limit of " + std::to_string(all) +
                                     " file descriptors (ulimit -n); expected at least " +
                                     std::to_string(kept + 2 * kLeastHttp));
  }
  // Half: one that makes room for another is closed a moment later.
  return std::min(HttpLimits{}.max_connections, (all - kept) / 2);
}

}  // namespace net
