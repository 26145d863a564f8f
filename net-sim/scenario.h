// A scenario: everything that a run depends on, as plain data. One struct for each section of the
// file.
//
// The whole language stands here, with every default; scenario_reader.h turns YAML into it and
// refuses what is malformed. Numbers are integers in one unit (nanoseconds, bytes, bytes per
// second, parts per billion), because decisions of a run depend on them and floating point differs
// between machines. Nothing here draws a random number: wiring.h and resolve.h do, by the seed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/protocol.h"
#include "net-sim/scenario_nodes.h"
#include "net-sim/scenario_types.h"

namespace sim {

// `seed: 7`, or one number for each stream; a stream without one takes `run`.
struct Seeds {
  std::uint64_t run = 1;
  std::optional<std::uint64_t> topology, latency, mining, faults;

  std::uint64_t topology_seed() const { return topology.value_or(run); }
  std::uint64_t latency_seed() const { return latency.value_or(run); }
  std::uint64_t mining_seed() const { return mining.value_or(run); }
  std::uint64_t faults_seed() const { return faults.value_or(run); }
};

// When the run ends. `duration` is the end, or the limit of what `until` waits for.
struct Until {
  enum class Kind : std::uint8_t { duration, blocks, height, converged, quiet };
  Kind kind = Kind::duration;
  std::uint64_t count = 0;  // of blocks mined, or the height that some node's tip must reach
};

// Blocks found in the first `warm_up` and in the last `cool_down` stay out of the statistics.
struct Measure {
  Duration warm_up;
  Duration cool_down;
};

// A random quantity, in the unit of its place: nanoseconds for a latency, bytes for a block. Only
// the parameters of its kind are set.
struct Distribution {
  enum class Kind : std::uint8_t {
    constant,
    uniform,
    exponential,
    lognormal,
    pareto,
    quantiles,
    regions
  };
  enum class Per : std::uint8_t { link, message };

