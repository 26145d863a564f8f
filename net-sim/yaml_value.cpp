#include "net-sim/yaml_value.h"

#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <string_view>

#include "core/spelling.h"
#include "net-sim/units.h"

namespace sim {
namespace {

std::string place(const std::string& file, const YAML::Mark& mark) {
  return file + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
}

bool is_below(const std::string& path, const std::string& ancestor) {
  return path == ancestor || path.starts_with(ancestor + ".") || ancestor.empty();
}

std::string joined(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

// Only hears where documents start.
class DocumentStarts : public YAML::EventHandler {
 public:
  std::optional<YAML::Mark> last;

  void OnDocumentStart(const YAML::Mark& mark) override { last = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

// Where a second document starts. Not by YAML::LoadAll: on a stray `,` or `]` between documents
// yaml-cpp 0.7 finds empty documents without end.
std::optional<YAML::Mark> second_document(const std::string& text) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  DocumentStarts starts;
  const bool two = parser.HandleNextDocument(starts) && parser.HandleNextDocument(starts);
  return two ? starts.last : std::nullopt;
}

// What the override `path` reaches, made on the way where it is missing.
void assign(YAML::Node node, const Override& set, std::size_t from) {
  const auto fail = [&](const std::string& found, const std::string& expected) {
    throw ScenarioError{"--set " + set.path + ": " + found + "; expected " + expected};
  };
  const std::size_t dot = set.path.find('.', from);
  const std::string key = set.path.substr(from, dot - from);
  const std::string so_far = from == 0 ? "the scenario" : "`" + set.path.substr(0, from - 1) + "`";
  if (key.empty()) fail("an empty key", "keys joined by dots, such as `network.nodes`");
  YAML::Node child;
  if (node.IsSequence()) {
    const bool number = key.size() <= 9 && std::all_of(key.begin(), key.end(),
                                                       [](char c) { return c >= '0' && c <= '9'; });
    if (!number || std::stoul(key) >= node.size()) {
      fail("no element `" + shown(key) + "` in the list " + so_far,
           node.size() == 0 ? "a list that is not empty"
                            : "0 to " + std::to_string(node.size() - 1));
    }
    child.reset(node[std::stoul(key)]);
  } else {
    if (!node.IsMap() && !node.IsNull() && node.IsDefined()) {
      fail(so_far + " is `" + shown(node.Scalar()) + "`, which has no keys", "the whole value");
    }
    child.reset(node[key]);
  }
  if (dot != std::string::npos) {
    if (!child.IsDefined() || child.IsNull()) child = YAML::Node(YAML::NodeType::Map);
    assign(child, set, dot + 1);
    return;
  }
  try {
    child = YAML::Load(set.value);
  } catch (const YAML::Exception&) {
    fail("`" + shown(set.value) + "` is not YAML", "a value as a scenario has it");
  }
}

}  // namespace

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += "`" + words[i] + "`";
  }
  return text;
}

const std::string& Value::text_or_fail(const std::string& expected) const {
  if (!is_text()) fail(described(), expected);
  return text();
}

std::vector<Value::Member> Value::members() const {
  std::vector<Member> members;
  for (const auto& pair : node_) {
    const Value key_place(*document_, pair.first, path_);
    if (!pair.first.IsScalar()) key_place.fail("a key that is no word", "a word");
    const std::string& key = pair.first.Scalar();
    Member member{key, Value(*document_, pair.first, joined(path_, key)),
                  Value(*document_, pair.second, joined(path_, key))};
    for (const Member& other : members) {
      if (other.key == key) {
        member.key_place.fail("`" + shown(key) + "` for the second time", "each key once");
      }
    }
    members.push_back(std::move(member));
  }
  return members;
}

std::string Value::yaml() const {
  if (node_.IsScalar()) return node_.Scalar();
  YAML::Emitter out;
  out.SetMapFormat(YAML::Flow);
  out.SetSeqFormat(YAML::Flow);
  out << node_;
  return out.c_str();
}

std::vector<Value> Value::items() const {
  std::vector<Value> items;
  for (const auto& node : node_) {
    items.emplace_back(*document_, node, joined(path_, std::to_string(items.size())));
  }
  return items;
}

std::string Value::where() const {
  for (auto set = document_->overrides.rbegin(); set != document_->overrides.rend(); ++set) {
    const bool made_on_the_way = node_.Mark().is_null() && is_below(set->path, path_);
    if (is_below(path_, set->path) || made_on_the_way) return "--set " + set->path;
  }
  if (node_.Mark().is_null()) return document_->file;
  return place(document_->file, node_.Mark());
}

Value Value::nearest(Document& document, const std::string& path) {
  Value here(document, document.root, "");
  while (here.path_ != path) {
    const std::size_t from = here.path_.empty() ? 0 : here.path_.size() + 1;
    const std::string wanted = path.substr(0, path.find('.', from));
    std::vector<Value> below;
    if (here.is_list()) below = here.items();
    if (here.is_map()) {
      for (const Member& member : here.members()) below.push_back(member.value);
    }
    const auto next = std::find_if(below.begin(), below.end(),
                                   [&](const Value& value) { return value.path_ == wanted; });
    if (next == below.end()) break;
    here = Value(document, next->node_, next->path_);
  }
  return here;
}

std::string Value::described() const {
  if (node_.IsMap()) return "a map";
  if (node_.IsSequence()) return "a list";
  if (node_.IsScalar()) return "`" + shown(node_.Scalar()) + "`";
  return "nothing";
}

void Value::fail(const std::string& found, const std::string& expected) const {
  throw ScenarioError{where() + ": " + found + "; expected " + expected};
}

void Value::fail_unknown(const std::string& found, const std::string& word,
                         const std::vector<std::string>& words) const {
  const std::string meant = chain::near_miss(word, words);
  if (!meant.empty()) {
    throw ScenarioError{where() + ": " + found + "; did you mean `" + meant + "`?"};
  }
  if (words.empty()) fail(found, "no key");
  fail(found, (words.size() == 1 ? "" : "one of ") + listed(words));
}

Document parse_document(const std::string& text, const std::string& file,
                        const std::vector<Override>& overrides) {
  Document document;
  document.file = file;
  document.overrides = overrides;
  try {
    document.root = YAML::Load(text);
    if (const auto second = second_document(text)) {
      throw ScenarioError{place(file, *second) +
                          ": more after the scenario's end; expected one YAML map in a file"};
    }
  } catch (const YAML::Exception& error) {
    const std::string where = error.mark.is_null() ? file : place(file, error.mark);
    throw ScenarioError{where + ": not YAML, " + shown(error.msg) + "; expected valid YAML"};
  }
  if (!document.root.IsDefined() || document.root.IsNull()) {
    document.root = YAML::Node(YAML::NodeType::Map);  // every key has a default
  }
  for (const Override& set : overrides) assign(document.root, set, 0);
  return document;
}

}  // namespace sim
