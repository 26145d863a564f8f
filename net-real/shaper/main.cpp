// chainshaper: one shaped link between anything that speaks TCP, or, told by a lab, a network's.
#include <CLI/CLI.hpp>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <optional>

#include "core/version.h"
#include "net-real/failure.h"
#include "net-real/shaper/control.h"

namespace {

constexpr net::NodeNumber kClient = 0, kServer = 1;

struct Typed {
  std::string listen = "127.0.0.1:0", to, latency = "0 ms", rate, loss = "0 %";
  bool control = false;
};

// A number, then one of `units`; times its factor.
double quantity(const std::string& flag, std::string_view text, const std::string& expected,
                std::initializer_list<std::pair<std::string_view, double>> units) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const auto& [word, factor] : units) {
    if (error == std::errc() && unit == word && number >= 0 && number <= 1e9) {
      return number * factor;
    }
  }
  throw net::Failure(net::kExitBadInput,
                     flag + ": found '" + std::string(text) + "'; expected " + expected);
}

net::Endpoint endpoint(const std::string& flag, const std::string& text) {
  const auto found = net::parse_endpoint(text);
  if (!found) throw net::Failure(net::kExitBadInput, flag + ": " + found.error());
  return *found;
}

net::LinkState link_from(const Typed& typed) {
  net::LinkState state;
  state.latency = {
      static_cast<std::int64_t>(quantity("--latency", typed.latency, "a time such as '80 ms'",
                                         {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}}))};
  if (!typed.rate.empty()) {
    state.rate = static_cast<std::uint64_t>(quantity(
        "--rate", typed.rate, "a rate such as '10 Mbit/s'",
        {{"kbit/s", 125}, {"Mbit/s", 125e3}, {"Gbit/s", 125e6}, {"kB/s", 1e3}, {"MB/s", 1e6}}));
  }
  state.loss = quantity("--loss", typed.loss, "a share such as '1 %'", {{"%", 0.01}});
  if (state.loss > 0.99) throw net::Failure(net::kExitBadInput, "--loss: found more than 99 %");
  return state;
}

void run(const Typed& typed) {
  net::Loop loop;
  net::Log log(stderr, net::LogFormat::text);
  net::Shaper shaper(loop, log);
  shaper.agenda().beat();
  loop.on_signal([&loop](int) { loop.stop(); });
  std::string fault;
  std::optional<net::ControlLines> lines;
  if (typed.control) {
    lines.emplace(loop, shaper, [&](const std::string& why) {
      fault = why;
      loop.stop();
    });
  } else {
    const net::LinkState state = link_from(typed);
    shaper.carrier().set_link(kClient, kServer, state);
    shaper.carrier().set_link(kServer, kClient, state);
    shaper.set_target(kServer, endpoint("--to", typed.to));
    const net::Endpoint at = shaper.listen(kClient, kServer, endpoint("--listen", typed.listen));
    std::printf("listening %s\n", at.text().c_str());
    std::fflush(stdout);
  }
  loop.run();
  if (!fault.empty()) throw net::Failure(net::kExitBadInput, fault);
  if (!typed.control) std::printf("%s\n", net::shaper_report(shaper).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app("A link with latency, a rate and losses in front of a server.", "chainshaper");
  app.set_version_flag("--version", std::string(chain::version()));
  Typed typed;
  app.add_option("--listen", typed.listen, "where clients connect; port 0: any free one")
      ->capture_default_str();
  app.add_option("--to", typed.to, "where the server is");
  app.add_option("--latency", typed.latency, "one way")->capture_default_str();
  app.add_option("--rate", typed.rate, "of each direction (unlimited)");
  app.add_option("--loss", typed.loss, "of segments; what is lost comes later")
      ->capture_default_str();
  app.add_flag("--control", typed.control, "many links, told by JSON lines on stdin");
  try {
    app.parse(argc, argv);
    if (typed.control == !typed.to.empty()) {
      throw net::Failure(net::kExitBadInput,
                         "found both or none of --to and --control; "
                         "expected one of them");
    }
    run(typed);
    return 0;
  } catch (const CLI::Success& done) {
    return app.exit(done);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "chainshaper: %s; chainshaper --help lists the flags\n", error.what());
    return net::kExitBadInput;
  } catch (const net::Failure& failure) {
    std::fprintf(stderr, "chainshaper: %s\n", failure.what());
    return failure.exit_code;
  } catch (const std::exception& error) {  // of a command that was put off and is none
    std::fprintf(stderr, "chainshaper: %s\n", error.what());
    return net::kExitBadInput;
  }
}
