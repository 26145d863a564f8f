#include "net-sim/first_messages.h"

#include <algorithm>
#include <sstream>

#include "net-sim/csv.h"

namespace sim {
void FirstMessages::sent(chain::Time now, StreamId stream, const chain::Message& message,
                         std::uint64_t /*bytes*/, bool over_limit) {
  if (messages_.size() == kFirstMessages || over_limit) return;
  messages_.push_back({now, std::nullopt, stream, message});
  ++under_way_;
}

void FirstMessages::delivered(chain::Time now, StreamId stream, const chain::Message& message) {
  if (under_way_ == 0) return;
  const auto found = std::find_if(messages_.begin(), messages_.end(), [&](const Sent& sent) {
    return sent.stream == stream && !sent.received && sent.message == message;
  });
  if (found == messages_.end()) return;
  found->received = now;
  --under_way_;
}

std::string FirstMessages::csv() const {
  std::ostringstream out;
  out << "sent_s,received_s,from,to,type,block,height\n";
  const chain::BlockTree& tree = simulator_.tree();
  for (const Sent& sent : messages_) {
    out << csv_seconds(sent.at.ns) << ',';
    if (sent.received) out << csv_seconds(sent.received->ns);
    out << ',' << simulator_.links().sender(sent.stream) << ','
        << simulator_.links().receiver(sent.stream) << ',' << chain::name_of(sent.message.type)
        << ',';
    if (chain::names_block(sent.message)) {
      out << chain::lower_hex(tree.header(sent.message.last).hash) << ','
          << tree.height(sent.message.last);
    } else {
      out << ',';
    }
    out << '\n';
  }
  return out.str();
}

}  // namespace sim
