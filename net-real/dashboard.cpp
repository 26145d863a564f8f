#include "net-real/dashboard.h"

#include <algorithm>

#include "core/check.h"

namespace net {

std::string_view dashboard_text(std::string_view name) {
  const auto files = dashboard_files();
  const auto found = std::find_if(files.begin(), files.end(),
                                  [name](const DashboardFile& file) { return file.name == name; });
  CHECK(found != files.end());
  return found->text;
}

std::string_view dashboard_type(std::string_view name) {
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  return "text/html; charset=utf-8";
}

}  // namespace net
