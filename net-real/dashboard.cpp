#include "net-real/dashboard.h"

#include <algorithm>

#include "core/check.h"

namespace net {

const DashboardFile& dashboard_file(std::string_view name) {
  const auto files = dashboard_files();
  const auto found = std::find_if(files.begin(), files.end(),
                                  [name](const DashboardFile& file) { return file.name == name; });
  CHECK(found != files.end());
  return *found;
}

}  // namespace net
