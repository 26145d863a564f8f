// What a lab tells its shaper: one JSON object a line, from stdin; answers on stdout, in order.
//
//   {"node": 3, "at": "127.0.0.1:7001", "up": 1250000, "down": 0}         bytes a second; 0: any
//   {"listen": [0, 3], "at": "127.0.0.1:0"}     ->  {"listening": [0, 3], "at": "127.0.0.1:40001"}
//   {"link": [0, 3], "latency_ns": 80000000, "draws_ns": [], "rate": 0, "loss": 0, "cut": false}
//   {"reset": [[0, 3]]}       {"shaping": true}       {"dial_timeout_ns": 10000000000}
//   {"report": true}          ->  {"pieces", "bytes", "late_ns": {...}, "beat_late_ns": {...}}
//
// Any of them may wait with "at_ns", a Unix time. At the end of the input the shaper ends.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "net-real/shaper/shaper.h"

namespace net {

// Carries a line out, or puts it off. The answer, "" for none; an error is one line.
chain::Result<std::string> take_command(Shaper& shaper, std::string_view line);

// What it has carried and how late, as the answer to "report".
std::string shaper_report(const Shaper& shaper);

// Reads commands from stdin until its end, then calls `end` with nothing, or with what was wrong.
class ControlLines {
 public:
  ControlLines(Loop& loop, Shaper& shaper, std::function<void(const std::string& fault)> end);
  ~ControlLines();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace net
