#include "core/branch_accounts.h"

#include <algorithm>

#include "core/check.h"

namespace chain {
namespace {

// Each is heavier than the own chain. Of more the lightest goes.
constexpr std::size_t kMaxHeads = 64;

}  // namespace

bool is_short_branch(const BlockTree& tree, BlockId own_tip, std::uint64_t count,
                     std::uint64_t work, std::uint32_t allowance) {
  const std::uint64_t total = tree.work(own_tip);
  const std::uint64_t below = tree.is_root(own_tip) ? 0 : tree.work(tree.parent(own_tip));
  const std::uint64_t of_tip = std::max<std::uint64_t>(total - below, 1);
  return count <= allowance || count - allowance <= work / of_tip;
}

void BranchAccounts::begin(BlockId own_tip) {
  begun_ = true;
  std::vector<bool> is_parent(tree_.size()), is_exempt(tree_.size());
  for (BlockId block = 0; block < tree_.size(); ++block) {
    if (!tree_.is_root(block) && has_header(block)) is_parent[tree_.parent(block)] = true;
  }
  const auto exempt = [&](BlockId head) {
    for (BlockId block = head; block != kNoBlock && !is_exempt[block];
         block = tree_.parent(block)) {
      is_exempt[block] = true;
    }
  };
  exempt(own_tip);
  for (BlockId block = 0; block < tree_.size(); ++block) {
    if (is_parent[block] || block == own_tip || !has_header(block)) continue;
    if (tree_.work(block) <= tree_.work(own_tip)) continue;
    exempt(block);
    if (heads_.size() < kMaxHeads) heads_.push_back(block);
  }
  for (BlockId block = 0; block < tree_.size(); ++block) {
    if (is_exempt[block] || tree_.is_root(block) || !has_header(block)) continue;
    all_.headers.push_back(block);
    if (!has_body(block)) continue;
    all_.bodies.push_back(block);
    all_.bytes += tree_.block_bytes(block);
  }
}

// Whether `block` lies on a branch that outweighs the own chain; `work`: of the branch as far as it
// was sent now.
bool BranchAccounts::is_heavy(BlockId own_tip, BlockId block, std::uint64_t work) const {
  if (work > tree_.work(own_tip)) return true;
  return std::any_of(heads_.begin(), heads_.end(), [&](BlockId head) {
    return tree_.work(head) >= work && tree_.work(head) > tree_.work(own_tip) &&
           tree_.is_ancestor(block, head);
  });
}

// Forgets what the own chain has taken, and bodies that were withdrawn.
void BranchAccounts::count_anew(Account& account, BlockId own_tip) const {
  if (account.counted_for == own_tip) return;
  account.counted_for = own_tip;
  const auto is_own = [&](BlockId block) { return tree_.is_ancestor(block, own_tip); };
  std::erase_if(account.headers, is_own);
  std::erase_if(account.bodies, [&](BlockId block) { return !has_body(block) || is_own(block); });
  account.bytes = 0;
  for (const BlockId block : account.bodies) account.bytes += tree_.block_bytes(block);
}

template <typename Fits>
bool BranchAccounts::fits(Account& account, BlockId own_tip, const Fits& fits) const {
  if (fits(account)) return true;
  count_anew(account, own_tip);
  return fits(account);
}

bool BranchAccounts::admits_headers(PeerId from, BlockId own_tip, BlockId base,
                                    std::uint64_t height, std::uint64_t work) {
  CHECK(begun_);
  if (work > tree_.work(own_tip)) return true;
  const BlockId fork = tree_.fork_point(own_tip, base);
  if (fork == kNoBlock) return false;
  const std::uint64_t count = height - tree_.height(fork);
  if (!is_short_branch(tree_, own_tip, count, work - std::min(work, tree_.work(fork)),
                       limits_.branch_headers)) {
    return false;
  }
  return has_room(from, own_tip, base, height, work);
}

bool BranchAccounts::has_room(PeerId from, BlockId own_tip, BlockId base, std::uint64_t height,
                              std::uint64_t work) {
  CHECK(begun_);
  if (work > tree_.work(own_tip)) return true;
  const std::uint64_t more = height - tree_.height(base);
  const auto below = [more](std::uint64_t limit) {
    return [more, limit](const Account& a) { return a.headers.size() + more <= limit; };
  };
  const auto found = peers_.find(from);
  if (more > limits_.peer_branch_headers) return false;
  if (found != peers_.end() && !fits(found->second, own_tip, below(limits_.peer_branch_headers))) {
    return false;
  }
  return fits(all_, own_tip, below(limits_.total_branch_headers));
}

void BranchAccounts::add_headers(PeerId from, BlockId own_tip, BlockId base, BlockId last,
                                 bool exempt) {
  if (tree_.work(last) > tree_.work(own_tip)) {
    std::erase_if(heads_, [&](BlockId head) {
      return tree_.is_ancestor(head, last) || tree_.work(head) <= tree_.work(own_tip);
    });
    heads_.push_back(last);
    if (heads_.size() <= kMaxHeads) return;
    heads_.erase(std::min_element(heads_.begin(), heads_.end(), [&](BlockId a, BlockId b) {
      return tree_.work(a) < tree_.work(b);
    }));
    return;
  }
  if (exempt) return;
  Account& account = peers_[from];
  for (BlockId block = last; block != base; block = tree_.parent(block)) {
    account.headers.push_back(block);
    all_.headers.push_back(block);
  }
}

bool BranchAccounts::admits_bodies(PeerId from, BlockId own_tip, BlockId block, std::uint64_t work,
                                   std::uint64_t bytes) {
  CHECK(begun_);
  if (is_heavy(own_tip, block, work)) return true;
  const auto below = [bytes](std::uint64_t limit) {
    return [bytes, limit](const Account& a) { return a.bytes + bytes <= limit; };
  };
  if (bytes > limits_.peer_branch_bytes) return false;
  const auto found = peers_.find(from);
  if (found != peers_.end() && !fits(found->second, own_tip, below(limits_.peer_branch_bytes))) {
    return false;
  }
  return fits(all_, own_tip, below(limits_.total_branch_bytes));
}

void BranchAccounts::add_body(PeerId from, BlockId own_tip, BlockId block) {
  if (is_heavy(own_tip, block, tree_.work(block))) return;
  for (Account* account : {&peers_[from], &all_}) {
    account->bodies.push_back(block);
    account->bytes += tree_.block_bytes(block);
  }
}

}  // namespace chain
