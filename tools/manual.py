#!/usr/bin/python3
"""Makes a program's manual page and shell completions from what it says of itself.

    manual.py PROGRAM TEMPLATE DIR      writes DIR/NAME.1.gz, NAME.bash, _NAME and NAME.fish

`PROGRAM --describe` prints flags and commands as JSON, so that neither lags behind the program;
TEMPLATE is roff, in which @NAME@, @VERSION@, @DATE@, @SYNOPSIS@, @FLAGS@ and @COMMANDS@ are filled
in. The date is SOURCE_DATE_EPOCH's where that is set, so that a build can be repeated.
"""

import datetime
import gzip
import json
import os
import pathlib
import subprocess
import sys
import textwrap


def walk(command, path=()):
    """Every command with the words that lead to it: (), ("sweep",), ("sweep", "merge")."""
    yield path, command
    for below in command["commands"]:
        yield from walk(below, (*path, below["name"]))


# --- The manual page ------------------------------------------------------------------------------

def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga")
    return "\\&" + text if text[:1] in (".", "'") else text


def filled(text):
    """Lines as short as roff's own style wants them."""
    return "\n".join(roff(line) for line in textwrap.wrap(text, 70, break_long_words=False,
                                                          break_on_hyphens=False))


def sentence(text):
    return text if text.endswith((".", "?")) else text + "."


def flag_entry(flag):
    value = f" \\fI{roff(flag['value'])}\\fR" if flag["value"] else ""
    lines = [".TP", f"\\fB{roff(flag['name'])}\\fR{value}", filled(sentence(flag["help"]))]
    if flag.get("default"):
        lines.append(f"Default: {roff(flag['default'])}.")
    return lines


def command_entry(program, path, command, common):
    """A command with the flags that are its own."""
    words = " ".join((program, *path, command["arguments"])).strip()
    lines = [f".SS {roff(words)}", filled(sentence(command["about"]))]
    for flag in command["flags"]:
        if flag["name"] not in common and flag["name"] != "--help":
            lines += flag_entry(flag)
    return lines


def manual(described, template):
    program = described["name"]
    common = {flag["name"] for flag in described["flags"]}
    synopsis = []
    if not described["commands"] or common - {"--help", "--version"}:
        synopsis += [f".B {program}", "[\\fIFLAG\\fR]...", ".br"]
    synopsis += [f".B {program}", "\\fICOMMAND\\fR [\\fIFLAG\\fR]... [\\fIARGUMENT\\fR]..."]
    flags = [line for flag in described["flags"] for line in flag_entry(flag)]
    commands = [line for path, command in walk(described) if path
                for line in command_entry(program, path, command, common)]
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    day = (datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc) if epoch
           else datetime.datetime.now(datetime.timezone.utc))
    for mark, text in {"NAME": program, "VERSION": described["version"],
                       "DATE": day.strftime("%Y-%m-%d"), "SYNOPSIS": "\n".join(synopsis),
                       "FLAGS": "\n".join(flags), "COMMANDS": "\n".join(commands)}.items():
        template = template.replace(f"@{mark}@", text)
    return template


# --- Completion -----------------------------------------------------------------------------------

def quoted(text):
    """In single quotes, for any of the shells."""
    return "'" + text.replace("'", "'\\''") + "'"


def values(flag):
    """What a flag takes: words, "FILE", "DIR", or "" for anything else."""
    words = [word for word in flag["words"] if word != "FILE"]
    kind = flag["value"].split("|")[0]
    return words, kind if kind in ("FILE", "DIR") else ""


