#include "core/sha256_two.h"

#include <array>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace chain {
namespace {

void compress_one_by_one(Sha256State& a, const std::uint8_t* block_a, Sha256State& b,
                         const std::uint8_t* block_b) {
  compress(a, block_a);
  compress(b, block_b);
}

#if defined(__x86_64__)
#define WITH_SHA __attribute__((target("sha,sse4.1")))

// The constants K of FIPS 180-4, section 4.2.2.
alignas(16) constexpr std::array<std::uint32_t, 64> kRoundConstants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

WITH_SHA inline __m128i load_vector(const void* bytes) {
  return _mm_loadu_si128(static_cast<const __m128i*>(bytes));
}

// One block on its way through the rounds. The instructions want the state's words as two vectors,
// a b e f and c d g h from the highest lane down; `w` is the sixteen words of the message schedule
// that are under way, four to a vector. The loops over them are unrolled, at which a compiler keeps
// all of it in registers.
struct Rounds {
  __m128i abef, cdgh;
  __m128i w[4];
};

WITH_SHA inline void begin_block(Rounds& lane, const Sha256State& state,
                                 const std::uint8_t* block) {
  const __m128i dcba = load_vector(state.data());
  const __m128i hgfe = load_vector(state.data() + 4);
  const __m128i cdab = _mm_shuffle_epi32(dcba, 0xb1);
  const __m128i efgh = _mm_shuffle_epi32(hgfe, 0x1b);
  lane.abef = _mm_alignr_epi8(cdab, efgh, 8);
  lane.cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) lane.w[i] = _mm_shuffle_epi8(load_vector(block + 16 * i), big_endian);
}

WITH_SHA inline void four_rounds(Rounds& lane, int words, __m128i constants) {
  const __m128i sum = _mm_add_epi32(lane.w[words], constants);
  lane.cdgh = _mm_sha256rnds2_epu32(lane.cdgh, lane.abef, sum);
  lane.abef = _mm_sha256rnds2_epu32(lane.abef, lane.cdgh, _mm_shuffle_epi32(sum, 0x0e));
}

// Replaces four words of the schedule by those sixteen further on.
WITH_SHA inline void schedule_four(Rounds& lane, int words) {
  const __m128i last = lane.w[(words + 3) & 3];
  const __m128i seven_back = _mm_alignr_epi8(last, lane.w[(words + 2) & 3], 4);
  const __m128i sum =
      _mm_add_epi32(_mm_sha256msg1_epu32(lane.w[words], lane.w[(words + 1) & 3]), seven_back);
  lane.w[words] = _mm_sha256msg2_epu32(sum, last);
}

WITH_SHA inline void end_block(const Rounds& lane, Sha256State& state) {
  const __m128i feba = _mm_shuffle_epi32(lane.abef, 0x1b);
  const __m128i dchg = _mm_shuffle_epi32(lane.cdgh, 0xb1);
  const __m128i dcba = _mm_blend_epi16(feba, dchg, 0xf0);
  const __m128i hgfe = _mm_alignr_epi8(dchg, feba, 8);
  auto* const out = reinterpret_cast<__m128i*>(state.data());
  _mm_storeu_si128(out, _mm_add_epi32(load_vector(out), dcba));
  _mm_storeu_si128(out + 1, _mm_add_epi32(load_vector(out + 1), hgfe));
}

WITH_SHA void compress_with_sha(Sha256State& a, const std::uint8_t* block_a, Sha256State& b,
                                const std::uint8_t* block_b) {
  Rounds lane_a, lane_b;
  begin_block(lane_a, a, block_a);
  begin_block(lane_b, b, block_b);
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) {
    const __m128i constants = load_vector(&kRoundConstants[4 * static_cast<std::size_t>(i)]);
    four_rounds(lane_a, i & 3, constants);
    four_rounds(lane_b, i & 3, constants);
    if (i < 12) {
      schedule_four(lane_a, i & 3);
      schedule_four(lane_b, i & 3);
    }
  }
  end_block(lane_a, a);
  end_block(lane_b, b);
}

#undef WITH_SHA

bool has_sha() {
  unsigned a, b, c, d;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0 &&
         __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_SSE4_1) != 0;
}
#endif

}  // namespace

std::span<const CompressTwo> compressions() {
#if defined(__x86_64__)
  static constexpr std::array<CompressTwo, 2> all{compress_with_sha, compress_one_by_one};
  static const bool sha = has_sha();
  return std::span(all).subspan(sha ? 0 : 1);
#else
  static constexpr std::array<CompressTwo, 1> all{compress_one_by_one};
  return all;
#endif
}

}  // namespace chain
