#include "net-sim/junit.h"

#include <fstream>

namespace sim {
namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

void write_case(std::ostream& out, const std::string& suite, const std::string& name,
                const std::string& failure) {
  out << "    <testcase classname=\"" << escaped(suite) << "\" name=\"" << escaped(name) << '"';
  if (failure.empty()) {
    out << "/>\n";
  } else {
    out << "><failure message=\"" << escaped(failure) << "\"/></testcase>\n";
  }
}

// The invariants that were broken without an excuse.
Json broken_of(const Json& report) {
  Json broken = Json::array();
  if (!report.is_object() || !report.contains("violations")) return broken;
  for (const Json& violation : report["violations"]) {
    if (violation["excused"].is_null()) broken.push_back(violation);
  }
  return broken;
}

}  // namespace

bool write_junit(const std::string& file, const std::vector<JunitRun>& runs) {
  std::ofstream out(file, std::ios::binary);
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const JunitRun& run : runs) {
    const Json none = Json::array();
    const Json& verdicts = run.report.is_object() ? run.report["expectations"] : none;
    std::size_t failures = run.error.empty() ? 0 : 1;
    for (const Json& verdict : verdicts) failures += verdict["verdict"] == "met" ? 0 : 1;
    const Json broken = broken_of(run.report);
    out << "  <testsuite name=\"" << escaped(run.name) << "\" tests=\""
        << verdicts.size() + broken.size() + 1 << "\" failures=\"" << failures + broken.size()
        << "\">\n";
    write_case(out, run.name, "runs to its end", run.error);
    for (const Json& violation : broken) {
      write_case(out, run.name, "invariant " + violation["invariant"].get<std::string>(),
                 violation["what"].get<std::string>());
    }
    for (const Json& verdict : verdicts) {
      const bool met = verdict["verdict"] == "met";
      write_case(out, run.name, verdict["expect"].get<std::string>(),
                 met ? "" : "measured: " + verdict["measured"].get<std::string>());
    }
    out << "  </testsuite>\n";
  }
  out << "</testsuites>\n";
  out.close();
  return static_cast<bool>(out);
}

}  // namespace sim
