// simchain: the commands of the simulator. What each does stands in its own file.
#include <CLI/CLI.hpp>
#include <cstdlib>

#include "core/version.h"
#include "net-sim/check_command.h"
#include "net-sim/describe.h"
#include "net-sim/explore_command.h"
#include "net-sim/lab/measure_command.h"
#include "net-sim/replay_command.h"
#include "net-sim/resolve.h"
#include "net-sim/run_command.h"
#include "net-sim/sweep/emit.h"
#include "net-sim/sweep/sweep_command.h"
#include "net-sim/units.h"
#include "net-sim/validate_command.h"
#include "net-sim/view_command.h"

namespace {

using sim::fail;
using sim::print;

struct Arguments {
  sim::RunOptions run;
  sim::ValidateOptions validate;
  sim::ReplayOptions replay;
  sim::ExploreOptions explore;
  sim::SweepOptions sweep;
  std::vector<std::string> merged;
  std::string shard;
  std::string engine;
  std::uint32_t shards = 1;
  sim::ViewOptions view;
  std::vector<std::string> sets;
  std::string seed;
  std::string seeds;
  std::string wall_limit;
  std::uint64_t record_limit_mb = chain::kRecordLimit / 1'000'000;
  std::string check;
  std::string explore_for;
  std::string protocol;
  bool schema = false;
  bool draws = false;
  sim::MeasureOptions measure;
};

std::optional<sim::CheckLevel> check_level(const std::string& word) {
  if (word.empty()) return std::nullopt;
  return word == "all"      ? sim::CheckLevel::all
         : word == "safety" ? sim::CheckLevel::safety
                            : sim::CheckLevel::none;
}

// In seconds; 0: none.
chain::Result<double> wall_limit(const std::string& text) {
  if (text.empty()) return 0.0;
  const auto limit = sim::parse_quantity(text, sim::Dimension::time);
  if (!limit || *limit <= 0) {
    return chain::Error("--wall-limit: found `" + text + "`; expected a duration such as `60s`");
  }
  return static_cast<double>(*limit) / 1e9;
}

// `--set`, `--seed`, `--seeds` and `--wall-limit` in their own types; a line says what is wrong.
chain::Result<sim::RunOptions> resolve(const Arguments& arguments) {
  sim::RunOptions options = arguments.run;
  options.record_limit = arguments.record_limit_mb * 1'000'000;
  for (const std::string& text : arguments.sets) {
    auto parsed = sim::parse_override(text);
    if (!parsed) return chain::Error(parsed.error());
    options.overrides.push_back(*parsed);
  }
  if (!arguments.seed.empty()) {
    const auto seed = sim::parse_count(arguments.seed);
    if (!seed) {
      return chain::Error("--seed: found `" + arguments.seed + "`; expected a whole number");
    }
    options.seed = *seed;
  }
  if (!arguments.seeds.empty()) {
    const auto seeds = sim::parse_seeds(arguments.seeds);
    if (!seeds) return chain::Error(seeds.error());
    options.seeds = *seeds;
  }
  const auto limit = wall_limit(arguments.wall_limit);
  if (!limit) return chain::Error(limit.error());
  options.wall_limit_seconds = *limit;
  options.check = check_level(arguments.check);
  return options;
}

int run(const Arguments& arguments) {
  const auto options = resolve(arguments);
  return options ? sim::run_command(*options) : fail(options.error());
}

int explore(const Arguments& arguments) {
  sim::ExploreOptions options = arguments.explore;
  if (!arguments.seeds.empty()) {
    const auto seeds = sim::parse_seeds(arguments.seeds);
    if (!seeds) return fail(seeds.error());
    options.seeds = *seeds;
  }
  if (!arguments.explore_for.empty()) {
    const auto time = sim::parse_quantity(arguments.explore_for, sim::Dimension::time);
    if (!time || *time <= 0) {
      return fail("--for: found `" + arguments.explore_for +
                  "`; expected a duration such as `60s`");
    }
    options.for_seconds = static_cast<double>(*time) / 1e9;
  }
  options.protocol = arguments.protocol == "header_first" ? sim::ExploredProtocol::header_first
                     : arguments.protocol == "push_chain" ? sim::ExploredProtocol::push_chain
                     : arguments.protocol == "mix"        ? sim::ExploredProtocol::mix
                                                          : sim::ExploredProtocol::any;
  return sim::explore_command(options);
}

// `--shard 2/8`, or the task of a Slurm array, whose numbers may begin anywhere.
chain::Result<std::optional<sim::SweepShard>> wanted_shard(const std::string& text) {
  if (!text.empty()) {
    const auto shard = sim::parse_shard(text);
    if (!shard) return chain::Error(shard.error());
    return std::optional(*shard);
  }
  const auto number_in = [](const char* name) -> std::optional<std::uint64_t> {
    const char* value = std::getenv(name);
    const auto count = sim::parse_count(value == nullptr ? "" : value);
    return count ? std::optional(*count) : std::nullopt;
  };
  const auto task = number_in("SLURM_ARRAY_TASK_ID"), count = number_in("SLURM_ARRAY_TASK_COUNT");
  const auto least = number_in("SLURM_ARRAY_TASK_MIN");
  if (!task || !count) return std::optional<sim::SweepShard>{};
  const auto shard = sim::parse_shard(std::to_string(*task - least.value_or(1) + 1) + "/" +
                                      std::to_string(*count));
  if (!shard) return chain::Error("SLURM_ARRAY_TASK_ID: " + shard.error());
  return std::optional(*shard);
}

int sweep(const Arguments& arguments) {
  sim::SweepOptions options = arguments.sweep;
  if (options.plan.empty())
    return fail("simchain sweep: expected a plan; see simchain sweep --help");
  const auto shard = wanted_shard(arguments.shard);
  if (!shard) return fail(shard.error());
  options.shard = *shard;
  const auto limit = wall_limit(arguments.wall_limit);
  if (!limit) return fail(limit.error());
  options.wall_limit_seconds = *limit;
  options.check = check_level(arguments.check);
  return sim::sweep_command(options);
}

int sweep_emit(const Arguments& arguments) {
  const auto job = sim::sweep_job(
      arguments.engine == "slurm" ? sim::SweepEngine::slurm : sim::SweepEngine::parallel,
      arguments.sweep.plan, arguments.shards, arguments.sweep.out);
  return job ? print(*job) : fail(job.error());
}

int check(const Arguments& arguments) {
  if (arguments.schema) {
    return print(sim::scenario_schema());
  }
  const auto options = resolve(arguments);
  if (!options) return fail(options.error());
  if (options->files.empty()) return fail("simchain check: expected a scenario file or --schema");
  int code = sim::kAsExpected;
  for (const std::string& file : options->files) {
    auto scenario = sim::read_scenario(file, options->overrides);
    if (scenario && options->seed) {
      scenario->seed.run = *options->seed;
      if (const std::string problem = sim::draw_problem(*scenario); !problem.empty()) {
        code = fail(problem);
        continue;
      }
    }
    const auto text = !scenario       ? chain::Result<std::string>(chain::Error(scenario.error()))
                      : options->json ? sim::check_json(*scenario, arguments.draws)
                                      : sim::check_page(*scenario);
    if (text) {
      code = sim::worse(code, print(*text));
    } else {
      code = fail(text.error());
    }
  }
  return code;
}

void add_scenario_options(CLI::App& command, Arguments& arguments, bool files_required) {
  auto* files =
      command.add_option("FILE", arguments.run.files, "scenario files; - is standard input");
  if (files_required) files->required();
  command.add_option("--set", arguments.sets, "override a key: network.nodes=500")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command.add_option("--seed", arguments.seed, "seed of the run")->type_name("N");
  command.add_flag("--json", arguments.run.json, "one JSON document a run on stdout");
}

void add_validate_options(CLI::App& command, sim::ValidateOptions& options) {
  command.add_option("SUITE", options.suite, "one suite of checks, or one check");
  command.add_flag("--json", options.json, "one JSON document on stdout");
  command.add_flag("--long", options.thorough, "larger runs, too");
  command.add_option("--jobs", options.jobs, "runs at a time (default: all cores)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--show", options.show, "print the scenario of a check; run nothing")
      ->type_name("CHECK");
  command.add_flag("--quiet", options.quiet, "no progress line");
}

void add_check_option(CLI::App& command, std::string& check) {
  command
      .add_option("--check", check,
                  "invariants judged: none; safety; all, without excuse (default: all, the known "
                  "faults of the original excused; above 5,000 nodes none)")
      ->check(CLI::IsMember({"all", "safety", "none"}));
}

void add_sweep_options(CLI::App& command, Arguments& arguments) {
  sim::SweepOptions& options = arguments.sweep;
  command.add_option("PLAN", options.plan, "a scenario, what varies, seeds and measures");
  command.add_option("--out", options.out, "where the tables go (default: out/NAME of the plan)")
      ->type_name("DIR");
  command.add_option("--jobs", options.jobs, "runs at a time (default: all cores)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  command
      .add_option("--shard", arguments.shard,
                  "make only a part of the runs (default in a Slurm array: the task's)")
      ->type_name("I/N");
  command.add_flag("--resume", options.resume, "go on with what DIR holds");
  command.add_option("--wall-limit", arguments.wall_limit, "give a run up after so long")
      ->type_name("60s");
  add_check_option(command, arguments.check);
  command.add_flag("--quiet", options.quiet, "no progress line");
}

void add_explore_options(CLI::App& command, Arguments& arguments) {
  sim::ExploreOptions& options = arguments.explore;
  command.add_option("FILE", options.file, "a scenario whose keys stand; -: everything is drawn")
      ->required();
  command.add_option("--seeds", arguments.seeds, "explore these (default: from 1 on)")
      ->type_name("A..B");
  command
      .add_option("--for", arguments.explore_for, "for so long (default: 60s, or all of --seeds)")
      ->type_name("60s");
  command.add_option("--jobs", options.jobs, "runs at a time (default: all cores)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  command
      .add_option("--protocol", arguments.protocol,
                  "draw this one only (default: any); push_chain is judged without excuse")
      ->check(CLI::IsMember({"any", "header_first", "push_chain", "mix"}));
  command.add_option("--show", options.show, "print the scenario of a seed; run nothing")
      ->type_name("SEED");
  command.add_flag("--first", options.first, "leave off once something is found");
  command.add_option("--out", options.out, "where failures are written (default: explored)")
      ->type_name("DIR");
  command.add_flag("--json", options.json, "one JSON document on stdout");
  command.add_flag("--quiet", options.quiet, "no progress line");
}

// One line that names what is wrong; or the help or version that was asked for.
int refuse(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_exit_code() == 0) return app.exit(error);
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands().empty()) {
    std::string commands;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
      commands += (commands.empty() ? "" : ", ") + command->get_name();
    }
    return fail("simchain: found `" + std::string(argv[1]) + "`; expected one of " + commands);
  }
  return fail("simchain: " + std::string(error.what()) + "; see simchain --help");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"simchain: how do a blockchain's nodes come to agree? A deterministic simulator."};
  app.set_version_flag("--version", std::string(chain::version()));
  app.require_subcommand(1);
  Arguments arguments;

  CLI::App* run_app = app.add_subcommand("run", "run scenarios and print what happened");
  add_scenario_options(*run_app, arguments, true);
  run_app->add_option("--seeds", arguments.seeds, "run each of these seeds")
      ->type_name("A..B")
      ->excludes(run_app->get_option("--seed"));
  run_app->add_option("--jobs", arguments.run.jobs, "runs at a time (default: all cores)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  run_app->add_option("--out", arguments.run.out, "write tables and summary.json there")
      ->type_name("DIR");
  run_app->add_flag("--trace", arguments.run.trace, "and trace.json, for Perfetto")->needs("--out");
  run_app->add_option("--junit", arguments.run.junit, "write the verdicts as JUnit XML")
      ->type_name("FILE");
  run_app->add_option("--record", arguments.run.record, "record the run, for simchain replay")
      ->type_name("FILE");
  run_app
      ->add_option("--record-limit", arguments.record_limit_mb,
                   "go on in FILE.1, FILE.2 ... after so many MB")
      ->type_name("MB")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}));
  run_app->add_option("--wall-limit", arguments.wall_limit, "stop a run after so long (exit 4)")
      ->type_name("60s");
  add_check_option(*run_app, arguments.check);
  run_app->add_flag("--quiet", arguments.run.quiet, "no progress line");

  CLI::App* check_app = app.add_subcommand("check", "parse, resolve and show what would run");
  add_scenario_options(*check_app, arguments, false);
  check_app->add_flag("--schema", arguments.schema, "JSON Schema of scenario files, for editors");

  check_app
      ->add_flag("--draws", arguments.draws,
                 "with --json: all that the seed draws, for real nodes; runs it")
      ->needs("--json");

  CLI::App* sweep_app = app.add_subcommand("sweep", "all runs of a plan, their tables, statistics");
  add_sweep_options(*sweep_app, arguments);
  CLI::App* merge_app = sweep_app->add_subcommand("merge", "the tables of all shards together");
  merge_app->add_option("DIR", arguments.merged, "what each shard was run into")->required();
  merge_app->add_option("--out", arguments.sweep.out, "where the tables go")->type_name("DIR");
  CLI::App* emit_app = sweep_app->add_subcommand("emit", "a job file that runs a plan in shards");
  emit_app->add_option("PLAN", arguments.sweep.plan, "the plan")->required();
  emit_app->add_option("--engine", arguments.engine, "slurm or parallel")
      ->required()
      ->check(CLI::IsMember({"slurm", "parallel"}));
  emit_app->add_option("--shards", arguments.shards, "tasks; of some minutes each")
      ->type_name("N")
      ->required()
      ->check(CLI::Range(1u, 1'000'000u));
  emit_app->add_option("--out", arguments.sweep.out, "where the tables will go")->type_name("DIR");

  CLI::App* validate_app =
      app.add_subcommand("validate", "theory and published measurements against this simulator");
  add_validate_options(*validate_app, arguments.validate);

  CLI::App* replay_app =
      app.add_subcommand("replay", "step a recording again; stop at the first difference (exit 3)");
  replay_app->add_option("FILE", arguments.replay.file, "a recording, and the parts that follow it")
      ->required();
  replay_app->add_flag("--json", arguments.replay.json,
                       "one JSON document on stdout, unless there is a difference");
  replay_app
      ->add_option("--steps", arguments.replay.steps_of, "print what a node was told, and did")
      ->type_name("NODE")
      ->excludes("--json");
  CLI::App* explore_app =
      app.add_subcommand("explore", "random scenarios and faults; failures are shrunk");
  add_explore_options(*explore_app, arguments);

  CLI::App* view_app = app.add_subcommand("view", "one HTML file of a run, to look at");
  view_app
      ->add_option("DIR", arguments.view.directory, "where `simchain run --out DIR` has written")
      ->required();
  view_app->add_option("--out", arguments.view.out, "the page (default: DIR/view.html)")
      ->type_name("FILE");
  view_app->add_flag("--quiet", arguments.view.quiet, "no progress line");

  CLI::App* measure_app =
      app.add_subcommand("measure", "the recordings of real nodes, measured as a run is");
  measure_app->add_option("DIR", arguments.measure.directory, "what tools/lab has left of one run")
      ->required();
  measure_app->add_flag("--json", arguments.measure.json, "one JSON document on stdout");
  measure_app->add_option("--out", arguments.measure.out, "tables, as of a run")->type_name("DIR");

  CLI::App* new_app = app.add_subcommand("new", "a commented scenario to start from");

  if (argc == 2 && std::string_view(argv[1]) == "--describe") {
    return print(sim::describe(app) + "\n");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return refuse(app, error, argc, argv);
  }
  if (run_app->parsed()) return run(arguments);
  if (check_app->parsed()) return check(arguments);
  if (merge_app->parsed()) return sim::sweep_merge_command(arguments.merged, arguments.sweep.out);
  if (emit_app->parsed()) return sweep_emit(arguments);
  if (sweep_app->parsed()) return sweep(arguments);
  if (validate_app->parsed()) return sim::validate_command(arguments.validate);
  if (replay_app->parsed()) return sim::replay_command(arguments.replay);
  if (explore_app->parsed()) return explore(arguments);
  if (view_app->parsed()) return sim::view_command(arguments.view);
  if (measure_app->parsed()) return sim::measure_command(arguments.measure);
  if (new_app->parsed()) return print(sim::scenario_template());
  return sim::kAsExpected;
}
