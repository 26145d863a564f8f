#include "core/intake.h"

#include <algorithm>

#include "core/check.h"

namespace chain {
namespace {

const Header& header_in(const Header& header) { return header; }
const Header& header_in(const Block& block) { return block.header; }

template <typename List>
std::vector<const Header*> headers_of(const List& list, std::size_t first) {
  std::vector<const Header*> headers;
  headers.reserve(list.size());
  for (std::size_t i = first; i < list.size(); ++i) headers.push_back(&header_in(list[i]));
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

Intake::Intake(BlockTree& tree, const ChainRules& rules, bool bridge, const Hash& network,
               Keep keep, const SyncLimits& limits)
    : tree_(tree),
      rules_(rules),
      bridge_(bridge),
      network_(network),
      keep_(std::move(keep)),
      limits_(limits) {}

Message Intake::take(PeerId from, const WireMessage& wire, BlockId own_tip, std::int64_t now_ms) {
  const Message message = sort(from, wire, own_tip, now_ms);
  if (is_original(wire.type) && !is_staged(message.last)) fill_bodies(wire.blocks);
  return message;
}

// Of blocks whose headers another protocol has brought.
void Intake::fill_bodies(const std::vector<Block>& blocks) {
  for (const Block& block : blocks) {
    const BlockId known = tree_.find(block.header.hash);
    if (known == kNoBlock || tree_.has_body(known)) continue;
    if (same_fields(block.header, tree_.header(known))) add_body(known, block.body);
  }
}

Message Intake::sort(PeerId from, const WireMessage& wire, BlockId own_tip, std::int64_t now_ms) {
  switch (wire.type) {
    case MessageType::latest_block:
      return take_latest_block(wire.blocks.front(), own_tip, now_ms);
    case MessageType::whole_chain:
      return take_whole_chain(wire.blocks, own_tip, now_ms);
    case MessageType::hello:
    case MessageType::inv:
    case MessageType::ping:
    case MessageType::pong:
      return told_tip(wire, own_tip);
    case MessageType::get_headers:
      return take_locator(wire, own_tip);
    case MessageType::headers:
      return take_headers(from, wire, own_tip, now_ms);
    case MessageType::get_blocks:
      return make(wire.type, tree_.find(wire.hashes.front()), wire.number);
    case MessageType::blocks:
      return take_blocks(wire.type, wire.blocks, 0, own_tip, now_ms);
    case MessageType::reject:
      return reject(wire.offence);
    case MessageType::query_latest:
    case MessageType::get_peers:
    case MessageType::peers:
      break;
  }
  return make(wire.type, kNoBlock);
}

// A message about what is not stored: `last` becomes a name, in the new protocol. `number`: how
// many blocks, or of a whole chain its height, which the original does not ask for.
Message Intake::staged(MessageType type, Staged why, Refusal refusal, const Hash& last,
                       std::size_t number) {
  const BlockId id = is_original(type) ? kStagedBit : tree_.name(last);
  const bool told = bridge_ || !is_original(type);
  return {type, why, refusal, 0, id, {told ? static_cast<std::uint32_t>(number) : 0, 0}};
}

// --- Tips and locators ---------------------------------------------------------------------------

Message Intake::told_tip(const WireMessage& wire, BlockId own_tip) {
  const Hash& hash = wire.hashes.front();
  const BlockId known = tree_.find(hash);
  const bool light = wire.work < tree_.work(own_tip);
  Message message = make(wire.type, known, wire.number);
  if (wire.type == MessageType::hello) message = hello(known, wire.relay, wire.nonce);
  if (known == kNoBlock) {
    message.staged = light ? Staged::low_work : Staged::unlinked;
    message.refusal = light ? Refusal::low_work : Refusal::unlinked;
    if (!light) message.last = tree_.name(hash);
  }
  if (wire.type == MessageType::hello && (wire.network != network_ || !wire.speaks_version)) {
    message.staged = Staged::wrong_genesis;
    message.refusal = Refusal::wrong_genesis;
  }
  return message;
}

// The first entry that lies on the own chain stands for the whole.
Message Intake::take_locator(const WireMessage& wire, BlockId own_tip) const {
  for (const Hash& hash : wire.hashes) {
    const BlockId known = tree_.find(hash);
    if (known != kNoBlock && tree_.is_ancestor(known, own_tip)) return make(wire.type, known);
  }
  return make(wire.type, tree_.ancestor(own_tip, 0));
}

// --- Headers -------------------------------------------------------------------------------------

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
  const Headers headers = headers_of(wire.headers, 0);
  const auto download = downloads_.find(from);
  if (download != downloads_.end() &&
      download->second.sync.continues(headers.front()->previous_hash)) {
    return go_on(from, headers, own_tip);
  }
  const Linking linking = link(headers, now_ms);
  if (linking.staged != Staged::no) {
    return staged(wire.type, linking.staged, linking.refusal, headers.back()->hash, headers.size());
  }
  const std::size_t count = count_to_store(from, headers, linking, own_tip);
  if (count == 0) return begin_download(from, headers, linking);
  return make(wire.type, add_all(headers, linking, count), static_cast<std::uint32_t>(count));
}

// Of linked headers: all that are known or carry enough work, or what the second pass confirms.
std::size_t Intake::count_to_store(PeerId from, const Headers& headers, const Linking& link,
                                   BlockId own_tip) {
  std::size_t confirmed = 0;
  const auto download = downloads_.find(from);
  if (download != downloads_.end() &&
      download->second.sync.state() == HeadersSync::State::redownload) {
    HeadersSync& sync = download->second.sync;
    const auto hash_at = [&](std::uint32_t height) -> const Hash& {
      return headers[height - static_cast<std::size_t>(headers.front()->height)]->hash;
    };
    confirmed = sync.take_again(page_of(headers, link.work), hash_at).stored;
    if (sync.state() == HeadersSync::State::final) downloads_.erase(download);
  }
  const bool is_new = link.known < headers.size();
  return is_new && link.work < floor(own_tip) ? confirmed : headers.size();
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
  const HeadersSync::Verdict verdict = download.sync.take(page_of(headers, download.work), end,
                                                          floor(own_tip), limits_.low_work_pages);
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

// --- Blocks --------------------------------------------------------------------------------------

// A path of blocks, from index `first` on: headers linked, bodies checked, then all of it kept.
Message Intake::take_blocks(MessageType type, const std::vector<Block>& blocks, std::size_t first,
                            BlockId own_tip, std::int64_t now_ms) {
  const Headers headers = headers_of(blocks, first);
  const Hash& last_hash = headers.back()->hash;
  const Linking linking = link(headers, now_ms);
  const auto refuse = [&](Staged why, Refusal refusal) {
    return staged(type, why, refusal, last_hash, headers.size());
  };
  if (linking.staged != Staged::no) return refuse(linking.staged, linking.refusal);
  const bool is_new = linking.known < headers.size();
  const std::uint64_t floor =
      type == MessageType::whole_chain ? tree_.work(own_tip) + 1 : this->floor(own_tip);
  if (is_new && linking.work < floor) {
    return refuse(Staged::low_work,
                  type == MessageType::whole_chain ? Refusal::not_longer : Refusal::low_work);
  }
  for (std::size_t i = first; i < blocks.size(); ++i) {
    const BlockId known = tree_.find(blocks[i].header.hash);
    if (known != kNoBlock && tree_.has_body(known)) continue;
    const bool odd = rules_.is_work() && blocks[i].has_other_keys;
    const Refusal refusal =
        odd ? Refusal::key : check_body(rules_, blocks[i].header, blocks[i].body);
    if (refusal != Refusal::none) return refuse(staged_for(refusal), refusal);
  }
  const BlockId last = add_all(headers, linking, headers.size());
  for (std::size_t i = first; i < blocks.size(); ++i) {
    const BlockId block = tree_.find(blocks[i].header.hash);
    if (!tree_.has_body(block)) add_body(block, blocks[i].body);
  }
  Message message = make(type, last, static_cast<std::uint32_t>(headers.size()));
  if (is_original(type)) message.pair = {};
  return message;
}

// The block of the tree with the hash of `header`, if it stands where `header` would: one above
// `parent`.
BlockId Intake::find_after(const Header& parent, const Header& header) const {
  const BlockId known = tree_.find(header.hash);
  if (known == kNoBlock || tree_.is_root(known)) return kNoBlock;
  const Header& stands = tree_.header(known);
  const bool here = stands.height == parent.height + 1 && stands.previous_hash == parent.hash;
  return here ? known : kNoBlock;
}

BlockId Intake::add(const Block& block, BlockId parent) {
  const BlockId id = tree_.add_header(block.header, parent, work_of(rules_, block.header));
  add_body(id, block.body);
  return id;
}

void Intake::add_body(BlockId block, const Body& body) {
  std::string data_json = encode_data(body);
  tree_.add_body(block, data_json.size());
  keep_(block, std::move(data_json));
}

BlockId Intake::add_own(const Block& block) {
  const BlockId known = tree_.find(block.header.hash);
  if (known != kNoBlock) return known;
  const BlockId parent = tree_.find(block.header.previous_hash);
  CHECK(parent != kNoBlock);
  CHECK(check_header(rules_, tree_, parent, block.header) == Refusal::none);
  CHECK(check_body(rules_, block.header, block.body) == Refusal::none);
  return add(block, parent);
}

}  // namespace chain
