# Writes OUTPUT, the definition of net::dashboard_files(): the files of FOLDER with their names, as
# texts. Run by the build when one of them changes.
set(type_html "text/html; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_css "text/css; charset=utf-8")

file(GLOB files "${FOLDER}/dashboard.*")
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  get_filename_component(name "${file}" NAME)
  string(REGEX REPLACE ".*\\." "" kind "${name}")
  file(READ "${file}" text)
  string(APPEND entries "    {\"${name}\", \"${type_${kind}}\", R\"text(${text})text\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"net-real/dashboard.h\"

namespace net {
namespace {

constexpr DashboardFile kFiles[] = {
${entries}};

}  // namespace

std::span<const DashboardFile> dashboard_files() { return kFiles; }

}  // namespace net
")
