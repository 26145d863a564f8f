#include "net-sim/loss.h"

#include <limits>

#include "core/random.h"

namespace sim {
namespace {

using chain::Uint128;

constexpr std::uint64_t kCertain = std::numeric_limits<std::uint64_t>::max();

std::uint64_t both(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>((static_cast<Uint128>(a) * b) >> 64);
}

// a + b - ab: no difference of nearly equal numbers, so that small ones stay exact.
std::uint64_t either(std::uint64_t a, std::uint64_t b) {
  const Uint128 sum = static_cast<Uint128>(a) + b - both(a, b);
  return sum > kCertain ? kCertain : static_cast<std::uint64_t>(sum);
}

}  // namespace

std::uint64_t probability_q64(Share share) {
  const Uint128 scaled =
      (static_cast<Uint128>(share.ppb) << 64) / static_cast<std::uint64_t>(kBillion);
  return scaled > kCertain ? kCertain : static_cast<std::uint64_t>(scaled);
}

std::uint64_t any_lost_q64(std::uint64_t loss, std::uint64_t segments) {
  std::uint64_t any = 0;
  for (; segments > 0; segments >>= 1) {
    if ((segments & 1) != 0) any = either(any, loss);
    loss = either(loss, loss);
  }
  return any;
}

int rounds_lost(std::uint64_t loss, std::uint64_t segments, std::uint64_t uniform) {
  // Never more likely than the sum over segments: most messages are through here.
  if (uniform >= static_cast<Uint128>(loss) * segments) return 0;
  std::uint64_t all_rounds = loss;  // p^r
  int rounds = 0;
  while (rounds < kMaxRounds && uniform < any_lost_q64(all_rounds, segments)) {
    ++rounds;
    all_rounds = both(all_rounds, loss);
  }
  return rounds;
}

Duration loss_delay(std::uint64_t loss, std::uint64_t bytes, std::uint64_t& state) {
  const std::uint64_t segments = (bytes + kSegment - 1) / kSegment;
  const int rounds = rounds_lost(loss, segments, chain::splitmix64(state));
  return kFirstRetransmission * ((std::int64_t{1} << rounds) - 1);
}

}  // namespace sim
