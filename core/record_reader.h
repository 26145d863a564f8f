// Reads a recording (record.h), part after part: whatever the bytes are, records that can be true,
// or one fault that names its offset.
//
// A frame is looked at as a whole before the first of its records is given. One that the end of the
// part cuts off was torn by a kill, and is left out; any other that does not fit its check is
// damage. Numbers of blocks are looked up here, so that behind this reader a record names no block
// that was not given; whether the blocks can be put into a tree is for replay.h to say.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/record.h"
#include "core/result.h"

namespace chain {

struct RecordFault {
  std::uint64_t offset = 0;  // in the part
  std::string found;
  std::string expected;
};

class RecordReader {
 public:
  // `bytes` stay where they are while the part is read. The first part may have any number, and is
  // read from the first world on that begins in it; the next ones go on where the one before them
  // ended.
  std::optional<RecordFault> begin_part(std::string_view bytes);
  // Nothing in the optional: the part is at its end.
  Result<std::optional<Record>, RecordFault> next();
  // Reads over the frames that are left, without their records.
  std::optional<RecordFault> skip_frames();

  // Where the last record began.
  std::uint64_t offset() const { return record_at_; }
  // Bytes at the end of the part that are no whole frame, once it is read.
  std::size_t torn() const { return bytes_.size() - frame_end_; }
  std::size_t whole() const { return frame_end_; }
  const RecordEnd& end() const { return end_; }
  // Of the part that was begun last.
  std::uint32_t version() const { return version_; }

 private:
  struct Known {
    Hash hash;
    std::int64_t height;
  };

  bool enter_frame();
  Record read_record();
  // The first fault stands; what is read after it is nothing.
  void fail(std::size_t at, std::string found, std::string expected);
  std::uint8_t byte();
  std::uint64_t number(std::string_view what, std::uint64_t most);
  Duration duration(std::string_view what);
  template <typename T>
  T word(std::string_view what, T last) {
    return static_cast<T>(number(what, static_cast<std::uint64_t>(last)));
  }
  bool flag(std::string_view what) { return number(what, 1) != 0; }
  Hash hash();
  std::string text(std::string_view what);
  // Counted back from the newest.
  BlockId block(std::string_view what);
  Header header(const Known* parent, std::uint64_t& work);
  KeyOrder order();
  WorldBegins world();
  RootAdded root();
  BlockAdded added_block();
  LifeBegins life();
  NodeOptions options();
  void limits(LifeBegins& life);
  StepTaken step(std::uint8_t tag);
  Input input(std::uint8_t tag);
  Received received();

  std::string_view bytes_;
  std::size_t at_ = 0;           // of what is read next
  std::size_t records_end_ = 0;  // of the frame: where its digest stands
  std::size_t frame_end_ = 0;    // of the last whole frame
  std::size_t record_at_ = 0;
  std::uint32_t version_ = kRecordVersion;
  bool some_part_ = false, some_world_ = false;
  RecordEnd end_;
  Time last_{};
  std::vector<Known> blocks_;  // of the world
  std::optional<RecordFault> fault_;
};

}  // namespace chain
