// JSON text read token by token, strictly, without building a tree: what the codec stands on.
//
// Own code, because the codec needs what parsers do not tell: where a token stands (to keep a
// genesis as it was written, to measure a block, to point at a fault), whether a zero had a sign,
// whether a key came twice. It takes exactly RFC 8259 in valid UTF-8, less lone surrogates, nesting
// beyond a limit and duplicate keys. A text is validated where it stands and copied only where it
// is kept. A call that returns false has left its fault, and is the last: nothing is read beyond a
// fault. What the tokens mean is the codec's business (json_codec.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chain {

// What is wrong with a text, in a few words for a log: code ("not_json", "duplicate_key", ...) and
// where (byte offset).
struct Malformed {
  std::string_view code;
  std::size_t offset = 0;
  bool operator==(const Malformed&) const = default;
};

// A JSON string: valid, as it stands between its quotes. Half of a surrogate pair, which JavaScript
// leaves of a character that it cuts in two, stands escaped in JSON and as three bytes in text()
// (WTF-8), so that it goes back out as it came.
struct JsonText {
  std::string_view raw;
  bool escaped = false;

  std::string text() const;
};

class JsonScanner {
 public:
  JsonScanner(std::string_view text, int max_depth, std::size_t start = 0)
      : text_(text), at_(start), depth_left_(max_depth) {}

  // Where the next token begins.
  std::size_t offset() {
    skip_space();
    return at_;
  }
  // Where the token read last ended.
  std::size_t end_offset() const { return at_; }
  const Malformed& fault() const { return fault_; }
  bool fail(std::string_view code, std::size_t offset);

  bool string(JsonText& out);
  // Within 2^53 - 1 of zero, as JavaScript's safe integers; no fraction, no exponent, no -0.
  bool integer(std::int64_t& out);
  // Any value, whatever is in it.
  bool skip_value();
  // Nothing but white space to the end.
  bool end();

  // Calls `element()` where each element stands; it is to read exactly one value.
  template <typename Element>
  bool array(Element element) {
    if (!enter('[', "not_an_array")) return false;
    if (leave(']')) return true;
    do {
      if (!element()) return false;
    } while (comma());
    return leave(']') || fail_here();
  }

  // Calls `member(i)` where the value of a key stands for which `index_of(key)` is i, 0 to 31; the
  // values of keys of which it is negative are skipped. `seen` has a bit for each i.
  template <typename IndexOf, typename Member>
  bool object(IndexOf index_of, Member member, std::uint32_t& seen) {
    if (!enter('{', "not_an_object")) return false;
    if (leave('}')) return true;
    const std::size_t start = at_;
    std::vector<std::string> others;
    do {
      const std::size_t key_at = offset();
      JsonText name;
      if (!key(name)) return false;
      const int index = name.escaped ? index_of(name.text()) : index_of(name.raw);
      if (index < 0) {
        others.push_back(name.text());
        if (!skip_value()) return false;
      } else {
        const std::uint32_t bit = std::uint32_t{1} << index;
        if ((seen & bit) != 0) return fail("duplicate_key", key_at);
        seen |= bit;
        if (!member(index)) return false;
      }
    } while (comma());
    if (!leave('}')) return fail_here();
    return others.size() < 2 || distinct(others) || fail("duplicate_key", start);
  }

 private:
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }
  bool take(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool comma() { return take(','); }
  bool leave(char close) {
    if (!take(close)) return false;
    ++depth_left_;
    return true;
  }
  bool enter(char open, std::string_view otherwise);
  bool key(JsonText& out);  // and its colon
  bool fail_here() { return fail("not_json", at_); }
  // Where another kind of value was expected than what begins here.
  bool fail_kind(std::string_view code);
  bool escape();
  bool utf8();
  bool hex4(std::uint32_t& out);
  bool number();
  std::size_t digits();
  static bool distinct(std::vector<std::string>& keys);

  std::string_view text_;
  std::size_t at_;
  int depth_left_;
  Malformed fault_;
};

}  // namespace chain
