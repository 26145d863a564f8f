#include "net-sim/lab/measured_world.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>

#include "core/json_codec.h"
#include "core/record_reader.h"
#include "core/replay.h"
#include "net-sim/scenario_reader.h"
#include "net-sim/streams.h"
#include "net-sim/wiring.h"

namespace sim {
namespace {

using chain::Hash;
namespace fs = std::filesystem;

// What a step did, in hashes: ids are those of its recording.
struct TakenStep {
  Time at;
  NodeIndex node = 0;
  std::vector<std::pair<chain::MessageType, std::uint64_t>> sends;  // and their bytes
  std::vector<Hash> accepted;
  std::vector<std::pair<Hash, Hash>> tips;  // from, to
  std::optional<Hash> mined;
};

struct Seen {
  chain::Header header;
  std::uint64_t work = 0;
  std::uint64_t data_bytes = 0;  // 0: no node had its body
  Time found{chain::kNever};
};

std::optional<std::string> text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

// One node's recording, part after part.
class NodeReader {
 public:
  NodeReader(NodeIndex node, Time start, MeasuredWorld& world, std::vector<TakenStep>& steps,
             std::map<Hash, Seen>& seen, std::string& root_text)
      : node_(node), start_(start), world_(world), steps_(steps), seen_(seen), root_(root_text) {}

  // "" or what is wrong, in one line.
  std::string read(const std::string& file) {
    for (std::uint32_t part = 0;; ++part) {
      const std::string name = chain::part_name(file, part);
      const auto bytes = text_of(name);
      if (!bytes || bytes->size() < chain::kPartHeader)
        return part > 0 ? ""
                        : name +
                              ": found no "
                              "recording; expected a node's";
      const std::string fault = read_part(name, *bytes);
      if (!fault.empty()) return fault;
    }
  }

 private:
  std::string read_part(const std::string& name, const std::string& bytes) {
    const auto line = [&](const std::string& found, const std::string& expected) {
      return name + ":" + std::to_string(reader_.offset()) + ": found " + found + "; expected " +
             expected;
    };
    if (const auto fault = reader_.begin_part(bytes)) return line(fault->found, fault->expected);
    if (!replay_) replay_.emplace(reader_.end().digest, reader_.version());
    replay_->begin_part(reader_.version());
    while (true) {
      const auto record = reader_.next();
      if (!record) return line(record.error().found, record.error().expected);
      if (!record->has_value()) break;
      const auto taken = replay_->take(**record);
      if (!taken) return line(taken.error().found, taken.error().expected);
      if (!*taken) return line("a step that this core does otherwise", "the core that recorded it");
      note(**record);
    }
    world_.torn_bytes += reader_.torn();
    world_.digest ^= chain::WordHash(replay_->digest() + node_).value();
    return "";
  }

  void note(const chain::Record& record) {
    if (const auto* root = std::get_if<chain::RootAdded>(&record)) {
      root_ = root->text;
    } else if (const auto* block = std::get_if<chain::BlockAdded>(&record)) {
      seen_.try_emplace(block->header.hash, Seen{block->header, block->work});
    } else if (const auto* body = std::get_if<chain::BodyAdded>(&record)) {
      seen_[replay_->tree().hash(body->block)].data_bytes = body->data_bytes;
    } else if (std::holds_alternative<chain::LifeBegins>(record)) {
      world_.heard.begin(node_);
    } else if (const auto* step = std::get_if<chain::StepTaken>(&record)) {
      note_step(*step);
    }
  }

  void note_step(const chain::StepTaken& taken) {
    const chain::BlockTree& tree = replay_->tree();
    const chain::Effects& effects = replay_->effects();
    TakenStep step;
    step.node = node_;
    step.at = std::max(chain::kTimeZero, chain::kTimeZero + (taken.now - start_));
    const bool is_over = step.at > chain::kTimeZero + world_.scenario.duration;
    if (!is_over) world_.heard.note(step.at, node_, taken.input, tree);
    ++world_.steps;
    for (const chain::Send& send : effects.sends()) {
      step.sends.emplace_back(send.message.type, chain::wire_size(send.message, tree, facts_));
    }
    for (const chain::BlockId block : effects.accepted()) step.accepted.push_back(tree.hash(block));
    for (const chain::TipChange& change : effects.tip_changes()) {
      step.tips.emplace_back(tree.hash(change.from), tree.hash(change.to));
    }
    if (const auto* mined = std::get_if<chain::Mined>(&taken.input)) {
      step.mined = tree.hash(mined->block);
      Time& found = seen_[*step.mined].found;
      found = std::min(found, step.at);
    }
    steps_.push_back(std::move(step));
  }

  const NodeIndex node_;
  const Time start_;
  MeasuredWorld& world_;
  std::vector<TakenStep>& steps_;
  std::map<Hash, Seen>& seen_;
  std::string& root_;
  chain::RecordReader reader_;
  std::optional<chain::Replay> replay_;
  const SimFacts facts_;  // a lab's addresses are as long as simulated ones
};

// Parents first; of one height in the order in which they were found.
void plant(const std::string& root_text, const std::map<Hash, Seen>& seen, chain::BlockTree& tree) {
  const auto genesis = chain::parse_genesis(root_text);
  CHECK(genesis.ok());  // a recording without one is refused by its reader
  tree.add_root(genesis->block.header, genesis->text);
  std::vector<const Seen*> order;
  for (const auto& [hash, each] : seen) order.push_back(&each);
  std::stable_sort(order.begin(), order.end(), [](const Seen* a, const Seen* b) {
    return std::pair(a->header.height, a->found) < std::pair(b->header.height, b->found);
  });
  for (const Seen* each : order) {
    const chain::BlockId parent = tree.find(each->header.previous_hash);
    if (parent == chain::kNoBlock) continue;  // its recording has lost what was before
    const chain::BlockId block = tree.add_header(each->header, parent, each->work);
    if (each->data_bytes > 0) tree.add_body(block, each->data_bytes);
  }
}

// Steps and what the lab did, by time: what the lab did comes first.
class Player {
 public:
  explicit Player(MeasuredWorld& world) : world_(world), metrics_(*world.metrics) {}

