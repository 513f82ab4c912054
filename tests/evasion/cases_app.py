# SPDX-License-Identifier: BSD-3-Clause
"""cases_app: the same request in other words: TLS records, HTTP heads, DNS messages."""
from flows import Case, cut, every, hello, query, request


def records(data, sizes, version=b"\3\1"):
    """The handshake message of a record, in records of these sizes (the last one repeats)."""
    message, out, i = data[5:], b"", 0
    while message:
        n = sizes[min(i, len(sizes) - 1)]
        out += b"\x16" + version + min(n, len(message)).to_bytes(2, "big") + message[:n]
        message, i = message[n:], i + 1
    return out


def with_names(data, rows):
    """The hello with another list in its server_name extension, and the lengths around it."""
    at = data.index(b"\0\0\0\x15\0\x13\0\0\x10")
    old, new = 25, 6 + len(rows)
    body = data[:at] + b"\0\0" + (len(rows) + 2).to_bytes(2, "big") + len(rows).to_bytes(2, "big") + rows + data[at + old:]
    sid = 43 + 1 + data[43]
    lengths = sid + 2 + int.from_bytes(data[sid:sid + 2], "big") + 2
    for where, n in ((3, 2), (6, 3), (lengths, 2)):
        value = int.from_bytes(body[where:where + n], "big") + new - old
        body = body[:where] + value.to_bytes(n, "big") + body[where + n:]
    return body


CCS = b"\x14\3\3\0\1\1"
ALERT = b"\x15\3\1\0\2\1\x5a"  # a warning
EMPTY = b"\x16\3\1\0\0"

TLS = {
    "records of 1 byte": lambda d: records(d, [1]),
    "records of 2 bytes": lambda d: records(d, [2]),
    "records of 3 bytes": lambda d: records(d, [3]),
    "records of 64 bytes": lambda d: records(d, [64]),
    "a first record of 1 byte": lambda d: records(d, [1, 9999]),
    "a first record of 4 bytes": lambda d: records(d, [4, 9999]),
    "a first record of 5 bytes": lambda d: records(d, [5, 9999]),
    "record versions 3.0 to 3.4": lambda d: b"".join(records(d, [50], bytes([3, 3]))),
    "version 3.0": lambda d: records(d, [9999], b"\3\0"),
    "version 3.4": lambda d: records(d, [9999], b"\3\4"),
    "change cipher spec before": lambda d: CCS + d,
    "change cipher spec twice before, records of 9": lambda d: CCS + CCS + records(d, [9]),
    "warning alert before": lambda d: ALERT + d,
    "empty record before": lambda d: EMPTY + d,
    "empty records between": lambda d: records(d, [100]).replace(b"\x16\3\1\0\x64", EMPTY + b"\x16\3\1\0\x64"),
    "application data behind": lambda d: d + b"\x17\3\3\0\x20" + bytes(32),
}
TLS["record versions 3.0 to 3.4"] = lambda d: b"".join(
    records(b"12345" + part, [9999], bytes([3, i % 5])) for i, (_, part) in enumerate(every(d[5:], 60)))


def tls():
    for title, change in TLS.items():
        def build(new, name, change=change):
            for client in ("curl", "openssl", "chromium"):
                data = change(hello(name, client))
                new("tls").open().send(every(data, 1400)).server(len(data))
                new("tls").open().send(cut(data, 7, 100)[::-1])
        yield Case(f"tls: {title}", build)

    def split(new, name):
        data = records(hello(name, "openssl"), [6])
        for at in range(1, len(data), 3):
            new("tls").open().send(cut(data, at))
    yield Case("tls: records of 6 bytes, split at every third point", split)

    def upper(new, name):
        new("tls").open().send([(0, hello(name).replace(name.encode(), name.upper().encode()))])
    yield Case("tls: upper-case name", upper)

    def twice(new, name):
        """Two names in one extension: which one counts is the server's choice."""
        for names in ((name, "a.example"), ("a.example", name)):
            rows = b"".join(b"\0" + len(n).to_bytes(2, "big") + n.encode() for n in names)
            new("tls").open().send(every(with_names(hello(name), rows), 300))
    yield Case("tls: two names", twice)


