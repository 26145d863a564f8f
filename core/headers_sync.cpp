#include "core/headers_sync.h"

namespace chain {
namespace {

std::uint32_t last_height(const HeadersSync::Page& page) {
  return page.first_height + page.count - 1;
}

}  // namespace

HeadersSync::HeadersSync(const Hash& base, const Page& page, const Hash& end)
    : base_(base), ends_{{end, last_height(page)}} {}

HeadersSync::Verdict HeadersSync::take(const Page& page, const Hash& end, std::uint64_t floor,
                                       std::uint32_t max_pages) {
  if (ends_.size() >= max_pages) return give_up();
  ends_.push_back({end, last_height(page)});
  if (page.work < floor) return {0, Verdict::Next::after_page};
  state_ = State::redownload;
  return {0, Verdict::Next::from_base};
}

}  // namespace chain
