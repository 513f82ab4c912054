#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""control.py ROJA_CONTROL: who may do what on the socket of roja-control, and what hostile clients can do there: nothing.

Prints "ok control TEST" or "not ok control TEST: why" a test.
"""
import functools
import pathlib
import sys
import tempfile

import hostile
from daemon import BY_GROUP, GROUP, HAS, ROLES, STRANGER, UIDS, Daemon
from people import connect_as, run_tests

ACCESS = -32001
# What a viewer may call changes nothing: so its name ends.
LOOKS = ("list", "show", "status", "why", "whoami", "stats", "notes", "diff", "check", "period", "checkpoint")

def code(answer):
    return answer.get("error", {}).get("code")


def table(d):
    return {m["name"]: set(m["roles"]) for m in d.once(UIDS["viewer"], "help")["result"]}


def each_method_for_each_role(d):
    wrong = []
    methods = table(d)
    assert len(methods) > 10
    for uid, has in HAS.items():
        c = d.client(uid, [GROUP] if uid == BY_GROUP else [])
        for name, roles in methods.items():
            refused = code(c.ask(name)) == ACCESS
            if refused != (bool(roles) and not roles & has):
                wrong.append(f"{name} by {'+'.join(sorted(has))}: {'refused' if refused else 'let in'}")
        c.close()
    assert not wrong, "; ".join(wrong)


def viewers_only_look(d):
    for name, roles in table(d).items():
        assert roles or name == "help", f"{name} has no role"
        if "viewer" in roles:
            assert name.split(".")[-1] in LOOKS, f"{name} is open to viewers"
        assert roles <= set(ROLES), name


def nobody_approves_by_being_operator(d):
    for name, roles in table(d).items():
        if name.endswith((".approve", ".activate")) or name == "stop.confirm":
            assert roles == {"approver"}, (name, roles)


def whoami_tells_the_kernels_word(d):
    for uid, has in HAS.items():
        c = d.client(uid, [GROUP] if uid == BY_GROUP else [])
        r = c.ask("whoami")["result"]
        assert r["uid"] == uid and set(r["roles"]) == has, (uid, r)
        c.close()
    c = d.client(BY_GROUP)  # without the group he is nobody
    assert code(c.ask("whoami")) == ACCESS
    c.close()


def who_has_no_role_is_told_and_closed(d):
    for method in ("whoami", "help", "status", "no.such"):
        c = d.client(STRANGER)
        answer = c.ask(method)
        assert code(answer) == ACCESS and answer["id"] is None, answer
        assert not c.line()
        c.close()


def a_refusal_comes_before_parameters_are_looked_at(d):
    c = d.client(UIDS["viewer"])
    assert code(c.ask("list.add", {"no": "such"})) == ACCESS
    assert code(c.ask("list.show", {"no": "such"})) == -32602
    c.close()


def refusals_are_journalled_and_a_flood_is_one_row(d):
    def rows():
        all_of_them = d.once(UIDS["auditor"], "journal.list", {"limit": 1000})["result"]
        return [r for r in all_of_them if r["act"] == "list.reveal" and r["outcome"] == "refused"]

    before = len(rows())
    c = d.client(UIDS["admin"])
    for _ in range(500):
        assert code(c.ask("list.reveal")) == ACCESS
    c.close()
    assert len(rows()) - before <= 2, rows()[:3]
    assert any(r["uid"] == UIDS["admin"] for r in rows() if "uid" in r) or rows()


def one_user_cannot_take_all_places(d):
    taken = []
    for _ in range(500):
        c = d.client(UIDS["viewer"])
        answer = c.ask("whoami")
        taken.append(c)
        if "error" in answer:
            break
    assert "connections already" in answer["error"]["message"], answer
    assert "result" in d.once(UIDS["operator"], "whoami")
    for c in taken:
        c.close()


TESTS = [each_method_for_each_role, viewers_only_look, nobody_approves_by_being_operator, whoami_tells_the_kernels_word,
         who_has_no_role_is_told_and_closed, a_refusal_comes_before_parameters_are_looked_at,
         refusals_are_journalled_and_a_flood_is_one_row, one_user_cannot_take_all_places]


def main():
    with tempfile.TemporaryDirectory() as folder:
        d = Daemon(sys.argv[1], pathlib.Path(folder))
        target = hostile.Target(d.pid, lambda: connect_as(d.path, UIDS["viewer"]), lambda: connect_as(d.path, UIDS["operator"]),
                                "whoami")
        strangers = hostile.Target(d.pid, lambda: connect_as(d.path, STRANGER), lambda: connect_as(d.path, UIDS["operator"]), "whoami")
        tests = [(f.__name__, functools.partial(f, d)) for f in TESTS]
        tests += [(f.__name__, functools.partial(hostile.run, target, f)) for f in hostile.CASES]
        tests += [("strangers_by_the_hundred", functools.partial(hostile.run, strangers, hostile.three_hundred_connections))]
        tests += [("it_ends_in_good_order", d.end)]
        return run_tests("control", tests)


if __name__ == "__main__":
    sys.exit(main())
