#include "net-sim/recorder.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/check.h"
namespace sim {
namespace {

std::uint32_t adversaries(const Simulator& simulator) {
  std::uint32_t count = 0;
  for (NodeIndex node = 0; node < simulator.scenario().network.nodes; ++node) {
    if (simulator.adversary(node) != nullptr) ++count;
  }
  return count;
}

bool is_recording(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::array<char, chain::kRecordMagic.size()> magic{};
  in.read(magic.data(), magic.size());
  return in && magic == chain::kRecordMagic;
}

}  // namespace

Recorder::Recorder(const Simulator& simulator, const std::string& file, std::uint64_t limit)
    : simulator_(simulator),
      unborn_(simulator.tree().roots().front().first),
      left_out_(adversaries(simulator)),
      file_(file),
      limit_(limit),
      lives_(simulator.scenario().network.nodes) {
  // Of an earlier recording: a part that is left would be taken for one of this.
  for (std::uint32_t part = 1; is_recording(chain::part_name(file, part)); ++part) {
    std::remove(chain::part_name(file, part).c_str());
  }
  open_part(writer_.first_header());
  const Scenario& scenario = simulator.scenario();
  writer_.begin_world(chain::RecordedWorld::simulation,
                      scenario.name + " seed " + std::to_string(scenario.seed.run), left_out_);
}

void Recorder::stepped(chain::Time now, NodeIndex node, const chain::Input& input,
                       const chain::Effects&) {
  const bool is_left_out = left_out_ > 0 && simulator_.adversary(node) != nullptr;
  if (is_left_out) {
    writer_.leave_out(simulator_.step_hash());
    return writer_.add_blocks(simulator_.tree());
  }
  if (!lives_[node]) begin_life(node, unborn_);
  writer_.step(now, node, input, simulator_.step_hash(), simulator_.tree());
  if (!writer_.frames().empty()) write_frames();
}

void Recorder::stopped(chain::Time, NodeIndex node) {
  if (!lives_[node]) return;
  lives_[node] = false;
  writer_.end_life(node);
}

void Recorder::started(chain::Time, NodeIndex node) {
  if (simulator_.adversary(node) == nullptr) begin_life(node, simulator_.chain(node));
}

void Recorder::begin_life(NodeIndex node, const chain::ChainView& durable) {
  lives_[node] = true;
  writer_.begin_life(node, simulator_.options(node), durable, simulator_.tree());
}

void Recorder::open_part(const std::string& header) {
  out_.reset(std::fopen(chain::part_name(file_, writer_.part()).c_str(), "wb"));
  if (out_ == nullptr) note_fault();
  part_bytes_ = 0;
  write(header);
}

void Recorder::write(std::string_view bytes) {
  part_bytes_ += bytes.size();
  all_bytes_ += bytes.size();
  if (!fault_.empty()) return;
  if (std::fwrite(bytes.data(), 1, bytes.size(), out_.get()) != bytes.size()) note_fault();
}

void Recorder::flush() {
  if (fault_.empty() && std::fflush(out_.get()) != 0) note_fault();
}

// The first one stands.
void Recorder::note_fault() {
  if (!fault_.empty()) return;
  fault_ = chain::part_name(file_, writer_.part()) + ": cannot be written: " + std::strerror(errno);
}

void Recorder::write_frames() {
  write(writer_.frames());
  writer_.written();
  if (part_bytes_ < limit_) return;
  flush();
  open_part(writer_.next_part());
}

chain::Result<std::uint64_t> Recorder::finish() {
  writer_.finish_frame();
  write(writer_.frames());
  writer_.written();
  flush();
  if (!fault_.empty()) return chain::Error(fault_);
  return all_bytes_;
}

chain::Result<std::uint64_t> record_again(const Scenario& scenario, chain::Time until,
                                          const std::string& file) {
  auto simulator = Simulator::create(scenario);
  CHECK(simulator.ok());
  Recorder recorder(**simulator, file, chain::kRecordLimit);
  (*simulator)->watch(recorder);
  (*simulator)->run([&]() -> std::optional<Ending> {
    if ((*simulator)->now() > until) return Ending::interrupted;
    return std::nullopt;
  });
  return recorder.finish();
}

}  // namespace sim