  Kind kind = Kind::constant;
  Per per = Per::link;               // drawn once when the network is built, or for each message
  std::int64_t value = 0;            // constant
  std::int64_t min = 0, max = 0;     // uniform, both included
  std::int64_t mean = 0;             // exponential, pareto
  std::int64_t median = 0, p90 = 0;  // lognormal
  Decimal shape = {};                // pareto; above 1
  std::vector<std::int64_t> values = {};  // quantiles, from 0 % to 100 % in equal steps
  std::string preset = {};                // regions; only while the file is read
};

// --- chain -------------------------------------------------------

// The time a node's CPU takes for a body that it accepts.
struct Validation {
  Duration per_block;
  Duration per_megabyte;  // of 1,000,000 bytes
  constexpr auto operator<=>(const Validation&) const = default;
};

struct ChainSection {
  RulesKind rules = RulesKind::work;  // when not given: tutorial if all nodes speak push_chain
  Duration block_interval = chain::seconds(10);  // mean, of the whole network
  Distribution block_size = {.kind = Distribution::Kind::constant, .value = 20'000};  // JSON bytes
  TieBreak tie_break = TieBreak::first_seen;
  Validation validation;
  std::optional<std::uint64_t> retarget;  // blocks between two adjustments; absent: fixed
  std::uint32_t min_difficulty = 0;      // adjustments stop there
  Duration commit_time;                  // until an accepted block is durable
  std::uint64_t max_block = kUnlimited;  // bytes
  // Rules `tutorial`: false is the original, which adopts a chain of a foreign genesis.
  bool check_genesis = true, check_merkle_root = true;
};

// --- network -----------------------------------------------------

// What a link of a topology file has of its own, both ways; what is absent is the network's.
struct LinkOwn {
  std::optional<Duration> latency;
  std::optional<std::uint64_t> bandwidth;  // bytes per second
  std::optional<Share> loss;               // of segments
  bool operator==(const LinkOwn&) const = default;
};
struct OwnLink {
  std::uint32_t edge = 0;  // index into a list of edges
  LinkOwn own;
};

struct Topology {
  enum class Kind : std::uint8_t {
    full_mesh,
    line,
    ring,
    star,
    grid,
    tree,
    random_regular,
    outbound,
    erdos_renyi,
    small_world,
    scale_free,
    degrees,
    edges,
    file
  };
  // When the file gives no topology: random_regular of degree 8, up to nine nodes a full mesh.
  Kind kind = Kind::random_regular;
  std::uint32_t columns = 0;          // grid
  std::uint32_t arity = 2;            // tree
  std::uint32_t degree = 8;           // random_regular
  std::uint32_t links = 8;            // outbound: each node dials that many
  std::uint32_t max_inbound = 117;    // outbound: and accepts that many
  std::optional<Share> probability;   // erdos_renyi: this or mean_degree
  Decimal mean_degree{8 * kBillion};  // erdos_renyi, when there is no probability
  std::uint32_t neighbours = 4;       // small_world: of the ring it starts from; even
  Share rewire{kBillion / 10};        // small_world: the share of links that are moved
  std::uint32_t attach = 4;           // scale_free: links of each node that joins
  std::vector<Share> cumulative;  // degrees: share of nodes with at most 1, 2, … outbound links
  std::vector<std::pair<NodeIndex, NodeIndex>> edges;  // edges, file: dialler, dialled
  std::string path;                                    // file: relative to the scenario
  std::vector<OwnLink> own;                            // file: by edge, ascending
};

struct Bandwidth {
  enum class Model : std::uint8_t { shared, per_link, one_upload };
  std::uint64_t up = kUnlimited;  // bytes per second
  std::uint64_t down = kUnlimited;
  Model model = Model::shared;
};

// Nodes divided by place.
struct Regions {
  std::string preset;  // only while the file is read
  std::vector<std::string> names;
  std::vector<Share> share;
  std::vector<std::vector<Duration>> latency;  // row sends, column receives
  // Its kind, per and shape count; the mean comes from the matrix.
  std::optional<Distribution> distribution;
  // Bytes per second: constant, which may be kUnlimited, or quantiles, drawn for each node.
  std::vector<Distribution> up, down;
};

// The habit of dialling a lost neighbour again: after `first`, then twice as long each time, at
// most `max`.
struct Reconnect {
  enum class Habit : std::uint8_t { of_protocol, none, backoff };
  Habit habit = Habit::of_protocol;  // push_chain: none, header_first: backoff
  Duration first = chain::seconds(1);
  Duration max = chain::minutes(2);

