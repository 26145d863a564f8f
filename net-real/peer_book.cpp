#include "net-real/peer_book.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

namespace net {

using chain::AddressId;
using chain::Error;
using chain::Result;

PeerBook::PeerBook(Loop& loop, AddressRegistry& registry, Log& log)
    : loop_(loop), registry_(registry), log_(log), timer_(loop, [this] { settle_all(); }) {}

void PeerBook::add(const std::vector<std::string>& urls, Answer answer) {
  Pending pending{{}, std::move(answer), loop_.now() + kReportWait};
  for (const std::string& url : urls) pending.lines.push_back(begin(url));
  if (settle(pending)) return finish(std::move(pending));
  pending_.push_back(std::move(pending));
  timer_.set(pending_.front().deadline);
}

PeerBook::Line PeerBook::begin(const std::string& url) {
  const auto parsed = parse_peer_url(url);
  if (!parsed) return {{url, "invalid", parsed.error()}};
  const auto address = registry_.add(*parsed);
  if (!address) return {{url, "invalid", address.error()}};
  Entry& entry = entries_[*address];
  if (entry.state == State::connected) return {{url, "already", "connected"}};
  if (entry.state == State::dialing) return {{url, "already", "being dialed"}};
  entry = {State::dialing, ""};
  host_->connect(*address);
  return {{url, "dialing", ""}, *address};
}

bool PeerBook::settle(Pending& pending) {
  bool all = true;
  for (Line& line : pending.lines) {
    if (line.address == chain::kNoAddress) continue;
    const Entry& entry = entries_[line.address];
    if (entry.state == State::dialing) {
      all = false;
      continue;
    }
    line.report.reason = entry.reason;
    if (entry.state == State::connected) line.report.state = "connected";
    if (entry.state == State::unneeded) line.report.state = "already";
    if (entry.state == State::refused) line.report.state = "invalid";
    if (entry.state == State::idle) line.report.reason += "; it will be dialed again";
    line.address = chain::kNoAddress;
  }
  return all;
}

void PeerBook::settle_all() {
  for (auto it = pending_.begin(); it != pending_.end();) {
    const auto here = it++;
    if (settle(*here) || here->deadline <= loop_.now()) {
      Pending done = std::move(*here);
      pending_.erase(here);
      finish(std::move(done));
    }
  }
  timer_.set(pending_.empty() ? chain::kNever : pending_.front().deadline);
}

void PeerBook::finish(Pending pending) {
  std::vector<PeerReport> reports;
  for (Line& line : pending.lines) {
    if (line.report.state == "invalid") {
      log_.warn("peer_invalid", {{"peer", line.report.peer}, {"why", line.report.reason}});
    }
    reports.push_back(std::move(line.report));
  }
  pending.answer(std::move(reports));
}

void PeerBook::note(AddressId address, State state, std::string_view reason) {
  if (registry_.is_lasting(address)) {
    entries_[address] = {state, std::string(reason)};
  } else {
    entries_.erase(address);
  }
}

void PeerBook::stop() {
  for (Pending& pending : std::exchange(pending_, {})) {
    settle(pending);
    finish(std::move(pending));
  }
}

void PeerBook::peer_up(chain::PeerId peer, AddressId address) {
  if (address != chain::kNoAddress) {
    dialled_[peer] = address;
    entries_[address] = {State::connected, ""};
  }
  host_->peer_up(peer, address);
  settle_all();
}

void PeerBook::peer_down(chain::PeerId peer) {
  const auto found = dialled_.find(peer);
  if (found != dialled_.end()) {
    note(found->second, State::idle, "the connection ended");
    dialled_.erase(found);
  }
  host_->peer_down(peer);
}

void PeerBook::dial_failed(AddressId address, std::string_view reason) {
  note(address, State::idle, reason);
  host_->dial_failed(address, reason);
  settle_all();
}

void PeerBook::dial_unneeded(AddressId address, chain::PeerId connected, std::string_view reason) {
  note(address, State::unneeded, reason);
  host_->dial_unneeded(address, connected, reason);
  settle_all();
}

void PeerBook::address_refused(AddressId address, std::string_view reason) {
  note(address, State::refused, reason);
  host_->address_refused(address, reason);
  settle_all();
}

void PeerBook::received(chain::PeerId from, std::string_view frame) {
  host_->received(from, frame);
}

void PeerBook::oversized(chain::PeerId from) { host_->oversized(from); }

Result<std::string> read_text_file(const std::string& path, std::size_t most) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return Error{path + ": is a directory"};
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{path + ": " + std::strerror(errno)};
  std::string text(most + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > most) {
    return Error{path + ": larger than " + std::to_string(most) + " bytes"};
  }
  return text;
}

Result<std::vector<std::string>> read_peers_file(const std::string& path) {
  const auto text = read_text_file(path, PeerBook::kMaxFile);
  if (!text) return Error{text.error()};
  auto urls = parse_url_list(*text);
  if (!urls) return Error{path + ": " + urls.error()};
  return urls;
}

}  // namespace net
