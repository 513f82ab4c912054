#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""dataplane.py ROJACTL SERVE_VIEW PUT_EVENTS: rojactl dataplane and top against the daemon's own socket and methods, which
SERVE_VIEW serves over a view without a data plane behind it, and the daemon's own event rings, which PUT_EVENTS fills.

Prints "ok dataplane TEST" or "not ok dataplane TEST: why" a test.
"""
import contextlib
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import termios
import threading
import time

ROJACTL, SERVE_VIEW, PUT_EVENTS = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:4])
OTHER, MEMBER = 65532, 65533  # users that nobody is
WAIT_S = 60  # for what must come at once; only a failure takes so long


def run(*args, **more):
    r = subprocess.run([ROJACTL, *map(str, args)], capture_output=True, text=True, **more)
    return r.returncode, r.stdout, r.stderr


def until(condition, what):
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {WAIT_S} s"
        time.sleep(0.01)


class Served:
    """SERVE_VIEW on a socket in a folder."""

    def __init__(self, folder, **more):
        self.path = folder / "dataplane.sock"
        self.process = subprocess.Popen([SERVE_VIEW, self.path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, **more)
        self.ready = self.process.stdout.readline() == "ready\n"

    def end(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        out, err = self.process.communicate(timeout=WAIT_S)
        assert self.process.returncode == 0 and not err, (self.process.returncode, err)

    def ask(self, *args, **more):
        return run("dataplane", args[0], "--socket", self.path, *args[1:], **more)

    def connect(self):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(WAIT_S)
        s.connect(str(self.path))
        return s


@contextlib.contextmanager
def served(folder, **more):
    s = Served(folder, **more)
    assert s.ready, s.process.communicate()[1]
    try:
        yield s
    finally:
        s.end()


def request(method, number=1, **params):
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n"


def answers(connection, n):
    """The next n lines, and what came with them."""
    data = b""
    while data.count(b"\n") < n:
        part = connection.recv(1 << 16)
        assert part, f"closed after {data[-200:]}"
        data += part
    return [json.loads(line) for line in data.splitlines()]


def ruleset(folder):
    (folder / "list.txt").write_text("name.test\n")
    assert run("compile", folder / "list.txt", "-o", folder / "ruleset")[0] == 0
    return folder / "ruleset"


def test_status(folder):
    with served(folder) as s:
        code, out, err = s.ask("status")
        assert code == 0 and not err, err
        for part in ("up 1 d 02:03:04", "inline, fail open", "none: everything is forwarded", "12000 of 16384 free"):
            assert part in out, (part, out)
        code, out, _ = s.ask("status", "--json")
        status = json.loads(out)
        assert len(out.splitlines()) == 1 and status["pid"] == s.process.pid and status["ruleset"] is None


def test_tables_show_what_json_says(folder):
    """Text and JSON come from two looks; the figures of the view grow by 1,000,000 a look."""
    with served(folder) as s:
        for command, titles in (("workers", ["worker 0", "worker 1"]), ("ports", ["left", "right"]),
                                ("counters", ["total", "worker 0", "worker 1"])):
            said = json.loads(s.ask(command, "--json")[1])
            code, out, err = s.ask(command)
            assert code == 0 and not err, err
            head, *lines = out.splitlines()
            assert [word.strip() for word in head.split("  ") if word.strip()] == titles, head
            rows = {line.split()[0]: line.split()[1:] for line in lines}
            assert all(len(line) <= 80 for line in lines)
            if command == "counters":
                assert set(rows) == set(said)
                assert rows["packets"] == [str(v) for v in
                                           [said["packets"]["total"] + 2000000] + [w + 1000000 for w in
                                                                                   said["packets"]["workers"]]]
                continue
            column = {name: i for i, name in enumerate(titles)}
            for i, one in enumerate(said):
                for name, value in {**one, **(one.get("guard") or {})}.items():
                    if name in ("worker", "port", "name", "guard") or value == 0:
                        continue
                    fixed = not isinstance(value, int) or isinstance(value, bool) or name in ("core", "flows")
                    text = {True: "yes", False: "no"}.get(value) if isinstance(value, bool) else \
                        f"{value:.1f}" if isinstance(value, float) else str(value if fixed else value + 1000000)
                    assert rows[name][column[titles[i]]] == text, (command, name, value, rows[name])


def test_zeros_are_shown_with_all(folder):
    with served(folder) as s:
        assert "hits_lost" not in s.ask("workers")[1]
        assert "hits_lost" in s.ask("workers", "--all")[1]
        assert "ruleset_version" in s.ask("workers")[1], "what is no counter is always shown"


def test_blocks(folder):
    with served(folder) as s:
        assert "no address is blocked" in s.ask("blocks")[1]
        with s.connect() as c:
            c.sendall(b"".join(request("blocks.add", address=a, seconds=60, list=i) for i, a in enumerate(
                ("192.0.2.1", "2001:db8::1", "192.0.2.3"))))
            answers(c, 3)
        code, out, err = s.ask("blocks")
        assert code == 0 and "192.0.2.1" in out and "2001:db8::1" in out and "00:01:00" in out, (out, err)
        status = s.ask("status")[1]
        assert "3 addresses, for a time" in status and "kernel lacks the kernel cannot block one more" in status, status
        assert ": 1." in s.ask("unblock", "2001:db8::1")[1]
        assert "2001:db8::1" not in s.ask("blocks")[1] and "192.0.2.3" in s.ask("blocks")[1]
        code, out, err = s.ask("unblock", "nothing")
        assert code == 1 and "address: give one" in err and not out, (code, out, err)
        assert ": 2." in s.ask("unblock")[1]
        assert "no address is blocked" in s.ask("blocks")[1] and "kernel lacks" not in s.ask("status")[1]


def test_load(folder):
    file = ruleset(folder)
    with served(folder) as s:
        code, out, err = s.ask("load", "ruleset", cwd=folder)  # relative to the client's folder, not the daemon's
        assert code == 0 and "version 1 is active" in out and "2 worker(s)" in out, (out, err)
        code, out, _ = s.ask("load", "--json", "--as", 41, file)
        said = json.loads(out)
        assert said["version"] == 41 and said["path"] == str(file) and len(said["workers"]) == 2
        assert said["bytes"] == file.stat().st_size
        assert json.loads(s.ask("status", "--json")[1])["ruleset"]["digest"] == said["digest"]
        assert json.loads(s.ask("load", "--json", file)[1])["version"] == 42


def test_load_refused_says_why_and_exits_1(folder):
    file = ruleset(folder)
    with served(folder) as s:
        s.ask("load", file)
        for bad in (folder / "list.txt", folder / "missing", folder):
            code, out, err = s.ask("load", bad)
            assert code == 1 and not out and str(bad) in err and len(err.splitlines()) == 1, (code, err)
        assert json.loads(s.ask("status", "--json")[1])["ruleset"]["path"] == str(file)


def test_output_never_moves_the_cursor(folder):
    with served(folder) as s:
        code, out, err = s.ask("load", folder / "a\x1b[2J")
        assert code == 1 and "\x1b" not in out + err and "a\\x1b[2J" in err, err


def test_usage_is_one_line_and_exit_2(folder):
    for args in (["dataplane", "nothing"], ["dataplane", "status", "x"], ["dataplane", "load"], ["top", "x"],
                 ["dataplane", "load", "a", "b"], ["dataplane", "status", "--no"], ["top", "-i", "0"],
                 ["dataplane", "load", "--as", "0", "a"], ["dataplane", "status", "-s", "x" * 200],
                 ["dataplane", "load", "-s", folder / "none", "b" * 5000]):
        code, out, err = run(*args)
        assert code == 2 and not out and len(err.splitlines()) == 1, (args, code, err)
    assert 'did you mean "status"' in run("dataplane", "staus")[2]
    assert run("dataplane")[0] == 2
    for args in (["dataplane", "--help"], ["dataplane", "--version"], ["dataplane", "ports", "--help"], ["top", "-h"]):
        code, out, err = run(*args)
        assert code == 0 and out and not err, args


def test_no_daemon_exits_3_and_says_what_to_do(folder):
    stale = folder / "stale.sock"
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(str(stale))
    for path in (folder / "missing.sock", stale, folder / "none" / "missing.sock"):
        for args in (["dataplane", "status"], ["dataplane", "load", "x"], ["top", "--once"]):
            code, out, err = run(*args, "--socket", path)
            assert code == 3 and not out and str(path) in err and "systemctl status" in err, (code, err)


def test_a_daemon_that_hangs_exits_3(folder):
    with served(folder) as s:
        s.process.send_signal(signal.SIGSTOP)
        code, out, err = s.ask("status", "--timeout", 100)
        assert code == 3 and not out and "within 100 ms" in err, (code, err)
        crowd = []
        with contextlib.ExitStack() as stack:  # until its backlog is full
            while True:
                c = stack.enter_context(socket.socket(socket.AF_UNIX))
                c.setblocking(False)
                crowd.append(c)
                try:
                    c.connect(str(s.path))
                except BlockingIOError:
                    break
            code, out, err = s.ask("status", "--timeout", 100)
            assert code == 3 and "within 100 ms" in err, (code, err)
        s.process.send_signal(signal.SIGCONT)
        assert s.ask("status")[0] == 0


@contextlib.contextmanager
def impostor(folder, *parts, close=True):
    """Something that takes one connection and answers with these bytes, whatever is asked."""
    path = folder / "impostor.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        done = threading.Event()

        def answer():
            with listener.accept()[0] as c, contextlib.suppress(OSError):
                for part in parts:
                    c.sendall(part)
                if not close:
                    done.wait(WAIT_S)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield path
        finally:
            done.set()
            thread.join()
    path.unlink()


def test_what_is_no_answer_exits_3(folder):
    good = b'{"jsonrpc":"2.0","result":{"name":"x"},"id":1}'
    for parts, sentence in (([b"nonsense\n"], "no JSON-RPC answer"), ([b"[]\n"], "no JSON-RPC answer"),
                            ([good.replace(b'"id":1', b'"id":2') + b"\n"], "no JSON-RPC answer"),
                            ([b"\n"], "no JSON-RPC answer"), ([b'{"error":7}\n'], "no JSON-RPC answer"),
                            ([good], "went away"), ([], "went away"), ([b"x" * 1000000], "longer than")):
        with impostor(folder, *parts) as path:
            code, out, err = run("dataplane", "status", "--socket", path)
            assert code == 3 and not out and sentence in err, (parts[:1], code, err)
    with impostor(folder, good, close=False) as path:
        assert "within 50 ms" in run("dataplane", "status", "--socket", path, "-t", 50)[2]
    with impostor(folder, *[bytes([b]) for b in good + b"\nmore"]) as path:
        code, out, _ = run("dataplane", "status", "--json", "--socket", path)
        assert code == 0 and json.loads(out) == {"name": "x"}
    for members in ("", '"ruleset":7,"mbufs":[],"uptime_s":"x","name":7,"workers":{}'):
        with impostor(folder, b'{"id":1,"result":{' + members.encode() + b"}}\n") as path:
            assert run("dataplane", "status", "--socket", path)[0] == 0


def test_wrong_requests_are_answered_and_the_connection_goes_on(folder):
    with served(folder) as s, s.connect() as c:
        for line, code, part in ((b"nonsense", -32700, "not JSON"), (b"\xff\x00", -32700, "not JSON"),
                                 (b"[" * 60000, -32700, "depth"), (b"[" + request("status")[:-1] + b"]", -32600, "batch"),
                                 (b'{"jsonrpc":"2.0","id":1}', -32600, "method"),
                                 (request("ruleset.lod")[:-1], -32601, '"ruleset.load"'),
                                 (request("ruleset.load")[:-1], -32602, "path"),
                                 (request("status", x=1)[:-1], -32602, '"x"'), (b"x" * 200000, -32600, "64 KiB")):
            c.sendall(line + b"\n")
            said = answers(c, 1)[0]["error"]
            assert said["code"] == code and part in said["message"], said
        c.sendall(request("status"))
        assert answers(c, 1)[0]["result"]["name"] == "roja-dataplane"


def test_help_lists_every_method(folder):
    with served(folder) as s, s.connect() as c:
        c.sendall(request("help"))
        names = [m["name"] for m in answers(c, 1)[0]["result"]]
        assert names == ["status", "workers", "ports", "counters", "ruleset.load", "blocks.add", "blocks.list", "blocks.remove",
                         "probe", "stop", "help"], names


def test_requests_in_a_row_are_answered_in_order(folder):
    """More answers than may be unsent, and a client that writes them all before it reads."""
    n = 3000
    with served(folder) as s, s.connect() as c:
        sender = threading.Thread(target=lambda: c.sendall(b"".join(request("counters", i) for i in range(n))))
        sender.start()
        said = answers(c, n)
        sender.join()
        assert [a["id"] for a in said] == list(range(n))


def test_a_last_request_needs_no_newline(folder):
    with served(folder) as s, s.connect() as c:
        c.sendall(request("status")[:-1])
        c.shutdown(socket.SHUT_WR)
        assert answers(c, 1)[0]["result"]["name"] == "roja-dataplane"
        assert c.recv(1) == b""


def test_who_does_not_read_holds_nobody_up(folder):
    with served(folder) as s, s.connect() as deaf:
        deaf.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                deaf.send(request("counters") * 500)
        for _ in range(10):
            assert s.ask("status")[0] == 0
        size = pathlib.Path(f"/proc/{s.process.pid}/statm").read_text().split()[1]
        assert int(size) * os.sysconf("SC_PAGESIZE") < 256 << 20, "memory is bounded"


def test_silent_clients_do_not_shut_others_out(folder):
    with served(folder) as s, contextlib.ExitStack() as stack:
        silent = [stack.enter_context(s.connect()) for _ in range(16)]
        for i, c in enumerate(silent):  # each answered once, the first again last of all
            c.sendall(request("status"))
            answers(c, 1)
            c.sendall(b'{"half": ')
        silent[0].sendall(b"1}\n")
        answers(silent[0], 1)
        assert s.ask("status")[0] == 0
        assert select.select([silent[1]], [], [], WAIT_S)[0] and silent[1].recv(1) == b"", "the most silent one is closed"
        silent[0].sendall(request("status"))
        assert answers(silent[0], 1)


def test_socket_file(folder):
    with served(folder) as s:
        mode = s.path.stat().st_mode
        assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o660, oct(mode)
        second = Served(folder)
        err = second.process.communicate()[1]
        assert not second.ready and second.process.returncode == 1 and "another daemon answers on" in err, err
        s.process.send_signal(signal.SIGSTOP)  # hangs, but lives
        assert not Served(folder).ready
        s.process.send_signal(signal.SIGCONT)
        assert s.ask("status")[0] == 0
    assert not s.path.exists(), "removed at the end"
    killed = Served(folder)
    killed.process.kill()
    killed.process.communicate()
    assert killed.path.exists()
    with served(folder, umask=0o777) as s:
        assert s.ask("status")[0] == 0 and stat.S_IMODE(s.path.stat().st_mode) == 0o660
    (folder / "dataplane.sock").write_text("kept")
    refused = Served(folder)
    assert not refused.ready and "is no socket" in refused.process.communicate()[1]
    assert (folder / "dataplane.sock").read_text() == "kept"
    refused = Served(folder / "none")
    assert "does not exist" in refused.process.communicate()[1]


def test_a_successors_socket_file_is_left_alone(folder):
    first = Served(folder)
    first.path.unlink()
    with served(folder) as second:
        first.end()
        assert second.ask("status")[0] == 0


def test_stop_answers_and_ends(folder):
    s = Served(folder)
    with s.connect() as c:
        c.sendall(request("stop"))
        assert answers(c, 1)[0]["result"] == {}
    assert s.process.wait(WAIT_S) == 0 and not s.path.exists()
    s.process.communicate()


def test_only_root_the_daemon_and_its_group_are_let_in(folder):
    if os.geteuid():
        return  # takes other users
    folder.chmod(0o755)
    (folder / "own").mkdir()
    os.chown(folder / "own", MEMBER, MEMBER)
    rojactl, serve_view = (shutil.copy(path, folder) for path in (ROJACTL, SERVE_VIEW))
    as_daemon = {"user": MEMBER, "group": MEMBER, "extra_groups": []}
    path = folder / "own" / "dataplane.sock"

    def ask(user, group, extra=()):
        r = subprocess.run([rojactl, "dataplane", "status", "-s", path], capture_output=True, text=True, user=user,
                           group=group, extra_groups=extra)
        return r.returncode, r.stderr

    with subprocess.Popen([serve_view, path], stdout=subprocess.PIPE, text=True, **as_daemon) as daemon:
        try:
            assert daemon.stdout.readline() == "ready\n"
            assert ask(OTHER, OTHER)[0] == 1 and "permission denied" in ask(OTHER, OTHER)[1]
            path.chmod(0o666)  # whom the file lets in, the daemon still asks who they are
            assert ask(0, 0)[0] == 0
            assert ask(MEMBER, OTHER)[0] == 0
            assert ask(OTHER, MEMBER)[0] == 0
            assert ask(OTHER, OTHER, [OTHER - 1, MEMBER])[0] == 0
            code, err = ask(OTHER, OTHER, [OTHER - 1])
            assert code == 1 and f"user {OTHER} may not use this socket" in err, (code, err)
        finally:
            daemon.terminate()
    assert daemon.returncode == 0


def check_frame(frame):
    lines = frame.splitlines()
    assert all(len(line) <= 80 for line in lines), max(lines, key=len)
    workers = [line.split() for line in lines if line.endswith("50.0")]
    assert [w[0] for w in workers] == ["0", "1", "all"], frame
    assert all(float(w[-6 if w[0] == "all" else -8]) > 0 for w in workers), frame
    ports = [line.split()[1:3] for line in lines[-2:]]
    assert ports == [["left", "up"], ["right", "down"]], frame


def test_top_prints_one_frame_where_no_terminal_is(folder):
    with served(folder) as s:
        for args in (["--once"], []):
            code, out, err = run("top", "--socket", s.path, "-i", 50, *args)
            assert code == 0 and not err and "\x1b" not in out, err
            check_frame(out)


class Terminal:
    """rojactl top on a terminal of its own."""

    def __init__(self, *args, **env):
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen([ROJACTL, *map(str, args)], stdin=self.slave, stdout=self.slave,
                                        stderr=subprocess.PIPE, text=True, env={**os.environ, **env},
                                        preexec_fn=self.own)
        self.seen = ""

    def own(self):
        os.setsid()
        import fcntl
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def await_text(self, text):
        """Reads until it is shown; what is read before it is forgotten."""
        end = time.monotonic() + WAIT_S
        while text not in self.seen:
            assert time.monotonic() < end, f"{text!r} never came: {self.seen[-2000:]!r}"
            if select.select([self.master], [], [], 0.1)[0]:
                self.seen += os.read(self.master, 65536).decode()
        self.seen = self.seen.split(text, 1)[1]

    def end(self, key):
        os.write(self.master, key)
        self.await_text("\x1b[?1049l")
        code = self.process.wait(WAIT_S)
        after = termios.tcgetattr(self.slave)
        err = self.process.communicate()[1]
        os.close(self.slave)
        os.close(self.master)
        assert code == 0 and not err, (code, err)
        assert after == self.before, "the terminal is as it was"


def test_top_on_a_terminal(folder):
    with served(folder) as s:
        for key in (b"q", b"\x03"):
            t = Terminal("top", "--socket", s.path, "-i", 50)
            t.await_text("WORKER")
            t.await_text("left")
            t.await_text("\x1b[31m")
            t.await_text("WORKER")
            t.end(key)
        t = Terminal("top", "--socket", s.path, "-i", 50, NO_COLOR="1")
        t.await_text("WORKER")
        t.await_text("DEAD/S")
        assert "\x1b[31m" not in t.seen and "\x1b[1m" not in t.seen
        t.end(b"q")


def test_top_goes_on_through_a_restart(folder):
    with served(folder) as s:
        t = Terminal("top", "--socket", s.path, "-i", 50)
        t.await_text("WORKER")
    t.await_text("no daemon answers")
    with served(folder):
        t.await_text("started anew")
        t.await_text("WORKER")
        t.end(b"q")


EVENTS = """\
2026-12-01T00:00:00.123456Z start ring=0 seq=1 pid=4242
2026-12-01T00:00:01.123456Z swap ring=1 seq=1 outcome=done ruleset=17 digest=ab{62 zeros}
2026-12-01T00:00:02.123456Z hit ring=2 seq=1 proto=tls action=count kind=domain list=1 line=7 rule=0000000000000abc \
ruleset=17 src=192.0.2.1 sport=40000 dst=198.51.100.2 dport=443 port=1
2026-12-01T00:00:03.123456Z hit ring=0 seq=2 proto=dns action=drop kind=host list=0 line=0 rule=0000000000000000 \
ruleset=0 src=2001:db8::1 sport=0 dst=2001:db8::2 dport=0 port=0
2026-12-01T00:00:04.123456Z gap ring=1 seq=2 first=3 last=9
2026-12-01T00:00:05.123456Z outage ring=2 seq=2 port=1 reason=start fail=open began=2026-12-01T00:00:00.000000Z \
ended=2026-12-01T00:00:00.002500Z frames=10 bytes=640
2026-12-01T00:00:06.123456Z link ring=0 seq=3 port=1 up=true
2026-12-01T00:00:07.123456Z hit ring=1 seq=3 proto=200 action=202 kind=201 list=0 line=0 rule=0000000000000000 \
ruleset=0 src=0.0.0.0 sport=0 dst=0.0.0.0 dport=0 port=0
2026-12-01T00:00:08.123456Z outage ring=2 seq=3 port=0 reason=203 fail=closed began=2554-07-21T23:34:33.709551Z \
ended=1970-01-01T00:00:00.000000Z frames=0 bytes=0
2026-12-01T00:00:09.123456Z 204 ring=0 seq=4
""".replace("{62 zeros}", "0" * 62)


def put_events(file, rings=3):
    subprocess.run([PUT_EVENTS, file, str(rings)], check=True)


def test_events_of_every_type_merged_by_time(folder):
    put_events(folder / "events")
    for _ in range(2):  # looking takes nothing out
        code, out, err = run("dataplane", "events", "--file", folder / "events")
        assert code == 0 and not err, err
        assert out == EVENTS, out
    said = [json.loads(line) for line in run("dataplane", "events", "--json", "-F", folder / "events")[1].splitlines()]
    assert [e["event"] for e in said] == [line.split()[1] if i < 9 else 204 for i, line in enumerate(EVENTS.splitlines())]
    for event, line in zip(said, EVENTS.splitlines()):
        for key, value in event.items():
            text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
            assert f" {key}={text}" in line or text in line.split()[:2], (key, line)


@contextlib.contextmanager
def following(file, *args):
    with subprocess.Popen([ROJACTL, "dataplane", "events", "--follow", *args, "--file", file], text=True,
                          stdout=subprocess.PIPE) as p:
        try:
            yield lambda n=1: "".join(p.stdout.readline() for _ in range(n))
        finally:
            p.terminate()


def test_events_follow(folder):
    put_events(folder / "events")
    with following(folder / "events") as lines:
        assert lines(10) == EVENTS
        put_events(folder / "events")
        assert " start ring=0 seq=5 " in lines(10)
        put_events(folder / "events", rings=2)  # another geometry: the old file is set aside
        assert " start ring=0 seq=1 " in lines(10)


def test_events_follow_only_new_ones(folder):
    put_events(folder / "events")
    with following(folder / "events", "--new") as lines:
        first = []
        reader = threading.Thread(target=lambda: first.append(lines()))
        reader.start()
        while not first:  # when it began to look is not to be seen from here
            put_events(folder / "events")
            reader.join(0.5)
        assert int(first[0].split("seq=")[1].split()[0]) > 3, first


def test_events_that_cannot_be_read(folder):
    (folder / "text").write_text("no events\n" * 1000)
    for path in (folder / "text", folder / "missing", folder):
        code, out, err = run("dataplane", "events", "--file", path)
        assert code == 2 and not out and str(path) in err and len(err.splitlines()) == 1, (code, err)


def main():
    failed = 0
    for name, test in [(n, t) for n, t in globals().items() if n.startswith("test_")]:
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(pathlib.Path(folder))
                print(f"ok dataplane {name}", flush=True)
            except Exception as why:  # of any kind: the others run all the same
                print(f"not ok dataplane {name}: {type(why).__name__} {why}", flush=True)
                failed += 1
    return failed > 0


sys.exit(main())
