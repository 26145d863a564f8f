#include "tests/golden/golden_file.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace test {

std::string without_comment(const std::string& line) {
  std::string text = line.substr(0, line.find('#'));
  text.erase(text.find_last_not_of(" \t") + 1);
  return text;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

std::vector<std::string> golden_files(const std::string& extension) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(GOLDEN_DIR)) {
    if (entry.path().extension() == extension) {
      files.push_back(fs::relative(entry.path(), GOLDEN_DIR).string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string golden_name(const testing::TestParamInfo<std::string>& file) {
  std::string name = std::filesystem::path(file.param).replace_extension().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(c) == 0; }, '_');
  return name;
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
