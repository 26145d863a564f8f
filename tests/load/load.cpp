// Loads a running node: whatever clients may do by the thousand, one command each.
//
//   load COMMAND ADDRESS:PORT COUNT [SECONDS]     prints as JSON what became of it
//
// Driven by tests/e2e/test_long_load.py, which starts the node and judges what it looks like after.
#include <cstdio>
#include <functional>
#include <random>

#include "tests/load/load_client.h"

namespace {

using namespace load;
using namespace std::chrono_literals;

struct Job {
  asio::io_context& context;
  Tcp::endpoint target;
  std::size_t count;
  std::mt19937_64 random{7};
  std::size_t done = 0, failed = 0;
  Latencies latencies{};
  Clock::time_point end{};

  bool is_over() const { return Clock::now() >= end; }
  awaitable<void> pause(Clock::duration time) {
    asio::steady_timer timer(context, time);
    co_await timer.async_wait(asio::use_awaitable);
  }
};

// So many clients at once, each `story` again and again until `count` are done.
void repeat(Job& job, std::size_t at_once, std::function<awaitable<void>(Job&)> story) {
  for (std::size_t i = 0; i < at_once; ++i) {
    asio::co_spawn(
        job.context,
        [&job, story]() -> awaitable<void> {
          while (job.done < job.count) {
            ++job.done;
            try {
              co_await story(job);
            } catch (const boost::system::system_error&) {
              ++job.failed;
            }
          }
        },
        asio::detached);
  }
}

// As many clients as `count`, each one story, all at once.
void at_once(Job& job, std::function<awaitable<void>(Job&)> story) {
  for (std::size_t i = 0; i < job.count; ++i) {
    asio::co_spawn(
        job.context,
        [&job, story]() -> awaitable<void> {
          try {
            co_await story(job);
            ++job.done;
          } catch (const boost::system::system_error&) {
            ++job.failed;
          }
        },
        asio::detached);
  }
}

// --- What is wrong with a frame ------------------------------------------------------------------

std::string bad_frame(std::mt19937_64& random) {
  static const std::string valid =
      R"({"type":1,"payload":[{"version":"1.0.0","height":1,"timestamp":1,"merkleRoot":"",)"
      R"("previousHash":"","hash":"","difficulty":0,"nonce":0,"data":["x"]}]})";
  const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  std::string text = valid;
  switch (below(10)) {
    case 0:  // one byte is another
      text[below(text.size())] = static_cast<char>(random() & 0xff);
      return frame(text);
    case 1:  // cut off
      return frame(text.substr(0, below(text.size())));
    case 2:  // no JSON
      for (char& c : text) c = static_cast<char>(random() & 0xff);
      return frame(text);
    case 3:  // nested too deeply
      return frame("{\"type\":1,\"payload\":" + std::string(1 + below(2000), '['));
    case 4:  // an opcode that there is not
      return frame(text, static_cast<unsigned char>(0x83 + below(5)));
    case 5:  // a length that there is not, and nothing behind it
      return std::string("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14);
    case 6:  // not masked
      return std::string("\x81\x05hello", 7);
    case 7:  // a ping that is too long
      return frame(std::string(126, 'x'), 0x89);
    case 8:  // bits that mean nothing
      return frame(text, 0xf1);
    default:  // numbers beyond all bounds
      return frame(R"({"type":1e999,"payload":[-0,1e-400,99999999999999999999999999]})");
  }
}

awaitable<void> send_bad_frame(Job& job) {
  Client client(job.context.get_executor());
  co_await client.connect(job.target);
  co_await client.upgrade();
  co_await client.say(bad_frame(job.random));
  client.say_no_more();
  co_await client.receive(0x88);  // why it ends
}

std::string bad_request(std::mt19937_64& random) {
  static const std::string valid = "POST /mineBlock HTTP/1.1\r\nHost: localhost\r\n";
  const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  std::string text = valid + "Content-Length: 2\r\n\r\n{}";
  switch (below(9)) {
    case 0:
      text[below(text.size())] = static_cast<char>(random() & 0xff);
      return text + "\r\n\r\n";
    case 1:
      for (char& c : text) c = static_cast<char>(random() & 0xff);
      return text + "\r\n\r\n";
    case 2:
      return valid + "X: " + std::string(9000, 'x') + "\r\n\r\n";
    case 3:
      return valid + "Content-Length: 99999999999999999999\r\n\r\n";
    case 4:
      return valid + "Content-Length: 131073\r\n\r\n";
    case 5:
      return valid + "Transfer-Encoding: chunked\r\n\r\nzz\r\n";
    case 6:
      return valid + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}";
    case 7:
      return "GET /blocks/" + std::string(below(3000), '%') + " HTTP/1.1\r\n\r\n";
    default:
      return "GET / HTTP/9.9\r\n\r\n";
  }
}

awaitable<void> send_bad_request(Job& job) {
  Client client(job.context.get_executor());
  co_await client.connect(job.target);
  co_await client.say(bad_request(job.random));
  client.say_no_more();
  std::string body;
  co_await client.receive_answer(body);
}

// --- Who takes part ------------------------------------------------------------------------------

// WebSocket pings, one after the other, each answered before the next.
awaitable<void> ping(Job& job) {
  Client client(job.context.get_executor());
  co_await client.connect(job.target);
  co_await client.upgrade();
  while (!job.is_over()) {
    const auto began = Clock::now();
    co_await client.say(frame("load", 0x89));
    co_await client.receive(0x8a);
    job.latencies.add(Clock::now() - began);
    co_await job.pause(10ms);
  }
}

// A peer that asks for the tip now and then, as the original does.
awaitable<void> ask_tip(Job& job) {
  Client client(job.context.get_executor());
  co_await client.connect(job.target);
  co_await client.upgrade();
  while (!job.is_over()) {
    const auto began = Clock::now();
    co_await client.say(frame(R"({"type":0,"payload":{}})"));
    while (!(co_await client.receive(0x81)).starts_with("{\"type\":1")) {
    }
    job.latencies.add(Clock::now() - began);
    co_await job.pause(1s);
  }
}

// An HTTP client that keeps its connection.
awaitable<void> call(Job& job) {
  Client client(job.context.get_executor());
  co_await client.connect(job.target);
  std::string body;
  while (!job.is_over()) {
    const auto began = Clock::now();
    co_await client.say("GET /blocks/tip HTTP/1.1\r\nHost: localhost\r\n\r\n");
    if (co_await client.receive_answer(body) != 200) ++job.failed;
    job.latencies.add(Clock::now() - began);
    co_await job.pause(1s);
  }
}

awaitable<void> connect_and_leave(Job& job) {
  Client client(job.context.get_executor());
  co_await client.connect(job.target);
  if (job.random() % 2 == 0) co_await client.upgrade();
}

// A byte now and then, of a request that never ends.
awaitable<void> be_slow(Job& job) {
  Client client(job.context.get_executor());
  co_await client.connect(job.target);
  co_await client.say("GET /");
  while (!job.is_over()) {
    co_await client.say("x");
    co_await job.pause(500ms);
  }
}

// Holds a connection open and says nothing.
awaitable<void> hold(Job& job) {
  Client client(job.context.get_executor());
  co_await client.connect(job.target);
  while (!job.is_over()) co_await job.pause(100ms);
}

// A thousand frames of the largest size, of a type that nobody knows.
awaitable<void> send_largest(Job& job) {
  constexpr std::size_t kFrames = 1000, kLargest = 1 << 20;
  static const std::string largest = [] {
    const std::string head = R"({"type":999,"payload":")";
    return frame(head + std::string(kLargest - head.size() - 2, 'x') + "\"}");
  }();
  Client client(job.context.get_executor());
  co_await client.connect(job.target);
  co_await client.upgrade();
  for (std::size_t i = 0; i < kFrames; ++i) co_await client.say(largest);
  // All of it was read: an answer comes behind it.
  const auto began = Clock::now();
  co_await client.say(frame("load", 0x89));
  co_await client.receive(0x8a);
  job.latencies.add(Clock::now() - began);
}