  bool redials(ProtocolKind protocol) const {
    return habit == Habit::of_protocol ? protocol == ProtocolKind::header_first
                                       : habit == Habit::backoff;
  }
};

// Connections that a node of header_first dials with `discovery`.
inline constexpr std::uint32_t kOutbound = 8;

struct NetworkSection {
  std::uint32_t nodes = 100;
  Topology topology;
  Distribution latency = {.kind = Distribution::Kind::lognormal,
                          .median = chain::milliseconds(60).ns,
                          .p90 = chain::milliseconds(180).ns};
  Bandwidth bandwidth;
  Share loss;  // of segments
  std::optional<Regions> regions;
  // A connection with data unacknowledged for so long is reset.
  Duration tcp_timeout = chain::minutes(15);
  Duration dial_timeout = chain::seconds(10);  // dialling into a cut fails after it
  Reconnect reconnect;
  bool discovery = false;  // address exchange
  // Connections that others may have to a node; who dials beyond is refused. Topology `outbound`
  // has a limit of its own.
  std::optional<std::uint32_t> max_inbound;
  // header_first: after so long a silence the dialler pings.
  Duration keepalive = chain::minutes(10);
  std::uint64_t max_frame = kUnlimited;  // bytes
};

// --- mining ------------------------------------------------------

struct MiningSection {
  enum class Power : std::uint8_t { equal, zipf, list, none };
  Power power = Power::equal;
  Decimal exponent{kBillion};  // zipf: node i has a power of 1 / (i + 1)^exponent
  std::vector<Share> shares;   // list: of nodes 0, 1, …, 100 % together; others mine nothing
  // Of the same nodes: where they are, if `network.regions` has regions of those names.
  std::vector<std::string> regions;
  std::string preset;  // only while the file is read
};

// --- events ------------------------------------------------------

struct Partition {
  enum class Sockets : std::uint8_t { silent, reset };
  std::string name;
  std::vector<Selector> groups;
  Sockets sockets = Sockets::silent;
  bool one_way = false;  // what the first group sends does not arrive; the rest does
};
struct Heal {
  std::string name;  // of a partition; empty: all
};
struct Crash {
  Selector select;
  bool lose_unsynced = false;
  std::optional<Duration> restart_after;
};
struct Mine {
  NodeIndex node = 0;
  std::uint32_t blocks = 1;
};
struct Connect {
  NodeIndex from = 0, to = 0;  // dialler, dialled
};
struct Disconnect {
  NodeIndex from = 0, to = 0;
};
struct Join {
  Selector select;  // nodes that are not there before
};
struct Leave {
  Selector select;
};
struct Pause {
  Selector select;  // they compute nothing; their sockets stay open
};
struct Churn {
  Decimal leave_per_hour, join_per_hour;  // of the whole network
};
struct PowerChange {
  Selector select;
  Share to;  // of the initial total, together; the rest is not scaled up
};
struct StopMining {
  Selector select;
};

using Action = std::variant<Partition, Heal, Crash, LinkChange, Mine, Connect, Disconnect, Join,
                            Leave, Pause, Churn, PowerChange, StopMining>;

// The word that names an action in the file: `partition`, `heal`, `link`, …
const char* name_of(const Action& action);

// One line of `events`. It happens at `at`; with `every`, again until `to` or `times` is reached.
struct Event {
  Time at;  // `at` or `from`; without `from`, a repeated event waits `every` first
  std::optional<Duration> every;
  std::optional<std::uint64_t> times;
  std::optional<Time> to;         // of `churn`: its end
  std::optional<Duration> lasts;  // `for`: undone after so long
  Action action;
  std::string where;  // file:line:column
};

// --- expect, output ----------------------------------------------

// A number of an expectation in the unit of the run's JSON (seconds, bytes, 14 % is 0.14), and as
// it was written. Floating point, as the JSON is: it judges the report, never the run.
struct Bound {
  double number = 0;
  std::string text;
};

struct Expectation {
  enum class Kind : std::uint8_t { converged, value, digest };
  Kind kind = Kind::value;
  std::string text;   // one line, as a report shows it: "converged within 3 min after heal"
  std::string where;  // file:line:column

  // converged: all tips agree, up to `depth` blocks below the highest.
  std::optional<Duration> within;
  // An event's word: every occurrence counts, and the end of a `for` is a `heal`. Empty: the end.
  std::string after;
  std::uint32_t depth = 0;

  // value: a path into the JSON of a run, its parts joined by dots (`blocks.stale`,
  // `convergence.0.seconds`). The short names are resolved: `stale_rate` is `stale_rate.of_all`,
  // `common_prefix: {depth_below}` is `common_prefix.depth`.
  std::string path;
  std::optional<Bound> below, above, low, high;  // low and high: `between`, both included
  std::optional<std::variant<Bound, bool, std::string>> equals;

  std::string digest;  // 16 hex digits
};

struct OutputSection {
  Duration sample_every = chain::seconds(1);  // rows of timeseries.csv
};

// --- the whole ---------------------------------------------------

struct Scenario {
  std::string name;      // the file's, without folder and extension
  std::string file;      // as given
  std::string question;  // the comment that opens the file, on one line
  Seeds seed;
  Duration duration = chain::minutes(60);
  Until until;
  Measure measure;
  // Shares sum to 100 %, each kind once. One entry: the whole network.
  std::vector<std::pair<ProtocolKind, Share>> protocol = {{ProtocolKind::header_first, kWhole}};
  Relay relay = Relay::headers;
  chain::SyncLimits options;
  ChainSection chain;
  NetworkSection network;
  MiningSection mining;
  std::vector<NodeOverride> nodes;
  std::vector<LinkChange> links;
  std::vector<Event> events;
  std::vector<Expectation> expect;
  OutputSection output;
  std::vector<std::string> notes;  // what the reader adjusted and a person should know, a line each
};

}  // namespace sim
