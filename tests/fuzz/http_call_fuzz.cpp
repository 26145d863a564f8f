// Any bytes as an HTTP call: the first line is the target, the rest the body.
#include <cstdint>

#include "core/check.h"
#include "net-real/address_registry.h"
#include "net-real/http_call.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string target(text.substr(0, end));
  const std::string body(text.substr(std::min(end + 1, text.size())));
  for (const char* method : {"GET", "POST"}) {
    const net::HttpCall call = net::parse_call({method, target, body}, 128 << 10);
    if (const auto* refused = std::get_if<net::HttpResponse>(&call)) {
      CHECK(refused->status >= 400 && refused->body.starts_with('{'));
    }
    if (const auto* add = std::get_if<net::AddToPeer>(&call)) {
      const auto url = net::parse_peer_url(add->url);
      CHECK(!url.ok() || *net::parse_peer_url(url->text()) == *url);
    }
  }
  return 0;
}
