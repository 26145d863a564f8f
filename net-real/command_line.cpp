#include "net-real/command_line.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>

#include "core/spelling.h"
#include "net-real/build_facts.h"
#include "net-real/describe.h"
#include "net-real/failure.h"
#include "net-real/peer_book.h"
#include "net-real/settings_file.h"

namespace net {
namespace {

constexpr std::size_t kMaxFile = 64 << 10;  // bytes of a --config file

using Heard = std::map<const Setting*, std::vector<Said>>;

[[noreturn]] void refuse(const std::string& line) { throw Failure(kExitBadInput, line); }

std::string or_meant(const std::string& word, const std::vector<std::string>& words,
                     const std::string& otherwise) {
  const std::string meant = chain::near_miss(word, words);
  return meant.empty() ? otherwise : "did you mean " + meant + "?";
}

// Of a setting that does not repeat, the last word counts.
void add(Heard& heard, const Setting& setting, std::vector<Said> said) {
  if (!setting.repeats && said.size() > 1) said = {said.back()};
  heard[&setting] = std::move(said);
}

// --- The command line -------------------------------------------------------------------------

struct Parsed {
  Heard flags;
  std::vector<std::string> words;
  bool json = false, help = false, version = false, describe = false;
};

std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) flags.push_back(option->get_name());
  }
  return flags;
}

Parsed parse_flags(int argc, const char* const* argv, const Verb* verb) {
  CLI::App app("", "chainnode");
  app.set_help_flag();
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  Parsed parsed;
  app.add_flag("--help,-h", parsed.help);
  app.add_flag("--version", parsed.version);
  app.add_flag("--describe", parsed.describe);
  if (verb != nullptr && verb->knows_json) app.add_flag("--json", parsed.json);
  if (verb != nullptr && verb->count_words() > 0) app.add_option("words", parsed.words);
  std::vector<std::pair<const Setting*, CLI::Option*>> options;
  for (const Setting& setting : settings()) {
    const auto accept = [](const CLI::results_t&) { return true; };
    options.emplace_back(&setting, setting.is_switch()
                                       ? app.add_flag(setting.flag())
                                       : app.add_option(setting.flag(), accept)->expected(1));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    const std::string unknown = app.remaining().front();
    const std::string name = unknown.substr(0, unknown.find('='));
    refuse("found " + unknown + "; " +
           or_meant(name, flags_of(app), "expected one of the flags that chainnode --help lists"));
  } catch (const CLI::ParseError& error) {
    refuse(std::string(error.what()) + "; chainnode --help lists the flags");
  }
  for (const auto& [setting, option] : options) {
    std::vector<Said> said;
    for (const std::string& text : option->results()) {
      // An unset shell variable is a mistake, not a wish for the fallback.
      if (text.empty()) refuse(setting->flag() + ": found nothing; expected a value");
      said.push_back({Origin::flag, setting->flag(), text});
    }
    if (!said.empty()) add(parsed.flags, *setting, std::move(said));
  }
  return parsed;
}

const Verb& find_verb(const std::string& word, std::span<const Verb> verbs) {
  std::vector<std::string> names;
  for (const Verb& verb : verbs) {
    if (verb.name == word) return verb;
    names.emplace_back(verb.name);
  }
  refuse("found " + word + "; " +
         or_meant(word, names, "expected a flag, or a verb of those that --help lists"));
}

// --- Environment and file ---------------------------------------------------------------------

// What looks like a setting and is none is a slip, or somebody else's: no reason not to start.
void warn_of_strangers() {
  std::vector<std::string> known;
  for (const Setting& setting : settings()) known.push_back(setting.variable());
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string name(text.substr(0, text.find('=')));
    if (!name.starts_with("CHAINNODE_")) continue;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::fprintf(stderr, "chainnode: found %s in the environment; %s\n", name.c_str(),
                 or_meant(name, known, "no setting has that name").c_str());
  }
}

Heard read_environment() {
  warn_of_strangers();
  Heard heard;
  for (const Setting& setting : settings()) {
    const char* const found = std::getenv(setting.variable().c_str());
    if (found == nullptr) continue;
    // As of a flag: who has a variable empty wanted something, and this is not it.
    if (*found == '\0') refuse(setting.variable() + ": found nothing; expected a value");
    std::vector<Said> said;
    std::string_view rest = found;
    do {  // what repeats stands between commas
      const std::size_t end = setting.repeats ? rest.find(',') : std::string_view::npos;
      said.push_back({Origin::environment, setting.variable(), std::string(rest.substr(0, end))});
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    } while (!rest.empty());
    add(heard, setting, std::move(said));
  }
  return heard;
}

