#include "net-sim/view_command.h"

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "core/version.h"
#include "net-sim/interrupt.h"
#include "net-sim/kept_scenario.h"
#include "net-sim/output_file.h"
#include "net-sim/progress.h"
#include "net-sim/run_command.h"
#include "net-sim/view_collector.h"
#include "net-sim/view_data.h"

namespace sim {
namespace {

constexpr std::string_view kPlaceOfData = "\"the data of the run\"";  // in viewer/index.html

int view_failed(int code, const std::string& line) {
  std::fprintf(stderr, "simchain view: %s\n", line.c_str());
  return code;
}

// JSON inside a script element: nothing in it may end that element or open a comment.
std::string for_a_script(const std::string& json) {
  std::string text;
  text.reserve(json.size());
  for (const char c : json) c == '<' ? text.append("\\u003c") : text.append(1, c);
  return text;
}

std::string page_of(const Json& data) {
  std::string page = viewer_template();
  const std::size_t place = page.find(kPlaceOfData);
  CHECK(place != std::string::npos);
  return page.replace(place, kPlaceOfData.size(), for_a_script(json_text(data)));
}

// Stops where the first run was stopped.
void run_again(Simulator& simulator, const KeptRun& kept, bool quiet) {
  Progress progress(1, quiet);
  const auto start = std::chrono::steady_clock::now();
  simulator.run([&]() -> std::optional<Ending> {
    if (interrupted() || (kept.stopped && simulator.events() >= kept.events)) {
      return Ending::interrupted;
    }
    const auto wall = std::chrono::steady_clock::now() - start;
    progress.tick(simulator, std::chrono::duration<double>(wall).count());
    return std::nullopt;
  });
}

}  // namespace

int view_command(const ViewOptions& options) {
  if (viewer_template().empty()) {
    return view_failed(kBadInput,
                       "this build has no viewer; build again where npm and its registry are");
  }
  const auto kept = read_kept_run(options.directory);
  if (!kept) return view_failed(kBadInput, kept.error());
  auto simulator = Simulator::create(kept->scenario);
  if (!simulator) return view_failed(kBadInput, options.directory + ": " + simulator.error());
  catch_interrupts();
  ViewCollector collector(**simulator);
  (*simulator)->watch(collector);
  run_again(**simulator, *kept, options.quiet);
  if (interrupted()) return view_failed(kInterrupted, "interrupted; nothing is written");
  const std::string digest = chain::hex16((*simulator)->digest());
  if (digest != kept->digest) {
    return view_failed(kBadInput, options.directory + ": found a run of digest " + kept->digest +
                                      " by version " + kept->version + "; this version, " +
                                      std::string(chain::version()) + ", makes " + digest +
                                      " of it: run it again, then view it");
  }
  const std::string page = page_of(view_data(**simulator, collector.finish()));
  const std::filesystem::path file = options.out.empty()
                                         ? std::filesystem::path(options.directory) / "view.html"
                                         : std::filesystem::path(options.out);
  if (!write_file(file, page)) return view_failed(kOutputFailed, "cannot write " + file.string());
  return print(file.string() + "\n");
}

}  // namespace sim
