#include "net-sim/sweep/journal.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace sim {
namespace {

Json head_line(const JournalHead& head) {
  return {{"version", head.version},
          {"shard", head.shard.number},
          {"of", head.shard.of},
          {"plan", plan_json(head.plan)}};
}

Json row_line(const SweepRow& row) {
  return {{"point", row.point},
          {"seed", row.seed},
          {"digest", row.digest},
          {"values", row.values},
          {"error", row.error},
          {"code", row.code},
          {"wall_seconds", row.wall_seconds},
          {"peak_memory_bytes", row.peak_memory_bytes},
          {"host", row.host}};
}

// Throws what nlohmann::json throws of a line that is not ours.
JournalHead head_from(const Json& line) {
  return {line.at("version"), {line.at("shard"), line.at("of")}, plan_from(line.at("plan"))};
}

SweepRow row_from(const Json& line) {
  SweepRow row;
  line.at("point").get_to(row.point);
  line.at("seed").get_to(row.seed);
  line.at("digest").get_to(row.digest);
  for (const Json& value : line.at("values")) row.values.push_back(value);
  line.at("error").get_to(row.error);
  line.at("code").get_to(row.code);
  line.at("wall_seconds").get_to(row.wall_seconds);
  line.at("peak_memory_bytes").get_to(row.peak_memory_bytes);
  line.at("host").get_to(row.host);
  return row;
}

}  // namespace

std::filesystem::path journal_file(const std::filesystem::path& directory) {
  return directory / "journal.jsonl";
}

chain::Result<Journal> read_journal(const std::filesystem::path& directory) {
  const std::filesystem::path file = journal_file(directory);
  std::ifstream in(file, std::ios::binary);
  Journal journal;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line) && !in.eof(); ++number) {
    try {
      const Json json = Json::parse(line);
      if (number == 1) {
        journal.head = head_from(json);
      } else {
        journal.rows.push_back(row_from(json));
      }
    } catch (const Json::exception&) {
      return chain::Error(file.string() + ":" + std::to_string(number) +
                          ": a line that no sweep writes; expected its journal");
    }
    journal.whole += line.size() + 1;
  }
  return journal;
}

chain::Result<JournalWriter> JournalWriter::open(const std::filesystem::path& directory,
                                                 const Journal& journal, const JournalHead& head) {
  const std::filesystem::path file = journal_file(directory);
  const auto fail = [&](const std::string& why) {
    return chain::Error("cannot write " + file.string() + ": " + why);
  };
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return chain::Error("cannot create " + directory.string() + ": " + failed.message());
  if (std::filesystem::exists(file)) {
    std::filesystem::resize_file(file, journal.whole, failed);
    if (failed) return fail(failed.message());
  }
  JournalWriter writer;
  writer.file_.reset(std::fopen(file.c_str(), "ab"));
  if (!writer.file_) return fail(std::strerror(errno));
  if (journal.whole == 0 && !writer.write_line(head_line(head))) return fail(std::strerror(errno));
  return writer;
}

bool JournalWriter::write_line(const Json& line) {
  const std::string text = json_text(line) + "\n";
  return std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size() &&
         std::fflush(file_.get()) == 0;
}

bool JournalWriter::add(const SweepRow& row) { return write_line(row_line(row)); }

}  // namespace sim
