#include "net-sim/step_words.h"

#include <algorithm>

#include "core/digest.h"

namespace sim {
namespace {

using chain::BlockId;
using chain::BlockTree;
using chain::Message;
using chain::MessageType;

constexpr std::size_t kHexShown = 12;

std::string short_hex(const chain::Hash& hash) {
  return chain::lower_hex(hash).substr(0, kHexShown);
}

std::string address_words(chain::AddressId address) {
  return address == chain::kNoAddress ? "none" : std::to_string(address);
}

bool counts(MessageType type) {
  return type == MessageType::headers || type == MessageType::get_blocks ||
         type == MessageType::blocks;
}

bool tells_height(MessageType type) {
  return type == MessageType::inv || type == MessageType::ping || type == MessageType::pong;
}

}  // namespace

std::string short_name(const chain::BlockTree& tree, chain::BlockId block) {
  return chain::hex16(tree.fingerprint(block)).substr(0, 8);
}

std::string block_words(const BlockTree& tree, BlockId block) {
  if (!chain::is_staged(block)) {
    return short_hex(tree.hash(block)) + " at height " + std::to_string(tree.height(block));
  }
  const std::uint32_t place = block & ~chain::kStagedBit;
  if (place >= std::min(tree.names_given(), chain::kMaxNames)) return "a block that is not here";
  return short_hex(tree.hash(block)) + ", which is not here";
}

namespace {

std::string told_words(const BlockTree& tree, const Message& message) {
  std::string words(chain::name_of(message.type));
  if (message.type == MessageType::peers) {
    words += " of addresses";
    for (std::size_t i = 0; i < message.detail && i < chain::kMaxPeersTold; ++i) {
      words += ' ' + std::to_string(message.addresses()[i]);
    }
    return words;
  }
  if (message.type == MessageType::reject) {
    return words + ": " + std::string(chain::words_of(message.offence()));
  }
  if (counts(message.type)) words += " of " + std::to_string(message.count());
  if (message.last != chain::kNoBlock) words += " up to " + block_words(tree, message.last);
  if (tells_height(message.type)) words += ", said to be at " + std::to_string(message.height());
  if (message.type == MessageType::hello) {
    words += ", relay " + std::string(chain::kRelayWords[message.detail]);
  }
  if (message.refusal != chain::Refusal::none) {
    words += " (" + std::string(chain::text_of(message.refusal).english) + ')';
  }
  return words;
}

}  // namespace

std::string input_words(const BlockTree& tree, const chain::Input& input) {
  struct Visitor {
    const BlockTree& tree;
    std::string operator()(const chain::PeerUp& up) const {
      const bool came_in = up.address == chain::kNoAddress;
      return "peer " + std::to_string(up.peer) +
             (came_in ? " came in" : " was dialled at address " + std::to_string(up.address));
    }
    std::string operator()(const chain::PeerDown& down) const {
      return "peer " + std::to_string(down.peer) + " is gone";
    }
    std::string operator()(const chain::DialFailed& failed) const {
      return "no answer from address " + std::to_string(failed.address);
    }
    std::string operator()(const chain::Connect& wish) const {
      return "the wish to connect to address " + std::to_string(wish.address);
    }
    std::string operator()(const chain::Disconnect& wish) const {
      return "no more wish for address " + std::to_string(wish.address);
    }
    std::string operator()(const chain::Received& received) const {
      std::string words =
          "from peer " + std::to_string(received.from) + ": " + told_words(tree, received.message);
      if (received.message.type == MessageType::hello) {
        words += ", listens at address " + address_words(received.listens);
      }
      return words;
    }
    std::string operator()(const chain::Mined& mined) const {
      return "its own block " + block_words(tree, mined.block);
    }
    std::string operator()(const chain::Wake&) const { return "a wake-up"; }
  };
  return std::visit(Visitor{tree}, input);
}

std::vector<std::string> effect_words(const BlockTree& tree, const chain::Effects& effects) {
  std::vector<std::string> lines;
  const auto block_line = [&](const std::string& word, BlockId block) {
    lines.push_back(word + block_words(tree, block));
  };
  for (const BlockId header : effects.headers()) block_line("learns the header ", header);
  for (const BlockId block : effects.accepted()) block_line("takes ", block);
  for (const chain::TipChange& change : effects.tip_changes()) block_line("follows ", change.to);
  for (const chain::Refused& refused : effects.refusals()) {
    lines.push_back("refuses what came: " + std::string(chain::text_of(refused.why).english));
  }
  for (const chain::Send& send : effects.sends()) {
    lines.push_back("to peer " + std::to_string(send.to) + ": " + told_words(tree, send.message));
  }
  for (const chain::Drop& drop : effects.drops()) {
    lines.push_back("drops peer " + std::to_string(drop.peer) + ": " +
                    std::string(chain::words_of(drop.why)));
  }
  for (const chain::Dial& dial : effects.dials()) {
    lines.push_back("dials address " + std::to_string(dial.address));
  }
  if (effects.wake() != chain::kNever) {
    lines.push_back("wishes to be woken at " + std::to_string(effects.wake().ns) + " ns");
  }
  if (lines.empty()) lines.push_back("nothing");
  return lines;
}

}  // namespace sim
