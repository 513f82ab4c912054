# SPDX-License-Identifier: BSD-3-Clause
"""people: connections of users that nobody is, to a daemon's socket.

Who a peer is the kernel notes at connect: a child becomes the user, connects and hands the connection over.
"""
import json
import os
import select
import socket
import time

WAIT_S = 60  # for what must come at once; only a failure takes so long


def until(condition, what):
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {WAIT_S} s"
        time.sleep(0.01)


def connect_as(path, uid, groups=()):
    """A connection of user `uid`, whose group has the same number, and of `groups`."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.setgroups(list(groups))
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(WAIT_S)
            s.connect(str(path))
            socket.send_fds(theirs, [b"x"], [s.fileno()])
            code = 0
        except OSError as e:
            theirs.send(str(e.errno).encode())
            code = 0
        finally:
            os._exit(code)
    theirs.close()
    word, fds, _, _ = socket.recv_fds(ours, 16, 1)
    os.waitpid(child, 0)
    ours.close()
    if word != b"x":
        raise OSError(int(word), os.strerror(int(word)))
    s = socket.socket(fileno=fds[0])
    s.settimeout(WAIT_S)
    return s


class Client:
    """A connection, and lines over it."""

    def __init__(self, connection):
        self.s = connection
        self.rest = b""
        self.number = 0

    def line(self):
        """The next line; b"" at the end, also where the peer has reset the connection."""
        while b"\n" not in self.rest:
            try:
                more = self.s.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                return b""
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        return line

    def raw(self, data, fds=()):
        if fds:
            sent = socket.send_fds(self.s, [data], list(fds))
            data = data[sent:]
        self.s.sendall(data)

    def request(self, method, params=None):
        self.number += 1
        q = {"jsonrpc": "2.0", "id": self.number, "method": method}
        if params is not None:
            q["params"] = params
        return json.dumps(q).encode() + b"\n"

    def ask(self, method, params=None, fds=()):
        """The answer's object: result or error."""
        try:
            self.raw(self.request(method, params), fds)
        except (BrokenPipeError, ConnectionResetError):
            pass  # perhaps it has said why
        line = self.line()
        assert line, f"{method}: the connection was closed"
        return json.loads(line)

    def close(self):
        self.s.close()


def is_closed(s):
    """Whether the peer has closed it; what it sent before is read."""
    try:
        while select.select([s], [], [], 0)[0]:
            if not s.recv(65536):
                return True
    except ConnectionResetError:
        return True
    return False


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def run_tests(suite, tests):
    """(name, function) each; prints a line a test. The exit code."""
    failed = 0
    for name, test in tests:
        try:
            test()
            print(f"ok {suite} {name}", flush=True)
        except Exception as e:  # a test may fail in any way
            import traceback

            print(f"not ok {suite} {name}: {type(e).__name__}: {e}", flush=True)
            traceback.print_exc()
            failed += 1
    return 1 if failed else 0
