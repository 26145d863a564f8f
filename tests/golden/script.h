// The language of the golden scripts: commands, a line `----`, what is then to be seen.
//
//   nodes N protocol=push_chain latency=10ms topology=line|ring|star|mesh|none
//           check_genesis=false genesis=foreign redial=1s..8s
//   node N …           the same settings for one node more; no connections
//   link A B latency=50ms · unlink A B · dial A B · stop A · start A · lose A->B
//   cut · cut 0,1 | 2..4 · cut 0 | rest · heal
//   mine N xK · forge b on g x2 height=7 previous=1a hash=wrong
//   send A->B QueryLatest | LatestBlock 3a | WholeChain 3a from=2a | raw {"type":7}
//   run until=quiet | run for=5s · trace on|off · show · forget (the frames counted so far)
//
// Commands stand on lines of their own or are parted by ` ; `; `#` begins a comment.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/world.h"

namespace test {

class Script {
 public:
  Script() = default;
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  // Runs the commands of one section; what is to be seen after it, in lines.  Throws
  // std::runtime_error where a command makes no sense.
  std::vector<std::string> run(const std::vector<std::string>& lines);

 private:
  // A command's words: `key=value` apart from the others.
  struct Words {
    std::string command;
    std::vector<std::string> plain;
    std::map<std::string, std::string> options;

    const std::string& at(std::size_t i) const;
    std::string option(const std::string& key, const std::string& otherwise) const;
  };
  using Command = void (Script::*)(const Words&);
  static const std::map<std::string, Command>& commands();
  static Words words_of(const std::string& text);

  void nodes(const Words&);
  void node(const Words&);
  void link(const Words&);
  void unlink(const Words&);
  void dial(const Words&);
  void stop(const Words&);
  void start(const Words&);
  void lose(const Words&);
  void cut(const Words&);
  void heal(const Words&);
  void mine(const Words&);
  void forge(const Words&);
  void send(const Words&);
  void run_world(const Words&);
  void trace(const Words&);
  void show(const Words&);
  void forget(const Words&);

  NodeNumber number(const std::string& word) const;
  std::pair<NodeNumber, NodeNumber> arrow(const std::string& word) const;
  std::set<NodeNumber> set_of(const std::string& word) const;
  const std::string& block(const std::string& word);
  std::string frame_of(const Words&);
  void show_tips();
  void show_frames();

  World world_;
  chain::Duration latency_ = chain::milliseconds(10);
  std::vector<std::string> seen_;
};

}  // namespace test
