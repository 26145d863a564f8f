#include "net-real/mine_queue.h"

#include <algorithm>
#include <utility>

#include "core/block_size.h"
#include "core/check.h"
#include "core/merkle.h"

namespace net {
namespace {

constexpr int kMostLate = 1;  // a block found too late is tried again this often

}  // namespace

MineQueue::MineQueue(Loop& loop, Host& host, Log& log, const MineOptions& options)
    : loop_(loop),
      host_(host),
      log_(log),
      options_(options),
      random_(random_number()),
      own_timer_(loop, [this] { own_is_due(); }),
      deadline_timer_(loop, [this] { expire(); }),
      miner_(options.threads, [this](std::uint64_t job, const chain::Header& header) {
        loop_.post([this, job, header] { found(job, header); });
      }) {
  if (options.continuous) pause_before_own();
}

void MineQueue::mine(chain::Texts data, Answer answer) {
  enqueue({std::move(data), std::move(answer), loop_.now() + options_.timeout});
}

void MineQueue::mine_drawn(std::uint64_t block_bytes, std::int64_t nonce, Answer answer) {
  CHECK(host_.options().rules.seal == chain::Seal::simulated);
  enqueue({{}, std::move(answer), loop_.now() + options_.timeout, block_bytes, nonce});
}

void MineQueue::enqueue(Request request) {
  if (stopped_) return request.answer({.end = MineEnd::stopping});
  if (host_.learning()) return request.answer({.end = MineEnd::learning});
  if (!host_.has_space()) return request.answer({.end = MineEnd::no_space});
  if (waiting_.size() >= kMaxWaiting) return request.answer({.end = MineEnd::queue_full});
  waiting_.push_back(std::move(request));
  if (current_ && !current_->answer) {  // people come before blocks of one's own
    current_.reset();
    own_due_ = true;
  }
  arm();
  start_next();
}

void MineQueue::start_next() {
  if (stopped_ || current_ || host_.learning()) return;
  if (!waiting_.empty()) {
    current_ = std::move(waiting_.front());
    waiting_.pop_front();
  } else if (own_due_) {
    own_due_ = false;
    current_ = Request{{"mined by chainnode"}, {}, chain::kNever};
  } else {
    return;
  }
  start_job();
}

void MineQueue::start_job() {
  const chain::ChainRules& rules = host_.options().rules;
  chain::Header header = chain::block_template(rules, host_.tree(), host_.tip(), wall_clock_ms());
  header.nonce = current_->nonce;
  if (current_->block_bytes) {
    const chain::Filler filler = chain::filler_for(header, *current_->block_bytes);
    current_->data = {std::string(filler.length, 'x')};
  }
  const auto root = chain::merkle_root(current_->data);
  header.has_merkle_root = root.has_value();
  if (root) header.merkle_root = *root;
  ++job_;
  if (rules.seal == chain::Seal::hash) return miner_.start({job_, header, rules.hash_order});
  header.hash = chain::hash_of(header, rules.hash_order);
  loop_.post([this, job = job_, header] { found(job, header); });
}

void MineQueue::tip_moved() {
  if (current_) {
    start_job();
  } else {
    start_next();
  }
}

void MineQueue::found(std::uint64_t job, const chain::Header& header) {
  if (!current_ || job != job_) return;
  const chain::Block block{header, current_->data};
  // While the host takes the block the tip moves; there is no job then to start again.
  Request request = std::exchange(current_, std::nullopt).value();
  ++job_;
  const Host::Mining outcome = host_.mined(block);
  if (outcome == Host::Mining::stale && request.late++ < kMostLate) {
    CHECK(!current_);
    current_ = std::move(request);
    return start_job();
  }
  const bool own = !request.answer;
  if (own) {
    pause_before_own();
  } else if (outcome == Host::Mining::taken) {
    request.answer({.end = MineEnd::mined, .block_json = chain::encode_block(block)});
  } else if (outcome == Host::Mining::stale) {
    const chain::Header& tip = host_.tree().header(host_.tip());
    const chain::Refusal why = chain::check_block(host_.options().rules, header, tip);
    request.answer({.end = MineEnd::stale, .refusal = why});
  } else {
    request.answer({.end = MineEnd::no_space});
  }
  arm();
  start_next();
}

void MineQueue::pause_before_own() {
  const auto spread = static_cast<std::uint64_t>(std::max<std::int64_t>(options_.interval.ns, 1));
  const auto drawn = static_cast<std::int64_t>(random_.below(spread));
  own_timer_.set(loop_.now() + options_.interval / 2 + chain::nanoseconds(drawn));
}

void MineQueue::own_is_due() {
  own_due_ = true;
  start_next();
}

void MineQueue::expire() {
  const chain::Time now = loop_.now();
  std::vector<Request> late;
  if (current_ && current_->deadline <= now) {
    miner_.cancel();
    ++job_;
    late.push_back(std::move(*current_));
    current_.reset();
  }
  while (!waiting_.empty() && waiting_.front().deadline <= now) {
    late.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  for (const Request& request : late) request.answer({.end = MineEnd::timeout});
  if (!late.empty()) log_.warn("mining_timed_out", {{"requests", late.size()}});
  arm();
  start_next();
}

void MineQueue::arm() {
  chain::Time next = waiting_.empty() ? chain::kNever : waiting_.front().deadline;
  if (current_) next = std::min(next, current_->deadline);
  deadline_timer_.set(next);
}

void MineQueue::stop() {
  stopped_ = true;
  miner_.cancel();
  own_timer_.set(chain::kNever);
  deadline_timer_.set(chain::kNever);
  if (current_) waiting_.push_front(std::move(*current_));
  current_.reset();
  for (const Request& request : std::exchange(waiting_, {})) {
    if (request.answer) request.answer({.end = MineEnd::stopping});
  }
}

}  // namespace net
