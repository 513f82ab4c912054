#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""completed.py ROJA_AUDIT ROJACTL: what can stand where somebody types is what the programs' help says, and bash, zsh and fish offer it by the
scripts that the programs print.

Prints "ok completed TEST" or "not ok completed TEST: why" a test; a shell that is not installed is named as skipped.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FILES = ":files"
# of each shell: what sources the script $1 and prints what is offered for the words behind it, of which the first is the program, one a line
BASH = r"""
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
"$(complete -p "${1##*/}" | sed 's/.*-F \([^ ]*\) .*/\1/')" "$1"
[ ${#COMPREPLY[@]} = 0 ] || printf '%s\n' "${COMPREPLY[@]}"
"""
ZSH = r"""
compdef() { function=$1 of=$2 }
_describe() { print -rl -- "${(@)found%%:*}" }
_files() { print -rl -- *(N) }
source "$1"; shift
[[ $of == ${1:t} ]] || exit 9
words=("$@"); CURRENT=$#
$function || true
"""
FISH = r"""
source $argv[1]
for line in (complete -C (string join ' ' -- (string escape -- $argv[2..-2]) $argv[-1]))
    string split -f 1 \t -- $line
end
true
"""
SHELLS = {"bash": ("bash", "--norc", "-c", BASH, "-"), "zsh": ("zsh", "-f", "-c", ZSH, "-"), "fish": ("fish", "--no-config", "-c", FISH)}

# words behind the program: what must be offered, and what must not
AUDIT = [
    ([""], {"verify", "custody", "completion", "--help"}, {"__complete", FILES}),
    (["ver"], {"verify"}, {"prove", "--version"}),
    (["--v"], {"--version"}, {"verify"}),
    (["nothing", ""], set(), {"verify", FILES}),
    (["verify", ""], {FILES}, {"--key", "verify"}),
    (["verify", "--"], {"--key", "--witness", "--json", "--help"}, {FILES, "--sign"}),
    (["verify", "--wi"], {"--witness", "--witnesses"}, {"--key"}),
    (["verify", "--json", "--"], {"--key"}, {"--json"}),
    (["verify", "-j", "--"], {"--key"}, {"--json"}),
    (["verify", "--key", "x", "--"], {"--key"}, set()),
    (["verify", "--key", ""], {FILES}, {"--json"}),
    (["verify", "--wait", ""], set(), {FILES, "--json"}),
    (["verify", "log", ""], set(), {FILES}),
    (["verify", "--", "-"], {FILES}, {"--json"}),
    (["prove", "log", ""], set(), {FILES}),
    (["check", ""], {FILES}, set()),
    (["diff", "a", ""], {FILES}, set()),
    (["export", "log", "--sign", ""], {FILES}, set()),
    (["export", "log", "--order", ""], set(), {FILES}),
    (["custody", ""], {FILES}, set()),
    (["completion", ""], {"bash", "zsh", "fish"}, {FILES, "verify"}),
    (["completion", "z"], {"zsh"}, {"bash"}),
    (["completion", "zsh", ""], set(), {"zsh"}),
]
CTL = [
    (["ord"], {"order"}, {"list", FILES}),
    (["order", "ad"], {"add"}, {"list"}),
    (["completion", "f"], {"fish"}, {"bash"}),
    (["config", "check", ""], {FILES}, set()),
    (["config", "check", "--"], {"--dataplane", "--help"}, {FILES}),
    (["dataplane", "load", ""], {FILES}, set()),
    (["order", "ls", "--json", "--"], {"--socket"}, {"--json"}),
]


def run(*words, **more):
    return subprocess.run([str(w) for w in words], text=True, capture_output=True, check=False, **more)


def asked(program, words):
    done = run(program, "__complete", *words)
    assert done.returncode == 0 and not done.stderr, done
    return {line.split("\t")[0] for line in done.stdout.splitlines()}


def test_words_are_what_can_stand_there(w):
    for program, rows in ((w.audit, AUDIT), (w.ctl, CTL)):
        for words, there, not_there in rows:
            got = asked(program, words)
            assert there <= got and not got & not_there, (program.name, words, got)
            typed = words[-1]
            assert all(word.startswith(typed) for word in got - {FILES}), (words, got)


def test_every_command_and_option_of_the_help_is_offered(w):
    told = run(w.audit, "--help").stdout.split("\nCommands:\n")[1].split("\n\n")[0]
    commands = {line.split()[0] for line in told.splitlines() if line[2] != " "}
    assert asked(w.audit, [""]) == commands | {"--help", "--version", "help"} and len(commands) > 8, commands
    for command in commands:
        options = set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", run(w.audit, command, "--help").stdout, re.M)) - {"--version"}
        assert asked(w.audit, [command, "-"]) == options | {"--help"}, (command, options)


def test_no_words_are_no_answer(w):
    assert asked(w.audit, []) == set()
    assert run(w.audit, "completion").returncode == 2 and run(w.audit, "completion", "csh").returncode == 2


def shell(w, name, program, rows):
    script, folder = w.folder / f"{program.name}.{name}", w.folder / "here"
    script.write_text(run(program, "completion", name).stdout)
    for words, there, not_there in rows:
        done = run(*SHELLS[name], script, program.name, *words, cwd=folder, env=w.environment)
        got = set(done.stdout.splitlines())
        assert done.returncode == 0 and not done.stderr, (name, words, done)
        files = {"a-folder", "a-file"} if words[-1] == "" else set()
        there = there - {FILES} | (files if FILES in there else set())
        not_there = not_there - {FILES} | (files if FILES in not_there else set())
        got = {word.rstrip("/") for word in got}
        assert there <= got and not got & not_there, (name, words, got)


def in_shell(name):
    def test(w):
        for program, rows in ((w.audit, AUDIT), (w.ctl, CTL)):
            shell(w, name, program, rows)
    return test


class World:
    def __init__(self, folder, audit, ctl):
        self.folder, self.audit, self.ctl = pathlib.Path(folder), audit, ctl
        (self.folder / "here/a-folder").mkdir(parents=True)
        (self.folder / "here/a-file").touch()
        self.environment = {**os.environ, "HOME": folder, "XDG_CONFIG_HOME": folder,
                            "PATH": f"{audit.parent}:{ctl.parent}:{os.environ['PATH']}"}


def main():
    failed = 0
    tests = [(n, t) for n, t in globals().items() if n.startswith("test_")]
    for name, (program, *_) in SHELLS.items():
        if shutil.which(program):
            tests.append((f"test_{name}_offers_them", in_shell(name)))
        else:
            print(f"ok completed test_{name}_offers_them # skip: {program} is not installed")
    with tempfile.TemporaryDirectory() as folder:
        w = World(folder, *(pathlib.Path(p).resolve() for p in sys.argv[1:3]))
        for name, test in tests:
            try:
                test(w)
                print(f"ok completed {name}")
            except (AssertionError, OSError, LookupError, subprocess.SubprocessError) as e:
                print(f"not ok completed {name}: {e!r}")
                failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
