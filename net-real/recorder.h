// Records a node's steps into a file, for `simchain replay`.
//
// Appends: each process is a life of its own in the recording, and what a kill has torn of an
// earlier one is cut. Written at each durable commit, and at least once a second, without waiting
// for the disk; after so many bytes the recording goes on in FILE.1, FILE.2 ... It never stands in
// the node's way: where it cannot be written, or would leave the node too little room on the disk,
// it ends with one line in the log.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "core/record_writer.h"
#include "net-real/log.h"
#include "net-real/loop.h"

namespace net {

class Recorder {
 public:
  // `limit`: of a part, in bytes. Throws Failure: `file` is no recording, is in use by another
  // node, or cannot be opened.
  Recorder(Loop& loop, Log& log, std::string file, std::uint64_t limit);
  ~Recorder();

  // The node's life begins; `durable` is what it begins with.
  void begin(const chain::NodeOptions& options, const chain::ChainView& durable,
             const chain::BlockTree& tree);
  // The body of a block that is in the tree already.
  void add_body(chain::BlockId block);
  void step(chain::Time now, const chain::Input& input, const chain::Effects& effects,
            const chain::BlockTree& tree);
  // Hands all there is to the system.
  void flush();
  // The life is over; the log tells what was recorded.
  void end();

 private:
  // An open part, locked; closed with the value.
  class Part {
   public:
    explicit Part(int descriptor = -1) : descriptor_(descriptor) {}
    Part(Part&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Part& operator=(Part&& other) noexcept {
      std::swap(descriptor_, other.descriptor_);  // what was open is closed with `other`
      return *this;
    }
    ~Part();
    bool is_open() const { return descriptor_ >= 0; }
    int descriptor() const { return descriptor_; }

   private:
    int descriptor_;
  };

  bool is_on() const { return part_.is_open(); }
  void open(std::uint32_t part, int flags);
  // Where an earlier recording ends. False: it is damaged.
  bool find_end(std::uint32_t part, chain::RecordEnd& end);
  void write(std::string_view bytes);
  void write_frames();
  void begin_next_part();
  void stop(const std::string& why);

  Log& log_;
  const std::string file_;
  const std::uint64_t limit_;
  Part part_;
  bool of_older_version_ = false;  // the part that was found
  std::uint64_t part_bytes_ = 0;
  std::unique_ptr<chain::RecordWriter> writer_;
  Timer alarm_;
  bool alarm_is_set_ = false;
};

}  // namespace net
