// A random scenario, as explore draws and shrinks it: few numbers and a list of faults, from which
// the text of a scenario file is written. What fails is therefore always a file that anyone can
// run.
//
//   0 ......... chaos: faults come and go, blocks are found ......... | ..... calm: nothing ..... |
//
// Swarm testing (Groce et al. 2012): each kind of fault is in a plan, or is not, with probability
// one half, so that kinds that hide each other are also met apart. Events name nodes by number, so
// that a plan with fewer nodes is made by leaving numbers out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "net-sim/scenario.h"

namespace sim {

// Something that happens, or somebody who is there, in the words of the scenario.
struct PlannedFault {
  std::string kind;  // an event's word
  std::int64_t at_s = 0;
  std::int64_t lasts_s = 0;  // 0: for good
  std::vector<NodeIndex> who;
  std::string more;  // keys of the action, after those that name nodes
};
struct PlannedAttacker {
  NodeIndex node = 0;
  std::string behaviour;  // {kind: …}
};

// Which protocols are drawn.
enum class ExploredProtocol : std::uint8_t { any, header_first, push_chain, mix };

struct Plan {
  std::uint64_t seed = 1;
  std::string protocol = "header_first";
  std::string relay = "headers";
  std::string rules = "work";
  std::string tie_break = "first_seen";
  bool check_genesis = true;
  std::uint32_t nodes = 4;
  std::string topology = "full_mesh";
  std::int64_t latency_ms = 50;
  bool jitter = false;  // of the latency, from message to message
  std::int64_t loss_percent = 0;
  std::int64_t up_mbit = 0;  // 0: unlimited
  std::int64_t interval_s = 10;
  std::int64_t block_kb = 2;
  std::int64_t retarget = 0;
  std::int64_t commit_ms = 0;
  std::int64_t validation_ms = 0;
  std::uint32_t max_inbound = 0;  // 0: no limit
  bool discovery = false;
  bool mining = true;
  std::vector<std::pair<std::string, std::string>> limits;  // section and `name: value`
  std::vector<std::int64_t> clock_offsets_s;                // of the first nodes
  std::vector<NodeIndex> other_rules;  // nodes of another rule set than the rest
  std::vector<PlannedAttacker> attackers;
  std::vector<PlannedFault> faults;
  std::int64_t chaos_s = 600;
  std::int64_t calm_s = 660;
};

// What bounds the drawing, from a base scenario.
struct PlanBounds {
  ExploredProtocol protocol = ExploredProtocol::any;
  std::uint32_t nodes = 0;   // 0: drawn
  std::int64_t chaos_s = 0;  // likewise
  std::string rules = {};    // "": drawn
};

Plan draw_plan(std::uint64_t seed, const PlanBounds& bounds);

// The scenario file. `question`: its first comment, one line or several.  `base`: YAML whose keys
// stand; its events and nodes come before the plan's. Empty: none.
std::string plan_text(const Plan& plan, const std::string& question, const std::string& base = "");

// Without the node of the highest number; faults and attackers that need it go with it.
Plan without_last_node(const Plan& plan);
// Whether the fault may be made smaller by naming a node fewer: a link, say, has two ends.
bool may_name_fewer(const PlannedFault& fault);

}  // namespace sim
