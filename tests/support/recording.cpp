#include "tests/support/recording.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "net-sim/recorder.h"

namespace test {

ReadBack read_back(const Parts& parts) {
  ReadBack read;
  chain::RecordReader reader;
  for (const std::string& part : parts) {
    read.fault = reader.begin_part(part);
    while (!read.fault) {
      auto record = reader.next();
      if (!record) {
        read.fault = record.error();
      } else if (record->has_value()) {
        read.records.push_back(std::move(**record));
        read.offsets.push_back(reader.offset());
        read.versions.push_back(reader.version());
      } else {
        break;
      }
    }
    read.torn = read.fault ? 0 : reader.torn();
    read.end = reader.end();
    if (read.fault) break;
  }
  return read;
}

std::vector<chain::StepTaken> steps_of(const ReadBack& read) {
  std::vector<chain::StepTaken> steps;
  for (const chain::Record& record : read.records) {
    if (const auto* step = std::get_if<chain::StepTaken>(&record)) steps.push_back(*step);
  }
  return steps;
}

Replayed replayed(const Parts& parts) {
  const ReadBack read = read_back(parts);
  if (read.fault) return {{}, "", {}, read.fault->found + "; " + read.fault->expected};
  const std::uint64_t before = chain::u64_at(parts.front(), 24);
  chain::Replay replay(before, chain::u32_at(parts.front(), 8));
  for (std::size_t i = 0; i < read.records.size(); ++i) {
    replay.begin_part(read.versions[i]);
    const auto taken = replay.take(read.records[i]);
    if (!taken) {
      return {replay.counts(), "", {}, taken.error().found + "; " + taken.error().expected};
    }
    if (!*taken) return {replay.counts(), "", replay.counts().steps - 1, ""};
  }
  return {replay.counts(), chain::hex16(replay.digest()), {}, ""};
}

std::string planted(const std::string& part, std::uint64_t offset, std::uint8_t bits) {
  std::string changed = part;
  changed[offset] = static_cast<char>(static_cast<std::uint8_t>(changed[offset]) ^ bits);
  std::uint64_t check = chain::u64_at(part, chain::kPartHeader - 8);
  for (std::size_t at = chain::kPartHeader; at < changed.size();) {
    const std::uint32_t length = chain::u32_at(changed, at);
    std::string words;
    chain::append_u32(words, length);
    chain::append_u32(words, chain::length_check(check, length));
    changed.replace(at, words.size(), words);
    at += chain::kFrameHeader;
    check = chain::record_check(check, std::string_view(changed).substr(at, length));
    words.clear();
    chain::append_u64(words, check);
    changed.replace(at + length, words.size(), words);
    at += length + chain::kFrameTrailer;
  }
  return changed;
}

RecordedRun recorded_run(const sim::Scenario& scenario, std::uint64_t limit) {
  namespace fs = std::filesystem;
  std::string folder = (fs::temp_directory_path() / "recorded-run-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no temporary directory");
  const std::string file = folder + "/recording";
  auto simulator = sim::Simulator::create(scenario);
  if (!simulator) throw std::runtime_error(simulator.error());
  RecordedRun run;
  {
    sim::Recorder recorder(**simulator, file, limit);
    (*simulator)->watch(recorder);
    (*simulator)->run({});
    const auto finished = recorder.finish();
    if (!finished) throw std::runtime_error(finished.error());
  }
  run.digest = chain::hex16((*simulator)->digest());
  for (std::uint32_t part = 0; fs::exists(chain::part_name(file, part)); ++part) {
    std::ifstream in(chain::part_name(file, part), std::ios::binary);
    run.parts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  fs::remove_all(folder);
  return run;
}

}  // namespace test
