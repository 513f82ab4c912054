#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""reports.py ROJA_CONTROL ROJACTL: reports through the socket of roja-control, asked for by rojactl as people whom nobody is.

Prints "ok reports TEST" or "not ok reports TEST: why" a test.
"""
import csv
import functools
import hashlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import time
import xml.etree.ElementTree

from daemon import UIDS, Daemon
from people import run_tests, until

CANARY = "canary"
HOSTILE = '<script src="https://x.example/">\u202e&amp; "Title"'
FILES = {"transparency.json", "transparency.csv", "SHA256SUMS"} | {f"transparency.{tag}.{end}" for tag in ("en", "sq") for end in ("txt", "html")}


class World:
    def __init__(self, d, rojactl, folder):
        self.d, self.rojactl, self.folder = d, str(pathlib.Path(rojactl).resolve()), folder
        self.open = folder / "open"
        self.open.mkdir()
        self.open.chmod(0o777)
        self.op, self.ap = d.client(UIDS["operator"]), d.client(UIDS["approver"])
        self.end = None  # of the period that is published

    def run(self, role, *words):
        """rojactl as this role's user; its folders belong to that user."""
        uid = str(UIDS[role])
        return subprocess.run(["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", self.rojactl, *map(str, words), "--socket", self.d.path],
                              cwd=self.open, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"}, text=True, capture_output=True, check=False,
                              stdin=subprocess.DEVNULL)

    def period(self, role, name, *more, begin="2026-01-01", end=None):
        return self.run(role, "report", "period", "--from", begin, "--to", end or self.end, "-o", name, *more)

    def journal(self, act):
        rows = self.d.once(UIDS["auditor"], "journal.list", {"limit": 1000})["result"]
        return [row for row in rows if row["act"] == act]


def good(answer):
    assert "result" in answer, answer
    return answer["result"]


def an_order_with_a_hostile_title(w):
    fields = {"authority": HOSTILE, "reference": HOSTILE, "legal_basis": "Law 1", "category": "csam", "received": "2026-01-02",
              "expires": "2099-01-01", "precision": "domain", "title": HOSTILE}
    w.order = good(w.op.ask("order.add", fields))["order"]
    good(w.op.ask("list.add", {"order": w.order, "name": "secret"}))
    with tempfile.TemporaryFile() as f:
        f.write("".join(f"n{i}.{CANARY}.test\n" for i in range(12)).encode())
        f.seek(0)
        result = w.d.job(w.op, "list.import", {"list": "secret", "file": f"{CANARY}.txt"}, [f.fileno()])
    good(w.op.ask("list.authenticate", {"import": result["import"], "how": "called the authority"}))
    good(w.ap.ask("order.approve", {"order": w.order}))
    approved = int(time.time())
    until(lambda: time.time() >= approved + 1, "the next second")  # the end is not part of the period
    w.end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(approved + 1))


def sums(folder):
    """Checks SHA256SUMS; the names in it."""
    names = set()
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
        names.add(name)
    return names


def a_period_is_written_for_who_asks(w):
    r = w.period("operator", "published")
    assert r.returncode == 0 and "no report of a period that overlaps" in r.stdout, r
    folder = w.open / "published"
    assert {p.name for p in folder.iterdir()} == FILES, list(folder.iterdir())
    assert sums(folder) == FILES - {"SHA256SUMS"}
    for path in folder.iterdir():
        assert path.stat().st_uid == UIDS["operator"] and path.stat().st_mode & 0o777 == 0o600, path
    row = w.journal("report.period")[-1]
    digest = hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()
    assert row["outcome"] == "done" and digest in row["text"] and digest in r.stdout, (row, r.stdout)


def figures_are_the_same_in_json_and_csv(w):
    folder = w.open / "published"
    report = json.loads((folder / "transparency.json").read_text())
    assert (report["report"], report["variant"], report["suppression"]["below"]) == ("transparency", "published", 10), report
    rows = list(csv.DictReader(io.StringIO((folder / "transparency.csv").read_bytes().decode(), newline="")))
    from_json = []
    for name, table in report["tables"].items():
        for kind, row in [("row", r) for r in table["rows"]] + [("total", r) for r in (table["total"],) if r]:
            assert set(row) == set(table["columns"]) | (set(table["keys"]) if kind == "row" else set()), (name, row)
            for figure in table["columns"]:
                if row[figure] is not None:
                    keys = [row[k] for k in table["keys"]] if kind == "row" else []
                    value = row[figure] if isinstance(row[figure], (int, str)) else f"{row[figure]:.3f}"
                    from_json.append((name, kind, *(keys + ["", ""])[:2], figure, str(value)))
    from_csv = [(r["table"], r["kind"], r["key"], r["key2"], r["figure"], r["value"]) for r in rows]
    assert from_csv == from_json and len(from_csv) > 30, (from_csv, from_json)
    orders = report["tables"]["orders"]
    assert orders["rows"] == [{"authority": HOSTILE, "category": "csam", "received": "<10", "active": "<10", "expired": "<10", "revoked": "<10",
                               "entries": 12}], orders


