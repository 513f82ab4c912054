#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""sink.py SINK_RUN: no entry of the log is lost on its way to a file or a syslog server, whoever dies, stalls or lies.

Prints "ok sink TEST" or "not ok sink TEST: why" a test.
"""
import contextlib
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from collectors import Datagrams, Server, context, make_certificates

RUN = str(pathlib.Path(sys.argv[1]).resolve())


class Run:
    """sink_run over a folder; sinks: rows of the configuration, as text."""

    def __init__(self, folder, *sinks):
        self.folder = folder
        config = folder / "control.yaml"
        config.write_text(f"state: {folder}\nsinks:\n" + "".join(f"  - {{{s}}}\n" for s in sinks))
        self.process = subprocess.Popen([RUN, config, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=open(folder / "stderr", "a"), text=True)
        self.size = self.answer()["size"]

    def answer(self):
        line = self.process.stdout.readline()
        assert line, (self.folder / "stderr").read_text()
        return json.loads(line)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.answer()

    def add(self, n):
        self.size = self.ask(f"add {n}")["size"]
        return self.size

    def sink(self, i=0):
        return self.ask("look")["sinks"][i]

    def wait(self, test):
        while not test(look := self.ask("look")):
            time.sleep(0.02)
        return look

    def end(self):
        self.process.stdin.close()
        assert self.process.wait() == 0, (self.folder / "stderr").read_text()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class World:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        make_certificates(self.folder)
        self.n = 0

    def new(self):
        self.n += 1
        folder = self.folder / f"run{self.n}"
        folder.mkdir()
        return folder

    def tls(self, port, *more):
        return ", ".join(("name: siem, format: syslog, host: 127.0.0.1", f"port: {port}, ca_file: {self.folder}/authority.pem",
                          "history: true, confirm_s: 1", *more))


def whole(leaves, size):
    """Every leaf came, and each for the first time in order."""
    first = list(dict.fromkeys(leaves))
    assert first == list(range(size)), (len(first), size, [x for x in range(size) if x not in set(first)][:10])


def lines(path):
    return [json.loads(x) for x in path.read_text().splitlines()]


def file_leaves(*paths):
    leaves = []
    for p in paths:
        for o in lines(p):
            leaves.extend(range(o["leaf"], o.get("last", o["leaf"]) + 1))
    return leaves


def test_a_file_gets_every_entry_as_a_line(w):
    f = w.new()
    r = Run(f, f"name: file, path: {f}/log.jsonl, history: true")
    size = r.add(5000)
    r.wait(lambda x: x["sinks"][0]["lag"] == 0)
    whole(file_leaves(f / "log.jsonl"), size)
    assert (f / "log.jsonl").stat().st_mode & 0o777 & ~0o640 == 0
    hit = next(o for o in lines(f / "log.jsonl") if o["kind"] == "hit")
    assert "pseudonym" not in hit and hit["rule"] == "0102030405060708", hit
    r.end()
    r = Run(f, f"name: file, path: {f}/log.jsonl, history: true")
    size = r.add(10)
    r.wait(lambda x: x["sinks"][0]["lag"] == 0)
    r.end()
    got = file_leaves(f / "log.jsonl")
    whole(got, size)
    assert len(got) == size, "an orderly end repeats nothing"


def test_a_new_sink_begins_now_unless_it_asks_for_history(w):
    f = w.new()
    r = Run(f, f"name: a, path: {f}/a.jsonl, history: true")
    before = r.add(100)
    r.end()
    r = Run(f, f"name: a, path: {f}/a.jsonl, history: true", f"name: b, path: {f}/b.jsonl")
    size = r.size
    r.kill()  # its place is durable before any entry behind it
    r = Run(f, f"name: a, path: {f}/a.jsonl, history: true", f"name: b, path: {f}/b.jsonl")
    after = r.add(7)
    r.wait(lambda x: all(s["lag"] == 0 for s in x["sinks"]))
    got = file_leaves(f / "b.jsonl")
    assert before <= size <= got[0] + 1 and sorted(set(got))[-7:] == list(range(after - 7, after)), (size, got)
    r.end()


def test_kinds_are_chosen_and_pseudonyms_asked_for(w):
    f = w.new()
    r = Run(f, f"name: a, path: {f}/a.jsonl, kinds: [act], history: true",
            f"name: b, path: {f}/b.jsonl, kinds: [hit], pseudonyms: true, history: true")
    r.add(300)
    r.wait(lambda x: all(s["lag"] == 0 for s in x["sinks"]))
    assert not (f / "a.jsonl").exists() or not lines(f / "a.jsonl")
    hits = lines(f / "b.jsonl")
    assert len(hits) == 300 and {o["kind"] for o in hits} == {"hit"} and hits[0]["pseudonym"], hits[0]
    r.end()


def test_a_file_that_is_moved_is_opened_anew(w):
    f = w.new()
    r = Run(f, f"name: file, path: {f}/log.jsonl, history: true")
    r.add(100)
    r.wait(lambda x: x["sinks"][0]["lag"] == 0)
    (f / "log.jsonl").rename(f / "old.jsonl")
    size = r.add(100)
    r.wait(lambda x: x["sinks"][0]["lag"] == 0)
    r.end()
    whole(file_leaves(f / "old.jsonl", f / "log.jsonl"), size)
    assert lines(f / "log.jsonl")


def test_a_file_is_rotated_by_size(w):
    f = w.new()
    r = Run(f, f"name: file, path: {f}/log.jsonl, history: true, rotate_bytes: 100000, rotate_files: 3")
    for _ in range(40):
        size = r.add(50)
        r.wait(lambda x: x["sinks"][0]["lag"] == 0)
    r.end()
    names = sorted(p.name for p in f.glob("log.jsonl*"))
    assert names == ["log.jsonl", "log.jsonl.1", "log.jsonl.2", "log.jsonl.3"], names
    assert all(p.stat().st_size <= 100000 for p in f.glob("log.jsonl*"))
    got = file_leaves(*(f / n for n in reversed(names)))
    assert got == list(range(got[0], size)), (got[0], size)


def test_a_disk_that_is_full_only_delays(w):
    f = w.new()
    r = Run(f, f"name: file, path: {f}/no/log.jsonl, history: true, behind_s: 1")
    r.add(100)
    look = r.wait(lambda x: x["alarms"])
    assert look["alarms"][0]["kind"] == "sink-behind" and "No such file" in look["alarms"][0]["text"], look
    (f / "no").mkdir()
    look = r.wait(lambda x: x["sinks"][0]["lag"] == 0 and not x["alarms"])
    whole(file_leaves(f / "no/log.jsonl"), r.size)
    r.end()


def test_a_torn_line_is_ended_and_its_entry_comes_again(w):
    f = w.new()
    (f / "log.jsonl").write_text('{"leaf":0,"ki')
    r = Run(f, f"name: file, path: {f}/log.jsonl, history: true")
    size = r.add(10)
    r.wait(lambda x: x["sinks"][0]["lag"] == 0)
    r.end()
    torn, *rest = (f / "log.jsonl").read_text().splitlines()
    assert torn == '{"leaf":0,"ki' and [json.loads(x)["leaf"] for x in rest] == list(range(size)), rest[:3]


def test_a_syslog_server_gets_every_entry_over_tls(w):
    s = Server(context(w.folder, client="authority"))
    r = Run(w.new(), w.tls(s.port, f"client_cert: {w.folder}/client.pem, client_key: {w.folder}/client.key, enterprise: 32474"))
    size = r.add(5000)
    r.wait(lambda x: x["sinks"][0]["lag"] == 0)
    whole(s.leaves, size)
    assert not s.bad and b"[roja@32474 leaf=" in s.messages[0] and b'log="roja.example/audit"]' in s.messages[0], s.messages[0]
    assert all(m.isascii() for m in s.messages)
    r.end()
    assert len(s.leaves) == size
    s.close()


def test_tcp_and_udp_stay_on_this_machine(w):
    s, d = Server(), Datagrams()
    r = Run(w.new(), f"name: tcp, format: syslog, transport: tcp, host: localhost, port: {s.port}, history: true",
            f"name: udp, format: syslog, transport: udp, host: 127.0.0.1, port: {d.port}, history: true")
    size = r.add(200)
    s.wait(lambda x: x.leaves and x.leaves[-1] == size - 1)
    d.wait(lambda x: x.leaves and x.leaves[-1] == size - 1)
    whole(s.leaves, size)
    whole(d.leaves, size)
    r.end()
    s.close()


def refused(w, server, why):
    r = Run(w.new(), w.tls(server.port))
    r.add(10)
    look = r.wait(lambda x: x["sinks"][0]["failures"])
    assert why in look["sinks"][0]["trouble"], look
    assert not server.leaves and look["sinks"][0]["lag"] == look["durable"], look
    r.end()


def test_a_server_must_be_who_it_is(w):
    s = Server(context(w.folder, "elsewhere"))
    refused(w, s, "IP address mismatch")
    s.close()
    s = Server(context(w.folder, "foreign"))
    refused(w, s, "unable to get local issuer certificate")
    s.close()
    s = Server()  # speaks no TLS
    s.connection = lambda n: lambda c: c.sendall(b"220 hello\r\n" * 10)
    refused(w, s, "no TLS")
    s.close()


def put(to, *names):
    """Replaces a file by others, one behind the other, as whoever renews certificates should."""
    text = "".join(n if "\n" in n else (to.parents[1] / n).read_text() for n in names)
    to.with_suffix(".new").write_text(text)
    to.with_suffix(".new").rename(to)


def with_certificates(w, port, client):
    """A run with certificates of its own: ca.pem, and me.pem with certificate and key."""
    f = w.new()
    put(f / "ca.pem", "authority.pem")
    put(f / "me.pem", f"{client}.pem", f"{client}.key")
    row = w.tls(port, f"client_cert: {f}/me.pem, client_key: {f}/me.pem").replace(f"{w.folder}/authority.pem", f"{f}/ca.pem")
    return f, row, Run(f, row)


def told(f, *words):
    return [x for x in (f / "stderr").read_text().splitlines() if all(word in x for word in words)]


def test_certificates_are_read_again(w):
    s = Server(context(w.folder, client="authority"))
    f, row, r = with_certificates(w, s.port, "client")
    r.add(10)
    r.wait(lambda x: x["sinks"][0]["lag"] == 0)
    s.close()
    other = Server(context(w.folder, "foreign", client="stranger"), port=s.port)
    size = r.add(10)
    r.wait(lambda x: "self-signed certificate" in x["sinks"][0]["trouble"])
    put(f / "ca.pem", "stranger.pem")
    r.wait(lambda x: "alert unknown ca" in x["sinks"][0]["trouble"])
    assert not other.leaves, "the client's is still the old one, which this server refuses"
    put(f / "me.pem", "visitor.pem", "visitor.key")
    r.wait(lambda x: x["sinks"][0]["lag"] == 0)
    whole(s.leaves + other.leaves, size)
    r.end()
    assert not told(f, "old certificates"), told(f, "")
    other.close()


def test_what_was_taken_off_the_ca_file_counts_no_more(w):
    s = Server(context(w.folder))
    f, row, r = with_certificates(w, s.port, "client")
    size = r.add(10)
    r.wait(lambda x: x["sinks"][0]["lag"] == 0)
    put(f / "ca.pem", "stranger.pem")
    r.add(10)  # the connection is renewed once there is something to prove
    r.wait(lambda x: "unable to get local issuer" in x["sinks"][0]["trouble"])
    seen = len(s.leaves)
    assert size <= seen < r.add(10) and len(s.leaves) == seen, (size, seen, len(s.leaves))
    r.end()
    s.close()


def test_broken_certificates_leave_the_old_ones_in_force(w):
    s = Server(context(w.folder, client="authority"))
    f, row, r = with_certificates(w, s.port, "client")

    def renewed(times):
        """New connections later, with a record in each."""
        for _ in range(times):
            n = s.peers
            while s.peers == n:
                r.add(1)
                time.sleep(0.1)
        look = r.wait(lambda x: x["sinks"][0]["lag"] == 0)
        assert not look["sinks"][0]["failures"], look

    def until_told(n, *words):
        while len(told(f, *words)) < n:
            r.add(1)  # each second's connection has something to prove
            time.sleep(0.1)

    renewed(2)
    assert not told(f, "certificates"), told(f, "")
    whole_pem = (f.parent / "client.pem").read_text()
    for n, (name, key, why, texts) in enumerate((
            ("ca.pem", "ca_file", "", ("authority.pem", "-----BEGIN CERTIFICATE-----\nMII\n")),  # cut behind a good one
            ("me.pem", "client_cert", "", (whole_pem[:len(whole_pem) // 2],)),
            ("me.pem", "client_key", "", ("client.pem",)),  # without its key
            ("me.pem", "client_key", "key values mismatch", ("client.pem", "visitor.key")),
            ("ca.pem", "ca_file", "", None))):
        good = (f / name).read_text()
        if texts:
            put(f / name, *texts)
        else:
            (f / name).unlink()
        until_told(n + 1, "old certificates stay in force")
        renewed(2)
        told_now = told(f, "old certificates stay in force")
        assert len(told_now) == n + 1 and f"sink siem: {key}: {f / name}: {why}" in told_now[-1] and "; name " in told_now[-1], told_now
        put(f / name, good)
        until_told(n + 1, "sink siem: its certificates were read again")
    whole(s.leaves, r.size)
    (f / "ca.pem").write_text("no certificate\n")
    r.end()
    again = subprocess.run([RUN, f / "control.yaml", f], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert again.returncode and "sink siem: ca_file" in again.stderr, again  # there are no old ones at a start
    s.close()


def test_a_server_that_comes_back_gets_the_rest(w):
    for most in (None, ssl.TLSVersion.TLSv1_2):
        s = Server(context(w.folder, most=most))
        r = Run(w.new(), w.tls(s.port))
        r.add(1000)
        s.wait(lambda x: len(x.leaves) > 500)
        s.close()
        r.add(1000)
        r.wait(lambda x: x["sinks"][0]["failures"] > 1)
        again = Server(context(w.folder, most=most), port=s.port)
        size = r.add(1000)
        again.wait(lambda x: x.leaves and x.leaves[-1] == size - 1)
        whole(s.leaves + again.leaves, size)
        assert not s.bad and not again.bad, (s.bad[:2], again.bad[:2])
        r.end()
        again.close()


def test_a_server_that_cuts_frames_gets_all_at_last(w):
    s = Server(context(w.folder), connection=lambda n: 40000 + 777 * n if n < 6 else None)
    r = Run(w.new(), w.tls(s.port))
    size = r.add(3000)
    s.wait(lambda x: x.leaves and x.leaves[-1] == size - 1 and x.peers >= 6)
    whole(s.leaves, size)
    assert not s.bad, s.bad[:3]
    r.end()
    s.close()


def goes_on_elsewhere(w, f, row, port, size):
    """Another start, with an honest server: what the first one only seemed to take comes again."""
    s = Server(context(w.folder), port=port)
    r = Run(f, row)
    s.wait(lambda x: x.leaves and x.leaves[-1] >= size - 1)
    whole(s.leaves[:size], size)
    r.end()
    s.close()


def test_a_server_that_refuses_late_has_nothing(w):
    """It shakes hands, reads, does not like whom it has, and closes in good order: rsyslog with a name that it does not know."""
    seen = threading.Event()

    def refuse(c):
        while c.recv(65536):
            seen.set()

    s = Server(context(w.folder), connection=lambda n: refuse)
    f, row = w.new(), w.tls(s.port)
    r = Run(f, row)
    size = r.add(10)
    seen.wait()
    r.end()  # in good order, at once
    s.close()
    goes_on_elsewhere(w, f, row, s.port, size)


class LateRelay:
    """Relays a connection to a server, but gives what the client says behind its hello only once it said goodbye; reads all, resets nothing."""

    def __init__(self, port):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port, self.server, self.refused = self.socket.getsockname()[1], port, 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.socket.accept()
                threading.Thread(target=self.relay, args=(client,), daemon=True).start()

    def relay(self, client):
        with contextlib.suppress(OSError), client, socket.create_connection(("127.0.0.1", self.server)) as server:
            server.sendall(client.recv(65536))
            answers = threading.Thread(target=self.answer, args=(server, client))
            answers.start()
            late = b"".join(iter(lambda: client.recv(65536), b""))
            with contextlib.suppress(OSError):
                server.sendall(late)
            answers.join()
            self.refused += 1

    @staticmethod
    def answer(server, client):
        with contextlib.suppress(OSError):
            while some := server.recv(65536):
                client.sendall(some)

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def test_an_alert_behind_our_goodbye_is_no_proof(w):
    """A stalled server: with TLS 1.3 it refuses our certificate when we have said everything and goodbye."""
    s = Server(context(w.folder, client="authority"))
    relay = LateRelay(s.port)
    f, row = w.new(), w.tls(relay.port, f"client_cert: {w.folder}/visitor.pem, client_key: {w.folder}/visitor.key")
    r = Run(f, row)
    size = r.add(10)
    look = r.wait(lambda x: relay.refused and (x["sinks"][0]["failures"] or x["sinks"][0]["lag"] == 0))["sinks"][0]
    assert look["lag"] == look["sent"] == size and "rejected" in look["trouble"] and not s.leaves, look
    r.end()
    s.close()
    relay.close()
    goes_on_elsewhere(w, f, row, relay.port, size)


def test_what_a_dead_server_had_not_read_comes_again(w):
    """Its kernel took everything, its program nothing, and died long after: without a proof that it read, nothing counts."""
    go = threading.Event()
    for secure in (True, False):
        go.clear()
        s = Server(context(w.folder) if secure else None, connection=lambda n: (lambda c: go.wait()) if n == 1 else None)
        row = w.tls(s.port) if secure else f"name: tcp, format: syslog, transport: tcp, host: 127.0.0.1, port: {s.port}, history: true, confirm_s: 1"
        r = Run(w.new(), row)
        size = r.add(100)
        begin = time.monotonic()
        look = r.wait(lambda x: x["sinks"][0]["sent"] >= size and time.monotonic() - begin > 7)
        assert look["sinks"][0]["unsettled"] == size and not s.leaves, look
        go.set()
        s.wait(lambda x: x.leaves and x.leaves[-1] == size - 1)
        r.wait(lambda x: x["sinks"][0]["lag"] == 0)
        whole(s.leaves, size)
        assert len(s.leaves) == size
        r.end()
        s.close()


def test_without_proofs_time_settles(w):
    s = Server(context(w.folder))
    r = Run(w.new(), w.tls(s.port).replace("confirm_s: 1", "confirm_s: 0"))
    size = r.add(1000)
    r.wait(lambda x: x["sinks"][0]["lag"] == 0)
    assert s.peers == 1 and s.leaves == list(range(size))
    r.end()
    s.close()


def test_a_slow_or_talking_server_delays_nobody_else(w):
    stop = threading.Event()

    def slow(c):
        while not stop.wait(0.05):
            c.recv(1)

    def talks(c):
        c.setblocking(False)
        while not stop.is_set():
            try:
                c.sendall(b"x" * 65536)
            except (BlockingIOError, ssl.SSLWantWriteError):
                stop.wait(0.001)

    def mute(c):
        stop.wait()

    servers = [Server(connection=lambda n, k=kind: k) for kind in (slow, talks, mute)]
    f = w.new()
    rows = [f"name: s{i}, format: syslog, transport: tcp, host: 127.0.0.1, port: {s.port}, history: true, behind_s: 1, confirm_s: {i}"
            for i, s in enumerate(servers)]
    alone = Run(w.new(), f"name: file, path: {f}/alone.jsonl, history: true")
    r = Run(f, f"name: file, path: {f}/log.jsonl, history: true", *rows)
    took = {}
    for name, run in (("alone", alone), ("beside", r)):
        begin = time.monotonic()
        for _ in range(100):
            run.add(1000)
        took[name] = time.monotonic() - begin
    look = r.wait(lambda x: x["sinks"][0]["lag"] == 0 and len(x["alarms"]) >= 2)
    whole(file_leaves(f / "log.jsonl"), r.size)
    assert any(s["lag"] > 0 for s in look["sinks"][1:]), look
    rate = {k: 100000 / v for k, v in took.items()}
    print(f"# acknowledged {rate['alone']:.0f} entries/s alone, {rate['beside']:.0f} beside a slow, a talking and a mute sink")
    assert rate["beside"] > rate["alone"] / 4, rate
    alone.end()
    begin = time.monotonic()
    r.end()  # at once, whatever they do
    assert time.monotonic() - begin < 5
    stop.set()


def test_kill_9_loses_nothing(w):
    s = Server(context(w.folder))
    f = w.new()
    rows = [f"name: file, path: {f}/log.jsonl, history: true", w.tls(s.port)]
    size = 0
    for i in range(8):
        r = Run(f, *rows)
        for _ in range(1 + i % 3):
            size = r.add(700)
        if i % 2:
            n = len(s.leaves)
            s.wait(lambda x: len(x.leaves) > n)
        r.kill()
    r = Run(f, *rows)
    size = r.size
    r.wait(lambda x: all(k["lag"] == 0 for k in x["sinks"]))
    whole(s.leaves, size)
    assert not s.bad
    got = []
    for line in (f / "log.jsonl").read_text().splitlines():
        try:
            got.append(json.loads(line)["leaf"])
        except ValueError:
            pass  # torn; its entry comes again
    whole(got, size)
    r.end()
    s.close()


def test_nobody_at_home_is_tried_ever_more_rarely(w):
    s = Server()
    port = s.port
    s.close()
    r = Run(w.new(), w.tls(port))
    r.add(10)
    begin = time.monotonic()
    look = r.wait(lambda x: time.monotonic() - begin > 4)
    assert 1 < look["sinks"][0]["failures"] <= 5 and "Connection refused" in look["sinks"][0]["trouble"], look
    r.end()
    r = Run(w.new(), "name: siem, format: syslog, host: nobody.invalid")
    r.wait(lambda x: x["sinks"][0]["failures"])
    r.end()


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        w = World(folder)
        only = sys.argv[2:]
        for name, test in [(n, t) for n, t in globals().items() if n.startswith("test_") and (not only or n in only)]:
            try:
                test(w)
                print(f"ok sink {name}", flush=True)
            except (AssertionError, OSError, ValueError, KeyError, IndexError, subprocess.SubprocessError) as e:
                print(f"not ok sink {name}: {e!r}", flush=True)
                failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
