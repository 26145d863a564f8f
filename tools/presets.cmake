# Writes OUTPUT, the definition of sim::built_in_presets(): the files of FOLDER with their names, as
# texts. Run by the build when one of them changes.
file(GLOB files "${FOLDER}/*.yaml")
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  get_filename_component(name "${file}" NAME_WE)
  file(READ "${file}" text)
  string(APPEND entries "    {\"${name}\", R\"yaml(${text})yaml\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"net-sim/presets.h\"

namespace sim {
namespace {

constexpr PresetFile kPresetFiles[] = {
${entries}};

}  // namespace

std::span<const PresetFile> built_in_presets() { return kPresetFiles; }

}  // namespace sim
")
