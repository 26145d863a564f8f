// Files that hold what is done and, after a line `----`, what is then to be seen.
//
// A test reads one, does what it says, and compares; with GOLDEN_REWRITE=1 it writes what was seen
// in the place of what was expected, for a person to judge.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace test {

// A file of sections, read and written back with what was seen.
struct GoldenFile {
  struct Section {
    std::vector<std::string> commands;  // comments and blank lines included
    std::vector<std::string> expected;  // may end in comments
  };
  std::vector<Section> sections;

  static GoldenFile read(const std::string& path);
  void write(const std::string& path) const;
};

// "node 1 height 3   # why" -> "node 1 height 3"
std::string without_comment(const std::string& line);

// Each line with its end.
std::string joined(const std::vector<std::string>& lines);

// All files of that extension under the folder of golden files, relative to it, sorted; and the
// name of the test that is about one.
std::vector<std::string> golden_files(const std::string& extension);
std::string golden_name(const testing::TestParamInfo<std::string>& file);

}  // namespace test
