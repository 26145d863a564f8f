// The node's log: one line on stderr for each event worth knowing.
//
//   2026-03-01T12:00:00.123Z info peer_up peer=3 remote=127.0.0.1:51234
//   {"time":"2026-03-01T12:00:00.123Z","level":"info","event":"peer_up","peer":"3",...}
//
// What strangers sent may stand in a line, so values are escaped and bounded, and of one event only
// so many lines are written in a second: nobody breaks a line, moves a terminal's cursor or fills a
// disk. Used by the loop's thread only.
#pragma once

#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

namespace net {

struct LogField {
  LogField(std::string_view field_key, std::string_view field_value)
      : key(field_key), value(field_value) {}
  template <typename Number>
  requires std::is_integral_v<Number> LogField(std::string_view field_key, Number number)
      : key(field_key), value(std::to_string(number)) {}

  // A text of this program, in UTF-8. It is written as it stands, and left out where it is empty.
  static LogField own(std::string_view field_key, std::string_view field_value) {
    LogField field(field_key, field_value);
    field.is_own = true;
    return field;
  }

  std::string_view key;
  std::string value;
  bool is_own = false;
};

enum class LogFormat { text, json };

class Log {
 public:
  static constexpr std::size_t kMaxValue = 200;  // bytes of one value; the rest is cut, with a mark

  static constexpr int kMaxLines = 100;  // of one event in a second; the rest is counted

  // `out` stays open for as long as the log is used.
  Log(std::FILE* out, LogFormat format) : out_(out), format_(format) {}

  using Fields = std::initializer_list<LogField>;
  void info(std::string_view event, Fields fields = {}) { write("info", event, fields); }
  void warn(std::string_view event, Fields fields = {}) { write("warn", event, fields); }

  // A line without its end, as it is written at `unix_ms`.
  static std::string line(LogFormat format, std::int64_t unix_ms, std::string_view level,
                          std::string_view event, Fields fields);

 private:
  // Lines of one event.
  struct Pace {
    std::int64_t second = 0;  // of the Unix epoch
    int lines = 0;            // written in it
    std::uint64_t left_out = 0;
  };

  void write(std::string_view level, std::string_view event, Fields fields);
  void put(std::int64_t unix_ms, std::string_view level, std::string_view event, Fields fields);

  std::FILE* out_;
  LogFormat format_;
  std::map<std::string, Pace, std::less<>> paces_;
};

// 2026-03-01T12:00:00.123Z
std::string utc_time(std::int64_t unix_ms);

}  // namespace net
