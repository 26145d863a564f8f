// Drives a host with frames that are valid and expensive, as a small program of bytes says: pages
// of thousands of headers, windows of bodies, branches, names of nothing, by many peers at once.
//
//   byte: limits | (byte: what happens, byte: which peer, bytes: with what)*
//
// The frames are drawn from chains that are known beforehand (known_chains.h), so that a short
// program makes megabytes of them. After each step two things must hold. Only accepted bodies are
// stored: a body is in the tree only if a step took it, and none waits in the store. The work of
// a step is linear in its cause: see bound().
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <span>

#include "core/digest.h"
#include "net-real/host.h"
#include "tests/real/known_chains.h"

namespace net {

class HostDriver {
 public:
  static constexpr chain::PeerId kPeers = 24;
  static constexpr std::uint64_t kMostBytes = 16 << 20;  // of all frames of a program

  HostDriver(const std::filesystem::path& directory, std::span<const std::uint8_t> program)
      : program_(program),
        options_(options(next())),
        store_(directory),
        host_(loop_, store_, links_, registry_, log_.log, options_) {}

  // Ends early at the first fault.
  void run() {
    while (!program_.empty() && fault_.empty() && bytes_ < kMostBytes) happen();
  }

  // The invariant that did not hold; empty: all did.
  const std::string& fault() const { return fault_; }
  const Host& host() const { return host_; }
  std::uint64_t steps() const { return steps_; }
  // The most that a step looked at beyond its frame's bytes, in download windows.
  double most_windows() const { return most_windows_; }

 private:
  struct Peer {
    bool is_up = false;
    std::size_t path = 0;  // what it has: a path up to a height
    std::uint32_t height = 0;
    std::deque<std::string> asked{};  // GetHeaders and GetBlocks that the host sent to it
  };

  static HostOptions options(std::uint8_t choice) {
    HostOptions options{.genesis = widespread_genesis()};
    if (choice % 2 == 1) {  // full tables and many pages, soon
      options.sync.download_window = 64;
      options.sync.bodies_per_request = 16;
      options.sync.headers_per_page = 100;
      options.sync.low_work_depth = 20;
      options.sync.peer_branch_headers = 500;
    }
    return options;
  }

  std::uint8_t next() {
    if (program_.empty()) return 0;
    const std::uint8_t byte = program_.front();
    program_ = program_.subspan(1);
    return byte;
  }
  std::uint32_t next_wide() {
    const std::uint32_t high = next();
    return high << 8 | next();
  }
  // Few, or hundreds, or thousands.
  std::uint32_t next_count() {
    constexpr std::array<std::uint32_t, 8> kCounts{1, 2, 8, 16, 100, 512, 1999, 2000};
    return kCounts[next() % kCounts.size()];
  }

  const KnownChains::Entry& at(std::size_t path, std::uint32_t height) const {
    const KnownChains::Path& on = chains_.path(path);
    return chains_.entry(on[std::min<std::size_t>(height, on.size() - 1)]);
  }
  const KnownChains::Entry& tip_of(const Peer& peer) const { return at(peer.path, peer.height); }
  const KnownChains::Entry& some_block() {
    const std::size_t path = next();
    return at(path, next_wide() % static_cast<std::uint32_t>(chains_.path(path).size()));
  }

