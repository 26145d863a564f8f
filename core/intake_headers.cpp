// The half of Intake that takes headers: against the tree, in one pass or in two.
#include <algorithm>

#include "core/intake.h"

namespace chain {
namespace {

std::vector<const Header*> headers_of(const std::vector<Header>& list) {
  std::vector<const Header*> headers;
  headers.reserve(list.size());
  for (const Header& header : list) headers.push_back(&header);
  return headers;
}

std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) {
  return a > ~b ? ~std::uint64_t{0} : a + b;
}

// REQUIRES: there is one.
HeadersSync::Page page_of(const std::vector<const Header*>& headers, std::uint64_t work) {
  return {static_cast<std::uint32_t>(headers.front()->height),
          static_cast<std::uint32_t>(headers.size()), work};
}

// Headers that are not stored. `next`: from where the peer is asked again; kNoBlock: it is not.
Message low_work_headers(BlockId next, std::size_t count) {
  Message message = make(MessageType::headers, next, static_cast<std::uint32_t>(count));
  message.staged = Staged::low_work;
  message.refusal = Refusal::low_work;
  return message;
}

}  // namespace

// REQUIRES: there is one.
Intake::Linking Intake::link(const Headers& headers, std::int64_t now_ms) const {
  Linking link;
  link.base = tree_.find(headers.front()->previous_hash);
  if (link.base == kNoBlock) {
    link.staged = Staged::unlinked;
    link.refusal = Refusal::unlinked;
    return link;
  }
  while (link.known < headers.size()) {
    const Header& header = *headers[link.known];
    const BlockId here = find_after(tree_.header(link.base), header);
    if (here == kNoBlock || !same_fields(header, tree_.header(here))) break;
    link.base = here;
    ++link.known;
  }
  link.work = tree_.work(link.base);
  if (link.known == headers.size()) return link;
  Branch& branch = link.branch.emplace(tree_, link.base, rules_);
  for (std::size_t i = link.known; i < headers.size(); ++i) {
    const Header& header = *headers[i];
    link.refusal = branch.add(header);
    if (link.refusal != Refusal::none) {
      link.staged = Staged::invalid;
      return link;
    }
    if (is_early(rules_, header, now_ms)) {
      link.staged = Staged::early;
      link.refusal = Refusal::early;
      return link;
    }
    // Another version of it is here: no fault of the peer.
    if (tree_.find(header.hash) != kNoBlock) {
      link.staged = Staged::unlinked;
      link.refusal = Refusal::hash;
      return link;
    }
  }
  link.work = saturating_sum(link.work, branch.work());
  return link;
}

// The first `count` of them.  REQUIRES: `link` found nothing wrong with them; count > 0.
BlockId Intake::add_all(const Headers& headers, const Linking& link, std::size_t count) {
  if (count <= link.known) return tree_.find(headers[count - 1]->hash);
  BlockId last = link.base;
  for (std::size_t i = link.known; i < count; ++i) {
    last = tree_.add_header(*headers[i], last, work_of(rules_, *headers[i]));
  }
  return last;
}

Message Intake::take_headers(PeerId from, const WireMessage& wire, BlockId own_tip,
                             std::int64_t now_ms) {
  const Headers headers = headers_of(wire.headers);
  const auto download = downloads_.find(from);
  if (download != downloads_.end() &&
      download->second.sync.continues(headers.front()->previous_hash)) {
    return go_on(from, headers, own_tip);
  }
  const Linking linking = link(headers, now_ms);
  if (linking.staged != Staged::no) {
    return staged(wire.type, linking.staged, linking.refusal, headers.back()->hash, headers.size());
  }
  const auto [count, exempt] = what_to_store(from, headers, linking, own_tip);
  if (count == 0) return begin_download(from, headers, linking);
  const BlockId last = add_all(headers, linking, count);
  if (count > linking.known) accounts_.add_headers(from, own_tip, linking.base, last, exempt);
  return make(wire.type, last, static_cast<std::uint32_t>(count));
}

