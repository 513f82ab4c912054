# SPDX-License-Identifier: BSD-3-Clause
"""reassemble: every byte stream that a server could make of the segments it got, and what it would read there."""
import itertools

from wire import ACK, FIN, RST, SYN, URG

LOW_TTL = 16


def _switches(packets):
    """The policies on which receivers (or the way to them) differ, where these packets tell them apart."""
    yield "overlap", ("first", "last", "delivered")  # the latter: last, but for what the application already has
    yield "rst", (True, False) if any(p.flags & RST for p in packets) else (False,)
    yield "fin", (True, False) if any(p.flags & FIN for p in packets) else (False,)
    yield "low_ttl", (True, False) if len({p.ttl < LOW_TTL for p in packets}) > 1 else (True,)
    yield "odd_ack", (True, False) if len({p.ack for p in packets if p.data}) > 1 else (True,)
    yield "no_ack", (True, False) if any(p.data and not p.flags & ACK for p in packets) else (True,)
    yield "urgent", ("inline", "at", "before") if any(p.flags & URG for p in packets) else ("inline",)


def _bases(packets):
    """Where the stream can begin: behind each SYN, else at each segment."""
    syns = {(p.seq + 1) & 0xFFFFFFFF for p in packets if p.flags & SYN}
    return syns or {p.seq for p in packets if p.data}


def _stream(packets, base, policy):
    got, skipped, last, delivered = {}, set(), None, 0
    real_ack = max((p.ack for p in packets if p.data), key=[p.ack for p in packets if p.data].count, default=0)
    for p in packets:
        if p.ttl < LOW_TTL and not policy["low_ttl"]:
            continue
        at = (p.seq + (1 if p.flags & SYN else 0) - base) & 0xFFFFFFFF
        at -= 1 << 32 if at >= 1 << 31 else 0
        if p.flags & RST:
            if policy["rst"]:
                break
            continue
        if p.data and (p.ack != real_ack and not policy["odd_ack"] or not p.flags & ACK and not policy["no_ack"]):
            continue
        if p.flags & URG and policy["urgent"] != "inline":
            # RFC 1122 points at the urgent byte, everybody else behind it; 0 is the first byte either way.
            skipped.add(at + p.urgent - (1 if policy["urgent"] == "before" and p.urgent else 0))
        for i, byte in enumerate(p.data, at):
            if i >= 0 and (i not in got or policy["overlap"] == "last" or
                           policy["overlap"] == "delivered" and i >= delivered):
                got[i] = byte
        while delivered in got:
            delivered += 1
        if p.flags & FIN and policy["fin"]:
            last = at + len(p.data)
    out = bytearray()
    for i in itertools.count():
        if i not in got or i == last:
            return bytes(out)
        if i not in skipped:
            out.append(got[i])


def streams(packets):
    """Every distinct stream of the server-bound packets of one 5-tuple, in the order they came."""
    packets = [p for p in packets if p.good]
    names, choices = zip(*_switches(packets))
    seen = set()
    for base in _bases(packets):
        for choice in itertools.product(*choices):
            stream = _stream(packets, base, dict(zip(names, choice)))
            if stream not in seen:
                seen.add(stream)
                yield stream


def handshake(stream):
    """The handshake bytes of a stream of TLS records, as far as they go."""
    out, at = b"", 0
    while at + 5 <= len(stream):
        kind, n = stream[at], int.from_bytes(stream[at + 3:at + 5], "big")
        if kind == 22:
            out += stream[at + 5:at + 5 + n]
        elif kind not in (20, 21):
            break
        at += 5 + n
    return out


def _tls_names(stream):
    """The name of a ClientHello, as soon as it is whole."""
    h = handshake(stream)
    if len(h) < 39 or h[0] != 1:
        return
    at = 38 + 1 + h[38]
    at += 2 + int.from_bytes(h[at:at + 2], "big")
    at += 1 + (h[at] if at < len(h) else 0)
    at += 2
    while at + 4 <= len(h):
        kind, n = int.from_bytes(h[at:at + 2], "big"), int.from_bytes(h[at + 2:at + 4], "big")
        body = h[at + 4:at + 4 + n]
        if kind == 0 and len(body) > 5:
            name_len = int.from_bytes(body[3:5], "big")
            if len(body) >= 5 + name_len:
                yield body[5:5 + name_len]
        at += 4 + n


def _http2_names(stream):
    """The names in the header blocks of HTTP/2; taken from their literals, which is how these tests write them."""
    at, block = 24, b""
    while at + 9 <= len(stream):
        n, kind, flags = int.from_bytes(stream[at:at + 3], "big"), stream[at + 3], stream[at + 4]
        body = stream[at + 9:at + 9 + n]
        if len(body) == n and kind in (1, 9):
            block += body
            if flags & 4 and b"\x41" in block:
                name = block.split(b"\x41", 1)[1]
                yield name[1:1 + name[0]]
            block = b"" if flags & 4 else block
        at += 9 + n


def _http_names(stream):
    """The hosts of every whole request head, wherever it stands: bodies need not be understood for that."""
    if stream.startswith(b"PRI * HTTP/2.0"):
        yield from _http2_names(stream)
        return
    text = stream.replace(b"\r\n", b"\n")
    for head in text.split(b"\n\n")[:-1]:
        head = head.replace(b"\n ", b" ").replace(b"\n\t", b" ")
        lines = head.strip(b"\n").split(b"\n")
        for line in lines:
            words = line.split()
            if len(words) == 3 and b"://" in words[1]:
                yield words[1].split(b"://", 1)[1].split(b"/")[0]
            if len(words) == 3 and words[0] == b"CONNECT":
                yield words[1]
            if line.lower().startswith(b"host:"):
                yield line[5:].strip()


def dns_name(message):
    at, labels = 12, []
    while at < len(message) and 0 < message[at] < 64:
        labels.append(message[at + 1:at + 1 + message[at]])
        at += 1 + message[at]
    return b".".join(labels) if at + 5 <= len(message) else b""


def _dns_tcp_names(stream):
    at = 0
    while at + 2 <= len(stream):
        n = int.from_bytes(stream[at:at + 2], "big")
        if at + 2 + n > len(stream):
            return
        yield dns_name(stream[at + 2:at + 2 + n])
        at += 2 + n


READERS = {"tls": _tls_names, "http": _http_names, "dns": _dns_tcp_names}


def canonical(name):
    return name.decode("latin-1").lower().rsplit("@", 1)[-1].split(":")[0].rstrip(".")


def names_read(proto, packets):
    """What any server could read as a whole name in these packets."""
    if proto == "dns" and packets and packets[0].proto == 17:
        return {canonical(dns_name(p.data)) for p in packets if p.good}
    return {canonical(n) for s in streams(packets) for n in READERS[proto](s)}
