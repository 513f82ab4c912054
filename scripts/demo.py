#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""demo.py BUILD: the whole system in network namespaces of its own, as root: an order from its proposal to its end.

A client and a web server with roja-dataplane in line between them; roja-control beside it; two people with rojactl.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "e2e"), str(ROOT / "tests" / "net")]
import bench  # noqa: E402
import control  # noqa: E402
import network  # noqa: E402

COUNT = 1000
NAME = "name500.many.test"
BESIDE = "name500.others.test"


def say(text):
    print(f"\n== {text}", flush=True)


def shown(c, person, *words):
    """The command as a person types it, and what it prints."""
    print(f"{person}$ rojactl {' '.join(map(str, words))}", flush=True)
    subprocess.run(["setpriv", "--reuid", str(control.PEOPLE[person]), "--regid", control.GROUP, "--clear-groups",
                    c.tools.rojactl, *map(str, words), "--socket", c.config["socket"]], check=True,
                   env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"})


def status_of(lab, name):
    r = lab.run("client", "curl", "-sS", "--max-time", 10, "-o", "/dev/null", "-w", "%{http_code}", "--connect-to",
                f"::{network.SERVER}:", f"http://{name}/")
    print(f"curl http://{name}/  ->  {r.stdout}", flush=True)
    return r.stdout


def expect(what, got, wanted):
    if got != wanted:
        raise network.Failure(f"{what}: {got!r} instead of {wanted!r}")


def serve(lab):
    www = lab.work / "www"
    www.mkdir()
    (www / "index.html").write_text("<!doctype html><title>page</title><p>A page.\n")
    lab.spawn("server", sys.executable, "-m", "http.server", "80", "--bind", network.SERVER, "--directory", www,
              log=lab.work / "server.log")
    network.until("the web server answers", 30, lambda: lab.run(
        "server", "curl", "-sf", "--max-time", 5, f"http://{network.SERVER}/", check=False).stdout)


def audited(c):
    """What happened, as the regulator checks it on a machine of their own."""
    say("the regulator verifies the log: every hit and every act is a leaf of a signed Merkle tree")
    network.until("all of it is published", 30, lambda: (lambda s: s["published"] == s["leaves"])(c.rojactl("eva", "audit", "status")))
    folder = c.state / "audit" / "log"
    home = {"HOME": str(c.folder), "PATH": os.environ["PATH"]}
    program = c.tools.build / "audit" / "tool" / "roja-audit"
    print("regulator$ roja-audit verify log", flush=True)
    subprocess.run([program, "verify", folder], check=True, env=home)
    say("somebody changes one byte of it")
    copy = c.folder / "changed"
    shutil.copytree(folder, copy)
    bundle = next(path for path in sorted((copy / "tile" / "entries").rglob("*")) if path.is_file())
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.write_bytes(data)
    print("regulator$ roja-audit verify changed", flush=True)
    r = subprocess.run([program, "verify", copy], check=False, env=home)
    expect("roja-audit's verdict", r.returncode, 1)


def scenario(lab, c):
    listed = lab.work / "court.txt"
    listed.write_text(control.names(COUNT))
    say("before: everything passes")
    expect("before the order", status_of(lab, NAME), "200")
    say(f"ana proposes an order with a list of {COUNT} names; she cannot approve it herself")
    order = c.propose("ana", ("court", listed), title="Demonstration")
    try:
        c.rojactl("ana", "order", "approve", order)
        raise network.Failure("who proposed it could approve it")
    except control.Refused as refused:
        print(refused)
    expect("before the approval", status_of(lab, NAME), "200")
    say("ben approves it")
    shown(c, "ben", "order", "approve", order)
    took = c.enforced(order)
    print(f"enforced on the data plane {took:.3f} s after the approval, {COUNT} names")
    expect("a listed name", status_of(lab, NAME), "451")
    expect("the name beside it", status_of(lab, BESIDE), "200")
    say("the hit, and why")
    network.until("the hit is known", 30, lambda: c.rojactl("eva", "hits"))
    shown(c, "eva", "hits")
    shown(c, "eva", "why", NAME)
    shown(c, "eva", "order", "show", order)
    say("the compliance self-test: every entry asked of every worker of the running data plane, never on the wire")
    # it runs by itself once a version is in force everywhere: by command, behind that
    network.until("the self-test by itself is over", 60, lambda: c.rojactl("eva", "probes", "--order", order)
                  and not c.rojactl("eva", "status")["probe"]["running"])
    shown(c, "ana", "probe", "--order", order)
    say("the order is revoked, by two people as well")
    c.rojactl("ana", "order", "revoke", order, "--reason", "the court lifted it")
    c.rojactl("ben", "order", "approve", order)
    c.acknowledged()
    expect("after the order", status_of(lab, NAME), "200")
    shown(c, "eva", "status")
    audited(c)
    if took >= 1:
        raise network.Failure(f"it took {took:.3f} s from approval to enforcement: 1 s at most")
    print(f"\nthe whole system: blocked {took:.3f} s after the approval, released after the revocation")


def main():
    if os.geteuid() != 0:
        print("\nThe demonstration of the whole system is left out: network namespaces need root.")
        return 0
    tools = bench.Tools(sys.argv[1])
    if subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "test", "-x", tools.rojactl], check=False).returncode:
        print(f"\nThe demonstration of the whole system is left out: its people are other users, who cannot reach {ROOT}. Put the checkout where\n"
              "everybody can read it, such as /srv.")
        return 0
    with tempfile.TemporaryDirectory(prefix="roja-demo-") as work, network.Network(work) as lab:
        pathlib.Path(work).chmod(0o755)
        serve(lab)
        with control.beside(lab, tools, pathlib.Path(work), "demo") as (c, _):
            try:
                scenario(lab, c)
            except network.Failure as failure:
                print(f"\n{failure}\n{c.says()}", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