// How many of linked headers to store: all that are known, or that carry enough work and have
// room; else those that the second pass confirms.
Intake::Storing Intake::what_to_store(PeerId from, const Headers& headers, const Linking& link,
                                      BlockId own_tip) {
  Storing confirmed;
  const auto download = downloads_.find(from);
  if (download != downloads_.end() &&
      download->second.sync.state() == HeadersSync::State::redownload) {
    HeadersSync& sync = download->second.sync;
    const auto hash_at = [&](std::uint32_t height) -> const Hash& {
      return headers[height - static_cast<std::size_t>(headers.front()->height)]->hash;
    };
    confirmed = {sync.take_again(page_of(headers, link.work), hash_at).stored,
                 download->second.is_heavy};
    if (sync.state() == HeadersSync::State::final) downloads_.erase(download);
  }
  if (link.known == headers.size()) return {headers.size()};
  const auto height = [&](std::size_t count) {
    return static_cast<std::uint64_t>(headers[count - 1]->height);
  };
  if (link.work >= floor(own_tip) &&
      accounts_.admits_headers(from, own_tip, link.base, height(headers.size()), link.work)) {
    return {headers.size()};
  }
  if (confirmed.count > link.known && !confirmed.exempt &&
      !accounts_.has_room(from, own_tip, link.base, height(confirmed.count), link.work)) {
    return {link.known};
  }
  return confirmed;
}

std::uint32_t Intake::free_place() const {
  const auto taken = [this](std::uint32_t place) {
    return std::any_of(downloads_.begin(), downloads_.end(),
                       [place](const auto& d) { return d.second.place / 2 == place / 2; });
  };
  std::uint32_t place = 0;
  while (taken(place)) place += 2;
  return place;
}

// The first page of a branch with too little work.
Message Intake::begin_download(PeerId from, const Headers& headers, const Linking& link) {
  downloads_.erase(from);
  const Hash& end = headers.back()->hash;
  const std::uint32_t place = free_place();
  downloads_.emplace(from,
                     Download{HeadersSync(tree_.hash(link.base), page_of(headers, link.work), end),
                              link.branch->continued(), link.work, place});
  return low_work_headers(tree_.place(place, end), headers.size());
}

// The next page of the first pass.
Message Intake::go_on(PeerId from, const Headers& headers, BlockId own_tip) {
  Download& download = downloads_.find(from)->second;
  const Hash& end = headers.back()->hash;
  for (const Header* header : headers) {
    const Refusal refusal = download.branch.add(*header);
    if (refusal == Refusal::none) continue;
    downloads_.erase(from);
    return staged(MessageType::headers, Staged::invalid, refusal, end, headers.size());
  }
  download.work = saturating_sum(download.work, download.branch.work());
  download.branch = download.branch.continued();
  download.is_heavy = download.work > tree_.work(own_tip);
  const bool is_enough =
      download.is_heavy ||
      (download.work >= floor(own_tip) &&
       accounts_.admits_headers(from, own_tip, tree_.find(download.sync.base()),
                                static_cast<std::uint64_t>(headers.back()->height), download.work));
  const HeadersSync::Verdict verdict =
      download.sync.take(page_of(headers, download.work), end, is_enough ? 0 : ~std::uint64_t{0},
                         limits_.low_work_pages);
  switch (verdict.next) {
    case HeadersSync::Verdict::Next::after_page:
      download.place ^=
          1;  // two messages with different hashes are never equal one after the other
      return low_work_headers(tree_.place(download.place, end), headers.size());
    case HeadersSync::Verdict::Next::from_base:
      return low_work_headers(tree_.find(download.sync.base()), headers.size());
    case HeadersSync::Verdict::Next::none:
      break;
  }
  downloads_.erase(from);
  return low_work_headers(kNoBlock, headers.size());
}

}  // namespace chain
