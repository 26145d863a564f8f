// A token bucket: how often somebody may do something, and how often at once.
//
// It holds `burst` tokens at most and gets `per_second` of them; who finds too few waits, or is
// refused. Time is told to it; integers only, so that it can be tried to the nanosecond.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/time.h"

namespace net {

struct Rate {
  std::int64_t per_second = 0;
  std::int64_t burst = 0;  // of it, at most 9e9: no overflow
};

class TokenBucket {
 public:
  explicit TokenBucket(const Rate& rate) : rate_(rate), level_(rate.burst * kSecond) {}

  // Takes `tokens`, if they are there.
  bool take(chain::Time now, std::int64_t tokens = 1) {
    fill(now);
    if (level_ < tokens * kSecond) return false;
    level_ -= tokens * kSecond;
    return true;
  }
  // Takes them in any case; returns how long to wait until all is paid.
  chain::Duration owe(chain::Time now, std::int64_t tokens) {
    fill(now);
    level_ -= tokens * kSecond;
    return chain::nanoseconds(level_ >= 0 ? 0 : -level_ / rate_.per_second);
  }
  bool is_full(chain::Time now) const { return level_at(now) == rate_.burst * kSecond; }

 private:
  static constexpr std::int64_t kSecond = 1'000'000'000;  // parts of a token: it gets per_second
                                                          // of them in a nanosecond
  std::int64_t level_at(chain::Time now) const {
    const std::int64_t room = rate_.burst * kSecond - level_;
    const std::int64_t passed = std::max<std::int64_t>(now.ns - filled_.ns, 0);
    return level_ + (passed >= room / rate_.per_second ? room : passed * rate_.per_second);
  }
  void fill(chain::Time now) {
    level_ = level_at(now);
    filled_ = now;
  }

  Rate rate_;
  std::int64_t level_;
  chain::Time filled_{};
};

}  // namespace net
