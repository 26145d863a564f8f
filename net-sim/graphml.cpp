#include "net-sim/graphml.h"

#include <expat.h>

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/check.h"
#include "net-sim/units.h"

namespace sim {
namespace {

constexpr std::size_t kMaxDepth = 100;  // of elements; graph tools stay below 10
constexpr std::size_t kMaxKeys = 1000;  // each may leave a note
constexpr std::size_t kMaxText = 100;   // bytes of a value of an edge

enum class Element : std::uint8_t {
  outside,
  graphml,
  key,
  default_value,
  graph,
  node,
  edge,
  data,
  ignored
};

// Without the namespace, which expat puts before a |.
std::string_view local(std::string_view name) { return name.substr(name.rfind('|') + 1); }

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

class Reader {
 public:
  Reader();
  FileGraph read(std::string_view text);

 private:
  using Attributes = const XML_Char**;

  std::uint64_t line() const { return XML_GetCurrentLineNumber(parser_.get()); }
  [[noreturn]] void fail(const std::string& found, const std::string& expected) const {
    throw FileFault{line(), found, expected};
  }
  static std::optional<std::string_view> find(Attributes attributes, std::string_view name);
  std::string_view required(Attributes attributes, const char* element, const char* name) const;

  Element child(std::string_view name);
  void open(std::string_view name, Attributes attributes);
  void open_key(Attributes attributes);
  void close();
  void add_text(std::string_view text);
  void take_value(LinkOwn& own);

  // A fault must not fly through the library, which is C: it is kept until the library is back.
  template <typename F>
  void guarded(F handler) {
    if (fault_) return;
    try {
      handler();
    } catch (const FileFault& fault) {
      fault_ = fault;
      XML_StopParser(parser_.get(), XML_FALSE);
    }
  }

