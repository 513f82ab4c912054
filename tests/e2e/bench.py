# SPDX-License-Identifier: BSD-3-Clause
"""What every test has at hand: network, servers, clients, the programs under test, and what is in the middle."""
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import traceback

import clients
import daemon
import network
import servers
import traffic

REDIRECTS = """\
#! name: redirects
#! authority: Example Authority
#! category: gambling
#! action-http: redirect
#! redirect: http://page.example/
#! action-dns: address
#! dns-a: 203.0.113.80
#! dns-aaaa: 2001:db8::80
redirected.parent.test
"""


class Tools:
    """The programs, by their build folder."""

    def __init__(self, build):
        build = pathlib.Path(build).resolve()
        self.build = build
        self.dataplane = build / "dataplane" / "dpdk" / "roja-dataplane"
        self.rojactl = build / "control" / "ctl" / "rojactl"
        self.probe = build / "tests" / "e2e" / "probe"
        self.take = build / "tests" / "events" / "take"


class Report:
    """A line a check: "ok SUITE NAME" or "not ok SUITE NAME: why"."""

    def __init__(self, suite):
        self.suite, self.failed = suite, 0

    def say(self, name, why=None):
        self.failed += why is not None
        print(f"ok {self.suite} {name}" if why is None else f"not ok {self.suite} {name}: {why}", flush=True)

    def check(self, name, got, wanted):
        """name says what is looked at, and the line what was found."""
        self.say(f"{name}: {wanted}", None if got == wanted else f"found {got!r}")

    def limit(self, name, got, limit, unit):
        """A figure that must not exceed a limit; it is shown either way."""
        print(f"   {name}: {got:.2f} {unit} (at most {limit})")
        self.say(name, None if got <= limit else f"{got:.2f} {unit}, over {limit}")


class Bench:
    def __init__(self, tools, lab, report, artifacts, wire=False, quick=False):
        self.tools, self.lab, self.report, self.artifacts = tools, lab, report, artifacts
        self.wire, self.quick = wire, quick
        self.servers = servers.Servers(lab)
        self.clients = clients.Clients(lab)
        self.ruleset = None if wire else self.compile("orders", servers.LIST, REDIRECTS)

    def compile(self, name, *lists):
        paths = []
        for number, text in enumerate(lists):
            paths.append(self.lab.work / f"{name}-{number}.txt")
            paths[-1].write_text(text)
        return daemon.compile_rules(self.tools, self.lab.work / f"{name}.roja", *paths)

    @contextlib.contextmanager
    def middle(self, name, **kwargs):
        """A running daemon, or None where a wire takes its place. `name` is its log's."""
        if self.wire:
            with self.lab.wire():
                yield None
        else:
            with self.running(name, **kwargs) as d:
                yield d

    def running(self, name, ruleset=None, change=lambda config: None):
        return daemon.running(self.lab, self.tools, self.artifacts, name, ruleset or self.ruleset, change)

    def probe(self, address, **kwargs):
        return traffic.Probe(self.lab, self.tools.probe, address, **kwargs)

    def transfer(self, number, **kwargs):
        return traffic.Transfer(self.lab, self.servers.digest, number, **kwargs)


@contextlib.contextmanager
def prepared(build, suite, artifacts=None, **kwargs):
    """A bench in a network of its own; SIGTERM and Ctrl-C end it, and everything is cleaned up."""
    def end(number, frame):
        sys.exit(128 + number)

    if os.geteuid() != 0:
        sys.exit("tests/e2e: needs root for its network namespaces")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    subprocess.run([pathlib.Path(__file__).resolve().parents[2] / "scripts" / "setup", "e2e"], check=True)
    tools = Tools(build)
    artifacts = pathlib.Path(artifacts or tools.build / "e2e-artifacts")
    artifacts.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="roja-e2e-") as work:
        pathlib.Path(work).chmod(0o755)
        with network.Network(work) as lab:
            yield Bench(tools, lab, Report(suite), artifacts, **kwargs)


def attempt(b, name, test):
    try:
        test(b)
    except network.Failure as failure:
        b.report.say(name, str(failure))
    except Exception:
        b.report.say(name, traceback.format_exc())


def show(suite, test):
    """For programs that show one figure: PROGRAM BUILD. Returns the exit code."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} BUILD")
    with prepared(sys.argv[1], suite) as b:
        attempt(b, suite, test)
    return 1 if b.report.failed else 0
