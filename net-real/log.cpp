#include "net-real/log.h"

#include <array>
#include <ctime>

#include "net-real/loop.h"

namespace net {
namespace {

void append_hex_byte(std::string& out, unsigned char byte) {
  constexpr char kDigits[] = "0123456789abcdef";
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

// Printable ASCII as it stands; any other byte as \xNN, in JSON \u00NN.
void append_escaped(std::string& out, std::string_view value, LogFormat format) {
  const std::string_view shown = value.substr(0, Log::kMaxValue);
  for (const char c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += format == LogFormat::json ? "\\u00" : "\\x";
      append_hex_byte(out, byte);
    }
  }
  if (shown.size() < value.size()) {
    out += "...(" + std::to_string(value.size()) + " bytes)";
  }
}

bool is_plain(std::string_view value) {
  for (const char c : value) {
    if (c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '=') return false;
  }
  return !value.empty() && value.size() <= Log::kMaxValue;
}

void append_quoted(std::string& out, std::string_view value, LogFormat format) {
  out += '"';
  append_escaped(out, value, format);
  out += '"';
}

void append_value(std::string& out, const LogField& field, LogFormat format) {
  if (field.is_own) {
    out += '"' + field.value + '"';
  } else if (format == LogFormat::text && is_plain(field.value)) {
    out += field.value;
  } else {
    append_quoted(out, field.value, format);
  }
}

}  // namespace

std::string utc_time(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(unix_ms % 1000));
  return std::string(text.data()) + fraction.data();
}

std::string Log::line(LogFormat format, std::int64_t unix_ms, std::string_view level,
                      std::string_view event, Fields fields) {
  std::string out;
  if (format == LogFormat::json) {
    out += "{\"time\":\"" + utc_time(unix_ms) + "\",\"level\":\"";
    out += level;
    out += "\",\"event\":\"";
    out += event;
    out += '"';
    for (const LogField& field : fields) {
      if (field.is_own && field.value.empty()) continue;
      out += ',';
      append_quoted(out, field.key, format);
      out += ':';
      append_value(out, field, format);
    }
    return out + '}';
  }
  out += utc_time(unix_ms);
  out += ' ';
  out += level;
  out += ' ';
  out += event;
  for (const LogField& field : fields) {
    if (field.is_own && field.value.empty()) continue;
    out += ' ';
    out += field.key;
    out += '=';
    append_value(out, field, format);
  }
  return out;
}

void Log::write(std::string_view level, std::string_view event, Fields fields) {
  const std::int64_t now = wall_clock_ms();
  auto pace = paces_.find(event);
  if (pace == paces_.end()) pace = paces_.emplace(event, Pace{}).first;
  auto& [second, lines, left_out] = pace->second;
  if (second != now / 1000) {
    if (left_out > 0) put(now, "warn", "lines_left_out", {{"of", event}, {"lines", left_out}});
    pace->second = {.second = now / 1000};
  }
  if (lines == kMaxLines) {
    ++left_out;
    return;
  }
  ++lines;
  put(now, level, event, fields);
}

void Log::put(std::int64_t unix_ms, std::string_view level, std::string_view event, Fields fields) {
  const std::string text = line(format_, unix_ms, level, event, fields) + '\n';
  std::fwrite(text.data(), 1, text.size(), out_);
}

}  // namespace net