  std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser_;
  std::optional<FileFault> fault_;
  std::vector<Element> path_{Element::outside};
  bool has_graph_ = false;
  std::size_t key_count_ = 0;
  std::map<std::string, LinkValue, std::less<>> keys_;  // by id
  std::optional<LinkValue> value_;                      // of the `key` or `data` that is open
  LinkOwn defaults_, own_;
  std::string source_, target_, text_;
  std::uint64_t edge_line_ = 0;
  NamedGraph graph_;
  std::vector<std::string> notes_;
};

Reader::Reader() : parser_(XML_ParserCreateNS(nullptr, '|'), &XML_ParserFree) {
  CHECK(parser_ != nullptr);
  const XML_Parser parser = parser_.get();
  XML_SetUserData(parser, this);
  XML_SetElementHandler(
      parser,
      [](void* self, const XML_Char* name, Attributes attributes) {
        auto& reader = *static_cast<Reader*>(self);
        reader.guarded([&] { reader.open(local(name), attributes); });
      },
      [](void* self, const XML_Char*) {
        auto& reader = *static_cast<Reader*>(self);
        reader.guarded([&] { reader.close(); });
      });
  XML_SetCharacterDataHandler(parser, [](void* self, const XML_Char* text, int length) {
    auto& reader = *static_cast<Reader*>(self);
    reader.guarded([&] { reader.add_text({text, static_cast<std::size_t>(length)}); });
  });
  XML_SetStartDoctypeDeclHandler(
      parser, [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
        auto& reader = *static_cast<Reader*>(self);
        reader.guarded([&] { reader.fail("a document type", "GraphML without one"); });
      });
}

FileGraph Reader::read(std::string_view text) {
  const auto status =
      XML_Parse(parser_.get(), text.data(), static_cast<int>(text.size()), XML_TRUE);
  if (fault_) throw FileFault(*fault_);
  if (status != XML_STATUS_OK) {
    const std::string why = XML_ErrorString(XML_GetErrorCode(parser_.get()));
    fail("no XML, " + why, "GraphML");
  }
  if (!has_graph_) fail("no `graph`", "one");
  FileGraph graph = graph_.finish();
  graph.notes = std::move(notes_);
  return graph;
}

std::optional<std::string_view> Reader::find(Attributes attributes, std::string_view name) {
  for (; *attributes != nullptr; attributes += 2) {
    if (local(attributes[0]) == name) return attributes[1];
  }
  return std::nullopt;
}

std::string_view Reader::required(Attributes attributes, const char* element,
                                  const char* name) const {
  const auto found = find(attributes, name);
  if (!found) fail(std::string(element) + " without " + in_quotes(name), "one");
  return *found;
}

// What an element of this name is where the path has led.
Element Reader::child(std::string_view name) {
  switch (path_.back()) {
    case Element::outside:
      if (name != "graphml") fail(in_quotes(name), "`graphml`");
      return Element::graphml;
    case Element::graphml:
      if (name == "key") return Element::key;
      if (name != "graph") return Element::ignored;
      if (has_graph_) fail("a second graph", "one");
      has_graph_ = true;
      return Element::graph;
    case Element::key:
      return name == "default" ? Element::default_value : Element::ignored;
    case Element::graph:
      if (name == "hyperedge") fail("a hyperedge", "edges of two nodes");
      return name == "node" ? Element::node : name == "edge" ? Element::edge : Element::ignored;
    case Element::node:
    case Element::edge:
      if (name == "graph") fail("a graph inside a node or edge", "one graph");
      return path_.back() == Element::edge && name == "data" ? Element::data : Element::ignored;
    default:
      return Element::ignored;
  }
}

void Reader::open_key(Attributes attributes) {
  value_.reset();
  if (++key_count_ > kMaxKeys) fail("more than " + std::to_string(kMaxKeys) + " keys", "fewer");
  const std::string_view subject = find(attributes, "for").value_or("all");
  if (subject != "edge" && subject != "all") return;
  const std::string_view id = required(attributes, "a key", "id");
  const std::string_view name = find(attributes, "attr.name").value_or(id);
  for (std::size_t i = 0; i < kLinkValues; ++i) {
    if (name == name_of(static_cast<LinkValue>(i))) value_ = static_cast<LinkValue>(i);
  }
  if (value_) {
    keys_[std::string(id)] = *value_;
  } else if (subject == "edge") {
    notes_.push_back("edges' attribute " + in_quotes(name) +
                     " is not used; latency_ms, bandwidth_mbit_per_s and loss would be");
  }
}

void Reader::open(std::string_view name, Attributes attributes) {
  if (path_.size() > kMaxDepth) {
    fail("elements inside elements, more than " + std::to_string(kMaxDepth), "fewer");
  }
  const Element element = child(name);
  path_.push_back(element);
  if (element == Element::data || element == Element::default_value) text_.clear();
  if (element == Element::key) open_key(attributes);
  if (element == Element::node) graph_.declare(required(attributes, "a node", "id"), line(), true);
  if (element == Element::edge) {
    source_ = required(attributes, "an edge", "source");
    target_ = required(attributes, "an edge", "target");
    own_ = defaults_;
    edge_line_ = line();
  }
  if (element == Element::data) {
    const auto key = keys_.find(required(attributes, "data", "key"));
    value_ = key == keys_.end() ? std::nullopt : std::optional(key->second);
  }
}

void Reader::close() {
  const Element element = path_.back();
  path_.pop_back();
  if (element == Element::default_value) take_value(defaults_);
  if (element == Element::data) take_value(own_);
  if (element == Element::edge) graph_.link(source_, target_, own_, edge_line_);
}

void Reader::add_text(std::string_view text) {
  const bool wanted = path_.back() == Element::data || path_.back() == Element::default_value;
  if (!wanted || !value_) return;
  text_ += text;
  if (text_.size() > kMaxText) {
    fail("a value of more than " + std::to_string(kMaxText) + " bytes", "a number");
  }
}

void Reader::take_value(LinkOwn& own) {
  if (value_) read_link_value(*value_, trimmed(text_), line(), own);
}

}  // namespace

FileGraph read_graphml(std::string_view text) { return Reader().read(text); }

}  // namespace sim
