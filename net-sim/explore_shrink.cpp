// The half of explore.h that makes failures smaller.
#include <algorithm>

#include "net-sim/explore.h"

namespace sim {
namespace {

class Shrinking {
 public:
  Shrinking(const Plan& plan, Invariant invariant, const ExploreRules& rules,
            std::uint32_t most_runs)
      : best_(plan), invariant_(invariant), rules_(rules), runs_left_(most_runs) {
    rules_.sought = invariant;
  }

  Plan shrink() {
    bool smaller = true;
    while (smaller && runs_left_ > 0) {
      smaller = drop_faults();
      smaller = drop_attackers() || smaller;
      smaller = drop_nodes() || smaller;
      smaller = shorten() || smaller;
      smaller = plainer() || smaller;
    }
    return best_;
  }

 private:
  // Takes the plan if it is another one and still fails.
  bool attempt(const Plan& plan) {
    if (runs_left_ == 0 || (rules_.stop && rules_.stop())) return false;
    if (plan_text(plan, "", rules_.base) == plan_text(best_, "", rules_.base)) return false;
    --runs_left_;
    if (!broke(explore(plan, "", rules_), invariant_)) return false;
    best_ = plan;
    return true;
  }
  template <typename Change>
  bool attempt_with(const Change& change) {
    Plan plan = best_;
    change(plan);
    return attempt(plan);
  }

  // Halves first, then one by one.
  bool drop_faults() {
    bool smaller = false;
    for (std::size_t size = std::max<std::size_t>(best_.faults.size() / 2, 1);; size /= 2) {
      for (std::size_t at = 0; at < best_.faults.size();) {
        const bool dropped = attempt_with([&](Plan& plan) {
          const auto first = plan.faults.begin() + static_cast<std::ptrdiff_t>(at);
          const std::size_t count = std::min(size, plan.faults.size() - at);
          plan.faults.erase(first, first + static_cast<std::ptrdiff_t>(count));
        });
        smaller = smaller || dropped;
        if (!dropped) at += size;
      }
      if (size <= 1) return smaller;
    }
  }

  bool drop_attackers() {
    bool smaller = false;
    for (std::size_t at = 0; at < best_.attackers.size();) {
      const bool dropped = attempt_with([&](Plan& plan) {
        plan.attackers.erase(plan.attackers.begin() + static_cast<std::ptrdiff_t>(at));
      });
      smaller = smaller || dropped;
      if (!dropped) ++at;
    }
    return smaller;
  }

  bool drop_nodes() {
    bool smaller = false;
    while (best_.nodes > 2) {
      Plan half = best_;
      while (half.nodes > 2 && half.nodes > best_.nodes / 2) half = without_last_node(half);
      if (!attempt(half) && !attempt(without_last_node(best_)) && !attempt(renumbered())) break;
      smaller = true;
    }
    for (std::size_t i = 0; i < best_.faults.size(); ++i) {  // fewer nodes in one fault
      for (std::size_t k = 0; may_name_fewer(best_.faults[i]) && k < best_.faults[i].who.size();) {
        const bool dropped = attempt_with([&](Plan& plan) {
          auto& who = plan.faults[i].who;
          who.erase(who.begin() + static_cast<std::ptrdiff_t>(k));
        });
        smaller = smaller || dropped;
        if (!dropped) ++k;
      }
    }
    return smaller;
  }

  // One node fewer, the attackers keeping the highest numbers.
  Plan renumbered() const {
    Plan plan = best_;
    for (PlannedAttacker& attacker : plan.attackers) {
      if (attacker.node > 0) --attacker.node;
    }
    for (PlannedFault& fault : plan.faults) {
      for (NodeIndex& node : fault.who) {
        if (node + 1 == plan.nodes) --node;
      }
      std::sort(fault.who.begin(), fault.who.end());
      fault.who.erase(std::unique(fault.who.begin(), fault.who.end()), fault.who.end());
    }
    return without_last_node(plan);
  }

  bool shorten() {
    bool smaller = false;
    for (const bool half : {true, false}) {
      while (best_.chaos_s > 10 && attempt_with([half](Plan& plan) { cut_short(plan, half); })) {
        smaller = true;
      }
    }
    for (std::size_t i = 0; i < best_.faults.size(); ++i) {
      const auto round = [](std::int64_t s) { return s > 60 ? s / 60 * 60 : s / 10 * 10; };
      smaller = attempt_with([&](Plan& plan) {
                  plan.faults[i].at_s = std::max<std::int64_t>(round(plan.faults[i].at_s), 1);
                }) ||
                smaller;
      if (best_.faults[i].lasts_s <= 10) continue;
      smaller = attempt_with([&](Plan& plan) {
                  plan.faults[i].lasts_s = std::max<std::int64_t>(round(plan.faults[i].lasts_s), 1);
                }) ||
                smaller;
    }
    return smaller;
  }

  // The first half of the chaos; or all of it, twice as fast.
  static void cut_short(Plan& plan, bool first_half) {
    plan.chaos_s /= 2;
    if (!first_half) {
      for (PlannedFault& fault : plan.faults) {
        fault.at_s /= 2;
        if (fault.lasts_s > 1) fault.lasts_s /= 2;
      }
      return;
    }
    std::erase_if(plan.faults, [&](const PlannedFault& f) { return f.at_s >= plan.chaos_s; });
    for (PlannedFault& fault : plan.faults) {
      if (fault.lasts_s == 0) continue;
      fault.lasts_s = std::clamp<std::int64_t>(plan.chaos_s - fault.at_s, 1, fault.lasts_s);
    }
  }

  bool plainer() {
    const Plan plain;
    bool smaller = false;
    const auto reset = [&](auto Plan::*member) {
      smaller = attempt_with([&](Plan& plan) { plan.*member = plain.*member; }) || smaller;
    };
    for (std::size_t i = best_.limits.size(); i-- > 0;) {
      smaller = attempt_with([i](Plan& plan) {
                  plan.limits.erase(plan.limits.begin() + static_cast<std::ptrdiff_t>(i));
                }) ||
                smaller;
    }
    reset(&Plan::other_rules);
    reset(&Plan::clock_offsets_s);
    reset(&Plan::validation_ms);
    reset(&Plan::commit_ms);
    reset(&Plan::retarget);
    reset(&Plan::loss_percent);
    reset(&Plan::up_mbit);
    reset(&Plan::max_inbound);
    reset(&Plan::discovery);
    reset(&Plan::jitter);
    reset(&Plan::latency_ms);
    reset(&Plan::tie_break);
    reset(&Plan::check_genesis);
    reset(&Plan::relay);
    reset(&Plan::block_kb);
    reset(&Plan::interval_s);
    for (const char* shape : {"line", "full_mesh"}) {
      if (best_.topology == "line") break;
      smaller = attempt_with([shape](Plan& plan) { plan.topology = shape; }) || smaller;
    }
    if (best_.mining) smaller = attempt_with([](Plan& plan) { plan.mining = false; }) || smaller;
    for (std::size_t i = 0; i < best_.faults.size(); ++i) {
      if (best_.faults[i].kind != "mine") continue;
      smaller = attempt_with([i](Plan& plan) { plan.faults[i].more = ""; }) || smaller;
    }
    return smaller;
  }

  Plan best_;
  const Invariant invariant_;
  ExploreRules rules_;
  std::uint32_t runs_left_;
};

}  // namespace

Plan shrunk(const Plan& plan, Invariant invariant, const ExploreRules& rules,
            std::uint32_t most_runs) {
  return Shrinking(plan, invariant, rules, most_runs).shrink();
}

}  // namespace sim
