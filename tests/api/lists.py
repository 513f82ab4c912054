#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""lists.py ROJA_CONTROL: lists through the socket of roja-control: imports, what they change, who approves them, and who sees entries.

Prints "ok lists TEST" or "not ok lists TEST: why" a test. The tests follow each other.
"""
import datetime
import functools
import os
import pathlib
import sys
import tempfile

from daemon import BOTH, UIDS, Daemon
from people import run_tests, until

CANARY = "canary"  # is in every entry, and nowhere else
FIRST = f"one.{CANARY}.test\ntwo.{CANARY}.test\nhttp://three.{CANARY}.test/page\nnot an entry {CANARY}\n"
SECOND = f"two.{CANARY}.test\nhttp://three.{CANARY}.test/page\nfour.{CANARY}.test\n"


def day(n):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=n)
    return at.strftime("%Y-%m-%dT00:00:00Z")


class World:
    def __init__(self, d):
        self.d = d
        self.op, self.ap, self.view, self.both = (d.client(uid) for uid in
                                                  (UIDS["operator"], UIDS["approver"], UIDS["viewer"], BOTH))

    def order(self, name, confidential):
        fields = {"authority": "Test Authority", "reference": "1196", "legal_basis": "Law 1, Art. 2", "category": "court",
                  "received": day(-1), "expires": day(30), "precision": "domain", "confidential": confidential}
        order = good(self.op.ask("order.add", fields))["order"]
        return order, good(self.op.ask("list.add", {"order": order, "name": name}))["list"]

    def imported(self, name, text, who=None, **more):
        """The job's result."""
        with tempfile.TemporaryFile() as f:
            f.write(text.encode())
            f.seek(0)
            return self.d.job(who or self.op, "list.import", {"list": name, "file": "list.txt", **more}, [f.fileno()])

    def vouch(self, result):
        good(self.op.ask("list.authenticate", {"import": result["import"], "how": "called the authority"}))

    def verdict(self, subject):
        return good(self.view.ask("why", {"subject": subject}))["verdict"]


def good(answer):
    assert "result" in answer, answer
    return answer["result"]


def refused(answer, words):
    assert words in answer.get("error", {}).get("message", ""), (answer, words)


def sources_are_checked(w):
    order, _ = w.order("checked", False)
    for more, words in (({"format": "none"}, "format"), ({"url": "http://lists.example/x"}, "url:"), ({"url": "ftp://lists.example/x"}, "url:"),
                        ({"url": "file:///etc/passwd"}, "url:"), ({"url": "https://lists.example/x", "every_s": 1}, "every_s:"),
                        ({"url": "https://lists.example/x", "signature_url": "nonsense"}, "signature_url:"),
                        ({"signature_url": "https://lists.example/x"}, "signature_url:"), ({"spool": "here"}, "spool:"),
                        ({"url": "https://lists.example/x", "spool": "/here"}, "spool:"), ({"approval": "never"}, "approval:"),
                        ({"approval": "signed"}, "approval:"), ({"options": {"column": "1"}}, "column"), ({"name": "A"}, "name:"),
                        ({"name": "7"}, "name:"), ({"name": "checked"}, "already"), ({"order": 999}, "order")):
        refused(w.op.ask("list.add", {"order": order, "name": "other", **more}), words)
    good(w.op.ask("list.add", {"order": order, "name": "other", "url": "https://lists.example/x?token=t", "every_s": 86400}))
    shown = good(w.op.ask("list.show", {"list": "other"}))
    assert shown["url"] == "https://lists.example/x?token=t" and shown["every_s"] == 86400, shown
    assert good(w.view.ask("list.show", {"list": "other"}))["url"] is None


def what_is_no_file_is_refused(w):
    w.open_order, _ = w.order("open", False)
    refused(w.op.ask("list.import", {"list": "open"}), "no file came")
    ends = os.pipe()
    folder = os.open("/", os.O_RDONLY)
    path = os.open("/", os.O_PATH)
    written = os.open("/dev/null", os.O_WRONLY)
    for fd in (*ends, folder, path, written):
        refused(w.op.ask("list.import", {"list": "open"}, [fd]), "no regular file")
        os.close(fd)
    with tempfile.TemporaryFile() as f:
        refused(w.op.ask("list.import", {"list": "open", "file": "a/b"}, [f.fileno()]), "file:")
        refused(w.op.ask("list.import", {"list": "open", "signature": "?"}, [f.fileno()]), "signature:")
        refused(w.op.ask("list.import", {"list": "none"}, [f.fileno()]), "no list")


