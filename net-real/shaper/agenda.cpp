#include "net-real/shaper/agenda.h"

#include <algorithm>

namespace net {
namespace {

constexpr chain::Duration kBeat = chain::milliseconds(5);

}  // namespace

void LateBook::add(chain::Duration late) {
  max_ = std::max(max_, late);
  if (count_++ % stride_ != 0) return;
  kept_.push_back(late.ns);
  if (kept_.size() < kMost) return;
  for (std::size_t i = 0; 2 * i < kept_.size(); ++i) kept_[i] = kept_[2 * i];
  kept_.resize(kept_.size() / 2);
  stride_ *= 2;
}

chain::Duration LateBook::quantile(double share) const {
  if (kept_.empty()) return {};
  std::vector<std::int64_t> sorted = kept_;
  std::sort(sorted.begin(), sorted.end());
  const auto last = static_cast<double>(sorted.size() - 1);
  return {sorted[static_cast<std::size_t>(last * share + 0.5)]};
}

LoopAgenda::LoopAgenda(Loop& loop) : loop_(loop), timer_(loop, [this] { work(); }) {}

void LoopAgenda::at(chain::Time when, std::function<void()> task) {
  const auto place = tasks_.emplace(when, std::move(task));
  if (place == tasks_.begin() && !is_working_) timer_.set(when);
}

void LoopAgenda::work() {
  is_working_ = true;
  while (!tasks_.empty() && tasks_.begin()->first <= loop_.now()) {
    const auto task = tasks_.extract(tasks_.begin());
    due_ = task.key();
    task.mapped()();
  }
  is_working_ = false;
  if (!tasks_.empty()) timer_.set(tasks_.begin()->first);
}

void LoopAgenda::beat() {
  beats_.add(loop_.now() - now());
  at(now() + kBeat, [this] { beat(); });
}

}  // namespace net
