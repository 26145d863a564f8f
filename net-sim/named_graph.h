// A graph as a file tells it: nodes by name, links between names, and what links have of their own.
//
// Readers of formats (edge_list.h, graphml.h) say what stands on which line; what makes a graph of
// it, and every way in which it is none, stands here once. Names become numbers at the end: by
// their value if all are whole numbers, else in the order in which the nodes were declared.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net-sim/graph.h"
#include "net-sim/scenario.h"

namespace sim {

// What is wrong with a file. Thrown by its readers, caught in topology_file.cpp.
struct FileFault {
  std::uint64_t line = 0;  // from 1; 0: the file as a whole
  std::string found, expected;
};

// A graph whose nodes are numbers.
struct FileGraph {
  std::uint32_t nodes = 0;
  std::vector<std::pair<NodeIndex, NodeIndex>> edges;  // in the order of the file
  std::vector<OwnLink> own;                            // by edge, ascending
  std::vector<std::string> notes;
};

// What an edge may carry, by the names of its columns and of GraphML's attributes.
enum class LinkValue : std::uint8_t { latency_ms, bandwidth_mbit_per_s, loss };
inline constexpr std::size_t kLinkValues = 3;
const char* name_of(LinkValue value);

// Reads a bare number such as `12.5` or `1e-3` into `own`.  Throws FileFault.
void read_link_value(LinkValue value, std::string_view text, std::uint64_t line, LinkOwn& own);

class NamedGraph {
 public:
  // A node, whose name must be new where `once`; else it may be known.  All throw FileFault.
  void declare(std::string_view name, std::uint64_t line, bool once);
  // A link; its ends may be declared later.
  void link(std::string_view from, std::string_view to, const LinkOwn& own, std::uint64_t line);
  FileGraph finish();

 private:
  struct Node {
    std::string name;
    std::uint64_t line = 0;  // where it was named first
    bool declared = false;
  };
  struct Link {
    std::uint32_t from = 0, to = 0;  // indices into nodes_
    std::uint64_t line = 0;
  };

  std::uint32_t index_of(std::string_view name, std::uint64_t line);
  std::vector<NodeIndex> numbers() const;

  std::vector<Node> nodes_;  // in the order in which they were named
  std::unordered_map<std::string, std::uint32_t> index_;
  std::vector<std::uint32_t> declared_;
  std::vector<Link> links_;
  std::vector<OwnLink> own_;
};

}  // namespace sim