def a_file_cut_short_is_refused(w):
    result = w.imported("open", FIRST, size=len(FIRST) + 1)
    assert result["refused"] and "cut short" in result["why"], result


def an_import_says_what_it_read(w):
    result = w.imported("open", FIRST, size=len(FIRST))
    assert (result["entries"], result["rejected"], result["added"], result["refused"]) == (3, 1, 3, False), result
    notes = good(w.view.ask("list.notes", {"import": result["import"]}))
    assert [n["line"] for n in notes] == [4] and CANARY in notes[0]["text"], notes
    refused(w.view.ask("list.notes", {"import": 999}), "no import 999")
    w.first = result


def nothing_is_active_before_two_people_and_a_vouching(w):
    refused(w.ap.ask("list.activate", {"list": "open"}), "unsigned")
    w.vouch(w.first)
    refused(w.ap.ask("list.activate", {"list": "open"}), "approve these first")
    assert w.verdict(f"one.{CANARY}.test") == "passes"
    good(w.ap.ask("order.approve", {"order": w.open_order}))
    until(lambda: w.verdict(f"one.{CANARY}.test") == "blocked", "what was approved is enforced")
    assert w.verdict(f"four.{CANARY}.test") == "passes"


def nobody_activates_their_own_import(w):
    result = w.imported("open", SECOND, w.both)
    w.vouch(result)
    refused(w.both.ask("list.activate", {"list": "open"}), "your own")
    w.second = result


def what_an_import_changes_is_shown(w):
    r = w.d.job(w.view, "list.diff", {"list": "open"})
    assert (r["added"], r["removed"], r["next"]) == (1, 1, None), r
    assert {(c["change"], c["entry"]) for c in r["changes"]} == {("added", f"four.{CANARY}.test"), ("removed", f"one.{CANARY}.test")}
    one = w.d.job(w.view, "list.diff", {"list": "open", "limit": 1})
    assert (one["next"], len(one["changes"])) == (1, 1), one
    rest = w.d.job(w.view, "list.diff", {"list": "open", "offset": one["next"]})
    assert one["changes"] + rest["changes"] == r["changes"] and rest["next"] is None
    refused(w.view.ask("list.diff", {"list": "open", "to": 999}), "no import 999")
    w.d.job(w.view, "list.check", {"list": "open"})


def an_approved_import_takes_the_place_of_the_last(w):
    good(w.ap.ask("list.activate", {"list": "open", "note": "seen"}))
    until(lambda: w.verdict(f"four.{CANARY}.test") == "blocked", "what was approved is enforced")
    assert w.verdict(f"one.{CANARY}.test") == "passes"
    refused(w.ap.ask("list.activate", {"list": "open"}), "no import of list open waits")
    shown = good(w.view.ask("list.show", {"list": "open"}))
    assert shown["active_import"] == w.second["import"] and shown["entries"] == 3 and len(shown["imports"]) == 3
    assert [r["name"] for r in good(w.view.ask("list.list"))] == ["checked", "other", "open"]


def a_rollback_is_at_once(w):
    refused(w.op.ask("list.rollback", {"list": "open", "import": 1, "reason": "x"}), "never active")
    good(w.op.ask("list.rollback", {"list": "open", "import": w.first["import"], "reason": "too much"}))
    until(lambda: w.verdict(f"one.{CANARY}.test") == "blocked", "the earlier import is enforced")


def what_refuses_a_list_is_accepted_by_its_name_alone(w):
    result = w.imported("open", SECOND)
    assert result["refused"] and [f["class"] for f in result["findings"]] == ["earlier"], result
    assert not w.imported("open", SECOND, accept=["earlier"])["refused"]
    for word, why in (("none-such", "no finding"), ("top-level", "cannot be accepted"), ("replayed", "cannot be accepted"), (1, "no finding")):
        with tempfile.TemporaryFile() as f:
            refused(w.op.ask("list.import", {"list": "open", "accept": [word]}, [f.fileno()]), why)


