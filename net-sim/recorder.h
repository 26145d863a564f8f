// Records a run into a file, for `simchain replay`: every step of every honest node.
//
// An observer, so that a run is the same with it and without. Adversaries are no nodes and are left
// out; the recording says how many they were. A node's first life is written at its first step, so
// that who never speaks costs nothing. The digest of the recording is that of the run: the sum of
// the adversaries' steps is in it. A file that cannot be written ends the recording, not the run;
// finish() tells.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "core/record_writer.h"
#include "net-sim/observer.h"
#include "net-sim/simulator.h"

namespace sim {

class Recorder final : public Observer {
 public:
  // Writes over `file` and the parts after it; `limit`: of a part, in bytes. Of `simulator`, which
  // outlives it, only what is public.
  Recorder(const Simulator& simulator, const std::string& file, std::uint64_t limit);

  void stepped(chain::Time now, NodeIndex node, const chain::Input& input,
               const chain::Effects& effects) override;
  void stopped(chain::Time now, NodeIndex node) override;
  void started(chain::Time now, NodeIndex node) override;

  // Writes what is left. An error is one line.
  chain::Result<std::uint64_t> finish();  // bytes written
  std::uint64_t steps() const { return writer_.steps(); }
  std::uint64_t digest() const { return writer_.digest(); }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void begin_life(NodeIndex node, const chain::ChainView& durable);
  void open_part(const std::string& header);
  void write(std::string_view bytes);
  void flush();
  void note_fault();
  void write_frames();

  const Simulator& simulator_;
  const chain::ChainView unborn_;  // what a node has before its first life
  const std::uint32_t left_out_;   // adversaries
  const std::string file_;
  const std::uint64_t limit_;
  chain::RecordWriter writer_;
  std::vector<bool> lives_;
  std::unique_ptr<std::FILE, Close> out_;
  std::uint64_t part_bytes_ = 0, all_bytes_ = 0;
  std::string fault_;
};

// Runs `scenario` again, as far as `until`, and records it.  REQUIRES: it has been run.
chain::Result<std::uint64_t> record_again(const Scenario& scenario, chain::Time until,
                                          const std::string& file);

}  // namespace sim