def _http(text):
    return lambda name: text.replace("NAME", name).encode()


HTTP = {
    "lower-case host header": _http("GET / HTTP/1.1\r\nhost: NAME\r\n\r\n"),
    "odd case": _http("GET / HTTP/1.1\r\nhOsT: NAME\r\n\r\n"),
    "no space": _http("GET / HTTP/1.1\r\nHost:NAME\r\n\r\n"),
    "tabs and spaces": _http("GET / HTTP/1.1\r\nHost: \t NAME \t\r\n\r\n"),
    "line feeds only": _http("GET / HTTP/1.1\nHost: NAME\n\n"),
    "mixed line ends": _http("GET / HTTP/1.1\nHost: NAME\r\nA: b\n\r\n"),
    "empty lines before": _http("\r\n\r\nGET / HTTP/1.1\r\nHost: NAME\r\n\r\n"),
    "host on a continued line": _http("GET / HTTP/1.1\r\nHost:\r\n NAME\r\n\r\n"),
    "absolute form": _http("GET http://NAME/a HTTP/1.1\r\nHost: other.example\r\n\r\n"),
    "absolute form, user and port": _http("GET http://u:p@NAME:8080/a HTTP/1.1\r\nHost: other.example\r\n\r\n"),
    "connect": _http("CONNECT NAME:443 HTTP/1.1\r\nHost: NAME:443\r\n\r\n"),
    "trailing dot": _http("GET / HTTP/1.1\r\nHost: NAME.\r\n\r\n"),
    "port": _http("GET / HTTP/1.1\r\nHost: NAME:80\r\n\r\n"),
    "two hosts, first": _http("GET / HTTP/1.1\r\nHost: NAME\r\nHost: other.example\r\n\r\n"),
    "two hosts, last": _http("GET / HTTP/1.1\r\nHost: other.example\r\nHost: NAME\r\n\r\n"),
    "HTTP/1.0": _http("GET / HTTP/1.0\r\nHost: NAME\r\n\r\n"),
    "a method of one's own": _http("FROBNICATE / HTTP/1.1\r\nHost: NAME\r\n\r\n"),
    "upper-case name": lambda name: f"GET / HTTP/1.1\r\nHost: {name.upper()}\r\n\r\n".encode(),
    "8 kB of headers before": _http("GET / HTTP/1.1\r\n" + f"X-Y: {'a' * 80}\r\n" * 90 + "Host: NAME\r\n\r\n"),
    "second request": _http("GET / HTTP/1.1\r\nHost: other.example\r\n\r\nGET / HTTP/1.1\r\nHost: NAME\r\n\r\n"),
    "behind a body": _http("POST / HTTP/1.1\r\nHost: other.example\r\nContent-Length: 30\r\n\r\n" + "b" * 30 +
                           "GET / HTTP/1.1\r\nHost: NAME\r\n\r\n"),
    "behind chunks": _http("POST / HTTP/1.1\r\nHost: other.example\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "5;x=y\r\nhello\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nT: u\r\n\r\n"
                           "GET / HTTP/1.1\r\nHost: NAME\r\n\r\n"),
    "tenth request": lambda name: b"GET / HTTP/1.1\r\nHost: other.example\r\n\r\n" * 9 +
    f"GET / HTTP/1.1\r\nHost: {name}\r\n\r\n".encode(),
    "post with a body": _http("POST /form HTTP/1.1\r\nHost: NAME\r\nContent-Length: 5\r\n\r\na=bcd"),
}
SPLIT = ("line feeds only", "behind chunks", "behind a body", "second request", "host on a continued line")