def a_job_is_its_owners(w):
    with tempfile.TemporaryFile() as f:
        f.write(SECOND.encode())
        f.seek(0)
        job = good(w.op.ask("list.import", {"list": "open"}, [f.fileno()]))
    refused(w.both.ask("job.show", job), "somebody else's")


def a_rule_by_hand_is_an_import(w):
    result = w.d.job(w.op, "rule.add", {"list": "open", "entry": f"five.{CANARY}.test", "reason": "a letter"})
    assert result["proposal"] and not result["refused"], result
    refused(w.op.ask("rule.add", {"list": "open", "entry": "not an entry"}), "no entry")
    result = w.d.job(w.op, "rule.remove", {"list": "open", "entry": f"two.{CANARY}.test"})
    assert not result["refused"] and result["entries"] == 3, result


def a_confidential_list_shows_nothing(w):
    w.secret_order, _ = w.order("secret", True)
    result = w.imported("secret", FIRST)
    assert result["entries"] == 3 and CANARY not in str(result), result
    w.vouch(result)
    good(w.ap.ask("order.approve", {"order": w.secret_order}))
    until(lambda: w.verdict(f"two.{CANARY}.test") == "blocked", "what was approved is enforced")
    for name, params in (("list.notes", {"import": result["import"]}), ("list.show", {"list": "secret"})):
        assert CANARY not in str(good(w.view.ask(name, params))), name
    w.imported("secret", SECOND)
    assert CANARY not in str(w.d.job(w.view, "list.diff", {"list": "secret"}))
    assert CANARY not in str(w.d.job(w.view, "list.check", {"list": "secret"}))


def entries_are_shown_to_one_person_after_another_approved(w):
    proposal = good(w.op.ask("list.reveal", {"list": "secret", "reason": "the authority asks"}))
    refused(w.op.ask("list.revealed", proposal), "is open")
    good(w.ap.ask("proposal.approve", proposal))
    refused(w.both.ask("list.revealed", proposal), "somebody else's")
    page = good(w.op.ask("list.revealed", {**proposal, "limit": 2}))
    assert page["next"] == 2 and len(page["entries"]) == 2, page
    rest = good(w.op.ask("list.revealed", {**proposal, "offset": 2}))
    assert rest["next"] is None
    assert {e["entry"].split(".")[0].removeprefix("http://") for e in page["entries"] + rest["entries"]} == {"one", "two", "three"}
    refused(w.op.ask("list.revealed", {"proposal": 1}), "no proposal to be shown entries")


def every_act_is_in_the_journal_and_no_entry(w):
    auditor = w.d.client(UIDS["auditor"])
    rows = good(auditor.ask("journal.list", {"limit": 1000}))
    assert CANARY not in str(rows) and CANARY not in w.d.log.read_text()
    acts = {(r["act"], r["outcome"]) for r in rows}
    for act in ("list.add", "list.import", "list.authenticate", "list.activate", "list.rollback", "list.reveal", "list.revealed",
                "rule.add", "rule.remove"):
        assert (act, "done") in acts, act
    for act in ("list.import", "list.activate", "list.rollback", "list.revealed", "rule.add"):
        assert (act, "refused") in acts, act


TESTS = [sources_are_checked, what_is_no_file_is_refused, a_file_cut_short_is_refused, an_import_says_what_it_read,
         nothing_is_active_before_two_people_and_a_vouching, nobody_activates_their_own_import, what_an_import_changes_is_shown,
         an_approved_import_takes_the_place_of_the_last, a_rollback_is_at_once, what_refuses_a_list_is_accepted_by_its_name_alone, a_job_is_its_owners, a_rule_by_hand_is_an_import,
         a_confidential_list_shows_nothing, entries_are_shown_to_one_person_after_another_approved,
         every_act_is_in_the_journal_and_no_entry]


def main():
    with tempfile.TemporaryDirectory() as folder:
        d = Daemon(sys.argv[1], pathlib.Path(folder))
        w = World(d)
        return run_tests("lists", [(f.__name__, functools.partial(f, w)) for f in TESTS] + [("it_ends_in_good_order", d.end)])


if __name__ == "__main__":
    sys.exit(main())