struct Command {
  std::string_view name;
  void (*run)(Job&);
};
constexpr Command kCommands[] = {
    {"bad-frames", [](Job& job) { repeat(job, 64, send_bad_frame); }},
    {"bad-requests", [](Job& job) { repeat(job, 64, send_bad_request); }},
    {"churn", [](Job& job) { repeat(job, 64, connect_and_leave); }},
    {"ping", [](Job& job) { at_once(job, ping); }},
    {"peers", [](Job& job) { at_once(job, ask_tip); }},
    {"calls", [](Job& job) { at_once(job, call); }},
    {"slow", [](Job& job) { at_once(job, be_slow); }},
    {"hold", [](Job& job) { at_once(job, hold); }},
    {"largest", [](Job& job) { at_once(job, send_largest); }},
};

}  // namespace

int main(int argc, char** argv) {
  const std::string_view name = argc > 3 ? argv[1] : "";
  for (const Command& command : kCommands) {
    if (command.name != name) continue;
    asio::io_context context(1);
    const auto seconds = std::chrono::seconds(argc > 4 ? number_from(argv[4]) : 0);
    Job job{context, endpoint_from(argv[2]), number_from(argv[3])};
    const auto began = Clock::now();
    job.end = began + seconds;
    command.run(job);
    context.run();
    const double took = std::chrono::duration<double>(Clock::now() - began).count();
    std::printf(
        "{\"done\":%zu,\"failed\":%zu,\"seconds\":%.3f,\"latencies\":%zu,"
        "\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f}\n",
        job.done, job.failed, took, job.latencies.count(), job.latencies.quantile(0.5),
        job.latencies.quantile(0.99), job.latencies.quantile(1));
    return 0;
  }
  std::fprintf(stderr, "load: expected COMMAND ADDRESS:PORT COUNT [SECONDS]\n");
  return 1;
}
