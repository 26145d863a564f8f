#include "net-real/metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>

namespace net {
namespace {

// One metric after the other, each with its words.
class Page {
 public:
  void gauge(std::string_view name, std::string_view help, double value) {
    begin(name, help, "gauge");
    sample("", value);
  }
  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    begin(name, help, "counter");
    sample("", static_cast<double>(value));
  }
  void begin(std::string_view name, std::string_view help, std::string_view type) {
    name_ = name;
    text_ += "# HELP " + name_ + " " + std::string(help) + "\n# TYPE " + name_ + " " +
             std::string(type) + "\n";
  }
  // `labels`: {a="b"} without its braces.
  void sample(const std::string& labels, double value) {
    char number[32];
    const auto end = std::to_chars(number, number + sizeof number, value).ptr;
    text_ +=
        name_ + (labels.empty() ? "" : "{" + labels + "}") + " " + std::string(number, end) + "\n";
  }
  std::string take() { return std::move(text_); }

 private:
  std::string name_, text_;
};

std::string label(std::string_view key, std::string_view value) {
  return std::string(key) + "=\"" + std::string(value) + "\"";
}

void add_process(Page& page, const NodeFacts& facts) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  page.begin("process_cpu_seconds_total", "CPU time used, of the user and the system.", "counter");
  page.sample("", seconds(usage.ru_utime) + seconds(usage.ru_stime));
  std::uint64_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  page.gauge("process_resident_memory_bytes", "Memory in use.",
             static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)));
  std::error_code failed;
  std::uint64_t open = 0;
  for (std::filesystem::directory_iterator each("/proc/self/fd", failed), end;
       !failed && each != end; each.increment(failed)) {
    ++open;
  }
  page.gauge("process_open_fds", "Open file descriptors.", static_cast<double>(open));
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  page.gauge("process_max_fds", "File descriptors that may be open.",
             static_cast<double>(limit.rlim_cur));
  page.gauge("process_start_time_seconds", "When the process started, Unix time.",
             static_cast<double>(facts.started_ms) / 1e3);
}

void add_chain(Page& page, const NodeFacts& facts, const NodeCounters& counters) {
  page.gauge("chainnode_learning", "1 while the node waits for a peer's genesis.",
             facts.learning ? 1 : 0);
  page.gauge("chainnode_height", "Height of the tip.", facts.height);
  page.gauge("chainnode_headers_height", "Height of the heaviest header known.",
             facts.headers_height);
  page.gauge("chainnode_tip_timestamp_seconds", "Timestamp in the tip's header, Unix time.",
             static_cast<double>(facts.tip_timestamp_ms) / 1e3);
  page.gauge("chainnode_tip_age_seconds", "Since the tip last changed, or the node started.",
             static_cast<double>(facts.now_ms - counters.tip_since_ms) / 1e3);
  page.counter("chainnode_blocks_taken_total", "Blocks stored with their bodies.",
               counters.blocks_taken);
  page.counter("chainnode_headers_learnt_total", "Headers stored before their bodies.",
               counters.headers_learnt);
  page.counter("chainnode_bodies_withdrawn_total",
               "Bodies that came with a message and were not taken.", counters.bodies_withdrawn);
  page.counter("chainnode_bodies_left_total",
               "Bodies that a step left in memory by a fault of the node, dropped since.",
               counters.bodies_left);
  page.counter("chainnode_step_work_total",
               "Blocks, requests and peers that the steps of the node looked at.",
               counters.step_work);
  page.counter("chainnode_tip_changes_total", "Changes of the tip.", counters.tips);
  page.counter("chainnode_reorgs_total", "Changes of the tip that gave up blocks.",
               counters.reorgs);
  page.counter("chainnode_blocks_abandoned_total", "Blocks given up in reorgs.",
               counters.blocks_abandoned);
  page.gauge("chainnode_last_reorg_depth_blocks", "Blocks given up in the last reorg.",
             counters.last_reorg_depth);
  page.gauge("chainnode_deepest_reorg_blocks", "Blocks given up in the deepest reorg.",
             counters.deepest_reorg);
  page.begin("chainnode_refused_total", "Blocks, headers and chains that were refused.", "counter");
  for (std::size_t i = 1; i < counters.refused.size(); ++i) {
    const auto code = chain::text_of(static_cast<chain::Refusal>(i)).code;
    page.sample(label("code", code), static_cast<double>(counters.refused[i]));
  }
}

void add_traffic(Page& page, const NodeFacts& facts, const NodeCounters& counters) {
  page.begin("chainnode_peers", "Open connections.", "gauge");
  for (const PeerGroup& group : facts.peers) {
    page.sample(label("direction", group.direction) + "," + label("protocol", group.protocol),
                static_cast<double>(group.peers));
  }
  page.gauge("chainnode_peers_on_another_tip", "Peers whose last told tip is not on the own chain.",
             static_cast<double>(facts.peers_on_another_tip));
  page.gauge("chainnode_send_queue_bytes", "Bytes of frames that wait for peers to take them.",
             static_cast<double>(facts.sends.waiting_bytes));
  page.counter("chainnode_slow_peers_cut_total",
               "Connections ended because too many bytes waited for all peers.",
               facts.sends.slow_peers_cut);
  page.begin("chainnode_peers_dropped_total", "Connections ended from this side.", "counter");
  for (std::size_t i = 0; i < counters.peers_dropped.size(); ++i) {
    page.sample(label("reason", name_of(static_cast<chain::Offence>(i))),
                static_cast<double>(counters.peers_dropped[i]));
  }
  const auto by_type = [&](std::string_view name, std::string_view help, const auto& counts) {
    page.begin(name, help, "counter");
    for (std::size_t i = 0; i < counts.size(); ++i) {
      page.sample(label("type", name_of(static_cast<chain::MessageType>(i))),
                  static_cast<double>(counts[i]));
    }
  };
  by_type("chainnode_frames_received_total", "Frames of peers.", counters.frames_received);
  by_type("chainnode_frames_sent_total", "Frames to peers.", counters.frames_sent);
  page.counter("chainnode_frames_malformed_total", "Frames of peers that are no message.",
               counters.frames_malformed);
  page.counter("chainnode_frames_unknown_total",
               "Frames of a type that this version does not know.", counters.frames_unknown);
  page.counter("chainnode_received_bytes_total", "Bytes of frames of peers.",
               counters.bytes_received);
  page.counter("chainnode_sent_bytes_total", "Bytes of frames to peers.", counters.bytes_sent);
}

}  // namespace

std::string metrics_text(const NodeFacts& facts, const NodeCounters& counters) {
  Page page;
  page.begin("chainnode_build_info", "The program that runs.", "gauge");
  page.sample(label("version", facts.version) + "," + label("compiler", __VERSION__), 1);
  add_chain(page, facts, counters);
  add_traffic(page, facts, counters);
  page.gauge("chainnode_mining_requests_waiting", "Requests to mine a block that wait.",
             static_cast<double>(facts.mining_requests_waiting));
  page.counter("chainnode_hashes_total", "Nonces tried in mining.", facts.hashes);
  page.gauge("chainnode_disk_free_bytes", "Room where the data directory is.",
             static_cast<double>(facts.disk_free_bytes));
  page.gauge("chainnode_disk_full", "1 while no block is taken for want of room.",
             facts.disk_full ? 1 : 0);
  if (facts.certificate_expiry_s) {
    page.gauge("chainnode_certificate_expiry_timestamp_seconds",
               "When the certificate of --tls-cert ends, Unix time.",
               static_cast<double>(*facts.certificate_expiry_s));
  }
  add_process(page, facts);
  return page.take();
}

}  // namespace net
