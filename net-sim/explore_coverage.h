// What exploring has met so far: faults, messages, and how nodes, chains and connections changed.
//
// No violation is worth nothing where nothing happened: what was never met is told with what was.
// One observer counts one run; runs are added up, also from several threads, one after another.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "net-sim/observer.h"

namespace sim {

class Simulator;

struct CoverageCount {
  std::map<std::string, std::uint64_t> faults;       // runs that had one
  std::map<std::string, std::uint64_t> messages;     // delivered
  std::map<std::string, std::uint64_t> transitions;  // of nodes, chains, connections

  CoverageCount& operator+=(const CoverageCount& other);
};
// Every name that may come up, with none of it met.
CoverageCount nothing_met();

class Coverage final : public Observer {
 public:
  explicit Coverage(const Simulator& simulator) : simulator_(simulator) {}

  void stepped(Time now, NodeIndex node, const chain::Input& input,
               const chain::Effects& effects) override;
  void delivered(Time now, StreamId stream, const chain::Message& message) override;
  void stopped(Time now, NodeIndex node) override;
  void started(Time now, NodeIndex node) override;

  // To be asked when the run has ended.
  CoverageCount count() const;
  bool had_crash() const;  // one was planned, and a node stopped
  bool had_reorg() const { return transitions_[kReorgs] + transitions_[kDeepReorgs] > 0; }
  bool had_partition() const;

 private:
  friend CoverageCount nothing_met();
  enum Transition : std::uint8_t {
    kExtends,
    kReorgs,
    kDeepReorgs,
    kLearnsHeaders,
    kTakesAside,
    kConnects,
    kAccepts,
    kDials,
    kDialFails,
    kLoses,
    kDropsSecond,
    kDropsSilent,
    kDropsFaulty,
    kDropsUnwished,
    kRefuses,
    kStops,
    kStarts,
    kStartsBehind,
    kTransitions
  };
  void count_drops(const chain::Effects& effects);
  void count_tips(const chain::Effects& effects);

  const Simulator& simulator_;
  std::array<std::uint64_t, chain::kMessageTypes> messages_{};
  std::array<std::uint64_t, kTransitions> transitions_{};
};

}  // namespace sim
