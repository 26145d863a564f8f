// A run in a few sentences: what was cut, who forked, when, who won, how deep, and which message
// healed it.
//
// Written from what happened, not for one scenario: cuts and heals of the timetable, the weightiest
// forks (view_forks.h), when all agreed again, and how it stands at the end. Every sentence has its
// instant, so that a page can lead there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net-sim/view_forks.h"

namespace sim {

struct StoryLine {
  Time at;
  const char* kind = "";             // a word for its look: start, cut, heal, fork, turn, ...
  std::string text;                  // a sentence or some
  std::optional<std::size_t> reorg;  // that it is about; index into the records
};

// In order of time.
std::vector<StoryLine> tell_story(const Simulator& simulator, const ViewRecords& records,
                                  const std::vector<ForkFacts>& forks);

// The answer in one or two sentences: of the weightiest fork, or that there was none.
std::string headline(const Simulator& simulator, const ViewRecords& records,
                     const std::vector<ForkFacts>& forks);

// "21:38.2", "1:21:38.2": minutes and seconds, hours where there are any.
std::string clock_text(Time at);

}  // namespace sim
