#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""rojactl.py ROJACTL: compile and test as a user calls them: exit codes, what stands where, files left behind.

Prints "ok rojactl TEST" or "not ok rojactl TEST: why" a test.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROJACTL = str(pathlib.Path(sys.argv[1]).resolve())
LIST = """\
#! name: Orders
#! authority: Authority
#! reference: 12/2026
name.test
a.name.test
name.test
!ok.name.test
https://host.test/x?y
host.test/p/*
bad line
192.0.2.0/24
"""


def run(*args, stdin=None):
    r = subprocess.run([ROJACTL, *map(str, args)], input=stdin, capture_output=True, text=True)
    return r.returncode, r.stdout, r.stderr


def compiled(folder, text=LIST, name="orders.txt"):
    (folder / name).write_text(text)
    code, out, err = run("compile", "--json", folder / name, "-o", folder / "ruleset")
    assert code in (0, 1), err
    return code, json.loads(out)


def answers(folder, *questions):
    code, out, err = run("test", "--json", folder / "ruleset", *questions)
    assert code == 0, err
    return [json.loads(line) for line in out.splitlines()]


def test_compile_reports_each_entry(folder):
    code, report = compiled(folder)
    assert code == 1, "lines were rejected"
    assert report["totals"] == {"rejected": 1, "duplicate": 1, "shadowed": 1, "http-only": 2}, report["totals"]
    notes = {note["kind"]: note for note in report["notes"]}
    assert notes["rejected"]["line"] == 10 and notes["rejected"]["file"].endswith("orders.txt")
    assert (notes["duplicate"]["line"], notes["duplicate"]["other_line"]) == (6, 4)
    assert (notes["shadowed"]["line"], notes["shadowed"]["other_line"]) == (5, 4)
    assert report["kinds"]["domain"]["exceptions"] == 1
    assert report["bytes"] == (folder / "ruleset").stat().st_size
    assert len(report["digest"]) == 64


def test_compile_text_names_file_and_line(folder):
    compiled(folder)
    _, out, _ = run("compile", folder / "orders.txt", "-o", folder / "ruleset")
    assert "orders.txt:10: " in out and "SHA-256" in out, out


def test_compile_exits_0_where_every_line_is_good(folder):
    assert compiled(folder, "name.test\n")[0] == 0
    assert os.listdir(folder) == sorted(["orders.txt", "ruleset"]) or len(os.listdir(folder)) == 2


def test_compile_reads_standard_input(folder):
    assert run("compile", "-q", "-", "-o", folder / "ruleset", stdin="name.test\n") == (0, "", "")
    assert answers(folder, "name.test")[0]["rule"]["list"] == "stdin"


def test_compile_keeps_the_old_file_when_it_fails(folder):
    compiled(folder)
    before = (folder / "ruleset").read_bytes()
    (folder / "bad.txt").write_text("<html>no list</html>\n")
    code, out, err = run("compile", folder / "orders.txt", folder / "bad.txt", "-o", folder / "ruleset")
    assert code == 2 and not out and "bad.txt:1: " in err and "bad.txt: not one of 1 lines" in err, err
    assert (folder / "ruleset").read_bytes() == before
    assert run("compile", folder / "orders.txt", "-o", folder / "none" / "ruleset")[0] == 2
    assert sorted(os.listdir(folder)) == ["bad.txt", "orders.txt", "ruleset"]


def test_compile_with_a_key_gives_the_same_file(folder):
    (folder / "key").write_text("00112233445566778899aabbccddeeff\n")
    (folder / "orders.txt").write_text(LIST)
    for name in ("one", "two"):
        run("compile", "-k", folder / "key", folder / "orders.txt", "-o", folder / name)
    assert (folder / "one").read_bytes() == (folder / "two").read_bytes()
    for bad in ("", "00112233445566778899aabbccddeef", "00112233445566778899aabbccddeeff00", "x" * 32):
        (folder / "key").write_text(bad)
        code, _, err = run("compile", "-k", folder / "key", folder / "orders.txt", "-o", folder / "three")
        assert code == 2 and "32 hexadecimal digits" in err, (bad, err)


def test_test_explains(folder):
    compiled(folder)
    block, exception, nothing, address = answers(folder, "x.NAME.test.", "ok.name.test", "name.example", "192.0.2.9")
    assert block["verdict"] == "block" and block["canonical"] == "x.name.test"
    assert block["rule"]["kind"] == "domain" and block["rule"]["line"] == 4
    assert block["rule"]["list"] == "Orders" and block["rule"]["authority"] == "Authority"
    assert block["rule"]["reference"] == "12/2026"
    assert exception["verdict"] == "allow" and exception["exception"]["line"] == 7 and exception["rule"]["line"] == 4
    assert nothing["verdict"] == "allow" and "rule" not in nothing
    assert address["judged_as"] == "address" and address["rule"]["kind"] == "prefix"


def test_test_judges_https_by_its_name(folder):
    compiled(folder)
    https, http, named = answers(folder, "https://host.test/x?y", "http://host.test/x?y", "https://name.test/x")
    assert https["verdict"] == "allow" and https["plain_http"]["verdict"] == "block"
    assert http["verdict"] == "block" and http["rule"]["kind"] == "url" and http["rule"]["line"] == 8
    assert named["verdict"] == "block"


def test_test_exits_as_expect_says(folder):
    compiled(folder)
    ruleset = folder / "ruleset"
    assert run("test", ruleset, "name.test", "name.example")[0] == 0
    assert run("test", "-e", "block", ruleset, "name.test")[0] == 0
    assert run("test", "-e", "block", ruleset, "name.test", "name.example")[0] == 1
    assert run("test", "-e", "allow", ruleset, "name.example")[0] == 0
    assert run("test", ruleset, "a b")[0] == 2
    assert run("test", folder / "orders.txt", "name.test")[0] == 2
    assert run("test", folder / "missing", "name.test")[0] == 2


def test_usage_is_one_line_and_exit_2(folder):
    for args in (["compile"], ["compile", "x"], ["test"], ["test", "x"], ["nothing"], ["compile", "--no"]):
        code, out, err = run(*args)
        assert code == 2 and not out and len(err.splitlines()) == 1, (args, err)
    assert run()[0] == 2
    for args in (["--help"], ["help"], ["--version"], ["compile", "--help"], ["test", "--help"]):
        code, out, err = run(*args)
        assert code == 0 and out and not err, args


def test_output_never_moves_the_cursor(folder):
    compiled(folder, "name.test\nbad\x1b[2J line\n")
    for args in (["compile", folder / "orders.txt", "-o", folder / "ruleset"], ["test", folder / "ruleset", "a\x1b.test"]):
        _, out, err = run(*args)
        assert "\x1b" not in out + err, args


def main():
    failed = 0
    for name, test in [(n, t) for n, t in globals().items() if n.startswith("test_")]:
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(pathlib.Path(folder))
                print(f"ok rojactl {name}")
            except (AssertionError, KeyError, ValueError, IndexError) as why:
                print(f"not ok rojactl {name}: {type(why).__name__} {why}")
                failed += 1
    return failed > 0


sys.exit(main())
