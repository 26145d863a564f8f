// `simchain measure DIR`: the recordings of real nodes, measured as a run is, and where they part
// from the simulation of the same scenario.
//
// The JSON is that of a run; "facts" names what came of it in words that both worlds share
// (world_facts.h), "beside_simulation" the first message that differs (heard.h).
#pragma once

#include <string>

namespace sim {

struct MeasureOptions {
  std::string directory;
  std::string out;    // the tables of a run, into this directory; "": none
  bool json = false;  // one document on stdout
};

// The exit code.
int measure_command(const MeasureOptions& options);

}  // namespace sim
