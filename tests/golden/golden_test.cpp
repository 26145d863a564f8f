// Every script under tests/golden: what it expects is what is seen. GOLDEN_REWRITE=1 writes what is
// seen into the scripts instead; read the difference before you commit it.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/golden/golden_file.h"
#include "tests/golden/script.h"

namespace {

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
      EXPECT_EQ(test::joined(seen), test::joined(expected)) << test::joined(section.commands);
    }
    section.expected = with_comments(seen, section.expected);
  }
  if (rewrite) file.write(path);
}

INSTANTIATE_TEST_SUITE_P(Scripts, Golden, testing::ValuesIn(test::golden_files(".golden")),
                         test::golden_name);

}  // namespace
