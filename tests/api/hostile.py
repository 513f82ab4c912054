# SPDX-License-Identifier: BSD-3-Clause
"""hostile: clients that no socket of ours may suffer from. Each case does its worst while `honest` asks, and leaves; then an honest
client is answered, and the daemon holds no more descriptors than before.
"""
import errno
import json
import os
import socket

from people import Client, descriptors, is_closed, until

CASES = []
REQUEST_MAX = 64 << 10


def case(f):
    CASES.append(f)
    return f


class Target:
    """A daemon's socket: who connects, and what an honest client asks."""

    def __init__(self, pid, hostile, honest, method, shared=False):
        self.pid = pid
        self.shared = shared  # whether both are the same user, who may lose a connection to a newer one
        self.connect = hostile  # () -> a connection
        self.connect_honest = honest
        self.method = method
        self.keeps = None  # an honest connection that stays through a case

    def hostile(self):
        return Client(self.connect())

    def honest(self):
        """Answered, on a connection that was there before and on a new one."""
        if self.keeps and not self.shared:
            assert "result" in self.keeps.ask(self.method)
        c = Client(self.connect_honest())
        answer = c.ask(self.method)
        c.close()
        assert "result" in answer, answer


def code(answer):
    return json.loads(answer)["error"]["code"]


@case
def oversize_lines(t):
    c = t.hostile()
    for n in (REQUEST_MAX + 1, 1 << 20):
        c.raw(b"x" * n)
        t.honest()
        c.raw(b"\n")
        assert code(c.line()) == -32600
    c.raw(b" " * (REQUEST_MAX - 60) + c.request(t.method))
    assert "result" in json.loads(c.line())
    c.raw(b"y" * (REQUEST_MAX * 3))  # and never an end
    t.honest()
    c.close()


@case
def broken_json(t):
    lines = [b"{", b"}", b"[" * 60000, b"[" * 30000 + b"]" * 30000, b'{"a":' * 10000, b"\x00", b"\x00" * 60000, b'"\xff\xfe"', b"nul",
             b'{"jsonrpc":"2.0","id":1,"id":2,"method":"status"}', b"1e999", b"-", b'"\\ud800"', b"9" * 60000,
             b'{"jsonrpc":"2.0","id":1,"method":"\\u0000"}', b'{"jsonrpc":"2.0","id":1,"method":"' + b"a" * 60000 + b'"}',
             b'{"jsonrpc":"2.0","id":{},"method":"status"}', b"[]", b'[{"jsonrpc":"2.0","id":1,"method":"status"}]',
             b'{"jsonrpc":"2.0","id":1,"method":"' + t.method.encode() + b'","params":' + b"[" * 1000 + b"]" * 1000 + b"}",
             b'{"jsonrpc":"2.0","id":1,"method":"' + t.method.encode() + b'","params":{"\\u0000":1}}']
    c = t.hostile()
    for line in lines:
        c.raw(line + b"\n")
        assert "error" in json.loads(c.line()), line[:60]
        t.honest()
    assert "result" in c.ask(t.method)
    c.close()


@case
def a_byte_at_a_time(t):
    c = t.hostile()
    for byte in c.request(t.method):
        c.raw(bytes([byte]))
        t.honest()
    assert "result" in json.loads(c.line())
    c.close()


@case
def answers_that_nobody_reads(t):
    c = t.hostile()
    c.s.setblocking(False)
    request, sent = c.request("help"), 0
    while True:  # until the daemon reads no more
        try:
            sent += c.s.send(request[sent % len(request):])
        except BlockingIOError:
            break
        if sent % len(request) == 0:
            t.honest()
    for _ in range(10):
        t.honest()
    c.close()


@case
def a_burst_of_requests(t):
    c = t.hostile()
    n = 500
    c.raw(b"".join(c.request(t.method) for _ in range(n)))
    t.honest()
    for i in range(n):
        assert json.loads(c.line())["id"] == i + 1
    c.close()


@case
def three_hundred_connections(t):
    all_of_them, refused = [], 0
    for _ in range(300):
        try:
            all_of_them.append(t.connect())
        except OSError as e:  # the queue is full: a client waits or tries again
            assert e.errno in (errno.EAGAIN, errno.ECONNREFUSED), e
            refused += 1
    t.honest()
    for s in all_of_them:
        if not is_closed(s):
            try:
                s.send(b'{"jsonrpc"')
            except OSError:
                pass
    t.honest()
    for s in all_of_them:
        s.close()
    assert refused < 300


@case
def closing_half_way(t):
    for end in (b"", b"{", b'{"jsonrpc":"2.0","id":1,"method":"' + t.method.encode() + b'"}\n', b"x" * 70000):
        for how in (None, socket.SHUT_RD, socket.SHUT_WR, socket.SHUT_RDWR):
            c = t.hostile()
            c.raw(end)
            if how is not None:
                c.s.shutdown(how)
            c.close()
            t.honest()
    c = t.hostile()
    c.raw(c.request(t.method)[:-1])  # a last line needs no newline
    c.s.shutdown(socket.SHUT_WR)
    assert "result" in json.loads(c.line()) and not c.line()
    c.close()


@case
def descriptors_by_the_hundred(t):
    before = descriptors(t.pid)
    fds = [os.open("/dev/null", os.O_RDONLY) for _ in range(250)]
    c = t.hostile()
    try:
        for _ in range(20):
            c.raw(b" ", fds)
        t.honest()
        until(lambda: descriptors(t.pid) <= before + 4, "many descriptors are not kept")
        c.raw(c.request(t.method), fds)
        assert "result" in json.loads(c.line())
        for _ in range(20):
            c.raw(c.request(t.method), fds[:3])
            assert "result" in json.loads(c.line())
        until(lambda: descriptors(t.pid) <= before + 2, "descriptors that nobody asked for go with their request")
    finally:
        for fd in fds:
            os.close(fd)
        c.close()


def run(target, f):
    target.keeps = None
    target.honest()
    before = descriptors(target.pid)
    target.keeps = Client(target.connect_honest())
    try:
        f(target)
        target.honest()
    finally:
        target.keeps.close()
        target.keeps = None
    until(lambda: descriptors(target.pid) <= before, f"{f.__name__}: the connections are given back")
