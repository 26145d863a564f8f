#include "net-real/verbs.h"

#include "net-real/print_settings.h"

namespace net {
namespace {

constexpr Verb kVerbs[] = {
    {.name = "config",
     .words = "",
     .help = "what is in force and who said so, as a --config file would say it",
     .knows_json = true,
     .run = print_settings},
};

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

}  // namespace net
