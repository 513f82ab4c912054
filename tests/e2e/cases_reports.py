# SPDX-License-Identifier: BSD-3-Clause
"""What a real system reports: two orders, hits, an appeal, an exception and an outage, in the right figures; no entry of a confidential list; pages
that print."""
import hashlib
import json
import pathlib
import sys
import time
import xml.etree.ElementTree

import control
import daemon
import network

CANARY = "canaryentry"
OPEN, OPEN_HITS, SECRET_HITS = "open.reports.test", 12, 3


def tree(folder):
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}


def manifest(folder):
    """Files whose SHA-256 is not what SHA256SUMS says, or which it does not name."""
    sums = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    found = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in tree(folder).items() if name != "SHA256SUMS"}
    return sorted(name for name in sums.keys() | found.keys() if sums.get(name) != found.get(name))


def ask(c, person, folder, *words):
    r = c.raw(person, "report", *words, "-o", folder)
    if r.returncode:
        raise network.Failure(f"rojactl report {' '.join(map(str, words))}, as {person}: {r.stderr.strip()}")
    return tree(folder)


def hits(c):
    return {row["order"]: row["hits"] for row in c.rojactl("eva", "stats", "--by", "order")}


def live(b, c, d):
    """Two orders and all that befalls them: (the open one, the confidential one)."""
    listed, secret = b.lab.work / "open.txt", b.lab.work / "secret-input"
    listed.write_text(f"{OPEN}\nhttp://{OPEN}.many.test/page\n")
    secret.write_text("".join(f"{CANARY}-{n}.many.test\n" for n in range(20)))
    orders = [c.propose("ana", ("open", listed)), c.propose("ana", ("secret", secret), category="csam", authority="Example Police")]
    secret.unlink()
    for order in orders:
        c.rojactl("ben", "order", "approve", order)
        c.enforced(order)
    c.acknowledged()
    for name, times in ((OPEN, OPEN_HITS), (f"{CANARY}-7.many.test", SECRET_HITS)):
        for _ in range(times):
            b.report.check(f"blocked, {name.split('-')[0]}", b.clients.curl(f"http://{name}/"), "451 sq")
    appeal = c.rojactl("ana", "appeal", "add", OPEN, "--text", "this is my shop")["appeal"]
    c.rojactl("ben", "appeal", "decide", appeal, "upheld", "--note", "it is")
    proposal = c.rojactl("ana", "exception", "add", "shop.reports.test", "--reason", "an appeal was upheld")["proposal"]
    c.rojactl("ben", "proposal", "approve", proposal)
    c.acknowledged()
    d.kill()
    dead = time.monotonic() + 2 * daemon.CONFIG["heartbeat_ms"] / 1000  # before that it is no outage
    network.until("traffic passes while the data plane is dead", 30,
                  lambda: b.clients.curl("http://beside.reports.test/") == "200" and time.monotonic() > dead)
    d.start()
    c.acknowledged()
    network.until("the outage is known", 60, lambda: any(a["kind"] == "unprotected" for a in c.rojactl("eva", "alarm", "ls")))
    network.until("both orders were probed", 60, lambda: {row["order"] for row in c.rojactl("eva", "probes")} == set(orders))
    network.until("the hits are counted", 60, lambda: hits(c) == {orders[0]: OPEN_HITS, orders[1]: SECRET_HITS})
    return orders


def pdf(b, page):
    """What is wrong with the page as PDF, or None."""
    out = b.artifacts / f"{page.stem}.pdf"
    out.unlink(missing_ok=True)
    b.lab.run("client", "chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={b.lab.work}/printer", "--no-first-run",
              "--disable-background-networking", f"--print-to-pdf={out}", "--no-pdf-header-footer", f"file://{page}",
              check=False)
    if not out.exists() or not out.read_bytes().startswith(b"%PDF-"):
        return "chromium prints no PDF of it"
    return None


def well_formed(page):
    root = xml.etree.ElementTree.fromstring(page.read_text().removeprefix("<!DOCTYPE html>\n"))
    if {e.tag for e in root.iter()} & {"script", "img", "link", "iframe", "a", "object", "embed"}:
        return "it fetches something"
    return None


def check_letters(b, c, folder, orders):
    for order, count, name in zip(orders, (2, 20), ("Example District Court", "Example Police")):
        files = ask(c, "ana", folder, "confirm", order)
        text = files[f"confirmation-{order}.txt"].read_text()
        for what, line in (("its authority", f"To: {name}\n"), ("its entries", f"Entries blocked: {count}\n"),
                           ("its data plane", "- peering: compiled "), ("in Albanian", f"Zëra të bllokuar: {count}\n"),
                           ("its probe", "Last test of the filter: peering, "), ("that nothing would pass", " would be stopped, 0 would pass, "),
                           ("the log's root", "Root hash (RFC 6962, SHA-256): ")):
            b.report.check(f"the confirmation of order {order} says {what}", line in text, True)
        b.report.say(f"its page of order {order} is well formed", well_formed(files[f"confirmation-{order}.html"]))
    b.report.say("the confirmation prints", pdf(b, files[f"confirmation-{orders[0]}.html"]))
    kept = c.rojactl("eva", "order", "show", orders[0])["confirmations"][0]["sha256"]
    b.report.check("its SHA-256 is kept", kept, hashlib.sha256(tree(folder)[f"confirmation-{orders[0]}.txt"].read_bytes()).hexdigest())


