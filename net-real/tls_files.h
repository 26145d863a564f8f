// The files and keys that TLS is made of (tls.h says what each is good for), as they are
// configured.
//
// Plain data, so that options need neither Asio nor OpenSSL.
#pragma once

#include <string>
#include <vector>

#include "core/block.h"

namespace net {

struct TlsFiles {
  std::string certificate;        // PEM, with what leads to its CA; "": none
  std::string key;                // PEM
  std::string peer_ca;            // PEM, whom dialled peers must be signed by; "": the system's
  std::string client_ca;          // PEM, whom peers that come in must be signed by; "": anybody
  std::vector<chain::Hash> pins;  // SHA-256 of the public keys (DER) that dialled peers may have
};

}  // namespace net
