# SPDX-License-Identifier: BSD-3-Clause
"""A confidential list's entries are enforced and found nowhere: no output, log, figure, page, sink, export or file holds them."""
import json
import pathlib
import subprocess

import control
import network

CANARY = "canaryentry"
ENTRIES = f"""{CANARY}.many.test
={CANARY}-host.many.test
http://{CANARY}-url.many.test/{CANARY}/page
/^{CANARY}-[0-9]+\\.many\\.test\\//
a line that is no entry {CANARY}
"""
PORT = 9464
# What anybody may ask, and each of it by everybody.
LOOKS = (("status",), ("order", "ls"), ("order", "show", "1"), ("order", "confirm", "1"), ("report", "confirm", "1", "--html"), ("list", "ls"), ("list", "show", "secret"),
         ("list", "check", "secret"), ("list", "diff", "secret"), ("list", "notes", "1"), ("proposal", "ls"), ("version", "ls"),
         ("version", "show", "2"), ("hits",), ("stats",), ("alarm", "ls"), ("journal",), ("audit", "status"), ("hold", "ls"), ("exception", "ls"), ("override", "ls"),
         ("dataplane", "ls"), ("appeal", "ls"), ("probe",), ("probes",))


def change(config):
    config["http"] = {"address": "127.0.0.1", "port": PORT, "appeals": True}
    config["sinks"] = [{"name": "all", "path": str(sink_of(config)), "history": True, "pseudonyms": True}]


def sink_of(config):
    """Below the daemon's folder, where files() looks."""
    return pathlib.Path(config["socket"]).with_name("sink.jsonl")


def outputs(c):
    """(what was asked, what came)"""
    for person in (*control.PEOPLE, "root"):
        for words in LOOKS:
            r = c.raw(person, *words)
            yield f"rojactl {' '.join(words)}, as {person}", r.stdout + r.stderr
            r = c.raw(person, *words, "--json")
            yield f"rojactl {' '.join(words)} --json, as {person}", r.stdout + r.stderr


# What is handed over in a folder: by whom, what.
REPORTS = (("ana", "confirm", "1"), ("ana", "period", "--from", "-1d", "--to", "now"), ("max", "period", "--from", "-1d", "--to", "now", "--internal"),
           ("max", "audit", "--from", "-1d", "--to", "+1h"), ("max", "audit", "--from", "-1d", "--to", "+1h", "--order", "1"))


def report(b, c):
    """Each into a folder below the daemon's own, where files() looks."""
    top = c.folder / "told"
    top.mkdir()
    top.chmod(0o777)
    for number, (person, *words) in enumerate(REPORTS):
        r = c.raw(person, "report", *words, "-o", top / f"{number}")
        b.report.say(f"report {words[0]} is written", r.stderr.strip() if r.returncode else None)


def told(c):
    """What the sink got, once it has what the log has."""
    def all_of_it():
        path, status = sink_of(c.config), c.rojactl("max", "audit", "status")
        rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return rows if rows and rows[-1]["leaf"] == status["leaves"] - 1 else None
    return network.until("the sink has every entry", 60, all_of_it)


def taken_out(b, c):
    """What roja-audit writes and says of the order's hits."""
    program, log = b.tools.build / "audit" / "tool" / "roja-audit", c.state / "audit" / "log"
    out = c.folder / "told" / "export"
    size = int((log / "checkpoint").read_text().split("\n")[1])
    for words in (("verify", "--state", "-", log), ("export", "--order", control.ORDER["reference"], "--output", out, log), ("verify", "--state", "-", out),
                  ("show", log, f"0-{size - 1}"), ("show", log, f"0-{size - 1}", "--json"), ("prove", log, size - 1)):
        r = subprocess.run([str(word) for word in (program, *words)], capture_output=True, text=True, check=False)
        b.report.say(f"roja-audit {words[0]} does it", r.stdout + r.stderr if r.returncode else None)
        yield f"roja-audit {words[0]}", r.stdout + r.stderr


def pages(b):
    for path in ("/metrics", "/blocked", "/appeal"):
        r = subprocess.run(["curl", "-s", "--max-time", "10", f"http://127.0.0.1:{PORT}{path}"], check=True, text=True,
                           stdout=subprocess.PIPE)
        yield path, r.stdout


def files(b, c):
    for top in (c.state, c.folder, b.artifacts, b.lab.work / "run"):
        for path in sorted(top.rglob("*")):
            if path.is_file() and path.name != "roja-dataplane":
                yield str(path), path.read_bytes()


def test_canary(b):
    listed = b.lab.work / "control" / "secret-input"
    with control.beside(b.lab, b.tools, b.artifacts, "canary", change) as (c, _):
        listed.write_text(ENTRIES)
        order = c.propose("ana", ("secret", listed), category="csam")
        listed.unlink()
        c.rojactl("ben", "order", "approve", order)
        c.enforced(order)
        b.report.check("a name of it", b.clients.curl(f"http://{CANARY}.many.test/"), "451 sq")
        b.report.check("a pattern of it", b.clients.curl(f"http://{CANARY}-7.many.test/"), "451 sq")
        b.report.check("the name beside it", b.clients.curl("http://beside.many.test/"), "200")
        # its order keeps counts alone: a row a minute, once the minute is over
        network.until("the hits are known", 120, lambda: sum(row["hits"] for row in c.rojactl("eva", "hits")) >= 2)
        shown = [what for what, text in (*outputs(c), *pages(b)) if CANARY in text]
        b.report.check(f"outputs that hold an entry, of {len(LOOKS) * 10} and 3 pages", shown, [])
        report(b, c)
        kinds = {row["kind"] for row in told(c) if row.get("order") == order}
        b.report.check("the sink got what the order left", kinds, {"order", "count", "probe", "import"})
        shown = [what for what, text in taken_out(b, c) if CANARY in text]
        b.report.check("what roja-audit says that holds an entry", shown, [])
        held = [what for what, content in files(b, c) if CANARY.encode() in content]
        b.report.check("files that hold an entry, of reports, inspections, exports and the sink, too", held, [])
        b.clients.curl(f"http://{CANARY}-7.many.test/")
        b.report.check("the block page holds it", CANARY in (b.lab.work / "body").read_text(), False)
        b.report.check("what is asked for is found in its answer", CANARY in c.raw("eva", "why", f"{CANARY}.many.test").stdout, True)
    held = [what for what, content in files(b, c) if CANARY.encode() in content]
    b.report.check("files that hold an entry once both have ended", held, [])
