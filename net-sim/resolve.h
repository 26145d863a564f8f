// From words to nodes and instants: what selectors, partitions and repeated events of a scenario
// mean in a run.
//
// A share means that part of all nodes, rounded, drawn by the seed. The shares of a partition are
// drawn together, from those that no list, range or region names, so that `[50 %, 50 %]` has
// everyone in one group exactly.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/result.h"
#include "net-sim/scenario.h"

namespace sim {

// Nodes divided at random: which of the parts each is in. The shares sum to the whole.
std::vector<std::uint32_t> draw_parts(const Scenario& scenario, const std::vector<Share>& shares,
                                      chain::Random random);

// The region of each node, an index into `network.regions->names`; empty without regions. Drawn by
// share; then pools stand where `mining.power` puts them, and nodes where `nodes` does.
std::vector<std::uint32_t> draw_regions(const Scenario& scenario, chain::Random random);

// The nodes that `selector` means, ascending, each once.  `regions` as draw_regions gives them.
// REQUIRES: selector is not `rest`; its indices and regions exist (the reader sees to that).
std::vector<NodeIndex> resolve(const Selector& selector, const Scenario& scenario,
                               const std::vector<std::uint32_t>& regions, chain::Random random);

// The nodes at the two ends of changed links. Two shares are drawn together, of different nodes as
// far as there are any: `[50 %, 50 %]` is what lies between two halves.
std::pair<std::vector<NodeIndex>, std::vector<NodeIndex>> link_ends(
    const LinkChange& change, const Scenario& scenario, const std::vector<std::uint32_t>& regions,
    chain::Random random);

// The nodes that entry `index` of `nodes` is about; the same at every call.
std::vector<NodeIndex> overridden_nodes(const Scenario& scenario, std::size_t index,
                                        const std::vector<std::uint32_t>& regions);

// The group of each node, from 0; or a line that says which node is in two groups or in none.
chain::Result<std::vector<std::uint32_t>> partition_groups(
    const Partition& partition, const Scenario& scenario, const std::vector<std::uint32_t>& regions,
    chain::Random random);

// One occurrence of an event, or the undoing of one (`for`).
struct Firing {
  Time at;
  std::uint32_t event = 0;       // index into scenario.events
  std::uint32_t occurrence = 0;  // from 0; an undoing bears the number of what it undoes
  bool undo = false;
  constexpr auto operator<=>(const Firing&) const = default;
};

// Names one occurrence of one event: what is undone or healed later, and whose draws are its own.
constexpr std::uint64_t key_of(const Firing& firing) {
  return std::uint64_t{firing.event} << 32 | firing.occurrence;
}

// Every firing up to the end of the run, by time; at one instant undoings come first, then the
// order of the file.
std::vector<Firing> timetable(const Scenario& scenario);

// The power of each node, in parts per billion of the whole at the start, by `mining` and the
// entries of `nodes`: what the former leaves to nodes without an entry is scaled to fill the whole.
// All 0 when nobody mines.
std::vector<std::int64_t> mining_power(const Scenario& scenario,
                                       const std::vector<std::uint32_t>& regions);

// What this seed makes impossible: a partition whose groups overlap once they are drawn, powers
// that are more or less than the whole. One line, or empty. The reader asks; ask again after a
// change of seed.
std::string draw_problem(const Scenario& scenario);

}  // namespace sim
