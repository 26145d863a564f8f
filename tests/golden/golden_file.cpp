#include <fstream>
#include <stdexcept>

#include "tests/golden/script.h"

namespace test {

std::string without_comment(const std::string& line) {
  std::string text = line.substr(0, line.find('#'));
  text.erase(text.find_last_not_of(" \t") + 1);
  return text;
}

GoldenFile GoldenFile::read(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot read " + path);
  GoldenFile file;
  bool expecting = false;
  bool ended = true;
  for (std::string line; std::getline(in, line);) {
    if (expecting && line.empty()) {
      expecting = false;
      ended = true;
    } else if (expecting) {
      file.sections.back().expected.push_back(line);
    } else {
      if (ended) file.sections.emplace_back();
      ended = false;
      expecting = line == "----";
      if (!expecting) file.sections.back().commands.push_back(line);
    }
  }
  return file;
}

void GoldenFile::write(const std::string& path) const {
  std::ofstream out(path);
  for (std::size_t i = 0; i < sections.size(); ++i) {
    if (i > 0) out << '\n';
    for (const std::string& line : sections[i].commands) out << line << '\n';
    out << "----\n";
    for (const std::string& line : sections[i].expected) out << line << '\n';
  }
}

}  // namespace test
