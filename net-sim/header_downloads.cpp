#include "net-sim/header_downloads.h"

#include <utility>

namespace sim {
namespace {

using chain::BlockId;
using chain::BranchAccounts;
using chain::HeadersSync;

void mark(chain::Message& message, BlockId next) {
  message.staged = chain::Staged::low_work;
  message.refusal = chain::Refusal::low_work;
  message.last = next;
}

}  // namespace

void HeaderDownloads::present(NodeIndex node, const chain::NodeOptions& options,
                              const chain::ChainView& view, chain::Received& received) {
  chain::Message& message = received.message;
  if (message.staged != chain::Staged::no) return;
  const BlockId last = message.last;
  const std::uint32_t height = tree_.height(last), count = message.count();
  if (count == 0 || count > height) return;
  const bool are_headers = message.type == chain::MessageType::headers;
  const HeadersSync::Page headers{height + 1 - count, count, tree_.work(last)};
  Page page{node, options, view,    received.from,
            last, last,    headers, headers.work > tree_.work(view.tip())};
  // Most messages bring the next block: nothing is looked up for them. Nor for another block as
  // high as the tip under the default limits: no run has ten thousand of those for one connection.
  const bool is_tie = headers.work == tree_.work(view.tip());
  if (downloads_.empty() && find_accounts(node) == nullptr &&
      (page.is_heavy || (is_tie && *options.limits == chain::kDefaultSyncLimits))) {
    return;
  }
  if (are_headers) {
    const auto found = downloads_.find({node, received.from});
    const BlockId before = tree_.ancestor(last, headers.first_height - 1);
    if (found != downloads_.end() && found->second.sync.continues(tree_.hash(before))) {
      return go_on(page, found->second, message);
    }
  }
  page.known = last_known(view, last, count);
  if (page.known == chain::kNoBlock) return;  // unlinked, as the node sees by itself
  are_headers ? present_headers(page, message) : present_blocks(page, message);
}

void HeaderDownloads::present_blocks(const Page& page, chain::Message& message) {
  if ((page.is_new() && !is_enough(page)) || !admits_bodies(page)) mark(message, page.last);
}

void HeaderDownloads::present_headers(const Page& page, chain::Message& message) {
  const auto found = downloads_.find({page.node, page.from});
  std::uint32_t confirmed = 0;
  bool exempt = false;
  if (found != downloads_.end() && found->second.sync.state() == HeadersSync::State::redownload) {
    const auto hash_at = [&](std::uint32_t at) -> const chain::Hash& {
      return tree_.hash(tree_.ancestor(page.last, at));
    };
    confirmed = found->second.sync.take_again(page.headers, hash_at).stored;
    exempt = found->second.is_heavy;
    if (found->second.sync.state() == HeadersSync::State::final) downloads_.erase(found);
  }
  if (!page.is_new()) return;
  if (is_enough(page)) return note_stored(page, page.last, false);
  const std::uint32_t known = tree_.height(page.known) + 1 - page.headers.first_height;
  if (confirmed > known && !exempt &&
      !accounts(page).has_room(page.from, page.view.tip(), page.known,
                               page.headers.first_height + confirmed - 1, page.headers.work)) {
    confirmed = known;
  }
  if (confirmed > 0) {
    message.last = tree_.ancestor(page.last, page.headers.first_height + confirmed - 1);
    message.pair[0] = confirmed;
    if (confirmed > known) note_stored(page, message.last, exempt);
    return;
  }
  const HeadersSync sync(tree_.hash(page.known), page.headers, tree_.hash(page.last));
  downloads_.insert_or_assign({page.node, page.from}, Download{sync});
  mark(message, page.last);
}

// The next page of the first pass.
void HeaderDownloads::go_on(const Page& page, Download& download, chain::Message& message) {
  using Next = HeadersSync::Verdict::Next;
  const BlockId base = tree_.find(download.sync.base());
  Page from_base = page;
  from_base.known = base;
  download.is_heavy = page.is_heavy;
  const HeadersSync::Verdict verdict = download.sync.take(
      page.headers, tree_.hash(page.last), is_enough(from_base) ? 0 : ~std::uint64_t{0},
      page.options.limits->low_work_pages);
  mark(message, verdict.next == Next::after_page  ? page.last
                : verdict.next == Next::from_base ? base
                                                  : chain::kNoBlock);
  if (verdict.next == Next::none) downloads_.erase({page.node, page.from});
}

// Whether the headers from above `known` to `last` carry enough work, and have room.
bool HeaderDownloads::is_enough(const Page& page) {
  if (page.is_heavy) return true;
  const std::uint64_t floor =
      chain::low_work_floor(tree_, page.view.tip(), page.options.limits->low_work_depth);
  return page.headers.work >= floor &&
         accounts(page).admits_headers(page.from, page.view.tip(), page.known,
                                       tree_.height(page.last), page.headers.work);
}

// The last block whose header `view` has, of `last` and the `count` blocks before it; or kNoBlock.
BlockId HeaderDownloads::last_known(const chain::ChainView& view, BlockId last,
                                    std::uint32_t count) const {
  BlockId block = last;
  for (std::uint32_t i = 0; !view.has_header(block); ++i, block = tree_.parent(block)) {
    if (i == count) return chain::kNoBlock;
  }
  return block;
}

bool HeaderDownloads::admits_bodies(const Page& page) {
  if (page.is_heavy) return true;
  std::uint64_t bytes = 0;
  BlockId block = page.last;
  for (std::uint32_t i = 0; i < page.headers.count; ++i, block = tree_.parent(block)) {
    if (!page.view.has_body(block)) bytes += tree_.block_bytes(block);
  }
  return bytes == 0 || accounts(page).admits_bodies(page.from, page.view.tip(), page.known,
                                                    page.headers.work, bytes);
}

// The node stores the headers from above `known` to `last`.
void HeaderDownloads::note_stored(const Page& page, BlockId last, bool exempt) {
  BranchAccounts* const of_node = find_accounts(page.node);
  if (of_node != nullptr) {
    of_node->add_headers(page.from, page.view.tip(), page.known, last, exempt);
  }
}

BranchAccounts& HeaderDownloads::accounts(const Page& page) {
  if (page.node >= accounts_.size()) accounts_.resize(page.node + 1);
  std::unique_ptr<BranchAccounts>& of_node = accounts_[page.node];
  if (of_node == nullptr) {
    of_node = std::make_unique<BranchAccounts>(tree_, *page.options.limits, &page.view);
    of_node->begin(page.view.tip());
  }
  return *of_node;
}

void HeaderDownloads::charge(BranchAccounts& accounts, const chain::ChainView& view,
                             const chain::Received& received) {
  const chain::Message& message = received.message;
  if (message.staged != chain::Staged::no || message.count() > tree_.height(message.last)) return;
  const BlockId known = last_known(view, message.last, message.count());
  if (known == chain::kNoBlock) return;
  const BlockId tip = view.tip();
  if (known != message.last) accounts.add_headers(received.from, tip, known, message.last, false);
  BlockId block = message.last;
  for (std::uint32_t i = 0; i < message.count(); ++i, block = tree_.parent(block)) {
    if (!view.has_body(block)) accounts.add_body(received.from, tip, block);
  }
}

void HeaderDownloads::forget(NodeIndex node, chain::PeerId peer) {
  if (!downloads_.empty()) downloads_.erase({node, peer});
  if (BranchAccounts* const of_node = find_accounts(node)) of_node->forget(peer);
}

void HeaderDownloads::forget(NodeIndex node) {
  downloads_.erase(downloads_.lower_bound({node, 0}),
                   downloads_.upper_bound({node, chain::kNoPeer}));
  if (node < accounts_.size()) accounts_[node].reset();
}

}  // namespace sim