def bash(described):
    program = described["name"]
    name = program.replace("-", "_")
    lines = [f"# Completion of {program} for bash; made by tools/manual.py.", f"_{name}() {{",
             '  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} path= i',
             "  COMPREPLY=()",
             '  for ((i = 1; i < COMP_CWORD; ++i)); do', '    case "$path ${COMP_WORDS[i]}" in']
    for path, _ in walk(described):
        if path:
            lines.append(f'      " {" ".join(path)}") path=" {" ".join(path)}" ;;')
    lines += ["    esac", "  done", '  case "$path $before" in']
    for path, command in walk(described):
        for flag in command["flags"]:
            words, kind = values(flag)
            if not flag["value"]:
                continue
            reply = []
            if words:
                reply.append(f'$(compgen -W "{" ".join(words)}" -- "$current")')
            if kind:
                reply.append(f'$(compgen -{"d" if kind == "DIR" else "f"} -- "$current")')
            prefix = "".join(f" {word}" for word in path)
            lines.append(f'    "{prefix} {flag["name"]}") COMPREPLY=({" ".join(reply)}); return ;;')
    lines += ["  esac", '  case "$path" in']
    for path, command in walk(described):
        prefix = "".join(f" {word}" for word in path)
        words = " ".join([flag["name"] for flag in command["flags"]]
                         + [below["name"] for below in command["commands"]])
        lines.append(f'    "{prefix}") COMPREPLY=($(compgen -W "{words}" -- "$current")) ;;')
    lines += ["  esac",
              '  [[ $current == -* || -z $path ]] || COMPREPLY+=($(compgen -f -- "$current"))',
              "}", f"complete -o filenames -F _{name} {program}"]
    return "\n".join(lines) + "\n"


def zsh_spec(flag):
    """`--flag[help]:VALUE:action`, as _arguments takes it."""
    text = flag["help"].replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    spec = f"*{flag['name']}[{text.replace(':', chr(92) + ':')}]"
    words, kind = values(flag)
    if flag["value"]:
        action = (f"({' '.join(words)})" if words and not kind else
                  "_files -/" if kind == "DIR" else "_files" if kind else " ")
        spec += f":{flag['value'].replace(':', chr(92) + ':')}:{action}"
    return quoted(spec)


def zsh(described):
    program = described["name"]
    lines = [f"#compdef {program}", f"# Completion of {program} for zsh; made by tools/manual.py.",
             "local path_so_far= word", "while (( CURRENT > 2 )); do",
             '  case "$path_so_far ${words[2]}" in']
    known = [" " + " ".join(path) for path, _ in walk(described) if path]
    lines.append(f"    {'|'.join(quoted(path) for path in known)})")
    lines += ['      path_so_far="$path_so_far ${words[2]}"', "      shift words",
              "      (( CURRENT-- ))", "      ;;", "    *) break ;;", "  esac", "done",
              'case "$path_so_far" in']
    for path, command in walk(described):
        specs = [zsh_spec(flag) for flag in command["flags"]]
        if command["commands"]:
            names = " ".join(below["name"] for below in command["commands"])
            specs.append(quoted(f"1:command:({names})"))
        specs.append(quoted("*:argument:_files"))
        lines.append(f"  {quoted(''.join(' ' + word for word in path))})")
        lines.append("    _arguments \\\n      " + " \\\n      ".join(specs))
        lines.append("    ;;")
    return "\n".join([*lines, "esac"]) + "\n"


def fish(described):
    program = described["name"]
    lines = [f"# Completion of {program} for fish; made by tools/manual.py."]
    for path, command in walk(described):
        below = " ".join(entry["name"] for entry in command["commands"])
        seen = " and ".join(f"__fish_seen_subcommand_from {word}" for word in path)
        unseen = f"not __fish_seen_subcommand_from {below}" if below else ""
        condition = " ; and ".join(part for part in (seen.replace(" and ", " ; and "), unseen)
                                   if part)
        when = f" -n {quoted(condition)}" if condition else ""
        for entry in command["commands"]:
            lines.append(f"complete -c {program}{when} -f -a {entry['name']}"
                         f" -d {quoted(entry['about'])}")
        for flag in command["flags"]:
            words, kind = values(flag)
            takes = (f" -x -a {quoted(' '.join(words))}" if words and not kind else
                     " -x -a '(__fish_complete_directories)'" if kind == "DIR" else
                     " -r -F" if kind else " -x" if flag["value"] else "")
            lines.append(f"complete -c {program}{when} -l {flag['name'][2:]}{takes}"
                         f" -d {quoted(flag['help'])}")
    return "\n".join(lines) + "\n"


def main(program, template, folder):
    described = json.loads(subprocess.run([program, "--describe"], check=True,
                                          capture_output=True, text=True).stdout)
    folder, name = pathlib.Path(folder), described["name"]
    folder.mkdir(parents=True, exist_ok=True)
    page = manual(described, pathlib.Path(template).read_text(encoding="utf-8"))
    (folder / f"{name}.1.gz").write_bytes(gzip.compress(page.encode("utf-8"), 9, mtime=0))
    for file, text in {f"{name}.bash": bash(described),
                       f"_{name}": zsh(described), f"{name}.fish": fish(described)}.items():
        (folder / file).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
