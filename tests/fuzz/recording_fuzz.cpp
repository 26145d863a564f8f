// Any bytes as a recording, or, since few of them would have true checks, as the records of one
// frame: a fault that names its place, or nodes that can be stepped and shown in words.
#include <string>

#include "core/check.h"
#include "core/record_reader.h"
#include "core/replay.h"
#include "net-sim/step_words.h"

namespace {

using namespace chain;

std::string part_of(std::string_view bytes) {
  if (bytes.starts_with(std::string_view(kRecordMagic.data(), kRecordMagic.size()))) {
    return std::string(bytes);
  }
  RecordEnd end;
  std::string part = part_header(end, end.check);
  std::string payload(bytes);
  append_u64(payload, end.digest);
  const auto length = static_cast<std::uint32_t>(payload.size());
  append_u32(part, length);
  append_u32(part, length_check(end.check, length));
  part += payload;
  append_u64(part, record_check(end.check, payload));
  return part;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string part = part_of({reinterpret_cast<const char*>(data), size});
  RecordReader reader;
  if (reader.begin_part(part)) return 0;
  Replay replay(reader.end().digest, reader.version());
  while (true) {
    const auto record = reader.next();
    if (!record) {
      const auto& [offset, found, expected] = record.error();
      CHECK(offset <= part.size() && !found.empty() && !expected.empty());
      CHECK((found + expected).find('\n') == std::string::npos);
      return 0;
    }
    if (!record->has_value()) break;
    const auto taken = replay.take(**record);
    if (!taken) return 0;
    const auto* step = std::get_if<StepTaken>(&**record);
    if (step == nullptr || *taken) continue;
    CHECK(!sim::input_words(replay.tree(), step->input).empty());
    CHECK(!sim::effect_words(replay.tree(), replay.effects()).empty());
  }
  CHECK(reader.whole() + reader.torn() == part.size());
  return 0;
}
