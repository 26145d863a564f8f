#include "net-real/settings_file.h"

#include <algorithm>
#include <optional>

namespace net {
namespace {

using chain::Error;
using chain::Result;

// One line, from the left.
class Line {
 public:
  explicit Line(std::string_view rest) : rest_(rest) {}

  // Blanks are skipped before every question.
  bool at_end() {
    skip_blanks();
    return rest_.empty() || rest_.front() == '#';
  }
  bool take(char c) {
    skip_blanks();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // A key, an integer, true or false; "" if there is none.
  std::string word() {
    skip_blanks();
    const auto is_of_word = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             c == '-' || c == '_';
    };
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_of_word);
    const std::string found(rest_.begin(), end);
    rest_.remove_prefix(found.size());
    return found;
  }
  // A text in quotes; nothing if there is none, or it does not end.
  std::optional<std::string> quoted() {
    skip_blanks();
    const char quote = rest_.empty() ? '\0' : rest_.front();
    if (quote != '"' && quote != '\'') return std::nullopt;
    rest_.remove_prefix(1);
    std::string text;
    while (!rest_.empty()) {
      char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == quote) return text;
      if (c == '\\' && quote == '"') {
        const char letter = rest_.empty() ? '?' : rest_[0];
        const std::size_t which = std::string_view("\"\\tnrbf").find(letter);
        if (which == std::string_view::npos) return std::nullopt;
        c = "\"\\\t\n\r\b\f"[which];
        rest_.remove_prefix(1);
      }
      text += c;
    }
    return std::nullopt;
  }
  std::string rest() const { return std::string(rest_); }

 private:
  void skip_blanks() {
    while (rest_.starts_with(' ') || rest_.starts_with('\t')) rest_.remove_prefix(1);
  }

  std::string_view rest_;
};

bool is_integer_or_switch(const std::string& word) {
  const bool digits =
      std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
  const bool is_integer = digits && !word.empty() && (word.size() == 1 || word[0] != '0');
  return is_integer || word == "true" || word == "false";
}

std::optional<std::string> value_of(Line& line) {
  Line ahead = line;
  const std::string word = ahead.word();
  if (word.empty()) return line.quoted();
  line = ahead;
  return is_integer_or_switch(word) ? std::optional(word) : std::nullopt;
}

std::optional<std::vector<std::string>> values_of(Line& line) {
  std::vector<std::string> values;
  if (!line.take('[')) {
    auto value = value_of(line);
    if (!value) return std::nullopt;
    return std::vector{*value};
  }
  while (!line.take(']')) {
    auto value = value_of(line);
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
    if (!line.take(',')) {
      if (line.take(']')) break;
      return std::nullopt;
    }
  }
  return values;
}

Result<FileSetting> parse_line(std::string_view text) {
  Line line(text);
  FileSetting setting;
  setting.key = line.word();
  if (setting.key.empty() || !line.take('=')) {
    return Error{"found `" + std::string(text) + "`; expected key = value"};
  }
  const std::string said = line.rest();
  auto values = values_of(line);
  if (!values || !line.at_end()) {
    return Error{"found " + setting.key + " =" + said +
                 "; expected a text in quotes, an integer, true, false, or [several]"};
  }
  setting.values = std::move(*values);
  return setting;
}

}  // namespace

Result<std::vector<FileSetting>> parse_settings(std::string_view text) {
  std::vector<FileSetting> settings;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (Line(line).at_end()) continue;
    auto setting = parse_line(line);
    const std::string where = std::to_string(number) + ": ";
    if (!setting) return Error{where + setting.error()};
    for (const FileSetting& earlier : settings) {
      if (earlier.key == setting->key) {
        return Error{where + setting->key + " stands in line " + std::to_string(earlier.line) +
                     ", too; expected it once"};
      }
    }
    setting->line = number;
    settings.push_back(std::move(*setting));
  }
  return settings;
}

}  // namespace net
