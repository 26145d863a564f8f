// simchain: the commands of the simulator. What each does stands in its own file.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "core/version.h"
#include "net-sim/check_command.h"
#include "net-sim/explore_command.h"
#include "net-sim/replay_command.h"
#include "net-sim/resolve.h"
#include "net-sim/run_command.h"
#include "net-sim/units.h"
#include "net-sim/validate_command.h"

namespace {

using sim::ExitCode;

int fail(const std::string& line) {
  std::fprintf(stderr, "%s\n", line.c_str());
  return sim::kBadInput;
}

// The exit code: a full disk is no success.
int print(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0) return sim::kAsExpected;
  std::fprintf(stderr, "simchain: cannot write to standard output\n");
  return sim::kOutputFailed;
}

struct Arguments {
  sim::RunOptions run;
  sim::ValidateOptions validate;
  sim::ReplayOptions replay;
  sim::ExploreOptions explore;
  std::vector<std::string> sets;
  std::string seed;
  std::string seeds;
  std::string wall_limit;
  std::uint64_t record_limit_mb = chain::kRecordLimit / 1'000'000;
  std::string check;
  std::string explore_for;
  std::string protocol;
  bool schema = false;
};

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
  if (!arguments.wall_limit.empty()) {
    const auto limit = sim::parse_quantity(arguments.wall_limit, sim::Dimension::time);
    if (!limit || *limit <= 0) {
      return chain::Error("--wall-limit: found `" + arguments.wall_limit +
                          "`; expected a duration such as `60s`");
    }
    options.wall_limit_seconds = static_cast<double>(*limit) / 1e9;
  }
  if (!arguments.check.empty()) {
    options.check = arguments.check == "all"      ? sim::CheckLevel::all
                    : arguments.check == "safety" ? sim::CheckLevel::safety
                                                  : sim::CheckLevel::none;
  }
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
                      : options->json ? sim::check_json(*scenario)
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
                  "draw this one only; push_chain is judged without excuse")
      ->check(CLI::IsMember({"header_first", "push_chain", "mix"}));
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
  run_app
      ->add_option("--check", arguments.check,
                   "invariants judged: none; safety; all, without excuse (default: all, the known "
                   "faults of the original excused; above 5,000 nodes none)")
      ->check(CLI::IsMember({"all", "safety", "none"}));
  run_app->add_flag("--quiet", arguments.run.quiet, "no progress line");

  CLI::App* check_app = app.add_subcommand("check", "parse, resolve and show what would run");
  add_scenario_options(*check_app, arguments, false);
  check_app->add_flag("--schema", arguments.schema, "JSON Schema of scenario files, for editors");

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

  CLI::App* new_app = app.add_subcommand("new", "a commented scenario to start from");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return refuse(app, error, argc, argv);
  }
  if (run_app->parsed()) return run(arguments);
  if (check_app->parsed()) return check(arguments);
  if (validate_app->parsed()) return sim::validate_command(arguments.validate);
  if (replay_app->parsed()) return sim::replay_command(arguments.replay);
  if (explore_app->parsed()) return explore(arguments);
  if (new_app->parsed()) return print(sim::scenario_template());
  return sim::kAsExpected;
}
