#include "net-sim/sweep/emit.h"

#include <filesystem>

#include "net-sim/sweep/plan.h"

namespace sim {
namespace {

// As one word of bash.
std::string word(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

std::string slurm_job(const std::string& name, const std::string& of) {
  return "#!/bin/bash\n"
         "#SBATCH --job-name=" +
         name +
         "\n"
         "#SBATCH --array=1-" +
         of +
         "\n"
         "#SBATCH --cpus-per-task=1\n"
         "#SBATCH --output=" +
         name + "-%a.log\n";
}

}  // namespace

chain::Result<std::string> sweep_job(SweepEngine engine, const std::string& plan_file,
                                     std::uint32_t shards, const std::string& out) {
  const auto read = read_sweep_plan(plan_file);
  if (!read) return chain::Error(read.error());
  const SweepPlan& plan = read->plan;
  const std::string of = std::to_string(shards);
  const std::string runs = std::to_string(plan.points.size() * plan.seeds());
  const bool slurm = engine == SweepEngine::slurm;
  std::string text = slurm ? slurm_job(plan.name, of) : "#!/bin/bash\n";
  text += "# " + plan.name + ": " + (plan.until.empty() ? "" : "at most ") + runs + " runs in " +
          of + (shards == 1 ? " shard.\n" : " shards.\n");
  if (slurm) {
    text +=
        "#   sbatch --wait FILE; simchain sweep merge OUT/shard-* --out OUT\n"
        "# A task that was killed goes on where it was: sbatch --array=3 FILE\n";
  }
  text += "simchain=${SIMCHAIN:-" + word(std::filesystem::read_symlink("/proc/self/exe").string()) +
          "}\nplan=" + word(absolute(plan_file)) +
          "\nout=" + word(absolute(out.empty() ? "out/" + plan.name : out)) + "\n";
  const std::string shard = slurm ? "$SLURM_ARRAY_TASK_ID" : "{}";
  const std::string jobs = slurm ? "\"${SLURM_CPUS_PER_TASK:-1}\"" : "1";
  const std::string sweep = "\"$simchain\" sweep \"$plan\" --shard \"" + shard + "/" + of +
                            "\" --out \"$out/shard-" + shard + "\" --jobs " + jobs +
                            " --resume --quiet";
  if (slurm) return text + "exec " + sweep + "\n";
  // A run that failed is a row, and no reason to leave the others; a shard that is not whole is
  // told of by the merging.
  return text + "parallel --will-cite --quote --jobs \"${JOBS:-100%}\" " + sweep + " ::: $(seq " +
         of + ")\n\"$simchain\" sweep merge \"$out\"/shard-* --out \"$out\"\n";
}

}  // namespace sim
