#include "net-real/mine_answer.h"

#include <string>

namespace net {
namespace {

HttpResponse stale_answer(chain::Refusal why, chain::ProtocolKind protocol) {
  const chain::RefusalText& text = chain::text_of(why);
  const bool original = protocol == chain::ProtocolKind::push_chain;
  return error_response(original ? 500 : 409, "stale",
                        "the tip moved, twice: " + std::string(text.english), text.korean);
}

}  // namespace

HttpResponse no_genesis() {
  return error_response(503, "no_genesis",
                        "the node has no genesis block yet: it learns it from a peer");
}

HttpResponse mine_answer(const MineResult& result, chain::ProtocolKind protocol) {
  switch (result.end) {
    case MineEnd::mined:
      return {200, result.block_json};
    case MineEnd::timeout:
      return error_response(503, "mine_timeout", "no block was found within --mine-timeout");
    case MineEnd::stale:
      return stale_answer(result.refusal, protocol);
    case MineEnd::no_space:
      return error_response(507, "no_space", "the disk is full: no block can be stored");
    case MineEnd::queue_full:
      return error_response(503, "queue_full",
                            std::to_string(MineQueue::kMaxWaiting) + " requests wait already");
    case MineEnd::learning:
      return no_genesis();
    case MineEnd::stopping:
      break;
  }
  return error_response(503, "stopping", "the node stops");
}

}  // namespace net
