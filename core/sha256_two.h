// SHA-256's compression function on two independent blocks at a time: the inside of a nonce search.
//
// Each of the 64 rounds waits for the one before, so that one block leaves a processor idle half of
// the time; two blocks, interleaved, fill each other's waits. With the SHA instructions of x86-64,
// chosen at run time, this hashes twice as fast as OpenSSL's one block after the other, which is
// what other machines get. Texts, lengths and padding are for those who call (nonce_search.h).
#pragma once

#include <cstdint>
#include <span>

#include "core/sha256.h"

namespace chain {

// Takes `block_a` into `a` and `block_b` into `b`, each kSha256Block bytes.
// REQUIRES: `a` and `b` are two states.
using CompressTwo = void (*)(Sha256State& a, const std::uint8_t* block_a, Sha256State& b,
                             const std::uint8_t* block_b);

// All that this machine can run, at least one, the fastest first; they differ in nothing else.
std::span<const CompressTwo> compressions();

}  // namespace chain
