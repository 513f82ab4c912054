# SPDX-License-Identifier: BSD-3-Clause
"""roja-control killed at any point: the store is sound, one version is active, the data plane has that one, no order is half-applied."""
import collections
import contextlib
import json
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


LISTED, BESIDE, URL = "a.acts.test", "b.acts.test", "http://a.acts.test/"


def test_control_acts(b):
    """What people do to what is enforced, and that it is undone: each in both directions."""
    listed = b.lab.work / "acts.txt"
    listed.write_text(f"{LISTED}\n")

    def look(what, wanted):
        c.acknowledged()
        b.report.check(what, b.clients.curl(URL), wanted)
        b.report.check(f"{what}, beside it", b.clients.curl(f"http://{BESIDE}/"), "200")

    with control.beside(b.lab, b.tools, b.artifacts, "acts") as (c, d):
        order = c.propose("ana", ("acts", listed))
        look("proposed", "200")
        c.rojactl("ben", "order", "approve", order)
        c.enforced(order)
        look("approved", "451 sq")
        before = c.acknowledged()
        stop = c.rojactl("ana", "stop", "add", "list", "--list", "acts", "--reason", "a mistake?")["stop"]
        look("stopped", "200")
        b.report.check("why says stopped", c.rojactl("eva", "why", LISTED)["verdict"], "stopped")
        try:
            c.rojactl("ana", "stop", "confirm", stop)
            b.report.say("who stopped cannot confirm", "it could")
        except control.Refused:
            b.report.say("who stopped cannot confirm")
        c.rojactl("ben", "stop", "confirm", stop)
        c.rojactl("ana", "stop", "end", stop)
        look("the stop ended", "451 sq")
        proposal = c.rojactl("ana", "exception", "add", LISTED, "--reason", "an appeal was upheld")["proposal"]
        look("an exception proposed", "451 sq")
        c.rojactl("ben", "proposal", "approve", proposal)
        look("an exception approved", "200")
        number = c.rojactl("eva", "exception", "ls")[0]["exception"]
        proposal = c.rojactl("ana", "exception", "rm", number, "--reason", "a test")["proposal"]
        c.rojactl("ben", "proposal", "approve", proposal)
        look("the exception ended", "451 sq")
        added = c.rojactl("ana", "rule", "add", "acts", BESIDE, "--reason", "a test")
        c.authenticate("ana", added["import"])
        c.rojactl("ben", "list", "activate", "acts")
        c.acknowledged()
        b.report.check("a rule added by hand", b.clients.curl(f"http://{BESIDE}/"), "451 sq")
        c.rojactl("ana", "version", "rollback", before, "--reason", "a test")
        look("rolled back", "451 sq")
        d.kill()
        d.start()
        look("the data plane killed and started anew", "451 sq")
        c.stop()
        c.start()
        look("roja-control started anew", "451 sq")
        shadow = b.lab.work / "shadow.txt"
        shadow.write_text("shadow.acts.test\n")
        order = c.propose("ana", ("shadow", shadow), mode="shadow")
        c.rojactl("ben", "order", "approve", order)
        c.enforced(order)
        b.report.check("shadow mode", b.clients.curl("http://shadow.acts.test/"), "200")
        network.until("its hit is counted", 30, lambda: c.rojactl("eva", "hits", "--order", order))


def test_control_breaker(b):
    """A version that hits most of the traffic is taken back by itself; when a person brings it back, it stays."""
    listed = b.lab.work / "breaker.txt"
    listed.write_text("wide.acts.test\n")

    def change(config):
        config["breaker"] = {"window_s": 60, "max_percent": 50, "min_flows": 20}

    with control.beside(b.lab, b.tools, b.artifacts, "breaker", change) as (c, _):
        order = c.propose("ana", ("wide", listed))
        c.rojactl("ben", "order", "approve", order)
        c.enforced(order)
        version = c.acknowledged()

        def tripped():
            b.clients.curl("http://wide.acts.test/")
            return any(a["kind"] == "breaker" for a in c.rojactl("eva", "alarm", "ls"))
        network.until("the breaker trips", 50, tripped)
        c.acknowledged()
        b.report.check("taken back by the circuit breaker", b.clients.curl("http://wide.acts.test/"), "200")
        c.rojactl("ana", "version", "rollback", version, "--reason", "it is what was ordered")
        c.acknowledged()
        for _ in range(40):
            b.clients.curl("http://wide.acts.test/")
        time.sleep(2)
        c.acknowledged()
        b.report.check("brought back by a person", b.clients.curl("http://wide.acts.test/"), "451 sq")


def test_control_blocks_servers(b):
    """An order that blocks a server's address for a while: from the first hit on, and no longer than the order."""
    listed = b.lab.work / "server.txt"
    listed.write_text("server.acts.test\n")
    with control.beside(b.lab, b.tools, b.artifacts, "servers") as (c, d):
        order = c.propose("ana", ("server", listed), block_server_s=600, assessment="nothing else is hosted there")
        c.rojactl("ben", "order", "approve", order)
        c.enforced(order)
        b.report.check("before a hit", b.clients.curl("http://beside.acts.test/"), "200")
        b.report.check("a listed name", b.clients.curl("http://server.acts.test/"), "451 sq")
        network.until("the address is blocked", 30, lambda: network.SERVER in json.dumps(d.call("blocks.list")))
        b.report.check("its server", b.clients.curl("http://beside.acts.test/"), "timed out")
        b.report.check("another address", b.clients.curl("http://beside.acts.test/", network.SERVER6), "200")
        c.rojactl("ana", "order", "revoke", order, "--reason", "a test")
        c.rojactl("ben", "order", "approve", order)
        c.acknowledged()
        network.until("the address is let go", 30, lambda: b.clients.curl("http://beside.acts.test/") == "200")
        b.report.say("the order revoked: its server answers again")
