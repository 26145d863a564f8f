// Which host names a certificate is one of.
#include "net-real/tls.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/real/real_fixture.h"

namespace net {
namespace {

// A certificate of these names, signed with its own key: PEM files in `directory`.
TlsFiles certificate_of(const std::string& names, const std::filesystem::path& directory) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const made = X509_new();
  X509_set_version(made, 2);
  X509_gmtime_adj(X509_getm_notBefore(made), 0);
  X509_gmtime_adj(X509_getm_notAfter(made), 3600);
  X509_set_pubkey(made, key);
  X509_EXTENSION* const extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
  X509_add_ext(made, extension, -1);
  EXPECT_GT(X509_sign(made, key, EVP_sha256()), 0);
  TlsFiles files;
  files.certificate = directory / "node.pem";
  files.key = directory / "node.key";
  BIO* const certificate_file = BIO_new_file(files.certificate.c_str(), "w");
  BIO* const key_file = BIO_new_file(files.key.c_str(), "w");
  EXPECT_EQ(PEM_write_bio_X509(certificate_file, made), 1);
  EXPECT_EQ(PEM_write_bio_PrivateKey(key_file, key, nullptr, nullptr, 0, nullptr, nullptr), 1);
  BIO_free(certificate_file);
  BIO_free(key_file);
  X509_EXTENSION_free(extension);
  X509_free(made);
  EVP_PKEY_free(key);
  return files;
}

TEST(Tls, NamesWhatTheCertificateNamesAndNothingElse) {
  const TemporaryDirectory directory;
  const Tls tls(certificate_of("DNS:node.example.com,DNS:*.school.example", directory.path()));
  EXPECT_TRUE(tls.names("node.example.com"));
  EXPECT_TRUE(tls.names("NODE.example.com"));
  EXPECT_TRUE(tls.names("one.school.example"));
  for (const char* other :
       {".example.com", ".node.example.com", ".com", ".", "", "example.com", "a.node.example.com",
        ".school.example", "a.b.school.example", "*.school.example."}) {
    EXPECT_FALSE(tls.names(other)) << other;
  }
}

}  // namespace
}  // namespace net
