// How many messages a WebSocket server answers in a second.
//
//   exchange ADDRESS:PORT CONNECTIONS SECONDS WINDOW ANSWER GREETING < MESSAGES
//
// Each connection says GREETING once ("": nothing), then the lines of stdin in turn, WINDOW of them
// ahead of their answers; what counts as one begins with ANSWER. A tab in a line parts two
// messages. Prints answers a second.
#include <cstdio>
#include <iostream>

#include "tests/load/load_client.h"

namespace {

using namespace load;

struct Exchange {
  Tcp::endpoint target;
  std::vector<std::string> frames;
  std::string answer, greeting;
  std::size_t window = 1;
  Clock::time_point end{};
  std::size_t answers = 0;

  bool goes_on() const { return Clock::now() < end; }
};

awaitable<void> talk(asio::io_context& context, Exchange& exchange) {
  Client client(context.get_executor());
  co_await client.connect(exchange.target);
  co_await client.upgrade();
  if (!exchange.greeting.empty()) co_await client.say(frame(exchange.greeting));
  std::size_t said = 0, open = 0;
  while (open > 0 || exchange.goes_on()) {
    std::string together;
    for (; open < exchange.window && exchange.goes_on(); ++open, ++said) {
      together += exchange.frames[said % exchange.frames.size()];
    }
    if (!together.empty()) co_await client.say(together);
    // Half of what is open, then more is said: neither side waits for the other.
    for (const std::size_t until = open / 2; open > until;) {
      if (!(co_await client.receive(0x81)).starts_with(exchange.answer)) continue;
      --open;
      ++exchange.answers;
    }
  }
}

std::string frames_of(std::string_view line) {
  std::string frames;
  for (std::size_t end = 0; end != line.npos; line.remove_prefix(end + 1)) {
    end = line.find('\t');
    frames += frame(line.substr(0, end));
    if (end == line.npos) break;
  }
  return frames;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    std::fprintf(stderr,
                 "exchange: expected ADDRESS:PORT CONNECTIONS SECONDS WINDOW ANSWER GREETING\n");
    return 1;
  }
  Exchange exchange{.target = endpoint_from(argv[1]),
                    .frames = {},
                    .answer = argv[5],
                    .greeting = argv[6],
                    .window = number_from(argv[4])};
  for (std::string line; std::getline(std::cin, line);) exchange.frames.push_back(frames_of(line));
  asio::io_context context(1);
  const auto began = Clock::now();
  exchange.end = began + std::chrono::seconds(number_from(argv[3]));
  for (std::size_t i = number_from(argv[2]); i > 0; --i) {
    asio::co_spawn(context, talk(context, exchange), [](std::exception_ptr failed) {
      if (failed) std::rethrow_exception(failed);
    });
  }
  context.run();
  const double took = std::chrono::duration<double>(Clock::now() - began).count();
  std::printf("%.1f\n", static_cast<double>(exchange.answers) / took);
}
