// Every script under tests/golden: what it expects is what is seen. GOLDEN_REWRITE=1 writes what is
// seen into the scripts instead; read the difference before you commit it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "tests/golden/script.h"

namespace {

namespace fs = std::filesystem;

std::vector<std::string> scripts() {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(GOLDEN_DIR)) {
    if (entry.path().extension() == ".golden") {
      files.push_back(fs::relative(entry.path(), GOLDEN_DIR).string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string script_name(const testing::TestParamInfo<std::string>& file) {
  std::string name = fs::path(file.param).replace_extension().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

// The line as seen, with the comment that the line expected at its place has.
std::vector<std::string> with_comments(const std::vector<std::string>& seen,
                                       const std::vector<std::string>& expected) {
  std::vector<std::string> lines = seen;
  for (std::string& line : lines) {
    for (const std::string& old : expected) {
      if (test::without_comment(old) == line) {
        line = old;
        break;
      }
    }
  }
  return lines;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, Script) {
  const std::string path = std::string(GOLDEN_DIR) + '/' + GetParam();
  const bool rewrite = std::getenv("GOLDEN_REWRITE") != nullptr;
  test::GoldenFile file = test::GoldenFile::read(path);
  ASSERT_FALSE(file.sections.empty());
  EXPECT_EQ(file.sections.front().commands.front().substr(0, 2), "# ") << "opens with a comment";
  test::Script script;
  for (auto& section : file.sections) {
    const std::vector<std::string> seen = script.run(section.commands);
    std::vector<std::string> expected = section.expected;
    for (std::string& line : expected) line = test::without_comment(line);
    if (!rewrite) {
      EXPECT_EQ(joined(seen), joined(expected)) << joined(section.commands);
    }
    section.expected = with_comments(seen, section.expected);
  }
  if (rewrite) file.write(path);
}

INSTANTIATE_TEST_SUITE_P(Scripts, Golden, testing::ValuesIn(scripts()), script_name);

}  // namespace
