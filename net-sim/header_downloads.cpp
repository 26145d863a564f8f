#include "net-sim/header_downloads.h"

namespace sim {
namespace {

using chain::BlockId;
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
  const std::uint32_t height = tree_.height(last);
  if (message.count() == 0 || message.count() > height) return;
  const HeadersSync::Page page{height + 1 - message.count(), message.count(), tree_.work(last)};
  const BlockId before = tree_.ancestor(last, page.first_height - 1);
  // Most pages outweigh the own tip: no limit is looked up for them.
  const std::uint64_t floor =
      page.work >= tree_.work(view.tip())
          ? 0
          : chain::low_work_floor(tree_, view.tip(), options.limits->low_work_depth);
  if (message.type == chain::MessageType::blocks) {
    const bool is_light = view.has_header(before) && !view.has_header(last) && page.work < floor;
    if (is_light) mark(message, last);
    return;
  }
  const auto found = downloads_.find({node, received.from});
  if (found != downloads_.end() && found->second.continues(tree_.hash(before))) {
    using Next = HeadersSync::Verdict::Next;
    const HeadersSync::Verdict verdict =
        found->second.take(page, tree_.hash(last), floor, options.limits->low_work_pages);
    mark(message, verdict.next == Next::after_page  ? last
                  : verdict.next == Next::from_base ? tree_.find(found->second.base())
                                                    : chain::kNoBlock);
    if (verdict.next == Next::none) downloads_.erase(found);
    return;
  }
  if (!view.has_header(before)) return;  // unlinked, as the node sees by itself
  std::uint32_t stored = 0;
  if (found != downloads_.end() && found->second.state() == HeadersSync::State::redownload) {
    const auto hash_at = [&](std::uint32_t at) -> const chain::Hash& {
      return tree_.hash(tree_.ancestor(last, at));
    };
    stored = found->second.take_again(page, hash_at).stored;
    if (found->second.state() == HeadersSync::State::final) downloads_.erase(found);
  }
  if (view.has_header(last) || page.work >= floor) return;
  if (stored > 0) {
    message.last = tree_.ancestor(last, page.first_height + stored - 1);
    message.pair[0] = stored;
    return;
  }
  BlockId base = last;
  while (!view.has_header(base)) base = tree_.parent(base);
  downloads_.insert_or_assign({node, received.from},
                              HeadersSync(tree_.hash(base), page, tree_.hash(last)));
  mark(message, last);
}

void HeaderDownloads::forget(NodeIndex node) {
  downloads_.erase(downloads_.lower_bound({node, 0}),
                   downloads_.upper_bound({node, chain::kNoPeer}));
}

}  // namespace sim
