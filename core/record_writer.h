// Writes a recording (record.h) into memory: frames that a host appends to a file.
//
// A host calls step() right after Node::step, when the tree is still as the node saw it, and what
// is new in the tree is written first. A writer allocates nothing once warm, keeps of each block
// only whether its body is written, and knows neither files nor their limits: a host takes
// frames(), writes them, calls written(), and next_part() where a file is long enough.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/record.h"

namespace chain {

class RecordWriter {
 public:
  // Goes on after what ends with `end`; begin_world() comes first.
  explicit RecordWriter(const RecordEnd& end = {});

  void begin_world(RecordedWorld kind, std::string_view title, std::uint32_t left_out);
  // REQUIRES of the calls below: `tree` is the one of the world, and grew since as trees do.
  void begin_life(std::uint32_t node, const NodeOptions& options, const ChainView& durable,
                  const BlockTree& tree);
  void end_life(std::uint32_t node);
  // What is new in the tree; step() and begin_life() do it themselves.
  void add_blocks(const BlockTree& tree);
  // The body of a block came later than its header.
  void add_body(BlockId block) { late_bodies_.push_back(block); }
  // REQUIRES: the node's life has begun; times never go back.
  void step(Time now, std::uint32_t node, const Input& input, const Effects& effects,
            const BlockTree& tree);
  // The same where the host has the step's hash; its number counts from the begin of the life.
  void step(Time now, std::uint32_t node, const Input& input, std::uint64_t hash,
            const BlockTree& tree);
  // A step that is not recorded, of a node that is left out.
  void leave_out(std::uint64_t hash) { left_out_.add(hash); }

  // Bytes that are not in a frame yet.
  std::size_t pending() const { return size_ - payload_at_; }
  // Puts them into one.
  void finish_frame();
  // Whole frames that are not written yet.
  std::string_view frames() const { return {buffer_.data(), frames_end_}; }
  void written();
  // The header of the next part.  REQUIRES: frames() is empty.
  std::string next_part();
  // The header of the part that this recording begins or goes on in.
  std::string first_header();

  std::uint32_t part() const { return end_.part; }
  std::uint64_t steps() const { return steps_; }
  // The digest of all steps, those left out included.
  std::uint64_t digest() const { return digest_.value() + left_out_.value(); }

 private:
  void room(std::size_t bytes);
  void put_byte(std::uint8_t byte) { buffer_[size_++] = static_cast<char>(byte); }
  void put(std::uint64_t number);
  void put_bytes(std::string_view bytes);
  void put_text(std::string_view text);
  void put_hash(const Hash& hash);
  void put_header(const Header& header, const Header* parent, std::uint64_t work);
  void put_body(BlockId block, const BlockTree& tree);
  void put_options(const NodeOptions& options);
  void put_limits(const NodeOptions& options);
  void put_known(const ChainView& view, BlockId blocks);
  void tag(RecordTag tag) { put_byte(static_cast<std::uint8_t>(tag)); }
  void start_frame();
  void put_left_out();

  std::vector<char> buffer_;    // finished frames, then the one that is being filled
  std::size_t size_ = 0;        // of what is in use of it
  std::size_t frames_end_ = 0;  // where finished frames end
  std::size_t payload_at_ = 0;
  RecordEnd end_;
  Digest digest_;    // of the steps in finished frames and in this one
  Digest left_out_;  // of those left out since the last frame
  Time last_{};
  std::uint32_t names_ = 0;
  std::vector<bool> has_body_;  // by block
  std::vector<BlockId> late_bodies_;
  std::uint64_t steps_ = 0;
  std::vector<std::uint64_t> numbers_;  // by node: steps of its life, where the host has no hash
};

}  // namespace chain
