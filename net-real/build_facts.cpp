#include "net-real/build_facts.h"

#include <openssl/crypto.h>
#include <sqlite3.h>

#include <boost/version.hpp>

#include "core/version.h"

namespace net {
namespace {

#ifdef __clang__
constexpr const char* kCompiler = "clang " __clang_version__;
#else
constexpr const char* kCompiler = "g++ " __VERSION__;
#endif

std::string boost_version() {
  return std::to_string(BOOST_VERSION / 100'000) + "." +
         std::to_string(BOOST_VERSION / 100 % 1'000) + "." + std::to_string(BOOST_VERSION % 100);
}

}  // namespace

std::string build_facts() {
  return "chainnode " + std::string(chain::version()) + " (" + kCompiler + ", " +
         SIMCHAIN_BUILD_TYPE + ", Boost " + boost_version() + ", OpenSSL " +
         OpenSSL_version(OPENSSL_VERSION_STRING) + ", SQLite " + sqlite3_libversion() + ")";
}

}  // namespace net
