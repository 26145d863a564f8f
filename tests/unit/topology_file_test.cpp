// Topologies from files: what an edge list and a GraphML mean, and one line for each that is none.
#include "net-sim/topology_file.h"

#include <gtest/gtest.h>

namespace {

using namespace sim;
using Pairs = std::vector<std::pair<NodeIndex, NodeIndex>>;

FileGraph graph_of(const std::string& text) {
  auto graph = read_topology_text(text);
  EXPECT_TRUE(graph.ok()) << (graph.ok() ? "" : graph.error().found);
  return graph.ok() ? *graph : FileGraph{};
}

// `line: found; expected`
std::string fault_of(const std::string& text) {
  const auto graph = read_topology_text(text);
  if (graph.ok()) return "none";
  const auto& [line, found, expected] = graph.error();
  return std::to_string(line) + ": " + found + "; expected " + expected;
}

std::string graphml(const std::string& inside, const std::string& keys = "") {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
         "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n" +
         keys + "<graph edgedefault=\"undirected\">\n" + inside + "\n</graph>\n</graphml>\n";
}

TEST(EdgeList, NumbersAreNodesByTheirValue) {
  const FileGraph graph = graph_of("# a comment\n10 2   # another\n\n2, 7\n7\t10\n");
  EXPECT_EQ(graph.nodes, 3u);
  EXPECT_EQ(graph.edges, (Pairs{{2, 0}, {0, 1}, {1, 2}}));
  EXPECT_TRUE(graph.own.empty());
}

TEST(EdgeList, WordsAreNodesInTheOrderOfTheFile) {
  const FileGraph graph = graph_of("Seoul Busan\r\nBusan,9\r\nJeju\r\n");
  EXPECT_EQ(graph.nodes, 4u);
  EXPECT_EQ(graph.edges, (Pairs{{0, 1}, {1, 2}}));
}

TEST(EdgeList, EdgesCarryWhatIsGiven) {
  const FileGraph graph = graph_of(
      "from to latency_ms bandwidth_mbit_per_s loss\n"
      "0 1 12.5 100 0.001\n0,2,,8\n0 3\n1 2 - - 1e-4\n1,3,1.5E+2,\n");
  EXPECT_EQ(graph.edges.size(), 5u);
  ASSERT_EQ(graph.own.size(), 4u);
  EXPECT_EQ(graph.own[0].edge, 0u);
  EXPECT_EQ(graph.own[0].own,
            (LinkOwn{chain::microseconds(12'500), 12'500'000u, Share{1'000'000}}));
  EXPECT_EQ(graph.own[1].edge, 1u);
  EXPECT_EQ(graph.own[1].own, (LinkOwn{{}, 1'000'000u, {}}));
  EXPECT_EQ(graph.own[2].edge, 3u);
  EXPECT_EQ(graph.own[2].own, (LinkOwn{{}, {}, Share{100'000}}));
  EXPECT_EQ(graph.own[3].own, (LinkOwn{chain::milliseconds(150), {}, {}}));
}

TEST(EdgeList, OneLineSaysWhatIsWrong) {
  EXPECT_EQ(fault_of(""), "0: no node; expected at least one");
  EXPECT_EQ(fault_of("# nothing\n\n"), "0: no node; expected at least one");
  EXPECT_EQ(fault_of("0 1\n1 1\n"), "2: a link of node `1` to itself; expected two nodes");
  EXPECT_EQ(fault_of("0 1\n\n1 0\n"),
            "3: a second link between `1` and `0`; expected each link once");
  EXPECT_EQ(fault_of("0 1 5ms\n"),
            "1: `5ms` as latency_ms; expected a number of milliseconds from 0 to 86400000");
  EXPECT_EQ(fault_of("0 1 -5\n"),
            "1: `-5` as latency_ms; expected a number of milliseconds from 0 to 86400000");
  EXPECT_EQ(fault_of("0 1 5 0\n"),
            "1: `0` as bandwidth_mbit_per_s; expected a number of Mbit/s above 0");
  EXPECT_EQ(fault_of("0 1 5 nan\n"),
            "1: `nan` as bandwidth_mbit_per_s; expected a number of Mbit/s above 0");
  EXPECT_EQ(fault_of("0 1 5 1 1.5\n"), "1: `1.5` as loss; expected a probability from 0 to 1");
  EXPECT_EQ(fault_of("0 1 5 1 1e99\n"), "1: `1e99` as loss; expected a probability from 0 to 1");
  EXPECT_EQ(fault_of("0 1 2 3 0.4 5\n"),
            "1: more than 5 fields; expected from to [latency_ms bandwidth_mbit_per_s loss]");
  EXPECT_EQ(fault_of("from to latency_ms bandwidth_mbit_per_s loss loss\n"),  // found by fuzzing
            "1: more than 5 fields; expected from to [latency_ms bandwidth_mbit_per_s loss]");
  EXPECT_EQ(fault_of("0 1\n,2\n"), "2: a node without a name; expected a word or a number");
  EXPECT_EQ(fault_of("from to delay\n"),
            "1: a column `delay`; expected `latency_ms` in this place");
  EXPECT_EQ(fault_of("0 1\n0 " + std::string(201, 'x')),
            "2: a name of 201 bytes; expected at most 200");
}

TEST(EdgeList, HasNoMoreNodesThanANetwork) {
  std::string text;
  for (std::uint32_t i = 0; i <= kMaxNodes; ++i) text += std::to_string(i) + "\n";
  EXPECT_EQ(fault_of(text), "1000001: one more node than 1000000; expected no more than that");
}

TEST(GraphMl, NodesAndEdges) {
  const FileGraph graph =
      graph_of(graphml("<node id='b'/><node id='a'/>\n<node id='c'><desc>x</desc></node>\n"
                       "<edge source='a' target='b'/><edge source='c' target='a'/>"));
  EXPECT_EQ(graph.nodes, 3u);
  EXPECT_EQ(graph.edges, (Pairs{{1, 0}, {2, 1}}));
  const FileGraph by_value =
      graph_of(graphml("<edge source='3' target='2'/><node id='2'/><node id='3'/><node id='1'/>"));
  EXPECT_EQ(by_value.nodes, 3u);
  EXPECT_EQ(by_value.edges, (Pairs{{2, 1}}));
}

TEST(GraphMl, EdgesCarryTheirDataOrTheDefault) {
  const FileGraph graph = graph_of(graphml(
      "<node id='n0'><data key='v'>7</data></node><node id='n1'/><node id='n2'/>"
      "<edge source='n0' target='n1'><data key='l'> 12.5\n</data><data key='w'>3</data></edge>"
      "<edge source='n1' target='n2'><data key='p'>0.01</data><data key='b'>100</data></edge>",
      "<key id='l' for='edge' attr.name='latency_ms'><default>20</default></key>"
      "<key id='p' for='edge' attr.name='loss'/><key id='v' for='node' attr.name='value'/>"
      "<key id='b' attr.name='bandwidth_mbit_per_s'/><key id='w' for='edge' attr.name='weight'/>"));
  ASSERT_EQ(graph.own.size(), 2u);
  EXPECT_EQ(graph.own[0].own, (LinkOwn{chain::microseconds(12'500), {}, {}}));
  EXPECT_EQ(graph.own[1].own, (LinkOwn{chain::milliseconds(20), 12'500'000u, Share{10'000'000}}));
  EXPECT_EQ(graph.notes,
            (std::vector<std::string>{"edges' attribute `weight` is not used; latency_ms, "
                                      "bandwidth_mbit_per_s and loss would be"}));
}

TEST(GraphMl, OneLineSaysWhatIsWrong) {
  EXPECT_EQ(fault_of("<html/>"), "1: `html`; expected `graphml`");
  EXPECT_EQ(fault_of("<graphml>\n<graph>\n</graphml>"),
            "3: no XML, mismatched tag; expected GraphML");
  EXPECT_EQ(fault_of("<graphml>\n</graphml>"), "2: no `graph`; expected one");
  EXPECT_EQ(fault_of("<graphml><graph/>\n<graph/></graphml>"), "2: a second graph; expected one");
  EXPECT_EQ(fault_of(graphml("")), "0: no node; expected at least one");
  EXPECT_EQ(fault_of(graphml("<node/>")), "4: a node without `id`; expected one");
  EXPECT_EQ(fault_of(graphml("<node id='a'/>\n<node id='a'/>")),
            "5: node `a` for the second time; expected each node once");
  EXPECT_EQ(fault_of(graphml("<node id='a'/>\n<edge source='a'/>")),
            "5: an edge without `target`; expected one");
  EXPECT_EQ(fault_of(graphml("<node id='a'/>\n\n<edge source='a' target='b'/>")),
            "6: a link of `b`, which is no node; expected a node of that name");
  EXPECT_EQ(fault_of(graphml("<hyperedge/>")), "4: a hyperedge; expected edges of two nodes");
  EXPECT_EQ(fault_of(graphml("<node id='a'><graph/></node>")),
            "4: a graph inside a node or edge; expected one graph");
  EXPECT_EQ(fault_of(graphml("<node id='a'/><node id='b'/><edge source='a' target='b'>\n"
                             "<data key='l'>fast</data></edge>",
                             "<key id='l' for='edge' attr.name='latency_ms'/>\n")),
            "6: `fast` as latency_ms; expected a number of milliseconds from 0 to 86400000");
}

// Entities that grow, elements without end, attributes and texts that fill the memory.
TEST(GraphMl, HostileFilesAreRefusedEarly) {
  EXPECT_EQ(fault_of("<!DOCTYPE g [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\n"
                     "<graphml>&b;</graphml>"),
            "1: a document type; expected GraphML without one");
  std::string deep = "<graphml>";
  for (int i = 0; i < 1'000'000; ++i) deep += "<a>";
  EXPECT_EQ(fault_of(deep), "1: elements inside elements, more than 100; expected fewer");
  EXPECT_EQ(fault_of(graphml("<node id='a'/><node id='b'/><edge source='a' target='b'>"
                             "<data key='l'>" +
                                 std::string(1'000'000, '1') + "</data></edge>",
                             "<key id='l' attr.name='latency_ms'/>")),
            "4: a value of more than 100 bytes; expected a number");
  std::string keys;
  for (int i = 0; i < 1'001; ++i) keys += "<key id='k" + std::to_string(i) + "' for='edge'/>";
  EXPECT_EQ(fault_of(graphml("", keys)), "3: more than 1000 keys; expected fewer");
}

TEST(TopologyFile, WhatCannotBeRead) {
  const auto fault = read_topology_file("no/such/file");
  ASSERT_FALSE(fault.ok());
  EXPECT_EQ(fault.error().found, "no such file");
  EXPECT_FALSE(read_topology_file("/dev/zero").ok());
  EXPECT_FALSE(read_topology_file(SCENARIO_DIR).ok());
}

}  // namespace