def check_figures(b, folder, wanted, variant):
    tables = json.loads((folder / "transparency.json").read_text())["tables"]
    for (table, row, figure), value in wanted.items():
        found = tables[table]["total"] if row is None else next(r for r in tables[table]["rows"] if row in r.values())
        b.report.check(f"{variant}: {table}, {row or 'total'}, {figure}", found[figure], value)
    return tables


def check_period(b, c, top):
    times = ("--from", "-1d", "--to", "now")
    ask(c, "max", top / "internal", "period", *times, "--internal")
    tables = check_figures(b, top / "internal", {
        ("orders", "Example Police", "active"): 1, ("orders", None, "received"): 2, ("orders", None, "entries"): 22,
        ("hits_by_authority_and_category", "Example Police", "csam"): SECRET_HITS,
        ("hits_by_protocol_and_action", "http", "page"): OPEN_HITS + SECRET_HITS, ("appeals", "upheld", "appeals"): 1,
        ("corrections", "exceptions", "times"): 1, ("time_to_block", "from-approval", "orders"): 2}, "internal")
    outages = tables["unprotected"]["total"]
    b.report.check("the outage is there, with its length", outages["times"] >= 1 and outages["passed_s"] > 0, True)
    probes = tables["probes"]["total"]
    b.report.check("probes are there, and none failed", (probes["run"] >= 2, probes["failed"]), (True, 0))
    slow = tables["time_to_block"]["rows"][0]
    b.report.check("the time to block is there", 0 < slow["median_s"] <= slow["p95_s"] < 60, True)
    files = ask(c, "ana", top / "published", "period", *times)
    check_figures(b, top / "published", {
        ("orders", "Example Police", "active"): "<10", ("orders", None, "entries"): 22, ("orders", "Example Police", "entries"): "withheld",
        ("hits_by_authority_and_category", "Example Police", "csam"): "<10", ("appeals", "upheld", "appeals"): "<10",
        ("unprotected", None, "times"): outages["times"]}, "published")
    for folder in ("internal", "published"):
        b.report.check(f"manifest of {folder}", manifest(top / folder), [])
    for name in sorted(n for n in files if n.endswith(".html")):
        b.report.say(f"{name} is well formed", well_formed(files[name]))
    b.report.say("the transparency report prints", pdf(b, files["transparency.sq.html"]))
    r = c.raw("ana", "report", "period", "--from", "-1h", "--to", "now", "-o", top / "overlapping")
    b.report.check("another one of a period that overlaps is refused", (r.returncode, "overlaps" in r.stderr), (1, True))


def check_audit(b, c, folder):
    """Once without the daemon's help: the tool takes it as it stands, and finds a byte that changed."""
    files = ask(c, "max", folder, "audit", "--from", "-1d", "--to", "+1h")
    b.report.check("manifest of the inspection's folder", manifest(folder), [])
    rows = json.loads(files["orders.json"].read_text())
    b.report.check("its orders", [row["fields"]["authority"] for row in rows], ["Example District Court", "Example Police"])
    verify = [b.tools.build / "audit" / "tool" / "roja-audit", "verify", "--state", "-", "--key", files["log.vkey"].read_text().strip(), folder]
    r = b.lab.run("client", *verify, check=False)
    b.report.say("roja-audit verifies it offline", None if r.returncode == 0 else (r.stderr or r.stdout or "")[-400:])
    second = [sys.executable, pathlib.Path(__file__).parents[1] / "audit" / "second" / "verify.py", folder / "log", "--key", files["log.vkey"].read_text().strip()]
    r = b.lab.run("client", *second, check=False)
    b.report.say("the second verifier takes its log, too", None if r.returncode == 0 else (r.stderr or r.stdout or "")[-400:])
    bundle = max(n for n in files if n.startswith("log/tile/entries/"))
    content = bytearray(files[bundle].read_bytes())
    content[len(content) // 2] ^= 1
    files[bundle].write_bytes(content)
    r = b.lab.run("client", *verify, check=False)
    b.report.check("roja-audit finds a byte that changed", r.returncode != 0, True)
    content[len(content) // 2] ^= 1
    files[bundle].write_bytes(content)


def change(config):
    config["state"] += "-reports"  # what other tests did is no part of it


def test_reports(b):
    with control.beside(b.lab, b.tools, b.artifacts, "reports", change) as (c, d):
        top = c.folder / "reports"
        top.mkdir()
        top.chmod(0o777)
        orders = live(b, c, d)
        check_letters(b, c, top / "letters", orders)
        check_period(b, c, top)
        check_audit(b, c, top / "inspection")
        files = tree(top)
        held = [name for name, path in files.items() if CANARY.encode() in path.read_bytes()]
        b.report.check(f"files that hold an entry, of {len(files)} reports", held, [])
        acts = [row["act"] for row in c.rojactl("max", "journal", "--limit", 1000) if row["act"].startswith("report.") and row["outcome"] == "done"]
        b.report.check("each is an act", sorted(acts), ["report.audit"] + 2 * ["report.confirm"] + 2 * ["report.period"] + ["report.publish"])
