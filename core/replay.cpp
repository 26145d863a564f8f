#include "core/replay.h"

#include <algorithm>

#include "core/check.h"
#include "core/json_block.h"

namespace chain {
namespace {

std::string node_word(std::uint32_t node) { return "node " + std::to_string(node); }

Error<Misfit> misfit(std::string found, std::string expected) {
  return Error(Misfit{std::move(found), std::move(expected)});
}

}  // namespace

Replay::Taken Replay::take(const Record& record) {
  CHECK(tree_ != nullptr || std::holds_alternative<WorldBegins>(record) ||
        std::holds_alternative<FrameEnds>(record) || std::holds_alternative<StepsLeftOut>(record));
  return std::visit([this](const auto& what) { return on(what); }, record);
}

// A part of a later version goes on from the state in which the one before it ended.
void Replay::begin_part(std::uint32_t version) {
  if (version_ == 1 && version != 1) digest_ = Digest(chained_.state());
  version_ = version;
}

Replay::Taken Replay::on(const WorldBegins& world) {
  nodes_.clear();
  tree_ = std::make_unique<BlockTree>();
  title_ = world.title;
  ++counts_.worlds;
  counts_.left_out += world.left_out;
  return true;
}

Replay::Taken Replay::on(const RootAdded& root) {
  if (root.text.empty()) return misfit("a genesis without text", "a block's JSON text");
  tree_->add_root(root.header, root.text);
  return true;
}

Replay::Taken Replay::on(const BlockAdded& block) {
  if (tree_->find(block.header.hash) != kNoBlock) {
    return misfit("a block whose hash is known, " + lower_hex(block.header.hash), "a new block");
  }
  if (block.header.version.size() > kMaxVersion) {
    return misfit("a version of " + std::to_string(block.header.version.size()) + " bytes",
                  "at most " + std::to_string(kMaxVersion));
  }
  tree_->add_header(block.header, block.parent, block.work);
  return true;
}

Replay::Taken Replay::on(const BodyAdded& body) {
  if (tree_->has_body(body.block)) return misfit("a second body of one block", "a first");
  tree_->add_body(body.block, body.data_bytes);
  return true;
}

Replay::Taken Replay::on(const NameGiven& name) {
  tree_->name(name.hash);
  return true;
}

Replay::Taken Replay::on(const LifeBegins& life) {
  if (lives(life.node)) return misfit("another life of " + node_word(life.node), "its end before");
  ChainView view(life.tip);
  bool has_tip = false;
  BlockId block = 0;
  for (const LifeBegins::Run& run : life.known) {
    for (const BlockId end = block + run.count; block < end; ++block) {
      if (run.body) {
        view.add_body(block);
        has_tip = has_tip || block == life.tip;
      } else if (run.header) {
        view.add_header(block);
      }
    }
  }
  if (!has_tip) return misfit("a tip that " + node_word(life.node) + " has not", "one it has");
  if (nodes_.size() <= life.node) nodes_.resize(life.node + 1);
  numbers_.resize(nodes_.size());
  numbers_[life.node] = 0;
  NodeOptions options = life.options;
  const auto known = std::find(limits_.begin(), limits_.end(), life.limits);
  options.limits = known != limits_.end() ? &*known : &limits_.emplace_back(life.limits);
  nodes_[life.node] = std::make_unique<Node>(*tree_, std::move(view), options);
  counts_.nodes = std::max(counts_.nodes, static_cast<std::uint32_t>(nodes_.size()));
  ++counts_.lives;
  return true;
}

Replay::Taken Replay::on(const LifeEnds& life) {
  if (!lives(life.node)) return misfit("the end of " + node_word(life.node), "its life before");
  nodes_[life.node].reset();
  return true;
}

Replay::Taken Replay::on(const StepTaken& step) {
  if (!lives(step.node)) return misfit("a step of " + node_word(step.node), "its life before");
  effects_.clear();
  nodes_[step.node]->step(step.now, step.input, effects_);
  ++counts_.steps;
  const std::uint64_t number = numbers_[step.node]++;
  if (version_ == 1) {
    chained_.mix_step(step.now, step.node, step.input, effects_, *tree_);
    check_ = step_check(chained_.state());
  } else {
    const auto hash = step_hash(step.now, step.node, number, step.input, effects_, *tree_);
    digest_.add(hash);
    check_ = step_check(hash);
  }
  return check_ == step.check;
}

Replay::Taken Replay::on(const StepsLeftOut& steps) {
  digest_.add(steps.digest);
  return true;
}

Replay::Taken Replay::on(const FrameEnds& frame) {
  if (tree_ == nullptr) {  // of what is left out at the start
    digest_ = Digest(frame.digest);
    chained_ = ChainedDigest(frame.digest);
  }
  const std::uint64_t own = version_ == 1 ? chained_.state() : digest_.value();
  if (frame.digest == own) return true;
  return misfit("the digest " + hex16(frame.digest), hex16(own));
}

}  // namespace chain
