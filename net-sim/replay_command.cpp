#include "net-sim/replay_command.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "core/record_reader.h"
#include "core/replay.h"
#include "net-sim/command.h"
#include "net-sim/csv.h"
#include "net-sim/interrupt.h"
#include "net-sim/report.h"
#include "net-sim/step_words.h"
#include "net-sim/units.h"

namespace sim {
namespace {

constexpr std::uint64_t kStepsBetweenChecks = 8192;

std::string fault_line(const std::string& file, std::uint64_t offset, const std::string& found,
                       const std::string& expected) {
  return file + ':' + std::to_string(offset) + ": found " + found + "; expected " + expected;
}

bool is_file(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

// A later part that is shorter than its header is one that a kill kept from beginning.
bool has_begun(const std::string& part) {
  std::error_code ignored;
  return is_file(part) && std::filesystem::file_size(part, ignored) >= chain::kPartHeader;
}

// Of a part's file, that of part 0.
std::string base_of(const std::string& file, std::uint32_t part) {
  const std::string ending = '.' + std::to_string(part);
  return part > 0 && file.ends_with(ending) ? file.substr(0, file.size() - ending.size()) : file;
}

// Who is connected to whom, as the steps tell.
class Connections {
 public:
  void note(const chain::Record& record) {
    if (std::holds_alternative<chain::WorldBegins>(record)) peers_.clear();
    if (const auto* life = std::get_if<chain::LifeBegins>(&record)) peers_.erase(life->node);
    const auto* step = std::get_if<chain::StepTaken>(&record);
    if (step == nullptr) return;
    if (const auto* up = std::get_if<chain::PeerUp>(&step->input)) {
      peers_[step->node].insert(up->peer);
    } else if (const auto* down = std::get_if<chain::PeerDown>(&step->input)) {
      peers_[step->node].erase(down->peer);
    }
  }
  const std::set<chain::PeerId>& of(std::uint32_t node) { return peers_[node]; }

 private:
  std::map<std::uint32_t, std::set<chain::PeerId>> peers_;
};

class Replayer {
 public:
  explicit Replayer(const ReplayOptions& options) : options_(options) {}

  int run() {
    for (std::string file = options_.file;;) {
      const int code = replay_part(file);
      if (code != kAsExpected) return code;
      const std::uint32_t part = reader_.end().part;
      if (parts_++ == 0) base_ = base_of(file, part);
      file = chain::part_name(base_, part + 1);
      if (has_begun(file)) continue;
      if (replay_->counts().worlds > 0 || part == 0) return print_outcome();
      return fail(fault_line(options_.file, chain::kPartHeader, "the midst of a recording",
                             "a part of it in which a process begins"));
    }
  }

 private:
  int replay_part(const std::string& file) {
    if (!is_file(file)) return fail(fault_line(file, 0, "no such file", "a recording"));
    std::ifstream in(file, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(in), {});
    if (!in && bytes_.empty()) return fail(fault_line(file, 0, "no way to read it", "a recording"));
    const auto fault = reader_.begin_part(bytes_);
    if (fault) return fail(fault_line(file, fault->offset, fault->found, fault->expected));
    if (!replay_) replay_.emplace(reader_.end().digest, reader_.version());
    replay_->begin_part(reader_.version());
    while (true) {
      const auto record = reader_.next();
      if (!record) {
        const chain::RecordFault& why = record.error();
        return fail(fault_line(file, why.offset, why.found, why.expected));
      }
      if (!record->has_value()) break;
      const auto taken = replay_->take(**record);
      if (!taken) {
        return fail(
            fault_line(file, reader_.offset(), taken.error().found, taken.error().expected));
      }
      connections_.note(**record);
      const auto* step = std::get_if<chain::StepTaken>(&**record);
      if (*taken && step != nullptr && step->node == options_.steps_of) print_step(*step);
      if (!*taken) return print_difference(file, std::get<chain::StepTaken>(**record));
      if (replay_->counts().steps % kStepsBetweenChecks == 0 && interrupted()) {
        std::fprintf(stderr,
                     "simchain: replay interrupted after %llu steps, all of them the same\n",
                     static_cast<unsigned long long>(replay_->counts().steps));
        return kInterrupted;
      }
    }
    torn_ = reader_.torn();
    return kAsExpected;
  }

  void print_step(const chain::StepTaken& step) const {
    const chain::BlockTree& tree = replay_->tree();
    std::string lines = csv_seconds(step.now.ns) + " s  " + input_words(tree, step.input) + '\n';
    if (!replay_->effects().empty()) {
      for (const std::string& line : effect_words(tree, replay_->effects())) {
        lines += "    " + line + '\n';
      }
    }
    std::fputs(lines.c_str(), stdout);  // a full disk is told of with the outcome
  }

  int print_outcome() const {
    const chain::Replay::Counts& counts = replay_->counts();
    const std::string digest = chain::hex16(replay_->digest());
    if (options_.json) {
      const Json json{
          {"recording", options_.file},  {"of", replay_->title()}, {"parts", parts_},
          {"steps", counts.steps},       {"nodes", counts.nodes},  {"lives", counts.lives},
          {"left_out", counts.left_out}, {"torn_bytes", torn_},    {"digest", digest}};
      return print(json_text(json) + '\n');
    }
    const std::string title = counts.worlds == 0 ? "no process yet" : shown(replay_->title());
    std::string page = "recording  " + title + ", " + std::to_string(parts_) +
                       (parts_ == 1 ? " part" : " parts") + "\nsteps      " +
                       std::to_string(counts.steps) + ", each as recorded\nnodes      " +
                       std::to_string(counts.nodes) + "\nlives      " +
                       std::to_string(counts.lives) + "\ndigest     " + digest + '\n';
    if (counts.left_out > 0) {
      page += "left out   " + std::to_string(counts.left_out) +
              (counts.left_out == 1 ? " adversary" : " adversaries") +
              ": only honest nodes are recorded\n";
    }
    if (torn_ > 0) {
      page += "torn       " + std::to_string(torn_) +
              " bytes at the end: not written whole when the recording stopped\n";
    }
    return print(page);
  }

  int print_difference(const std::string& file, const chain::StepTaken& step) {
    const chain::BlockTree& tree = replay_->tree();
    const chain::Node& node = replay_->node(step.node);
    std::string page =
        fault_line(file, reader_.offset(), check_words(replay_->check()), check_words(step.check)) +
        "\nstep       " + std::to_string(replay_->counts().steps - 1) + " of " +
        shown(replay_->title()) + "\nnode       " + std::to_string(step.node) + "\ntime       " +
        std::to_string(step.now.ns) + " ns\ntold       " + input_words(tree, step.input) + '\n';
    std::string title = "does now   ";
    for (const std::string& line : effect_words(tree, replay_->effects())) {
      page += std::exchange(title, "           ") + line + '\n';
    }
    page += "stands at  " + block_words(tree, node.chain().tip()) + '\n';
    title = "peers      ";
    for (const chain::PeerId peer : connections_.of(step.node)) {
      const std::string_view protocol = node.protocol_of(peer);
      page += std::exchange(title, "           ") + std::to_string(peer) + ' ' +
              std::string(protocol.empty() ? "undecided" : protocol) + '\n';
    }
    const int printed = print(page);
    return printed == kAsExpected ? kUnsafe : printed;
  }

  // Of all steps so far.
  static std::string check_words(std::uint32_t check) {
    return "a step that makes the check " + chain::hex16(check).substr(8);
  }

  const ReplayOptions& options_;
  chain::RecordReader reader_;
  std::optional<chain::Replay> replay_;
  Connections connections_;
  std::string bytes_;
  std::string base_;
  std::uint32_t parts_ = 0;
  std::size_t torn_ = 0;
};

}  // namespace

int replay_command(const ReplayOptions& options) {
  catch_interrupts();
  return Replayer(options).run();
}

}  // namespace sim
