#include "net-real/shaper/control.h"

#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <cstdio>
#include <istream>
#include <nlohmann/json.hpp>

#include "net-real/failure.h"

namespace net {
namespace {

using Json = nlohmann::ordered_json;
using Pair = std::pair<NodeNumber, NodeNumber>;

constexpr std::size_t kMostLine = 16 << 20;  // bytes
constexpr NodeNumber kMostNodes = 10'000;    // numbers below it
constexpr std::int64_t kMostNs = std::int64_t{1} << 60;

chain::Duration duration_at(const Json& json, const char* key) {
  const std::int64_t ns = json.value(key, std::int64_t{0});
  if (ns < 0 || ns > kMostNs) throw Failure(kExitBadInput, std::string(key) + ": out of range");
  return {ns};
}

NodeNumber node_from(const Json& json) {
  const auto node = json.get<std::uint64_t>();
  if (node >= kMostNodes) throw Failure(kExitBadInput, "a node's number out of range");
  return static_cast<NodeNumber>(node);
}

Pair pair_from(const Json& json) { return {node_from(json.at(0)), node_from(json.at(1))}; }

Endpoint endpoint_at(const Json& json) {
  const auto endpoint = parse_endpoint(json.at("at").get<std::string>());
  if (!endpoint) throw Failure(kExitBadInput, "at: " + endpoint.error());
  return *endpoint;
}

LinkState link_state(const Json& json) {
  LinkState state;
  state.latency = duration_at(json, "latency_ns");
  for (const Json& draw : json.value("draws_ns", Json::array())) {
    state.draws.push_back({draw.get<std::int64_t>()});
  }
  state.rate = json.value("rate", std::uint64_t{0});
  state.loss = json.value("loss", 0.0);
  state.cut = json.value("cut", false);
  return state;
}

std::string carry_out(Shaper& shaper, const Json& json) {
  if (json.contains("node")) {
    const NodeNumber node = node_from(json["node"]);
    shaper.set_target(node, endpoint_at(json));
    shaper.carrier().set_rates(
        node, {json.value("up", std::uint64_t{0}), json.value("down", std::uint64_t{0})});
  } else if (json.contains("listen")) {
    const Pair pair = pair_from(json["listen"]);
    const Endpoint found = shaper.listen(pair.first, pair.second, endpoint_at(json));
    return Json{{"listening", json["listen"]}, {"at", found.text()}}.dump();
  } else if (json.contains("link")) {
    const Pair pair = pair_from(json["link"]);
    shaper.carrier().set_link(pair.first, pair.second, link_state(json));
  } else if (json.contains("reset")) {
    for (const Json& each : json["reset"]) {
      const Pair pair = pair_from(each);
      shaper.reset(pair.first, pair.second);
    }
  } else if (json.contains("shaping")) {
    shaper.carrier().set_shaping(json["shaping"].get<bool>());
  } else if (json.contains("dial_timeout_ns")) {
    shaper.carrier().set_dial_timeout(duration_at(json, "dial_timeout_ns"));
  } else if (json.contains("report")) {
    return shaper_report(shaper);
  } else {
    throw Failure(kExitBadInput,
                  "expected node, listen, link, reset, shaping, dial_timeout_ns or report");
  }
  return "";
}

void say(const std::string& line) {
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

Json lateness(const LateBook& book) {
  return {{"count", book.count()},
          {"median", book.quantile(0.5).ns},
          {"p99", book.quantile(0.99).ns},
          {"max", book.max().ns}};
}

}  // namespace

std::string shaper_report(const Shaper& shaper) {
  return Json{{"pieces", shaper.pieces()},
              {"bytes", shaper.bytes()},
              {"late_ns", lateness(shaper.errors())},
              {"beat_late_ns", lateness(shaper.beats())}}
      .dump();
}

chain::Result<std::string> take_command(Shaper& shaper, std::string_view line) {
  const auto wrong = [line](const std::string& what) {
    return chain::Error{"a command: found " + std::string(line.substr(0, 80)) + "; " + what};
  };
  try {
    const Json json = Json::parse(line);
    if (!json.contains("at_ns")) return carry_out(shaper, json);
    const chain::Time when{json["at_ns"].get<std::int64_t>()};
    shaper.agenda().at(when, [&shaper, json] {
      const std::string answer = carry_out(shaper, json);
      if (!answer.empty()) say(answer);
    });
    return std::string();
  } catch (const Json::exception&) {
    return wrong("expected an object that says what control.h has");
  } catch (const Failure& failure) {
    return wrong(failure.what());
  }
}

struct ControlLines::State : std::enable_shared_from_this<ControlLines::State> {
  State(Loop& loop, Shaper& the_shaper, std::function<void(const std::string&)> the_end)
      : shaper(the_shaper),
        end(std::move(the_end)),
        input(loop.context(), ::dup(STDIN_FILENO)),
        buffer(kMostLine) {}

  void read() {
    boost::asio::async_read_until(
        input, buffer, '\n', [self = shared_from_this()](auto error, std::size_t size) {
          if (error) return self->end("");
          std::string line(size, '\0');
          std::istream(&self->buffer).read(line.data(), static_cast<std::streamsize>(size));
          line.pop_back();
          const auto answer = take_command(self->shaper, line);
          if (!answer) return self->end(answer.error());
          if (!answer->empty()) say(*answer);
          self->read();
        });
  }

  Shaper& shaper;
  std::function<void(const std::string&)> end;
  boost::asio::posix::stream_descriptor input;
  boost::asio::streambuf buffer;
};

ControlLines::ControlLines(Loop& loop, Shaper& shaper, std::function<void(const std::string&)> end)
    : state_(std::make_shared<State>(loop, shaper, std::move(end))) {
  state_->read();
}

ControlLines::~ControlLines() { state_->input.cancel(); }

}  // namespace net
