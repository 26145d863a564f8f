# Writes OUTPUT, the definition of FUNCTION (ns::name) that HEADER declares: the files that match
# FILES, as a span of TYPE, a struct of a name and a text. NAMES says what of a file's name counts:
# NAME or NAME_WE, without its extension. Run by the build when one of the files changes.
string(REGEX MATCH "^(.*)::(.*)$" matched "${FUNCTION}")
set(space ${CMAKE_MATCH_1})
set(function ${CMAKE_MATCH_2})
file(GLOB files "${FILES}")
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  get_filename_component(name "${file}" ${NAMES})
  file(READ "${file}" text)
  string(APPEND entries "    {\"${name}\", R\"text(${text})text\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"${HEADER}\"

namespace ${space} {
namespace {

constexpr ${TYPE} kFiles[] = {
${entries}};

}  // namespace

std::span<const ${TYPE}> ${function}() { return kFiles; }

}  // namespace ${space}
")
