// Takes connections and says nothing: no greeting, no answer, no block.
//
// What a crashed process behind an open socket looks like, or one who occupies places. What it
// finds nobody hears of. A peer that asks it waits for a timeout and asks another (header_first.h).
#pragma once

#include "net-sim/adversary/adversary.h"

namespace sim {

class Silent final : public Adversary {
 public:
  Silent() : Adversary(Behaviour::Kind::silent) {}

 private:
  void act(const Turn&) override {}
};

}  // namespace sim
