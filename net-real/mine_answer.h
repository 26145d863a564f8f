// The answer to POST /mineBlock, from the end of its request.
//
// The original answers 500 with its text if the block that it made is not valid after its tip. A
// node that speaks the original's protocol alone answers the same; any other answers 409. All other
// answers are this project's own.
#pragma once

#include "core/protocol.h"
#include "net-real/http_call.h"
#include "net-real/mine_queue.h"

namespace net {

HttpResponse mine_answer(const MineResult& result, chain::ProtocolKind protocol);

// 503: the node has no genesis block yet.
HttpResponse no_genesis();

}  // namespace net
