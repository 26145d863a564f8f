// A recording: what nodes were told, and a fingerprint of what they did, as bytes.
//
//   part   = header, frame...                FILE, then FILE.1, FILE.2 ... (rotation by size)
//   frame  = length, its check, payload, check of the payload and of all before it
//   payload = record..., digest after them
//
//   world, root, block..., life, step, block, step, ..., end      a process of a real node, or a
//   run world, root, block..., life, ...                              the next process, appended
//
// A world begins a frame, so that reading can begin there. Nothing in it depends on ids: each world
// gives all blocks of its tree with their hashes, in the order of the tree, and from then on they
// are numbers of that order, counted back from the newest. A frame is written at once, so that a
// kill leaves whole frames and at most one that is torn. What writes it is record_writer.h, what
// reads it record_reader.h, what steps it again replay.h.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/digest.h"
#include "core/node.h"

namespace chain {

inline constexpr std::array<char, 8> kRecordMagic{'c', 'h', 'a', 'i', 'n', 'r', 'e', 'c'};
inline constexpr std::uint32_t kRecordVersion = 2;  // 1: no limits, and a chained digest; read, too
inline constexpr std::size_t kPartHeader = 40;      // magic, version, number, link, digest, check
inline constexpr std::size_t kFrameHeader = 8;      // length, check of the length
inline constexpr std::size_t kFrameTrailer = 8;     // check
inline constexpr std::size_t kFrameBytes = 64 << 10;  // of payload, from which on a frame is full
inline constexpr std::uint32_t kMaxFramePayload = 1 << 24;  // a record is in one frame
inline constexpr std::uint32_t kMaxRecordedNodes = 1 << 20;
inline constexpr std::uint64_t kRecordLimit = 256'000'000;  // bytes of a part, where nobody says
inline constexpr std::int64_t kMaxRecordedTime = std::int64_t{1} << 62;      // ns
inline constexpr std::int64_t kMaxRecordedDuration = std::int64_t{1} << 58;  // ns, of an option

// How the bytes before a place in a recording end: what the next ones go on from.
struct RecordEnd {
  std::uint32_t part = 0;
  std::uint64_t check = 0;   // of the last frame, or of the part's header
  std::uint64_t digest = 0;  // its sum; of version 1 the state of a ChainedDigest
};

enum class RecordedWorld : std::uint8_t { simulation, real };

// A tree without blocks, and no nodes.
struct WorldBegins {
  RecordedWorld kind = RecordedWorld::real;
  std::string title;           // a scenario and its seed; of a real node its version
  std::uint32_t left_out = 0;  // adversaries: they are no nodes, and their steps are not recorded
};
struct RootAdded {
  Header header;
  std::string text;
};
// The header's own hash is its name from then on.
struct BlockAdded {
  Header header;
  BlockId parent = kNoBlock;
  std::uint64_t work = 0;
};
struct BodyAdded {
  BlockId block = kNoBlock;
  std::uint64_t data_bytes = 0;
};
// The tree's next staged id.
struct NameGiven {
  Hash hash;
};
// A process of a node begins, with what an earlier one made durable.
struct LifeBegins {
  std::uint32_t node = 0;
  NodeOptions options;  // but for its pointer to the limits
  SyncLimits limits;
  BlockId tip = kNoBlock;
  // From the first block on; the sum of all counts is at most the number of blocks.
  struct Run {
    bool header, body;
    std::uint32_t count;
  };
  std::vector<Run> known;
};
struct LifeEnds {
  std::uint32_t node = 0;
};
struct StepTaken {
  Time now;
  std::uint32_t node = 0;
  Input input;
  std::uint32_t check = 0;  // step_check() of its hash; of version 1 of the digest's state after it
};
// Steps of nodes that are not recorded (adversaries) since the last frame: the sum of their hashes.
struct StepsLeftOut {
  std::uint64_t digest = 0;
};
struct FrameEnds {
  std::uint64_t digest = 0;  // of all steps so far, those left out included
};
using Record = std::variant<WorldBegins, RootAdded, BlockAdded, BodyAdded, NameGiven, LifeBegins,
                            LifeEnds, StepTaken, StepsLeftOut, FrameEnds>;

// The check that stands beside a step, from its hash; in version 1, from the digest after it.
inline std::uint32_t step_check(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash >> 32);
}

// The first byte of a record. Steps have the index of their input.
enum class RecordTag : std::uint8_t { world = 16, root, block, body, name, life, end, left_out };

// Of a message's first byte: its type, and what follows.
inline constexpr std::uint8_t kTypeBits = 0x0f, kHasStaged = 0x10, kHasDetail = 0x20,
                              kHasPair = 0x40, kHasListens = 0x80;
// Of a header's first byte: what it has that most have not.
inline constexpr std::uint8_t kOddVersion = 1, kOddOrder = 2, kNoMerkleRoot = 4, kOddPrevious = 8,
                              kOddWork = 16;

// A part's file: "FILE", "FILE.1", "FILE.2", ...
std::string part_name(const std::string& file, std::uint32_t part);
// The first bytes of part `end.part`, after what ends with `end`; `check`: of them.
std::string part_header(const RecordEnd& end, std::uint64_t& check);
// Over eight bytes at a time, so that any change within eight is noticed for certain.
std::uint64_t record_check(std::uint64_t before, std::string_view bytes);
std::uint32_t length_check(std::uint64_t before, std::uint32_t length);

// Little-endian.
void append_u32(std::string& out, std::uint32_t number);
void append_u64(std::string& out, std::uint64_t number);
// REQUIRES: so many bytes are there from `at` on.
std::uint32_t u32_at(std::string_view bytes, std::size_t at);
std::uint64_t u64_at(std::string_view bytes, std::size_t at);

}  // namespace chain
