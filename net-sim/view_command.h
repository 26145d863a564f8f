// `simchain view`: one HTML file of a run, to be opened without a server or a network.
//
// The run is not read from a recording: it is run again from what it left in its directory, watched
// by a collector, and must come to the same digest. So a page costs a run, and a run costs nothing
// for being looked at later.
#pragma once

#include <string>

namespace sim {

struct ViewOptions {
  std::string directory;
  std::string out;  // file; empty: view.html in the directory
  bool quiet = false;
};

// The exit code.
int view_command(const ViewOptions& options);

// The page without its data, or empty if it was built without the viewer. The build makes this of
// the files of net-sim/viewer (tools/viewer.cmake).
std::string viewer_template();

}  // namespace sim
