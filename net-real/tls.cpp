#include "net-real/tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "core/check.h"
#include "net-real/failure.h"

namespace net {
namespace {

namespace ssl = boost::asio::ssl;
using Context = Tls::Context;

struct Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* file) const { BIO_free(file); }
};
using Certificate = std::unique_ptr<X509, Free>;

[[noreturn]] void fail(const std::string& flag, const std::string& path, const std::string& why) {
  throw Failure(kExitBadInput, flag + " " + path + ": " + why);
}

// What Asio's own functions throw has no file's name in it.
template <typename Use>
void with_file(const std::string& flag, const std::string& path, const Use& use) {
  try {
    use();
  } catch (const boost::system::system_error& error) {
    fail(flag, path, error.code().message());
  }
}

Certificate certificate_in(const std::string& path) {
  const std::unique_ptr<BIO, Free> file(BIO_new_file(path.c_str(), "r"));
  if (file == nullptr) return nullptr;
  return Certificate(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
}

// SHA-256 of the public key as the certificate holds it.
chain::Hash pin_of(const X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  CHECK(size > 0);
  chain::Hash pin;
  CHECK(EVP_Digest(der, static_cast<std::size_t>(size), pin.bytes.data(), nullptr, EVP_sha256(),
                   nullptr) == 1);
  OPENSSL_free(der);
  return pin;
}

Context fresh_context(ssl::context::method method) {
  const auto context = std::make_shared<ssl::context>(method);
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                       ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 |
                       ssl::context::single_dh_use);
  // A renegotiation costs this side far more than the other.
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  // Every connection is verified anew.
  SSL_CTX_set_session_cache_mode(context->native_handle(), SSL_SESS_CACHE_OFF);
  return context;
}

void show(ssl::context& context, const TlsFiles& files) {
  with_file("--tls-cert", files.certificate,
            [&] { context.use_certificate_chain_file(files.certificate); });
  // Nobody is there to be asked for a passphrase.
  bool is_locked = false;
  context.set_password_callback([&is_locked](std::size_t, ssl::context::password_purpose) {
    is_locked = true;
    return std::string();
  });
  with_file("--tls-key", files.key, [&] {
    boost::system::error_code error;
    context.use_private_key_file(files.key, ssl::context::pem, error);
    if (is_locked) fail("--tls-key", files.key, "has a passphrase; expected a key without one");
    if (error) throw boost::system::system_error(error);
  });
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    fail("--tls-key", files.key, "is not the key of the certificate");
  }
}

Context inbound_context(const TlsFiles& files) {
  const Context context = fresh_context(ssl::context::tls_server);
  show(*context, files);
  if (files.client_ca.empty()) return context;
  with_file("--tls-client-ca", files.client_ca,
            [&] { context->load_verify_file(files.client_ca); });
  context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  return context;
}

// Names are checked where the host is known: peer_session.cpp.
Context outbound_context(const TlsFiles& files) {
  const Context context = fresh_context(ssl::context::tls_client);
  if (!files.certificate.empty()) show(*context, files);
  if (files.peer_ca.empty()) {
    context->set_default_verify_paths();
  } else {
    with_file("--tls-ca", files.peer_ca, [&] { context->load_verify_file(files.peer_ca); });
  }
  context->set_verify_mode(ssl::verify_peer);
  return context;
}

std::int64_t expiry_of(const std::string& path) {
  const Certificate certificate = certificate_in(path);
  std::tm until{};
  if (certificate == nullptr ||
      ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &until) != 1) {
    fail("--tls-cert", path, "has no readable end");
  }
  return timegm(&until);
}

}  // namespace

Tls::Tls(TlsFiles files) : files_(std::move(files)) { reload(); }

void Tls::reload() {
  Context http, inbound;
  std::optional<std::int64_t> expires;
  if (!files_.certificate.empty()) {
    http = fresh_context(ssl::context::tls_server);
    show(*http, files_);
    inbound = inbound_context(files_);
    expires = expiry_of(files_.certificate);
  }
  outbound_ = outbound_context(files_);
  http_ = std::move(http);
  inbound_ = std::move(inbound);
  expires_ = expires;
}

bool Tls::names(const std::string& host) const {
  // OpenSSL takes ".a" for the question whether it is a certificate of any name under a.
  if (http_ == nullptr || host.starts_with('.')) return false;
  const X509* certificate = SSL_CTX_get0_certificate(http_->native_handle());
  return X509_check_host(const_cast<X509*>(certificate), host.data(), host.size(), 0, nullptr) == 1;
}

bool Tls::believes(bool is_signed, ssl::verify_context& context, const std::string& host) const {
  const int depth = X509_STORE_CTX_get_error_depth(context.native_handle());
  if (files_.pins.empty()) return ssl::host_name_verification(host)(is_signed, context);
  if (depth > 0) return true;  // the key decides, whoever signed it
  const chain::Hash pin = pin_of(X509_STORE_CTX_get_current_cert(context.native_handle()));
  return std::find(files_.pins.begin(), files_.pins.end(), pin) != files_.pins.end();
}

chain::Hash pin_of_file(const std::string& path) {
  const Certificate certificate = certificate_in(path);
  if (certificate == nullptr) fail("--tls-cert", path, "holds no certificate");
  return pin_of(certificate.get());
}

}  // namespace net