  void happen() {
    const std::uint8_t what = next() % 16;
    const chain::PeerId id = next() % kPeers;
    Peer& peer = peers_[id];
    switch (what) {
      case 0: {
        const std::size_t path = next();
        return greet(id, path, next_wide());
      }
      case 1:
        return leave(id);
      case 2:  // all greet with one tip, or each with its own, and show its last header
        return crowd(next());
      case 3:
        return show(id, 102, some_block());
      case 4:  // the pages of what it has, one after the other
        return show_pages(id);
      case 5:
        return show(id, 105, some_block());
      case 6:  // what it announced, the last of it
        return show(id, next() % 2 == 0 ? 102 : 105, tip_of(peer));
      case 7:
        return hear(id, get_headers());
      case 8: {
        const KnownChains::Entry& last = some_block();
        return hear(id, R"({"type":104,"payload":{"last":")" + chain::lower_hex(last.hash) +
                            R"(","count":)" + std::to_string(next_count()) + "}}");
      }
      case 9:
        return tell_tip(id, some_block().hash);
      case 10:
        return name_nothing(id, next());
      case 11:
        return answer(id, 1 + next() % 8);
      case 12:  // each peer answers what it was asked
        for (chain::PeerId each = 0; each < kPeers; ++each) answer(each, 1);
        return;
      case 13:
        return say_original(id);
      case 14:
        return mine();
      default:
        return hear(id, other_body(some_block()));
    }
  }

  // --- What peers say ----------------------------------------------------------------------------

  // Headers or blocks up to `last`.
  void show(chain::PeerId id, int type, const KnownChains::Entry& last) {
    hear(id, chains_.frame(type, last, next_count()));
  }

  void greet(chain::PeerId id, std::size_t path, std::uint32_t height) {
    Peer& peer = peers_[id];
    const auto most = static_cast<std::uint32_t>(chains_.path(path).size() - 1);
    peer.path = path;
    peer.height = std::min(height, most);
    if (!peer.is_up) {
      peer.is_up = true;
      host_.peer_up(id, chain::kNoAddress);
      after(0);
    }
    const chain::Hash network = chain::network_id(widespread_genesis().text, options_.rules);
    hear(id, R"({"type":100,"payload":{"versions":[1],"network":")" + chain::lower_hex(network) +
                 R"(","node":")" + chain::hex16(id + 1) + "\"," + tip_text(tip_of(peer).hash) +
                 R"(,"listen":"","relay":"headers"}})");
  }

  void crowd(std::size_t path) {
    const bool same = path < 128;
    for (chain::PeerId id = 0; id < kPeers; ++id) {
      greet(id, same ? path : path + id, 0xffff);
      hear(id, chains_.frame(102, tip_of(peers_[id]), 1));
    }
  }

  void show_pages(chain::PeerId id) {
    const Peer& peer = peers_[id];
    const std::uint32_t page = options_.sync.headers_per_page;
    for (std::uint32_t from = 0; from < peer.height && bytes_ < kMostBytes; from += page) {
      const std::uint32_t to = std::min(peer.height, from + page);
      hear(id, chains_.frame(102, at(peer.path, to), to - from));
    }
  }

  std::string tip_text(const chain::Hash& hash) {
    const KnownChains::Entry* known = chains_.find(hash);
    const std::uint32_t height = known != nullptr ? known->height : next_wide();
    const std::uint64_t work = known != nullptr ? height + 1 : ~std::uint64_t{0} >> next() % 64;
    return R"("tip":")" + chain::lower_hex(hash) + R"(","height":)" + std::to_string(height) +
           R"(,"work":")" + chain::hex16(work) + '"';
  }

  void tell_tip(chain::PeerId id, const chain::Hash& hash) {
    constexpr std::array<const char*, 3> kTypes{"103", "108", "109"};
    const std::string type = kTypes[next() % 3];
    hear(id, R"({"type":)" + type + R"(,"payload":{)" + tip_text(hash) + "}}");
  }

  static chain::Hash nothing(std::uint32_t number) {
    chain::Hash hash{};
    hash.bytes[0] = 0xee;
    hash.bytes[1] = static_cast<std::uint8_t>(number >> 8);
    hash.bytes[2] = static_cast<std::uint8_t>(number);
    return hash;
  }
  void name_nothing(chain::PeerId id, std::uint32_t count) {
    const std::uint32_t first = next_wide();
    for (std::uint32_t i = 0; i < count; ++i) {
      hear(id, R"({"type":103,"payload":{"tip":")" + chain::lower_hex(nothing(first + i)) +
                   R"(","height":9000,"work":"ffffffffffffffff"}})");
    }
  }

  // A locator of the greatest length: of nothing, then of what is known.
  std::string get_headers() {
    std::string out = R"({"type":101,"payload":[)";
    const std::size_t unknown = next() % chain::kMaxHashes;
    const KnownChains::Entry* entry = &some_block();
    for (std::size_t i = 0; i < chain::kMaxHashes; ++i) {
      const bool is_known = i >= unknown;
      const chain::Hash hash = is_known ? entry->hash : nothing(static_cast<std::uint32_t>(i));
      if (is_known) entry = &chains_.entry(entry->parent);
      out += (i > 0 ? ",\"" : "\"") + chain::lower_hex(hash) + '"';
    }
    return out + "]}";
  }

  // A block of the same header whose data is another.
  std::string other_body(const KnownChains::Entry& entry) const {
    std::string frame = chains_.frame(105, entry, 1);
    const std::size_t at = frame.find("\"block ");
    if (at != frame.npos) frame[at + 1] = 'B';
    return frame;
  }

  void say_original(chain::PeerId id) {
    const KnownChains::Entry& last = some_block();
    if (peers_[id].is_up && peers_[id].height > 0 && next() % 2 == 0) leave(id);
    if (!peers_[id].is_up) {
      peers_[id] = {.is_up = true};
      host_.peer_up(id, chain::kNoAddress);
      after(0);
    }
    const std::uint8_t how = next() % 3;
    if (how == 0) return hear(id, R"({"type":0,"payload":{}})");
    if (how == 1) return hear(id, R"({"type":1,"payload":[)" + last.block + "]}");
    std::string frame = chains_.frame(2, last, std::min(last.height, 2'000u));
    const std::size_t first = frame.find('[') + 1;
    const std::string comma = last.height > 0 ? "," : "";
    hear(id, frame.insert(first, std::string(chain::kWidespreadGenesis) + comma));
  }

  // --- Answers -----------------------------------------------------------------------------------

  void answer(chain::PeerId id, std::uint32_t count) {
    Peer& peer = peers_[id];
    for (; count > 0 && !peer.asked.empty(); --count) {
      const auto asked = chain::decode(peer.asked.front(), options_.limits);
      peer.asked.pop_front();
      CHECK(asked.ok() && asked->has_value());
      answer_one(id, **asked);
    }
  }

  void answer_one(chain::PeerId id, const chain::WireMessage& asked) {
    const Peer& peer = peers_[id];
    for (const chain::Hash& hash : asked.hashes) {
      const KnownChains::Entry* known = chains_.find(hash);
      if (known == nullptr || at(peer.path, known->height).hash != hash) continue;
      if (asked.type == chain::MessageType::get_blocks) {
        return hear(id, chains_.frame(105, *known, asked.number));
      }
      if (known->height >= peer.height) break;
      const std::uint32_t page = options_.sync.headers_per_page;
      const std::uint32_t to = std::min(peer.height, known->height + page);
      return hear(id, chains_.frame(102, at(peer.path, to), to - known->height));
    }
    tell_tip(id, tip_of(peer).hash);
  }

  // --- The host ----------------------------------------------------------------------------------

  void hear(chain::PeerId id, const std::string& frame) {
    if (!peers_[id].is_up || !fault_.empty()) return;
    bytes_ += frame.size();
    host_.received(id, frame);
    after(frame.size());
  }

  void leave(chain::PeerId id) {
    if (!peers_[id].is_up) return;
    peers_[id] = {};
    host_.peer_down(id);
    after(0);
  }

  void mine() {
    const chain::Header& tip = host_.tree().header(host_.tip());
    chain::Block block{.header = {}, .body = chain::Texts{"own"}};
    block.header =
        chain::block_template(options_.rules, host_.tree(), host_.tip(), tip.timestamp_ms);
    block.header.merkle_root = *chain::merkle_root(block.body);
    block.header.hash = chain::hash_of(block.header, chain::HashOrder::standard);
    host_.mined(block);
    after(0);
  }

  // The most looks of a step: each peer a few times, the blocks and requests of two windows, and
  // one for each byte of the frame.
  std::uint64_t bound(std::uint64_t bytes) const {
    return bytes + 16 * kPeers + 4 * options_.sync.download_window;
  }

  void after(std::uint64_t bytes) {
    ++steps_;
    const std::uint64_t work = host_.counters().step_work - work_before_;
    work_before_ = host_.counters().step_work;
    const double beyond = static_cast<double>(work) - static_cast<double>(bytes);
    most_windows_ = std::max(most_windows_, beyond / options_.sync.download_window);
    if (work > bound(bytes)) {
      fault_ = "a step on " + std::to_string(bytes) + " bytes looked at " + std::to_string(work) +
               ", more than " + std::to_string(bound(bytes));
    }
    check_bodies();
    note_sent();
    for (const chain::PeerId closed : std::exchange(links_.closed, {})) leave(closed);
  }

  // A body enters the tree and the store in one step, or neither.
  void check_bodies() {
    const std::size_t kept = store_.withdraw_kept().size() + host_.counters().bodies_left;
    if (kept > 0) fault_ = std::to_string(kept) + " bodies are kept that no step took";
    std::uint64_t bodies = 0;
    const chain::BlockTree& tree = host_.tree();
    for (chain::BlockId id = 0; id < tree.size(); ++id) bodies += tree.has_body(id) ? 1 : 0;
    const std::uint64_t taken = host_.counters().blocks_taken + 1;  // and the genesis
    if (bodies != taken) {
      fault_ =
          std::to_string(bodies) + " bodies are in the tree; steps took " + std::to_string(taken);
    }
  }

  void note_sent() {
    for (auto& [to, frame] : std::exchange(links_.sent, {})) {
      const bool asks = frame.starts_with(R"({"type":101)") || frame.starts_with(R"({"type":104)");
      if (asks) peers_[to].asked.push_back(std::move(frame));
    }
  }

  const KnownChains& chains_ = KnownChains::get();
  std::span<const std::uint8_t> program_;
  const HostOptions options_;
  std::array<Peer, kPeers> peers_{};
  std::string fault_;
  std::uint64_t bytes_ = 0, steps_ = 0, work_before_ = 0;
  double most_windows_ = 0;
  Loop loop_;
  MemoryLog log_;
  RecordingLinks links_;
  AddressRegistry registry_;
  BlockStore store_;
  Host host_;
};

// Memory where there is some, since what a power loss leaves is no question here.
inline std::filesystem::path fast_directory() {
  const std::filesystem::path memory = "/dev/shm";
  return access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
}

}  // namespace net
