// A place in a YAML document: its value, where it stands, and how to refuse it.
//
// Every reader of a key gets a Value and either takes it or fails; a failure is thrown as
// ScenarioError, carries the whole line for the user and is caught once, in scenario_reader.cpp.
// Overrides of the command line are part of the document: a value that came from one names the
// `--set` as its place. Knows YAML, and nothing of what keys mean.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <string>
#include <vector>

#include "net-sim/override.h"

namespace sim {

struct ScenarioError {
  std::string line;
};

// The document, and what its readers have learnt that later ones need.
struct Document {
  std::string file;
  YAML::Node root;
  std::vector<Override> overrides;

  std::uint32_t nodes = 0;           // of network.nodes, once read
  std::vector<std::string> regions;  // their names, once read
  std::vector<std::string> notes;
};

class Value {
 public:
  struct Member;

  Value(Document& document, YAML::Node node, std::string path)
      : document_(&document), node_(std::move(node)), path_(std::move(path)) {}

  Value(const Value&) = default;
  // YAML::Node's own assignment would change the document.
  Value& operator=(const Value& other) {
    document_ = other.document_;
    node_.reset(other.node_);
    path_ = other.path_;
    return *this;
  }

  Document& document() const { return *document_; }
  const std::string& path() const { return path_; }
  bool is_map() const { return node_.IsMap(); }
  bool is_list() const { return node_.IsSequence(); }
  bool is_text() const { return node_.IsScalar(); }

  // REQUIRES: is_text().
  const std::string& text() const { return node_.Scalar(); }
  // The text; fails if this is a map, a list or nothing.
  const std::string& text_or_fail(const std::string& expected) const;

  // The whole as YAML in one line, as an override has it.
  std::string yaml() const;

  // The members of a map in the order of the file; fails on a key that stands twice or is no text.
  // REQUIRES: is_map().
  std::vector<Member> members() const;
  // REQUIRES: is_list().
  std::vector<Value> items() const;

  // `file:line:column`, or the `--set` that put it there.
  std::string where() const;
  // "`abc`", "a list", "a map", "nothing": for error lines.
  std::string described() const;

  [[noreturn]] void fail(const std::string& found, const std::string& expected) const;
  // Fails with "did you mean …" where `word` nearly is one of `words`, else with the list of them.
  [[noreturn]] void fail_unknown(const std::string& found, const std::string& word,
                                 const std::vector<std::string>& words) const;
  // What stands at `path` (keys and numbers of elements joined by dots), or the nearest part of it
  // that the file has: its path() tells.
  static Value nearest(Document& document, const std::string& path);

 private:
  Document* document_;
  YAML::Node node_;
  std::string path_;
};

struct Value::Member {
  std::string key;
  Value key_place;  // where the key stands
  Value value;
};

// Reads the text and applies the overrides.  Throws ScenarioError.
Document parse_document(const std::string& text, const std::string& file,
                        const std::vector<Override>& overrides);

// "a, b or c", each in backquotes.
std::string listed(const std::vector<std::string>& words);

}  // namespace sim
