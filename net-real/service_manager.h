// Tells systemd, or whoever else started the node and listens at NOTIFY_SOCKET, how it goes.
//
// The protocol is one datagram of KEY=VALUE lines to a Unix socket (sd_notify(3)); a unit with
// Type=notify counts as started when it has come. Without NOTIFY_SOCKET nothing is told, and what
// cannot be told is no reason to stop: a service manager that waits in vain says so itself.
#pragma once

namespace net {

enum class ServiceState { ready, reloading, stopping };  // after reloading: ready

void tell_service_manager(ServiceState state);

}  // namespace net
