#include "net-real/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>

namespace net {
namespace {

std::int64_t monotonic_us() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

std::string message_for(ServiceState state) {
  switch (state) {
    case ServiceState::ready:
      return "READY=1";
    case ServiceState::reloading:
      return "RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_us());
    case ServiceState::stopping:
      return "STOPPING=1";
  }
  return "";
}

// "/run/systemd/notify", or "@name" of a socket that is no file: its name begins with a zero byte.
bool is_address(std::string_view text, const sockaddr_un& address) {
  return text.size() > 1 && (text.front() == '/' || text.front() == '@') &&
         text.size() < sizeof address.sun_path;
}

}  // namespace

void tell_service_manager(ServiceState state) {
  const char* const found = std::getenv("NOTIFY_SOCKET");
  const std::string_view text = found == nullptr ? "" : found;
  sockaddr_un address{};
  if (!is_address(text, address)) return;
  address.sun_family = AF_UNIX;
  std::copy(text.begin(), text.end(), address.sun_path);
  if (text.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + text.size());
  const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;
  const std::string message = message_for(state);
  sendto(descriptor, message.data(), message.size(), MSG_NOSIGNAL,
         reinterpret_cast<const sockaddr*>(&address), size);
  close(descriptor);
}

}  // namespace net
