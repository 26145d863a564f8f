// The shaper's tasks on the one loop, each as near to its instant as the machine lets it, and a
// book of how near that was.
//
// A beat every few milliseconds is due like any task and does nothing: how late it comes tells how
// busy the machine is, whether or not there is traffic.
#pragma once

#include <map>

#include "net-real/loop.h"
#include "net-real/shaper/carrier.h"

namespace net {

// Durations, of which the median and the worst are wanted. Of more than kMost every other one goes.
class LateBook {
 public:
  static constexpr std::size_t kMost = 1 << 20;

  void add(chain::Duration late);
  std::uint64_t count() const { return count_; }
  chain::Duration max() const { return max_; }
  // 0 to 1, where there is one.
  chain::Duration quantile(double share) const;

 private:
  std::vector<std::int64_t> kept_;  // ns
  std::uint64_t count_ = 0, stride_ = 1;
  chain::Duration max_{};
};

class LoopAgenda final : public Agenda {
 public:
  explicit LoopAgenda(Loop& loop);

  chain::Time now() const override { return is_working_ ? due_ : loop_.now(); }
  void at(chain::Time when, std::function<void()> task) override;
  // Begins to beat; the loop does not end by itself from then on.
  void beat();
  const LateBook& beats() const { return beats_; }

 private:
  void work();

  Loop& loop_;
  Timer timer_;
  std::multimap<chain::Time, std::function<void()>> tasks_;
  bool is_working_ = false;
  chain::Time due_{};  // of the task at work
  LateBook beats_;
};

}  // namespace net
