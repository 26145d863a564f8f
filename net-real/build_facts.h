// What this program was built from, in one line: for --version and bug reports.
//
//   chainnode 0.1.0+1a2b3c4d5 (g++ 12.2.0, Release, Boost 1.81.0, OpenSSL 3.0.15, SQLite 3.40.1)
//
// OpenSSL and SQLite are shared libraries: their versions are those that run, not those that the
// compiler saw.
#pragma once

#include <string>

namespace net {

std::string build_facts();

}  // namespace net
