// The page that a node serves at `/`: its files, held by the program.
//
// net-real/dashboard/ has them; the build makes texts of them (tools/embed.cmake), so that a
// node needs no file beside it. They hold nothing of the node: what the page shows it asks the API
// for.
#pragma once

#include <span>
#include <string_view>

namespace net {

struct DashboardFile {
  std::string_view name;  // "dashboard.js"
  std::string_view text;
};

std::span<const DashboardFile> dashboard_files();

// REQUIRES: there is one of that name.
std::string_view dashboard_text(std::string_view name);
// For Content-Type, by what stands behind the dot.
std::string_view dashboard_type(std::string_view name);

}  // namespace net
