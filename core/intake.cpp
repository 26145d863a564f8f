#include "core/intake.h"

#include <algorithm>

#include "core/block_size.h"
#include "core/check.h"

namespace chain {
namespace {

std::vector<const Header*> headers_of(const std::vector<Block>& blocks, std::size_t first) {
  std::vector<const Header*> headers;
  headers.reserve(blocks.size());
  for (std::size_t i = first; i < blocks.size(); ++i) headers.push_back(&blocks[i].header);
  return headers;
}

// The length of its JSON text.
std::uint64_t block_bytes(const Block& block) {
  return header_json_length(block.header) + kDataKeyLength + data_json_length(block.body);
}

}  // namespace

// The same block, in whatever order its keys were written.
bool Intake::same_fields(Header a, const Header& b) {
  a.order = b.order;
  return a == b;
}

Intake::Intake(BlockTree& tree, const ChainRules& rules, bool bridge, const Hash& network,
               Keep keep, const SyncLimits& limits)
    : tree_(tree),
      rules_(rules),
      bridge_(bridge),
      network_(network),
      keep_(std::move(keep)),
      limits_(limits) {}

Message Intake::take(PeerId from, const WireMessage& wire, BlockId own_tip, std::int64_t now_ms) {
  if (carries_blocks(wire.type) && !accounts_.has_begun()) accounts_.begin(own_tip);
  const Message message = sort(from, wire, own_tip, now_ms);
  if (is_original(wire.type) && !is_staged(message.last)) fill_bodies(from, wire.blocks, own_tip);
  return message;
}

// Of blocks whose headers another protocol has brought.
void Intake::fill_bodies(PeerId from, const std::vector<Block>& blocks, BlockId own_tip) {
  for (const Block& block : blocks) {
    const BlockId known = tree_.find(block.header.hash);
    if (known == kNoBlock || tree_.has_body(known)) continue;
    if (!same_fields(block.header, tree_.header(known))) continue;
    const std::uint64_t bytes = block_bytes(block);
    if (!accounts_.admits_bodies(from, own_tip, known, tree_.work(known), bytes)) continue;
    add_body(known, block.body);
    accounts_.add_body(from, own_tip, known);
  }
}

Message Intake::sort(PeerId from, const WireMessage& wire, BlockId own_tip, std::int64_t now_ms) {
  switch (wire.type) {
    case MessageType::latest_block:
      return take_latest_block(from, wire.blocks.front(), own_tip, now_ms);
    case MessageType::whole_chain:
      return take_whole_chain(from, wire.blocks, own_tip, now_ms);
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
      return take_blocks(from, wire.type, wire.blocks, 0, own_tip, now_ms);
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

// --- Blocks --------------------------------------------------------------------------------------

// A path of blocks, from index `first` on: headers linked, bodies checked, then all of it kept.
Message Intake::take_blocks(PeerId from, MessageType type, const std::vector<Block>& blocks,
                            std::size_t first, BlockId own_tip, std::int64_t now_ms) {
  const Headers headers = headers_of(blocks, first);
  const Hash& last_hash = headers.back()->hash;
  const Linking linking = link(headers, now_ms);
  const auto refuse = [&](Staged why, Refusal refusal) {
    return staged(type, why, refusal, last_hash, headers.size());
  };
  if (linking.staged != Staged::no) {
    // Bodies of another version of a header that is here: more headers would not help.
    const bool other = linking.staged == Staged::unlinked && linking.refusal == Refusal::hash &&
                       type == MessageType::blocks;
    return refuse(other ? Staged::other_body : linking.staged, linking.refusal);
  }
  const bool is_new = linking.known < headers.size();
  const std::uint64_t floor =
      type == MessageType::whole_chain ? tree_.work(own_tip) + 1 : this->floor(own_tip);
  if (is_new && linking.work < floor) {
    return refuse(Staged::low_work,
                  type == MessageType::whole_chain ? Refusal::not_longer : Refusal::low_work);
  }
  const Refusal wrong = check_bodies(blocks, first);
  if (wrong != Refusal::none) return refuse(staged_for(wrong), wrong);
  if (!has_room(from, blocks, first, linking, own_tip)) {
    return refuse(Staged::low_work, Refusal::low_work);
  }
  const BlockId last = add_all(headers, linking, headers.size());
  if (is_new) accounts_.add_headers(from, own_tip, linking.base, last, false);
  for (std::size_t i = first; i < blocks.size(); ++i) {
    const BlockId block = tree_.find(blocks[i].header.hash);
    if (tree_.has_body(block)) continue;
    add_body(block, blocks[i].body);
    accounts_.add_body(from, own_tip, block);
  }
  Message message = make(type, last, static_cast<std::uint32_t>(headers.size()));
  if (is_original(type)) message.pair = {};
  return message;
}

// The first fault of the blocks whose bodies are not here.
Refusal Intake::check_bodies(const std::vector<Block>& blocks, std::size_t first) const {
  for (std::size_t i = first; i < blocks.size(); ++i) {
    const BlockId known = tree_.find(blocks[i].header.hash);
    if (known != kNoBlock && tree_.has_body(known)) continue;
    const bool odd = rules_.is_work() && blocks[i].has_other_keys;
    const Refusal refusal =
        odd ? Refusal::key : check_body(rules_, blocks[i].header, blocks[i].body);
    if (refusal != Refusal::none) return refusal;
  }
  return Refusal::none;
}

// Whether the accounts of branches have room for what of the blocks is not stored yet.
bool Intake::has_room(PeerId from, const std::vector<Block>& blocks, std::size_t first,
                      const Linking& link, BlockId own_tip) {
  const Header& last = blocks.back().header;
  const bool is_new = first + link.known < blocks.size();
  if (is_new && !accounts_.admits_headers(from, own_tip, link.base,
                                          static_cast<std::uint64_t>(last.height), link.work)) {
    return false;
  }
  std::uint64_t bytes = 0;
  for (std::size_t i = first; i < blocks.size(); ++i) {
    const BlockId known = tree_.find(blocks[i].header.hash);
    if (known == kNoBlock || !tree_.has_body(known)) bytes += block_bytes(blocks[i]);
  }
  return bytes == 0 || accounts_.admits_bodies(from, own_tip, link.base, link.work, bytes);
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
