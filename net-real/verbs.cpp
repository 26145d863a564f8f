#include "net-real/verbs.h"

#include <cstdio>

#include "net-real/failure.h"
#include "net-real/maintenance.h"
#include "net-real/print_settings.h"
#include "net-real/tls.h"

namespace net {
namespace {

int verify(const Invocation& asked) {
  return verify_store(asked.options.data_dir, rules_of(asked.options));
}

int repair(const Invocation& asked) {
  return repair_store(asked.options.data_dir, rules_of(asked.options));
}

int back_up(const Invocation& asked) {
  return back_up_store(asked.options.data_dir, asked.words.front());
}

int print_pin(const Invocation& asked) {
  if (asked.options.tls.certificate.empty()) {
    throw Failure(kExitBadInput, "chainnode pin: expected --tls-cert FILE");
  }
  std::printf("%s\n", chain::lower_hex(pin_of_file(asked.options.tls.certificate)).c_str());
  return 0;
}

constexpr Verb kVerbs[] = {
    {.name = "config",
     .words = "",
     .help = "what is in force and who said so, as a --config file would say it",
     .knows_json = true,
     .run = print_settings},
    {.name = "verify",
     .words = "",
     .help = "checks the whole store, also while a node runs; exit code 2: something is damaged",
     .run = verify},
    {.name = "repair",
     .words = "",
     .help = "saves what can be read of a store that no node starts with; the old file is kept",
     .run = repair},
    {.name = "backup",
     .words = "DIR",
     .help =
         "copies the store into a new data directory, also while a node runs; exit code 2: its log "
         "is damaged, and the copy holds what is before that",
     .run = back_up},
    {.name = "pin",
     .words = "",
     .help = "the pin of --tls-cert, for the --pin of those who dial this node",
     .run = print_pin},
};

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

}  // namespace net
