# SPDX-License-Identifier: BSD-3-Clause
"""roja-control killed at any point: the store is sound, one version is active, the data plane has that one, no order is half-applied."""
import collections
import contextlib
import random
import shutil
import sqlite3
import threading
import time

import control
import network

NAMES = 2000
LONGEST_S = 0.2  # between the start of acts and the death
# Rows that must never be there.
HALF = {
    "an approved order with a list or import that was proposed with it and is still open":
        "SELECT count(*) FROM orders o JOIN proposals p ON p.order_id = o.id AND p.state = 'open'"
        " WHERE o.state = 'approved' AND p.kind IN ('order', 'list', 'import')",
    "an approved list of an order that is not":
        "SELECT count(*) FROM lists l JOIN orders o ON o.id = l.order_id WHERE l.state = 'approved' AND o.state = 'proposed'",
    "an active import that nobody approved":
        "SELECT count(*) FROM lists l JOIN imports i ON i.id = l.active_import WHERE i.approved IS NULL OR i.list_id <> l.id",
    "a version without its activation":
        "SELECT count(*) FROM versions WHERE id NOT IN (SELECT version_id FROM activations)",
    "a decision without who decided":
        "SELECT count(*) FROM proposals WHERE state IN ('approved', 'refused') AND (decided IS NULL OR decided_uid = uid)",
}


class People(threading.Thread):
    """Ana and Ben at work, until the daemon dies under their hands."""

    def __init__(self, b, c, seed):
        super().__init__()
        self.b, self.c, self.random, self.act, self.failure = b, c, random.Random(seed), "nothing", None
        self.start()

    def run(self):
        acts = (self.propose, self.approve, self.approve, self.revoke, self.rollback)
        try:
            while True:
                act = self.random.choice(acts)
                self.act = act.__name__
                try:
                    act()
                except control.Refused:
                    pass  # nothing to approve, or a compile is under way
        except (network.Failure, ValueError) as failure:
            self.failure = failure

    def propose(self):
        number = self.random.randrange(10**9)
        listed = self.b.lab.work / "death.txt"
        listed.write_text(control.names(NAMES, f"n{number}-"))
        order = self.c.rojactl("ana", "order", "add", *self.c.fields(reference=f"DC {number}"), "--list", f"l{number}={listed}")
        self.act = "authenticate"
        for added in order["lists"]:
            self.c.authenticate("ana", added["import"]["import"])

    def pick(self, state):
        orders = self.c.rojactl("eva", "order", "ls", "--state", state)
        return self.random.choice(orders)["order"] if orders else 0

    def approve(self):
        if order := self.pick("proposed"):
            self.c.rojactl("ben", "order", "approve", order)
            self.act = "activate"
            time.sleep(self.random.uniform(0, 0.05))

    def revoke(self):
        if order := self.pick("approved"):
            self.c.rojactl("ana", "order", "revoke", order, "--reason", "it was lifted")
            self.c.rojactl("ben", "order", "approve", order)

    def rollback(self):
        version = self.random.choice(self.c.rojactl("eva", "version", "ls"))["version"]
        self.c.rojactl("ana", "version", "rollback", version, "--reason", "a test")


def check_store(c):
    """What is wrong with what the death left, or None. Looked at in a copy: nobody repairs it before the daemon does."""
    copy = c.folder / "copy.db"
    for end in ("", "-wal"):
        shutil.copyfile(f"{c.state}/store.db{end}", f"{copy}{end}")
    with contextlib.closing(sqlite3.connect(copy)) as db:
        if (said := db.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            return f"the store: {said}"
        return next((what for what, sql in HALF.items() if db.execute(sql).fetchone()[0]), None)


def check(c, d):
    """What is wrong with what is enforced, or None."""
    version = c.acknowledged()
    active = c.rojactl("eva", "status")["active"]
    numbers = [v["version"] for v in c.rojactl("eva", "version", "ls") if v["active"]]
    ruleset = d.call("status")["ruleset"]
    if numbers != [version]:
        return f"active: {numbers}"
    if (ruleset["version"], ruleset["digest"]) != (active["version"], active["digest"]):
        return f"version {active['version']} is active and the data plane judges by {ruleset['version']}"
    if c.active.resolve().name != f"version-{version}.roja":
        return f"a data plane that starts begins with {c.active.resolve().name}, not version {version}"
    return None


def run(b, deaths):
    killed = collections.Counter()
    chance = random.Random(1)
    with control.beside(b.lab, b.tools, b.artifacts, "deaths") as (c, d):
        c.acknowledged()
        for number in range(deaths):
            people = People(b, c, number)
            time.sleep(chance.uniform(0.005, LONGEST_S))
            c.kill()
            killed[people.act] += 1
            people.join()
            wrong = check_store(c)
            c.start()
            if wrong := wrong or check(c, d):
                b.report.say(f"death {number} during {people.act}", wrong)
                return
        b.report.say(f"{deaths} deaths ({', '.join(f'{act} {n}' for act, n in sorted(killed.items()))}): the store is sound, one "
                     f"version is active and enforced, no order half-applied")


def test_control_deaths(b):
    run(b, 20)
