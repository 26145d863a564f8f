// Certificates: who this node says it is, and whom it believes.
//
//   HTTP            shows the certificate; the caller shows a token (api_token.h)
//   wss came in     shows the certificate; with a client CA the peer must show one signed by it
//   wss dialled     the peer's certificate must name the host that was dialled and be signed by the
//                   CA that is believed (the system's own ones if none is given), or hold one of
//                   the pinned keys, whoever signed it; our own is shown if the peer asks
//
// TLS 1.2 and up. Files are read again when somebody asks (SIGHUP); connections that are open keep
// what they began with.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <memory>
#include <optional>
#include <string>

#include "core/block.h"
#include "net-real/tls_files.h"

namespace net {

class Tls {
 public:
  using Context = std::shared_ptr<boost::asio::ssl::context>;

  // Throws Failure, naming the file that cannot be used.
  explicit Tls(TlsFiles files);
  // The same, with the files as they are now; what was there stays where it throws.
  void reload();

  bool has_certificate() const { return http_ != nullptr; }
  // REQUIRES: has_certificate().
  const Context& http() const { return http_; }
  const Context& inbound() const { return inbound_; }

  const Context& outbound() const { return outbound_; }

  // Unix seconds until which the certificate holds; nothing without one.
  std::optional<std::int64_t> expires() const { return expires_; }
  // Whether the certificate is one of this host name.
  bool names(const std::string& host) const;
  // Of each certificate of a dialled peer, from its CA's to its own: whether to go on.
  // `is_signed`: what OpenSSL found.
  bool believes(bool is_signed, boost::asio::ssl::verify_context& context,
                const std::string& host) const;

 private:
  TlsFiles files_;
  Context http_, inbound_, outbound_;
  std::optional<std::int64_t> expires_;
};

// The pin of a PEM file's first certificate, for people to hand on. Throws Failure.
chain::Hash pin_of_file(const std::string& path);

}  // namespace net
