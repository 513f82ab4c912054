#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""receivers.py SINK_RUN UNPACKED: rsyslog and syslog-ng, set up by the very examples of docs/sinks.md, take what a sink sends.

Paths and the port are replaced in an example, nothing else; beside it, the structured data goes to a file of its own. UNPACKED is where scripts/unpack
puts both programs. Prints "ok sink-receivers NAME TEST" or "not ok sink-receivers NAME TEST: why" a test.
"""
import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

from collectors import issue, make_authority
from sink import Run, lines, whole

SOURCE = pathlib.Path(__file__).resolve().parents[2]
ROOT = pathlib.Path(sys.argv[2]).resolve()
LIBRARIES = ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib/syslog-ng")
PEER = "roja1.isp.example"  # as the example of rsyslog has it


def example(name):
    page = (SOURCE / "docs/sinks.md").read_text()
    return re.search(rf"\n## {name} as the server\n+```\n(.*?)```", page, re.DOTALL)[1]


class Receiver:
    """A server that the example sets up; self.file is what it writes, self.structured the structured data, a line each."""
    name = program = folder_there = before = beside = None

    def __init__(self, folder):
        self.folder = folder
        self.file, self.structured, self.log = folder / "roja.jsonl", folder / "structured", folder / "log"
        with socket.create_server(("127.0.0.1", 0)) as s:
            self.port = s.getsockname()[1]
        text = example(self.name)
        for there, here in ((self.folder_there, f"{folder}/"), ("/var/log/roja.jsonl", str(self.file)), ("6514", str(self.port))):
            assert there in text, (there, text)
            text = text.replace(there, here)
        self.config = folder / "config"
        self.config.write_text(self.before + text + self.beside.replace("STRUCTURED", str(self.structured)))

    def command(self, *more):
        return [ROOT / "usr/sbin" / self.program, "-f", self.config, *self.options(), *more]

    def __enter__(self):
        env = dict(os.environ, LD_LIBRARY_PATH=":".join(str(ROOT / x) for x in LIBRARIES))
        self.process = subprocess.Popen(self.command(), env=env, stdin=subprocess.DEVNULL, stdout=open(self.log, "w"), stderr=subprocess.STDOUT)
        while True:
            assert self.process.poll() is None, self.log.read_text()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return self
            time.sleep(0.05)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Rsyslog(Receiver):
    name, program, folder_there, before = "rsyslog", "rsyslogd", "/etc/rsyslog.d/", ""
    # the old form adds to the example's ruleset
    beside = '\ntemplate(name="sd" type="string" string="%structured-data%\\n")\n$Ruleset roja\n*.* STRUCTURED;sd\n'

    def options(self):
        return "-n", "-i", self.folder / "pid", "-M", ROOT / "usr/lib/x86_64-linux-gnu/rsyslog"


class SyslogNg(Receiver):
    name, program, folder_there, before = "syslog-ng", "syslog-ng", "/etc/syslog-ng/", "@version: 3.38\n"
    beside = '\ndestination d_sd { file("STRUCTURED" template("$SDATA\\n")); };\nlog { source(s_roja); destination(d_sd); };\n'

    def options(self):
        files = [x for option, name in (("-R", "persist"), ("-p", "pid"), ("-c", "control")) for x in (option, self.folder / name)]
        return "-F", "--no-caps", "--module-path", ROOT / "usr/lib/syslog-ng/3.38", *files


def run(r, name, client):
    """A log, a sink to the receiver that shows this certificate, and a file to compare with."""
    f = r.folder / name
    f.mkdir()
    return f, Run(f, f"name: siem, format: syslog, host: 127.0.0.1, port: {r.port}, ca_file: {r.folder}/ca.pem, client_cert: {r.folder}/{client}.pem, "
                  f"client_key: {r.folder}/{client}.key, history: true, confirm_s: 1", f"name: file, path: {f}/log.jsonl, history: true")


def check_each_record_comes_once(r):
    f, sinks = run(r, "once", "peer")
    for n in (3000, 1, 500):  # each behind a proof that the server read what was before
        size = sinks.add(n)
        sinks.wait(lambda x: all(s["lag"] == 0 for s in x["sinks"]))
    look = sinks.ask("look")["sinks"][0]
    sinks.end()
    assert not look["failures"], look
    wait_for(r.file, size)
    wait_for(r.structured, size)
    assert r.file.read_text() == (f / "log.jsonl").read_text()
    whole([o["leaf"] for o in lines(r.file)], size)
    assert len(lines(r.file)) == size
    wanted = [f'[roja@32473 leaf="{i}" log="roja.example/audit"]' for i in range(size)]
    got = r.structured.read_text().splitlines()
    assert got == wanted, next(x for x in zip(got, wanted) if x[0] != x[1])


def wait_for(path, size):
    """Programs write behind what they read."""
    while not path.exists() or path.read_text().count("\n") < size:
        time.sleep(0.05)


def check_others_are_refused(r):
    before = r.file.read_text()
    for client in r.refused:
        _, sinks = run(r, client, client)
        sinks.add(10)
        look = sinks.wait(lambda x: x["sinks"][0]["failures"] or not x["sinks"][0]["lag"])["sinks"][0]
        sinks.end()
        assert look["lag"] > 0, (client, look, r.log.read_text()[-600:])
    assert r.file.read_text() == before


Rsyslog.refused = ("stranger", "other")
SyslogNg.refused = ("stranger",)  # peer-verify() asks for the authority alone


def make_certificates(folder):
    for name in ("ca", "strangers"):
        make_authority(folder, name)
    issue(folder, "siem", "ca", "IP:127.0.0.1")
    issue(folder, "peer", "ca", f"DNS:{PEER}")
    issue(folder, "other", "ca", "DNS:other.test")
    issue(folder, "stranger", "strangers", f"DNS:{PEER}")


def main():
    subprocess.run([SOURCE / "scripts/unpack", "receivers", ROOT], check=True)
    failed = 0
    for kind in (Rsyslog, SyslogNg):
        with tempfile.TemporaryDirectory(prefix="roja-receivers-") as folder:
            folder = pathlib.Path(folder)
            make_certificates(folder)
            try:
                with kind(folder) as r:
                    for test in (check_each_record_comes_once, check_others_are_refused):
                        test(r)
                        print(f"ok sink-receivers {kind.name} {test.__name__[6:]}", flush=True)
            except (AssertionError, OSError, ValueError, KeyError, subprocess.SubprocessError) as e:
                print(f"not ok sink-receivers {kind.name}: {e!r}"[:2000], flush=True)
                failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
