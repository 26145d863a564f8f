#include "net-sim/graph_files.h"

#include <sstream>

#include "net-sim/chain_facts.h"
#include "net-sim/csv.h"
#include "net-sim/output_file.h"
#include "net-sim/step_words.h"

namespace sim {
namespace {

using chain::BlockId;
using std::ostream;

constexpr char kGraphmlOpening[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n";

// Exact: `value` counts in units of 10^-digits.
std::string decimal_text(std::uint64_t value, int digits) {
  std::string text = std::to_string(value);
  const auto width = static_cast<std::size_t>(digits) + 1;
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text.insert(text.size() - static_cast<std::size_t>(digits), ".");
}

void write_own(ostream& out, const LinkOwn& own) {
  const auto data = [&](LinkValue value, std::uint64_t number, int digits) {
    out << "<data key=\"" << name_of(value) << "\">" << decimal_text(number, digits) << "</data>";
  };
  if (own.latency) data(LinkValue::latency_ms, static_cast<std::uint64_t>(own.latency->ns), 6);
  if (own.bandwidth) data(LinkValue::bandwidth_mbit_per_s, *own.bandwidth * 8, 6);
  if (own.loss) data(LinkValue::loss, static_cast<std::uint64_t>(own.loss->ppb), 9);
}

std::string topology_dot(const Simulator& simulator) {
  std::ostringstream out;
  out << "graph network {\n  node [shape=circle];\n";
  for (NodeIndex node = 0; node < simulator.scenario().network.nodes; ++node) {
    out << "  " << node << (simulator.metrics().is_honest(node) ? "" : " [shape=box]") << ";\n";
  }
  for (const Edge& edge : simulator.edges()) out << "  " << edge.from << " -- " << edge.to << ";\n";
  out << "}\n";
  return out.str();
}

// Blocks in the order in which they were found, behind their roots.
std::string blocks_dot(const Simulator& simulator) {
  const chain::BlockTree& tree = simulator.tree();
  const BlockId main_tip = chain_facts(simulator).main_tip;
  std::ostringstream out;
  out << "digraph blocks {\n  rankdir=RL;\n  node [shape=box];\n";
  for (BlockId block = 0; block < tree.size(); ++block) {
    const bool stale = !tree.is_ancestor(block, main_tip);
    out << "  b" << block << " [label=\"" << tree.height(block) << "\\n"
        << short_name(tree, block) << '"' << (stale ? ", style=dashed" : "") << "];\n";
    if (!tree.is_root(block)) out << "  b" << block << " -> b" << tree.parent(block) << ";\n";
  }
  out << "}\n";
  return out.str();
}

std::string blocks_graphml(const Simulator& simulator) {
  const chain::BlockTree& tree = simulator.tree();
  const BlockId main_tip = chain_facts(simulator).main_tip;
  std::ostringstream out;
  out << kGraphmlOpening;
  for (const auto& [name, type] : {std::pair{"height", "int"}, std::pair{"main_chain", "boolean"},
                                   std::pair{"finder_node", "int"}, std::pair{"found_s", "double"},
                                   std::pair{"size_bytes", "int"}}) {
    out << "<key id=\"" << name << "\" for=\"node\" attr.name=\"" << name << "\" attr.type=\""
        << type << "\"/>\n";
  }
  out << "<graph edgedefault=\"directed\">\n";
  std::vector<const FoundBlock*> found_of(tree.size());
  for (const FoundBlock& found : simulator.metrics().found()) found_of[found.block] = &found;
  const auto data = [&](const char* key, const std::string& value) {
    out << "<data key=\"" << key << "\">" << value << "</data>";
  };
  for (BlockId block = 0; block < tree.size(); ++block) {
    out << "<node id=\"" << chain::lower_hex(tree.header(block).hash) << "\">";
    data("height", std::to_string(tree.height(block)));
    data("main_chain", tree.is_ancestor(block, main_tip) ? "true" : "false");
    if (const FoundBlock* found = found_of[block]) {
      data("finder_node", std::to_string(found->finder));
      data("found_s", csv_seconds(found->found.ns));
      data("size_bytes", std::to_string(tree.block_bytes(block)));
    }
    out << "</node>\n";
  }
  for (BlockId block = 0; block < tree.size(); ++block) {
    if (tree.is_root(block)) continue;
    out << "<edge source=\"" << chain::lower_hex(tree.header(block).hash) << "\" target=\""
        << chain::lower_hex(tree.header(tree.parent(block)).hash) << "\"/>\n";
  }
  out << "</graph>\n</graphml>\n";
  return out.str();
}

std::string network_graphml(const Simulator& simulator) {
  const Scenario& scenario = simulator.scenario();
  return topology_graphml(scenario.network.nodes, simulator.edges(), scenario.network.topology.own);
}

struct GraphFile {
  const char* name;
  bool of_blocks;
  std::string (*text)(const Simulator&);
};
constexpr GraphFile kGraphFiles[] = {{"topology.graphml", false, network_graphml},
                                     {"topology.dot", false, topology_dot},
                                     {"blocks.graphml", true, blocks_graphml},
                                     {"blocks.dot", true, blocks_dot}};

}  // namespace

std::string topology_graphml(std::uint32_t nodes, const Edges& edges,
                             const std::vector<OwnLink>& own) {
  std::ostringstream out;
  out << kGraphmlOpening;
  for (std::size_t i = 0; i < kLinkValues; ++i) {
    const char* name = name_of(static_cast<LinkValue>(i));
    out << "<key id=\"" << name << "\" for=\"edge\" attr.name=\"" << name
        << "\" attr.type=\"double\"/>\n";
  }
  out << "<graph edgedefault=\"undirected\">\n";
  for (NodeIndex node = 0; node < nodes; ++node) out << "<node id=\"" << node << "\"/>\n";
  auto next = own.begin();
  for (std::size_t i = 0; i < edges.size(); ++i) {
    out << "<edge source=\"" << edges[i].from << "\" target=\"" << edges[i].to << "\">";
    if (next != own.end() && next->edge == i) write_own(out, (next++)->own);
    out << "</edge>\n";
  }
  out << "</graph>\n</graphml>\n";
  return out.str();
}

chain::Result<std::string> write_graphs(const std::filesystem::path& directory,
                                        const Simulator& simulator) {
  const bool large_network = simulator.scenario().network.nodes > kMostGraphNodes ||
                             simulator.edges().size() > kMostGraphLinks;
  const bool large_tree = simulator.tree().size() > kMostGraphNodes;
  std::string left_out;
  for (const GraphFile& graph : kGraphFiles) {
    const std::filesystem::path file = directory / graph.name;
    if (graph.of_blocks ? large_tree : large_network) {
      std::error_code ignored;
      std::filesystem::remove(file, ignored);  // that of an earlier run
      left_out += (left_out.empty() ? "" : ", ") + std::string(graph.name);
    } else if (!write_file(file, graph.text(simulator))) {
      return chain::Error("cannot write " + file.string());
    }
  }
  return left_out;
}

}  // namespace sim