def internal_figures_are_exact_and_the_auditors(w):
    r = w.period("viewer", "internal-refused", "--internal")
    assert r.returncode == 1 and "auditor" in r.stderr, r
    assert w.journal("report.period")[-1]["outcome"] == "refused"
    r = w.period("auditor", "internal", "--internal")
    assert r.returncode == 0, r
    report = json.loads((w.open / "internal" / "transparency.json").read_text())
    assert report["variant"] == "internal" and report["suppression"] is None
    assert report["tables"]["orders"]["total"] == {"received": 1, "active": 1, "expired": 0, "revoked": 0, "entries": 12}, report["tables"]["orders"]


def pages_are_well_formed_and_hold_nothing_hostile(w):
    for path in [*w.open.rglob("*.html")]:
        text = path.read_text()
        page = xml.etree.ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>\n"))
        tags = {e.tag for e in page.iter()}
        assert not tags & {"script", "img", "link", "iframe", "a", "object"}, tags
        assert page.get("lang") == path.name.split(".")[1], page.attrib
        assert any(e.text == f"{HOSTILE}, {'sexual abuse of children' if page.get('lang') == 'en' else 'abuzim seksual i fëmijëve'}"
                   for e in page.iter("bdi")), path
        for table in page.iter("table"):
            width = {len(row) for row in table.iter("tr")}
            assert len(width) == 1 and table.find("caption") is not None, path


def no_report_holds_an_entry(w):
    paths = [p for p in w.open.rglob("*") if p.is_file()]
    assert len(paths) >= 14, paths
    for path in paths:
        assert CANARY not in path.read_text(), path


def nothing_is_overwritten_and_no_link_followed(w):
    r = w.period("operator", "published")
    assert r.returncode == 2 and "there already" in r.stderr, r
    trap = w.open / "trap"
    trap.mkdir()
    trap.chmod(0o777)
    (w.open / "target").write_text("mine")
    (w.open / "target").chmod(0o666)
    (trap / "transparency.json").symlink_to(w.open / "target")
    r = w.period("operator", "trap")
    assert r.returncode == 2 and (w.open / "target").read_text() == "mine", r
    r = w.period("operator", "turned", begin="2026-02-01", end="2026-01-01")
    assert r.returncode == 1 and "to: must be later" in r.stderr, r
    r = w.period("operator", "future", begin="2026-02-01", end="+1d")
    assert r.returncode == 1 and "not past" in r.stderr, r


def files_of(w, name):
    folder = w.open / name
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def who_may_publish(w):
    """What binds all later reports is no viewer's to make, nor an auditor's."""
    for role in ("viewer", "auditor", "approver"):
        r = w.period(role, f"no-{role}", begin="2025-01-01", end="2025-02-01")
        assert r.returncode == 1 and "needs the role operator" in r.stderr and not files_of(w, f"no-{role}"), r
    assert w.journal("report.period")[-1]["outcome"] == "refused"
    assert {row["subject"] for row in w.journal("report.publish")} == {f"published 2026-01-01T00:00:00Z to {w.end}"}, w.journal("report.publish")


def periods_that_overlap_are_refused(w):
    """The operator published January to now before. Name, from, to, what the refusal names (None: it is made)."""
    first = f"2026-01-01T00:00:00Z to {w.end}"
    for name, begin, end, told in (
            ("inside", "2026-01-02", "2026-01-03", first), ("same-begin", "2026-01-01", "2026-02-01", first),
            ("same-end", "2026-02-01", w.end, first), ("around", "2025-12-31", w.end, first),
            ("a-second", "2025-12-01", "2026-01-01T00:00:01Z", first),
            ("before", "2025-10-01", "2025-11-01", None), ("up-to-it", "2025-12-01", "2026-01-01", None), ("between", "2025-11-01", "2025-12-01", None),
            ("both", "2025-10-01", "2025-12-01", "2025-11-01T00:00:00Z to 2025-12-01T00:00:00Z"),
            ("later-begin", "2025-10-02", "2025-11-01", "2025-10-01T00:00:00Z to 2025-11-01T00:00:00Z")):
        r = w.period("operator", f"overlap-{name}", begin=begin, end=end)
        if told is None:
            assert r.returncode == 0 and "transparency.json" in files_of(w, f"overlap-{name}"), (name, r)
            continue
        assert r.returncode == 1 and f"the report of {told} was published" in r.stderr, (name, r)
        assert f"begins at {told[-20:]} or later" in r.stderr and "--internal" in r.stderr, (name, r)
        assert not files_of(w, f"overlap-{name}"), name
        row = w.journal("report.period")[-1]
        assert row["outcome"] == "refused" and told in row["text"], row