def http():
    for title, text in HTTP.items():
        def build(new, name, text=text):
            data = text(name)
            new("http").open().send(every(data, 1400)).server(len(data))
            for size in (1, 3, 17):
                if len(data) < 2000:
                    new("http").open().send(every(data, size))
            new("http").open().send(cut(data, len(data) // 2)[::-1])
        yield Case(f"http: {title}", build)
    for title in SPLIT:
        def split(new, name, text=HTTP[title]):
            data = text(name)
            for at in range(1, len(data)):
                new("http").open().send(cut(data, at))
        yield Case(f"http: {title}, split at every point", split)

    def keep_alive(new, name):
        """The answer stands between the requests, and acknowledges them."""
        f = new("http").open()
        first = request("other.example")
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        f.client(0, first)
        f.server(len(first), answer)
        f.client(len(first), request(name)[:30], ack=f.server_isn + 1 + len(answer))
        f.client(len(first) + 30, request(name)[30:], ack=f.server_isn + 1 + len(answer))
    yield Case("http: second request behind an answer", keep_alive)

    def again(new, name):
        """A harmless request is sent again with the blocked host, before the server has acknowledged it."""
        f = new("http").open()
        first = f"GET / HTTP/1.1\r\nHost: {'other.' + name[6:]}\r\n\r\n".encode()
        f.client(0, first.replace(b"other." + name[6:].encode(), b"w" * len("other." + name[6:])))
        f.client(0, first.replace(b"other." + name[6:].encode(), name.encode()))
    yield Case("http: another request in the place of one", again, whole=False)


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, body):
    return len(body).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + body


def block(name):
    """GET http://NAME/ in HPACK, the name as a literal."""
    return b"\x82\x84\x86\x41" + bytes([len(name)]) + name.encode()


def http2():
    start = PREFACE + frame(4, 0, 0, b"")
    ways = {
        "plain": lambda n: start + frame(1, 5, 1, block(n)),
        "continuation frames of a byte": lambda n: start + frame(1, 1, 1, block(n)[:1]) + b"".join(
            frame(9, 4 if i == len(block(n)) - 1 else 0, 1, block(n)[i:i + 1]) for i in range(1, len(block(n)))),
        "padding and priority": lambda n: start + frame(1, 0x2D, 1, b"\4" + bytes(4) + b"\7" + block(n) + bytes(4)),
        "third stream": lambda n: start + frame(1, 5, 1, block("a.example")) + frame(1, 4, 3, block("b.example")) +
        frame(0, 1, 3, b"body") + frame(1, 5, 5, block(n)),
        "unknown frames between": lambda n: start + frame(0xFA, 0, 0, b"x" * 40) + frame(6, 0, 0, bytes(8)) +
        frame(1, 5, 1, block(n)),
    }
    for title, text in ways.items():
        def build(new, name, text=text):
            data = text(name)
            # Few connections: the pipeline decodes a bounded number at once.
            new("http").open().send([(0, data)])
            new("http").open().send(cut(data, 1, 24, 33, len(data) - 1))
            new("http").open().send(cut(data, len(data) // 3, len(data) // 2)[::-1])
            new("http").open().send(every(data, 1))
        yield Case(f"http2: {title}", build)


def dns():
    def udp(change):
        def build(new, name):
            for v6 in (False, True):
                new("dns", v6=v6).datagram(change(query(name), name))
        return build
    yield Case("dns: plain", udp(lambda q, name: q))
    yield Case("dns: mixed case", udp(lambda q, name: q.replace(name.encode()[4:9], name.swapcase().encode()[4:9])))
    yield Case("dns: edns", udp(lambda q, name: q[:11] + b"\1" + q[12:] + b"\0\0\x29\4\xd0\0\0\0\0\0\0"))
    yield Case("dns: aaaa", udp(lambda q, name: query(name, kind=28)))
    yield Case("dns: https", udp(lambda q, name: query(name, kind=65)))

    def several(new, name):
        """The blocked query is the last of three on one connection."""
        data = b"".join(len(query(n)).to_bytes(2, "big") + query(n) for n in ("a.example", "b.example", name))
        new("dns").open().send([(0, data)])
        for at in range(1, len(data), 5):
            new("dns").open().send(cut(data, at))
    yield Case("dns: third query over tcp", several)


def all_cases():
    yield from tls()
    yield from http()
    yield from http2()
    yield from dns()
