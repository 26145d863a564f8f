#include "net-real/api_token.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/block.h"
#include "core/check.h"
#include "net-real/data_directory.h"
#include "net-real/failure.h"

namespace net {
namespace {

constexpr std::size_t kDigits = 64;  // of 32 bytes

struct Descriptor {
  ~Descriptor() {
    if (number >= 0) close(number);
  }
  int number;
};

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw Failure(kExitBadInput, path + ": " + what);
}

void make_token(const std::string& path) {
  chain::Hash secret;
  CHECK(RAND_bytes(secret.bytes.data(), static_cast<int>(secret.bytes.size())) == 1);
  const std::string text = chain::lower_hex(secret) + "\n";
  const std::string fresh = path + ".new";
  unlink(fresh.c_str());
  const Descriptor file{open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  const bool written =
      file.number >= 0 &&
      write(file.number, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      fsync(file.number) == 0 && rename(fresh.c_str(), path.c_str()) == 0;
  if (!written) {
    throw Failure(kExitCannotWrite, path + " cannot be written: " + std::strerror(errno));
  }
  sync_file(std::filesystem::path(path).parent_path());  // its new name, too
}

}  // namespace

std::string read_or_make_token(const std::filesystem::path& data_directory) {
  const std::string path = (data_directory / "api-token").string();
  if (access(path.c_str(), F_OK) != 0) make_token(path);
  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat facts {};
  if (file.number < 0 || fstat(file.number, &facts) != 0) fail(path, std::strerror(errno));
  if ((facts.st_mode & 077) != 0) fail(path, "others may read it; expected mode 0600");
  std::string text(kDigits + 2, '\0');
  const ssize_t size = read(file.number, text.data(), text.size());
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  if (text.ends_with('\n')) text.pop_back();
  if (!chain::from_lower_hex(text)) fail(path, "holds no token; expected 64 lower-case hex digits");
  return text;
}

bool shows_token(std::string_view authorization, std::string_view token) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!authorization.starts_with(kScheme)) return false;
  authorization.remove_prefix(kScheme.size());
  return authorization.size() == token.size() &&
         CRYPTO_memcmp(authorization.data(), token.data(), token.size()) == 0;
}

}  // namespace net
