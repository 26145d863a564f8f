#include "net-sim/tables.h"

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "net-sim/chain_facts.h"
#include "net-sim/csv.h"
#include "net-sim/output_file.h"

namespace sim {
namespace {

using std::ostream;

std::string name_of_block(const RunView& run, chain::BlockId block) {
  return chain::lower_hex(run.tree.header(block).hash);
}

void write_blocks(ostream& out, const RunView& run) {
  const chain::BlockTree& tree = run.tree;
  const chain::BlockId main_tip = chain_facts(run).main_tip;
  out << "height,hash,parent,finder_node,found_s,size_bytes,main_chain\n";
  for (const FoundBlock& found : run.metrics.found()) {
    out << tree.height(found.block) << ',' << name_of_block(run, found.block) << ','
        << name_of_block(run, tree.parent(found.block)) << ',' << found.finder << ','
        << csv_seconds(found.found.ns) << ',' << tree.block_bytes(found.block) << ','
        << (tree.is_ancestor(found.block, main_tip) ? 1 : 0) << '\n';
  }
}

void write_propagation(ostream& out, const RunView& run) {
  out << "height,hash,found_s,eligible_nodes,reached_nodes,p50_s,p90_s,p99_s,p100_s\n";
  for (const FoundBlock& found : run.metrics.found()) {
    out << run.tree.height(found.block) << ',' << name_of_block(run, found.block) << ','
        << csv_seconds(found.found.ns) << ',' << found.eligible << ',' << found.reached;
    const auto ranks = share_ranks(found.eligible);
    for (std::size_t i = 0; i < ranks.size(); ++i) {
      out << ',';
      if (found.reached >= ranks[i] && ranks[i] > 0) out << csv_seconds(found.to_share[i].ns);
    }
    out << '\n';
  }
}

void write_tips(ostream& out, const RunView& run) {
  out << "time_s,distinct_tips\n";
  for (const TipSample& sample : run.metrics.tips()) {
    out << csv_seconds(sample.at.ns) << ',' << sample.distinct << '\n';
  }
}

void write_reorgs(ostream& out, const RunView& run) {
  out << "time_s,node,depth_blocks,from,to\n";
  for (const ReorgRecord& reorg : run.metrics.reorgs()) {
    out << csv_seconds(reorg.at.ns) << ',' << reorg.node << ',' << reorg.depth << ','
        << name_of_block(run, reorg.from) << ',' << name_of_block(run, reorg.to) << '\n';
  }
}

void write_messages(ostream& out, const RunView& run) {
  out << "type,count,bytes\n";
  const auto& messages = run.metrics.messages();
  for (std::size_t type = 0; type < messages.size(); ++type) {
    if (messages[type].count == 0) continue;
    out << chain::name_of(static_cast<chain::MessageType>(type)) << ',' << messages[type].count
        << ',' << messages[type].bytes << '\n';
  }
}

void write_confirmations(ostream& out, const RunView& run) {
  out << "confirmations,reached_pairs,abandoned_pairs\n";
  const auto counts = run.metrics.confirmations();
  for (std::size_t k = 1; k < counts.size(); ++k) {
    out << k << ',' << counts[k].reached << ',' << counts[k].abandoned << '\n';
  }
}

void write_series(ostream& out, const RunView& run) {
  out << "time_s,distinct_tips,min_height,max_height,bytes_total,messages_in_flight\n";
  for (const SeriesSample& sample : run.metrics.series()) {
    out << csv_seconds(sample.at.ns) << ',' << sample.distinct << ',' << sample.min_height << ','
        << sample.max_height << ',' << sample.bytes << ',' << sample.in_flight << '\n';
  }
}

using Writer = void (*)(ostream&, const RunView&);
struct Table {
  const char* file;
  Writer write;
};
constexpr Table kTables[] = {
    {"blocks.csv", write_blocks},     {"propagation.csv", write_propagation},
    {"tips.csv", write_tips},         {"reorgs.csv", write_reorgs},
    {"messages.csv", write_messages}, {"confirmations.csv", write_confirmations},
    {"timeseries.csv", write_series},
};

}  // namespace

chain::Result<std::filesystem::path> write_tables(const std::filesystem::path& directory,
                                                  const RunView& run, const Json& report,
                                                  const FirstMessages* first) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) {
    return chain::Error("cannot create " + directory.string() + ": " + failed.message());
  }
  std::vector<std::pair<std::string, std::string>> files;
  for (const Table& table : kTables) {
    std::ostringstream text;
    table.write(text, run);
    files.emplace_back(table.file, text.str());
  }
  if (first != nullptr) files.emplace_back("first_messages.csv", first->csv());
  files.emplace_back("summary.json", json_text(report, 2) + "\n");
  for (const auto& [name, text] : files) {
    if (!write_file(directory / name, text)) {
      return chain::Error("cannot write " + (directory / name).string());
    }
  }
  return directory;
}

}  // namespace sim
