#include "net-real/recorder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "core/record_reader.h"
#include "core/version.h"
#include "net-real/failure.h"

namespace net {
namespace {

constexpr std::uint64_t kDiskReserve = 64 << 20;  // bytes that are left for the node
constexpr chain::Duration kLongestUnwritten = chain::seconds(1);
constexpr std::uint32_t kSelf = 0;  // the only node there is

// Bytes; 0 where there is no such file.
std::uint64_t size_of(const std::string& file) {
  struct stat facts {};
  if (stat(file.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) return 0;
  return static_cast<std::uint64_t>(facts.st_size);
}

// The number of the last part that has begun; 0 also where there is none. Those before it may be
// gone.
std::uint32_t last_part(const std::string& file) {
  namespace fs = std::filesystem;
  const fs::path path(file);
  const std::string start = path.filename().string() + '.';
  std::uint32_t last = 0;
  std::error_code ignored;  // a folder that cannot be read is told of where the part is opened
  for (const auto& entry :
       fs::directory_iterator(path.has_parent_path() ? path.parent_path() : ".", ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(start)) continue;
    const std::string_view digits = std::string_view(name).substr(start.size());
    std::uint32_t part = 0;
    const auto read = std::from_chars(digits.begin(), digits.end(), part);
    const bool is_part = read.ec == std::errc() && read.ptr == digits.end();
    if (is_part && size_of(entry.path().string()) >= chain::kPartHeader) {
      last = std::max(last, part);
    }
  }
  return last;
}

// A file's bytes without a copy of them.
class Mapping {
 public:
  Mapping(int descriptor, std::size_t size)
      : size_(size), start_(mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0)) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (start_ != MAP_FAILED) munmap(start_, size_);
  }
  std::string_view bytes() const {
    if (start_ == MAP_FAILED) return {};
    return {static_cast<const char*>(start_), size_};
  }

 private:
  std::size_t size_;
  void* start_;
};

}  // namespace

Recorder::Part::~Part() {
  if (descriptor_ >= 0) close(descriptor_);
}

// A later part shorter than its header is one that a kill kept from beginning.
Recorder::Recorder(Loop& loop, Log& log, std::string file, std::uint64_t limit)
    : log_(log), file_(std::move(file)), limit_(limit), alarm_(loop, [this] { flush(); }) {
  const std::uint32_t last = last_part(file_);
  open(last, O_RDWR);
  const bool is_new = last == 0 && size_of(file_) == 0;
  chain::RecordEnd end;
  if (!is_new && !find_end(last, end)) return;
  writer_ = std::make_unique<chain::RecordWriter>(end);
  if (is_new) write(writer_->first_header());
  if (of_older_version_) begin_next_part();  // a part has one version
  if (is_on()) log_.info("recording", {{"file", chain::part_name(file_, last)}});
}

Recorder::~Recorder() { flush(); }

void Recorder::open(std::uint32_t part, int flags) {
  const std::string name = chain::part_name(file_, part);
  part_ = Part(::open(name.c_str(), flags | O_APPEND | O_CREAT | O_CLOEXEC, 0644));
  if (!is_on()) {
    throw Failure(kExitCannotWrite, "--record: " + name + ": " + std::strerror(errno));
  }
  if (flock(part_.descriptor(), LOCK_EX | LOCK_NB) != 0) {
    const bool taken = errno == EWOULDBLOCK;
    throw Failure(taken ? kExitBadInput : kExitCannotWrite,
                  "--record: " + name +
                      (taken ? " is in use by another node"
                             : " cannot be locked: " + std::string(std::strerror(errno))));
  }
}

bool Recorder::find_end(std::uint32_t part, chain::RecordEnd& end) {
  const std::string name = chain::part_name(file_, part);
  const Mapping file(part_.descriptor(), size_of(name));
  const auto words = [&](const chain::RecordFault& fault) {
    return name + ':' + std::to_string(fault.offset) + ": found " + fault.found + "; expected " +
           fault.expected;
  };
  chain::RecordReader reader;
  if (const auto fault = reader.begin_part(file.bytes())) {
    throw Failure(kExitBadInput, "--record: " + words(*fault));
  }
  if (const auto fault = reader.skip_frames()) {
    stop(words(*fault));
    return false;
  }
  end = reader.end();
  of_older_version_ = reader.version() != chain::kRecordVersion;
  part_bytes_ = reader.whole();
  if (reader.torn() > 0 && ftruncate(part_.descriptor(), static_cast<off_t>(part_bytes_)) != 0) {
    stop(name + ": " + std::strerror(errno));
    return false;
  }
  return true;
}

void Recorder::begin(const chain::NodeOptions& options, const chain::ChainView& durable,
                     const chain::BlockTree& tree) {
  if (!is_on()) return;
  writer_->begin_world(chain::RecordedWorld::real, "chainnode " + std::string(chain::version()), 0);
  writer_->begin_life(kSelf, options, durable, tree);
  flush();
}

void Recorder::add_body(chain::BlockId block) {
  if (is_on()) writer_->add_body(block);
}

void Recorder::step(chain::Time now, const chain::Input& input, const chain::Effects& effects,
                    const chain::BlockTree& tree) {
  if (!is_on()) return;
  writer_->step(now, kSelf, input, effects, tree);
  if (!writer_->frames().empty()) return write_frames();
  if (alarm_is_set_) return;
  alarm_is_set_ = true;
  alarm_.set(now + kLongestUnwritten);
}

void Recorder::flush() {
  alarm_is_set_ = false;
  if (!is_on()) return;
  writer_->finish_frame();
  if (!writer_->frames().empty()) write_frames();
}

void Recorder::end() {
  if (!is_on()) return;
  writer_->end_life(kSelf);
  flush();
  if (!is_on()) return;
  log_.info("recorded", {{"steps", writer_->steps()}, {"digest", chain::hex16(writer_->digest())}});
}

void Recorder::write_frames() {
  write(writer_->frames());
  writer_->written();
  if (is_on() && part_bytes_ >= limit_) begin_next_part();
}

void Recorder::begin_next_part() {
  const std::string header = writer_->next_part();
  try {
    open(writer_->part(), O_WRONLY);
    const std::string name = chain::part_name(file_, writer_->part());
    if (size_of(name) >= chain::kPartHeader) return stop(name + " is there already");
    if (ftruncate(part_.descriptor(), 0) != 0) return stop(name + ": " + std::strerror(errno));
    part_bytes_ = 0;
    write(header);
  } catch (const Failure& failure) {
    stop(failure.what());
  }
}

void Recorder::write(std::string_view bytes) {
  struct statvfs disk {};
  const bool known = fstatvfs(part_.descriptor(), &disk) == 0;
  const std::uint64_t room = known ? std::uint64_t{disk.f_bavail} * disk.f_frsize : 0;
  if (room < kDiskReserve + bytes.size()) return stop("too little room on the disk");
  part_bytes_ += bytes.size();
  while (!bytes.empty()) {
    const ssize_t done = ::write(part_.descriptor(), bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return stop(std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
}

void Recorder::stop(const std::string& why) {
  part_ = Part();
  log_.warn("recording_stopped", {{"file", file_}, {"why", why}});
}

}  // namespace net
