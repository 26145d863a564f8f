// Steps a recording again: builds the tree and the nodes that it tells of, tells the nodes what
// they were told, and compares what they do.
//
// That the outcome is the same is what the determinism of the core means, in both worlds. Whoever
// reads the records (record_reader.h) hands them over one by one; where a step differs, the node
// stands as that step left it, for a look.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/record.h"
#include "core/result.h"

namespace chain {

// A record that cannot follow on those before it.
struct Misfit {
  std::string found, expected;
};

class Replay {
 public:
  struct Counts {
    std::uint64_t worlds = 0, lives = 0, steps = 0;
    std::uint32_t nodes = 0;     // the most of one world
    std::uint64_t left_out = 0;  // adversaries, of all worlds
  };

  // `digest`: of what was recorded before.
  explicit Replay(std::uint64_t digest, std::uint32_t version = kRecordVersion)
      : digest_(digest), chained_(digest), version_(version) {}
  // The records that follow are of a part of this version.
  void begin_part(std::uint32_t version);

  // False: the step differs, and so will those after it.  REQUIRES: it is the next one that a
  // RecordReader gave.
  Result<bool, Misfit> take(const Record& record);

  const Counts& counts() const { return counts_; }
  std::uint64_t digest() const { return version_ == 1 ? chained_.value() : digest_.value(); }
  const std::string& title() const { return title_; }
  // Of the last step.  REQUIRES: there was one.
  const BlockTree& tree() const { return *tree_; }
  const Node& node(std::uint32_t index) const { return *nodes_[index]; }
  const Effects& effects() const { return effects_; }
  std::uint32_t check() const { return check_; }

 private:
  using Taken = Result<bool, Misfit>;

  Taken on(const WorldBegins& world);
  Taken on(const RootAdded& root);
  Taken on(const BlockAdded& block);
  Taken on(const BodyAdded& body);
  Taken on(const NameGiven& name);
  Taken on(const LifeBegins& life);
  Taken on(const LifeEnds& life);
  Taken on(const StepTaken& step);
  Taken on(const StepsLeftOut& steps);
  Taken on(const FrameEnds& frame);
  bool lives(std::uint32_t node) const { return node < nodes_.size() && nodes_[node] != nullptr; }

  Digest digest_;
  ChainedDigest chained_;  // of a part of version 1
  std::uint32_t version_;
  std::uint32_t check_ = 0;             // of the last step
  std::vector<std::uint64_t> numbers_;  // by node: steps of its life
  std::string title_;
  std::unique_ptr<BlockTree> tree_;  // null before the first world
  std::deque<SyncLimits> limits_;    // of the nodes, each set once
  std::vector<std::unique_ptr<Node>> nodes_;
  Effects effects_;
  Counts counts_;
};

}  // namespace chain
