// chainnode: puts the parts together, runs the loop or a verb, and says in one line what made it
// impossible.
#include <malloc.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "net-real/api_token.h"
#include "net-real/chain_file.h"
#include "net-real/command_line.h"
#include "net-real/descriptors.h"
#include "net-real/failure.h"
#include "net-real/http_api.h"
#include "net-real/http_server.h"
#include "net-real/peer_sockets.h"
#include "net-real/service_manager.h"
#include "net-real/verbs.h"

namespace {

// Nothing where the store or the first peer has it.
std::optional<chain::Genesis> genesis_for(const net::Options& options, net::BlockStore& store) {
  const bool not_given = options.genesis_file.empty();
  if (options.learn_genesis || (not_given && store.genesis_text())) return std::nullopt;
  std::string text(chain::kWidespreadGenesis);
  if (!options.genesis_file.empty()) {
    auto read = net::read_text_file(options.genesis_file, 1 << 20);
    if (!read) throw net::Failure(net::kExitBadInput, "--genesis: " + read.error());
    text = *read;
  }
  auto genesis = chain::parse_genesis(text);
  if (!genesis) throw net::Failure(net::kExitBadInput, "--genesis: " + genesis.error());
  return *genesis;
}

// A frame that may be sent may also wait in a queue, and others with it.
net::SocketLimits socket_limits(const net::HostOptions& options) {
  net::SocketLimits limits;
  limits.max_frame = options.limits.max_frame;
  limits.max_queue = std::max(limits.max_queue, 8 * limits.max_frame);
  limits.max_queues = std::max(limits.max_queues, limits.max_queue);
  return limits;
}

// What the network asks of a node.
net::HostOptions host_options(const net::Options& options, net::BlockStore& store, net::Log& log,
                              net::Recorder* recorder) {
  net::HostOptions all{.protocol = options.protocol, .recorder = recorder};
  if (options.chain_file.empty()) {
    all.genesis = genesis_for(options, store);
    all.rules = net::rules_of(options);
    return all;
  }
  const net::ChainFile file = net::read_chain_file(options.chain_file);
  all.genesis = file.genesis;
  all.rules = file.rules;
  if (file.rules.max_block > 0) all.limits.max_block = file.rules.max_block;
  if (file.rules.seal == chain::Seal::simulated) {
    log.warn("test_network", {{"why", "blocks here need no proof of work: for experiments only"}});
  }
  all.sync = file.limits;
  if (!file.habits) return all;
  all.relay = file.habits->relay;
  all.keepalive = file.habits->keepalive;
  all.redial = file.habits->redial;
  all.outbound = file.habits->outbound;
  all.limits.max_frame = file.habits->max_frame;
  return all;
}

// A node from its store to its sockets; members are made in this order and end in the other.
struct Chainnode {
  Chainnode(const net::Options& options)
      : log(stderr, options.log_format),
        store(options.data_dir),
        recorder(options.record_file.empty()
                     ? nullptr
                     : std::make_unique<net::Recorder>(loop, log, options.record_file,
                                                       options.record_limit)),
        tls(options.tls),
        wishes(host_options(options, store, log, recorder.get())),
        sockets(loop, registry, tls, log, socket_limits(wishes)),
        book(loop, registry, log),
        host(loop, store, sockets, registry, log, wishes),
        queue(loop, host, log, options.mining),
        api(loop, host, queue, book, registry, sockets, {options.peers_file, options.min_peers}),
        http(loop, log, {.max_connections = http_connections}) {}

  void run(const net::Options& options) {
    const bool has_certificate = tls.has_certificate();
    const bool secure_peers = has_certificate && !options.plain_peers;
    const net::Endpoint p2p_at = sockets.listen(options.p2p, secure_peers);
    const net::Endpoint http_at = http.listen(options.http);
    host.set_listens((secure_peers ? "wss://" : "ws://") + p2p_at.text());
    set_access(options, token_for(options));
    book.serve(host);
    sockets.serve(book);
    http.serve(
        [this](const net::HttpRequest& request, net::HttpServer::Respond respond) {
          api.answer(request, std::move(respond));
        },
        has_certificate ? &tls : nullptr);
    host.on_tip([this] {
      queue.tip_moved();
      api.tip_moved();
    });
    give_back_memory();
    loop.on_signal([this](int) { stop(); });
    loop.on_hangup([this, &options] { reload(options); });
    use_peers_file(options);

    std::printf("listening p2p %s http %s\n", p2p_at.text().c_str(), http_at.text().c_str());
    std::fflush(stdout);
    net::tell_service_manager(net::ServiceState::ready);
    loop.run();
    if (recorder != nullptr) recorder->end();
    log.info("stopped");
  }