  void add(Time at, std::function<void()> happens) { happenings_.emplace(at, std::move(happens)); }

  // An event `mine` is over when the node has found its block.
  void add_mine(Time at) { mine_marks_.insert(at); }

  void play(std::vector<TakenStep>& steps) {
    std::stable_sort(steps.begin(), steps.end(),
                     [](const TakenStep& a, const TakenStep& b) { return a.at < b.at; });
    const Time end = chain::kTimeZero + world_.scenario.duration;
    sample(chain::kTimeZero);
    for (const TakenStep& step : steps) {
      if (step.at > end) break;
      happen_until(step.at);
      take(step);
    }
    happen_until(end);
  }

 private:
  void happen_until(Time at) {
    while (!happenings_.empty() && happenings_.begin()->first <= at) {
      const auto next = happenings_.extract(happenings_.begin());
      next.mapped()();
    }
  }
  void sample(Time at) {
    add(at, [this, at] {
      metrics_.on_sample(at, 0);
      sample(at + metrics_.sample_pause());
    });
  }
  void take(const TakenStep& step) {
    for (const auto& [type, bytes] : step.sends) metrics_.on_sent(chain::make(type, 0), bytes);
    if (step.mined) metrics_.on_found(step.node, id(*step.mined), step.at);
    effects_.clear();
    for (const Hash& block : step.accepted) effects_.accept(id(block));
    for (const auto& [from, to] : step.tips) effects_.change_tip(id(from), id(to));
    metrics_.on_step(step.node, effects_, step.at);
    if (!step.mined) return;
    while (!mine_marks_.empty() && *mine_marks_.begin() <= step.at) {
      metrics_.on_event("mine", step.at);
      mine_marks_.erase(mine_marks_.begin());
    }
  }
  chain::BlockId id(const Hash& hash) const {
    const chain::BlockId block = world_.tree.find(hash);
    CHECK(block != chain::kNoBlock);
    return block;
  }

  MeasuredWorld& world_;
  Metrics& metrics_;
  std::multimap<Time, std::function<void()>> happenings_;
  std::multiset<Time> mine_marks_;
  chain::Effects effects_;
};

Time time_of(const Json& entry) {
  return chain::kTimeZero + Duration{entry.at("at_ns").get<std::int64_t>()};
}

void add_lab(const Json& lab, MeasuredWorld& world, Player& player) {
  Metrics& metrics = *world.metrics;
  for (const Json& node : lab.at("absent")) metrics.set_live(node, false, chain::kTimeZero);
  for (const Json& life : lab.at("lives")) {
    const NodeIndex node = life.at("node");
    const bool live = life.at("live");
    player.add(time_of(life), [&metrics, node, live, at = time_of(life)] {
      live ? metrics.on_restart(node, metrics.tip_of(node), at) : metrics.set_live(node, live, at);
    });
  }
  for (const Json& mark : lab.at("marks")) {
    if (mark.at("kind") == "mine") {
      player.add_mine(time_of(mark));
      continue;
    }
    player.add(time_of(mark), [&metrics, kind = mark.at("kind").get<std::string>(),
                               at = time_of(mark)] { metrics.on_event(kind, at); });
  }
}

}  // namespace

RunView MeasuredWorld::view() const {
  RunView run(scenario, tree, *metrics);
  run.power =
      mining_power(scenario, draw_regions(scenario, stream(scenario.seed, Stream::regions)));
  run.digest = digest;
  run.events = steps;
  run.links = links;
  run.now = chain::kTimeZero + scenario.duration;
  return run;
}

chain::Result<std::unique_ptr<MeasuredWorld>> read_world(const fs::path& directory) {
  auto scenario = read_scenario((directory / "scenario.yaml").string());
  if (!scenario) return chain::Error{scenario.error()};
  const std::string journal = (directory / "lab.json").string();
  const auto text = text_of(journal);
  const Json lab = Json::parse(text.value_or(""), nullptr, false);
  if (!lab.is_object() || !lab.contains("start_ns")) {
    return chain::Error{journal + ": found no journal; expected what tools/lab writes"};
  }
  auto world = std::make_unique<MeasuredWorld>();
  world->scenario = std::move(*scenario);
  const auto regions = draw_regions(world->scenario, stream(world->scenario.seed, Stream::regions));
  if (const auto wiring = draw_wiring(world->scenario, regions))
    world->links = wiring->edges.size();
  std::vector<TakenStep> steps;
  std::map<Hash, Seen> seen;
  std::string root_text;
  try {
    const Time start{lab.at("start_ns").get<std::int64_t>()};
    for (NodeIndex node = 0; node < world->scenario.network.nodes; ++node) {
      NodeReader reader(node, start, *world, steps, seen, root_text);
      const std::string fault =
          reader.read((directory / ("node-" + std::to_string(node) + ".rec")).string());
      if (!fault.empty()) return chain::Error{fault};
    }
    if (root_text.empty()) return chain::Error{journal + ": found no steps; expected some"};
    plant(root_text, seen, world->tree);
    world->metrics = std::make_unique<Metrics>(world->scenario, world->tree, 0);
    Player player(*world);
    add_lab(lab, *world, player);
    player.play(steps);
  } catch (const Json::exception&) {
    return chain::Error{journal + ": found a journal that is not whole; expected lab's"};
  }
  return world;
}

}  // namespace sim
