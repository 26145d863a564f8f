#include "net-sim/topology_file.h"

#include <filesystem>
#include <fstream>

#include "net-sim/edge_list.h"
#include "net-sim/graphml.h"

namespace sim {
namespace {

using Read = chain::Result<FileGraph, FileFault>;

constexpr char kExpected[] = "a file of GraphML or a list of edges";

chain::Error<FileFault> whole_file(const std::string& what) {
  return chain::Error{FileFault{0, what, kExpected}};
}

}  // namespace

Read read_topology_text(std::string_view text) {
  try {
    if (text.size() > kMaxTopologyFile) {
      return whole_file("more than " + std::to_string(kMaxTopologyFile >> 20) + " MiB");
    }
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    const bool xml = first != std::string_view::npos && text[first] == '<';
    return xml ? read_graphml(text) : read_edge_list(text);
  } catch (const FileFault& fault) {
    return chain::Error{fault};
  }
}

Read read_topology_file(const std::string& path) {
  // Reading a device or a pipe might never end.
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return whole_file("no such file");
  std::ifstream in(path, std::ios::binary);
  if (!in) return whole_file("cannot be read");
  std::string text;
  std::string block(1 << 16, '\0');
  while (in && text.size() <= kMaxTopologyFile) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    text.append(block, 0, static_cast<std::size_t>(in.gcount()));
  }
  return read_topology_text(text);
}

}  // namespace sim