  // What callers must show; "": nothing.
  static std::string token_for(const net::Options& options) {
    const bool needs_token = !options.http.is_loopback() || options.require_token;
    return needs_token ? net::read_or_make_token(options.data_dir) : "";
  }

  void set_access(const net::Options& options, std::string token) {
    api.set_access({.is_local = options.http.is_loopback(),
                    .is_https = tls.has_certificate(),
                    .token = std::move(token),
                    .names = [this](const std::string& name) { return tls.names(name); }});
    api.set_certificate_expiry(tls.expires());
  }

  // What a crowd has left behind, which the allocator would keep for the next.
  void give_back_memory() {
    constexpr chain::Duration kEvery = chain::seconds(10);
    malloc_trim(0);
    memory_timer.set(loop.now() + kEvery);
  }

  // What is wrong with a file is no reason to stop: what was there before stays, all of it. So the
  // last that may throw, which changes nothing then, comes before the first that changes something.
  void reload(const net::Options& options) {
    net::tell_service_manager(net::ServiceState::reloading);
    try {
      std::string token = token_for(options);
      tls.reload();
      set_access(options, std::move(token));
      log.info("reloaded");
    } catch (const net::Failure& failure) {
      log.warn("not_reloaded", {{"why", failure.what()}});
    }
    use_peers_file(options);
    net::tell_service_manager(net::ServiceState::ready);
  }

  void stop() {
    log.info("stopping");
    net::tell_service_manager(net::ServiceState::stopping);
    queue.stop();
    book.stop();
    api.stop();
    http.stop([this] { server_ended(); });
    sockets.stop([this] { server_ended(); });
  }

  void server_ended() {
    if (--servers_left == 0) loop.stop();
  }

  // Dials the peers of a named file. Those of the default file are configured, too: before POST
  // /addPeers dials them, no other peer may teach the genesis. A mistake in the file is no reason
  // not to start: it is read again at each POST /addPeers.
  void use_peers_file(const net::Options& options) {
    std::error_code unknown;
    const bool is_named = options.dial_peers_file;
    const bool matters = host.learning() && std::filesystem::exists(options.peers_file, unknown);
    if (!is_named && !matters) return;
    const auto urls = net::read_peers_file(options.peers_file);
    if (!urls) {
      host.expect_peers();
      return log.warn("bad_peers_file", {{"why", urls.error()}});
    }
    if (!urls->empty()) host.expect_peers();
    if (is_named) book.add(*urls, [](const auto&) {});
  }

  const std::size_t http_connections = net::http_descriptors();
  net::Loop loop;
  net::Log log;
  net::BlockStore store;
  std::unique_ptr<net::Recorder> recorder;  // null: none is wished for
  net::AddressRegistry registry;
  net::Tls tls;
  net::HostOptions wishes;
  net::PeerSockets sockets;
  net::PeerBook book;
  net::Host host;
  net::MineQueue queue;
  net::HttpApi api;
  net::HttpServer http;
  net::Timer memory_timer{loop, [this] { give_back_memory(); }};
  int servers_left = 2;  // until the loop may stop
};

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a failed write, told in one line
  try {
    const auto invocation = net::parse_command_line(argc, argv, net::verbs());
    if (!invocation) return 0;
    if (invocation->verb != nullptr) return invocation->verb->run(*invocation);
    // Until it is told to read its files again (Loop::on_hangup), it is reading them anyway.
    std::signal(SIGHUP, SIG_IGN);
    Chainnode(invocation->options).run(invocation->options);
    return 0;
  } catch (const net::Failure& failure) {
    std::fprintf(stderr, "chainnode: %s\n", failure.what());
    return failure.exit_code;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "chainnode: %s\n", net::printable(error.what()).c_str());
    return net::kExitBadInput;
  }
}