def what_was_refused_or_internal_binds_nobody(w):
    r = w.period("auditor", "overlap-internal", "--internal", begin="2025-10-02", end="2025-12-01")
    assert r.returncode == 0 and "overlaps" not in r.stdout, r
    for name, begin, end in (("inside-internal", "2025-09-01", "2025-10-01"), ("beside", "2025-08-01", "2025-09-01")):
        assert w.period("auditor", f"first-{name}", "--internal", begin="2025-07-01", end="2025-10-01").returncode == 0
        r = w.period("operator", f"then-{name}", begin=begin, end=end)
        assert r.returncode == 0, r


def the_same_period_again_has_the_same_figures(w):
    r = w.period("operator", "again")
    assert r.returncode == 0, r
    tables = [json.loads((w.open / name / "transparency.json").read_text())["tables"] for name in ("published", "again")]
    open_to_change = ("probes", "unprotected", "alarms", "stops")
    assert all(tables[0][k] == tables[1][k] for k in tables[0] if k not in open_to_change), tables


def the_same_period_with_other_figures_is_refused(w):
    """A letter of that time that is entered late: an authority more in the table."""
    fields = {"authority": "Late Authority", "reference": "L 1", "legal_basis": "Law 1", "category": "other", "received": "2026-01-02",
              "expires": "2099-01-01", "precision": "domain"}
    good(w.op.ask("order.add", fields))
    r = w.period("operator", "changed")
    assert r.returncode == 1 and "its figures have changed since" in r.stderr and "the earlier one stands" in r.stderr, r
    assert not files_of(w, "changed")
    r = w.period("auditor", "changed-internal", "--internal")
    assert r.returncode == 0, r
    tables = json.loads((w.open / "changed-internal" / "transparency.json").read_text())["tables"]
    assert tables["orders"]["total"]["received"] == 2, tables["orders"]


def who_hands_over_no_file_binds_nobody(w):
    before = len(w.journal("report.publish"))
    times = {"from": "2024-01-01", "to": "2024-02-01"}
    assert "no file came" in w.op.ask("report.period", times)["error"]["message"]
    assert len(w.journal("report.publish")) == before
    r = w.period("operator", "not-bound", begin="2024-01-15", end="2024-02-15")
    assert r.returncode == 0, r


def only_a_file_to_write_is_taken(w):
    c, times = w.d.client(UIDS["operator"]), {"from": "2023-01-01", "to": "2023-02-01"}
    assert "no file came" in c.ask("report.period", times)["error"]["message"]
    ends = os.pipe()
    read_only = os.open("/etc/hostname", os.O_RDONLY)
    for fd in (*ends, read_only, os.open("/", os.O_PATH), os.open("/dev/full", os.O_WRONLY)):
        assert "no regular file" in c.ask("report.period", times, [fd])["error"]["message"]
        os.close(fd)
    c.close()


def any_tar_reads_what_is_handed_over(w):
    c = w.d.client(UIDS["operator"])
    with tempfile.TemporaryFile() as f:
        f.write(b"x" * 3_000_000)  # what was there goes
        f.flush()
        result = w.d.job(c, "report.period", {"from": "2023-01-01", "to": "2023-02-01"}, [f.fileno()])
        assert os.fstat(f.fileno()).st_size == result["bytes"] < 100_000, result
        f.seek(0)
        with tarfile.open(fileobj=f, mode="r:", format=tarfile.USTAR_FORMAT) as tar:
            assert {m.name for m in tar} == FILES and all(m.isreg() and m.mode == 0o644 for m in tar)
            manifest = tar.extractfile("SHA256SUMS").read()
    assert hashlib.sha256(manifest).hexdigest() == result["sha256"]
    c.close()


TESTS = [an_order_with_a_hostile_title, a_period_is_written_for_who_asks, figures_are_the_same_in_json_and_csv,
         internal_figures_are_exact_and_the_auditors, pages_are_well_formed_and_hold_nothing_hostile, no_report_holds_an_entry,
         nothing_is_overwritten_and_no_link_followed, who_may_publish, periods_that_overlap_are_refused, what_was_refused_or_internal_binds_nobody,
         the_same_period_again_has_the_same_figures, the_same_period_with_other_figures_is_refused, who_hands_over_no_file_binds_nobody, only_a_file_to_write_is_taken, any_tar_reads_what_is_handed_over]


def main():
    with tempfile.TemporaryDirectory() as folder:
        d = Daemon(sys.argv[1], pathlib.Path(folder))
        w = World(d, sys.argv[2], pathlib.Path(folder))
        return run_tests("reports", [(f.__name__, functools.partial(f, w)) for f in TESTS] + [("it_ends_in_good_order", d.end)])


if __name__ == "__main__":
    sys.exit(main())
