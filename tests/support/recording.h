// Recordings in memory, for tests: written by a run, read back, stepped again, and broken on
// purpose.
//
// A part is what one file would hold. What is planted in it gets true checks again, so that not the
// frames but the replay has to find it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/record_reader.h"
#include "core/replay.h"
#include "net-sim/scenario.h"

namespace test {

using Parts = std::vector<std::string>;

struct ReadBack {
  std::vector<chain::Record> records;
  std::vector<std::uint64_t> offsets;   // of the same
  std::vector<std::uint32_t> versions;  // of their parts
  std::optional<chain::RecordFault> fault;
  std::size_t torn = 0;  // bytes
  chain::RecordEnd end;
};
ReadBack read_back(const Parts& parts);
std::vector<chain::StepTaken> steps_of(const ReadBack& read);

struct Replayed {
  chain::Replay::Counts counts;
  std::string digest;
  std::optional<std::uint64_t> differs_at;  // the step's number, from 0
  std::string fault;                        // "found; expected"
};
Replayed replayed(const Parts& parts);

// The part with `bits` of one byte of its records turned, and with true checks.  REQUIRES: it is
// the only one of its recording.
std::string planted(const std::string& part, std::uint64_t offset, std::uint8_t bits);

struct RecordedRun {
  Parts parts;
  std::string digest;  // of the run
};
RecordedRun recorded_run(const sim::Scenario& scenario, std::uint64_t limit = chain::kRecordLimit);

}  // namespace test