Heard read_file(const std::string& path) {
  const auto text = read_text_file(path, kMaxFile);
  if (!text) refuse("--config: " + text.error());
  const auto found = parse_settings(*text);
  if (!found) refuse(path + ":" + found.error());
  std::vector<std::string> names;
  for (const Setting& setting : settings()) {
    if (setting.name != "config") names.emplace_back(setting.name);
  }
  Heard heard;
  for (const FileSetting& line : *found) {
    const std::string where = path + ":" + std::to_string(line.line) + ": ";
    const Setting* const setting = find_setting(line.key);
    if (setting == nullptr || setting->name == "config") {
      refuse(where + "unknown key " + line.key + "; " +
             or_meant(line.key, names, "expected a flag of chainnode --help, without its dashes"));
    }
    if (line.values.size() != 1 && !setting->repeats) {
      refuse(where + line.key + ": found a list; expected one value");
    }
    std::vector<Said> said;
    for (const std::string& value : line.values) {
      if (value.empty()) refuse(where + line.key + ": found nothing; expected a value");
      said.push_back({Origin::file, where + line.key, value});
    }
    add(heard, *setting, std::move(said));
  }
  return heard;
}

std::vector<Said> fallback_of(const Setting& setting) {
  const std::string text =
      setting.fallback_here != nullptr ? setting.fallback_here() : std::string(setting.fallback);
  if (text.empty()) return {};
  return {{Origin::fallback, setting.flag(), text}};
}

std::vector<InForce> decide(const Heard& flags) {
  const Heard environment = read_environment();
  const auto said_in = [](const Heard& heard, const Setting& setting) -> const std::vector<Said>* {
    const auto found = heard.find(&setting);
    return found == heard.end() ? nullptr : &found->second;
  };
  Heard file;
  const Setting& config = *find_setting("config");
  for (const Heard* heard : {&flags, &environment}) {
    if (const auto* const said = said_in(*heard, config)) {
      file = read_file(said->front().text);
      break;
    }
  }
  std::vector<InForce> in_force;
  for (const Setting& setting : settings()) {
    const std::vector<Said>* best = nullptr;
    for (const Heard& heard : {std::cref(file), std::cref(environment), std::cref(flags)}) {
      if (const auto* const said = said_in(heard, setting)) best = said;
    }
    in_force.push_back({&setting, best != nullptr ? *best : fallback_of(setting)});
  }
  return in_force;
}

// `text` in lines of at most `width` columns, each behind `indent` blanks.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out, line;
  const auto end_line = [&] { out += std::string(indent, ' ') + line + "\n"; };
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (!line.empty() && indent + line.size() + 1 + word.size() > width) {
      end_line();
      line.clear();
    }
    line += (line.empty() ? "" : " ") + std::string(word);
  }
  end_line();
  return out;
}

}  // namespace

std::string help_text(std::span<const Verb> verbs) {
  constexpr std::size_t kWidth = 90;
  std::string text =
      "A node of the tutorial's network: WebSocket peers, an HTTP API, blocks on disk.\n\n"
      "  chainnode [--FLAG VALUE]...\n"
      "  chainnode VERB [--FLAG VALUE]...\n\n"
      "Flags win over the environment (--data-dir: CHAINNODE_DATA_DIR), the environment over the\n"
      "--config file (data-dir = \"DIR\"):\n\n";
  for (const Setting& setting : settings()) {
    if (setting.help.empty()) continue;
    const bool tell_fallback = !setting.fallback.empty() && !setting.is_switch();
    text += "  " + setting.flag() + (setting.is_switch() ? "" : " " + std::string(setting.value)) +
            (tell_fallback ? " (" + std::string(setting.fallback) + ")" : "") + "\n" +
            wrapped(setting.help, 6, kWidth);
  }
  text += "  --help, --version\n\nVerbs, which run no node:\n\n";
  for (const Verb& verb : verbs) {
    text += "  " + std::string(verb.name) + (verb.words.empty() ? "" : " ") +
            std::string(verb.words) + (verb.knows_json ? " [--json]" : "") + "\n" +
            wrapped(verb.help, 6, kWidth);
  }
  return text;
}

std::optional<Invocation> parse_command_line(int argc, const char* const* argv,
                                             std::span<const Verb> verbs) {
  Invocation made;
  made.verbs = verbs;
  if (argc > 1 && argv[1][0] != '-') {
    made.verb = &find_verb(argv[1], verbs);
    --argc;
    ++argv;
  }
  Parsed parsed = parse_flags(argc, argv, made.verb);
  if (parsed.help || parsed.version || parsed.describe) {
    const std::string text = parsed.help       ? help_text(verbs)
                             : parsed.describe ? describe(verbs) + "\n"
                                               : build_facts() + "\n";
    std::fputs(text.c_str(), stdout);
    return std::nullopt;
  }
  made.words = std::move(parsed.words);
  made.json = parsed.json;
  if (made.verb != nullptr && made.words.size() != made.verb->count_words()) {
    refuse("chainnode " + std::string(made.verb->name) + ": found " +
           std::to_string(made.words.size()) + " words; expected " +
           std::string(made.verb->words.empty() ? "none" : made.verb->words));
  }
  made.in_force = decide(parsed.flags);
  for (const InForce& row : made.in_force) {
    for (const Said& said : row.said) row.setting->apply(made.options, said);
  }
  check_network(made.options);
  if (made.verb == nullptr) check_servers(made.options);
  return made;
}

}  // namespace net
