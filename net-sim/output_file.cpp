#include "net-sim/output_file.h"

#include <fstream>

namespace sim {
namespace {

bool write_through(const std::filesystem::path& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  return out.good();
}

}  // namespace

bool write_file(const std::filesystem::path& path, std::string_view text) {
  std::error_code failed;
  if (std::filesystem::exists(path, failed) && !std::filesystem::is_regular_file(path, failed)) {
    return write_through(path, text);
  }
  const std::filesystem::path temporary = path.string() + ".part";
  const bool written = write_through(temporary, text);
  if (written) std::filesystem::rename(temporary, path, failed);
  if (written && !failed) return true;
  std::filesystem::remove(temporary, failed);
  return false;
}

}  // namespace sim
