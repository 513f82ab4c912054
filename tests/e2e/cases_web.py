# SPDX-License-Identifier: BSD-3-Clause
"""Requests of real clients: what is listed is answered as its order says, what is beside it loads."""
import network
import servers

PATHS = (("over IPv4", network.SERVER), ("over IPv6", network.SERVER6), ("inside VLAN 7", network.VLAN_SERVER))


def rows():
    """(what holds, how it is asked, what must come of it, what comes of it on a bare wire)"""
    for language in ("sq", "en", "sr", "mk"):
        yield (f"HTTP, a listed name, read in {language}",
               lambda c, tag=language: c.curl("http://listed.parent.test/", network.SERVER, tag), f"451 {language}", "200")
    yield ("HTTP, a listed name, read in other languages",
           lambda c: c.curl("http://listed.parent.test/", network.SERVER, "fr, de;q=0.5"), "451 sq", "200")
    yield ("HTTP, a listed URL", lambda c: c.curl("http://shop.test/stolen/item1"), "451 sq", "200")
    yield ("HTTP, the URL beside it", lambda c: c.curl("http://shop.test/stolen/item2"), "200", "200")
    yield ("HTTP, an exception of a listed name", lambda c: c.curl("http://help.blocked.example/"), "200", "200")
    yield ("HTTP, a name of another list, that redirects", lambda c: c.curl("http://redirected.parent.test/"), "302", "200")
    for where, address in PATHS:
        for kind, scheme, blocked in (("HTTP", "http", "451 sq"), ("TLS", "https", "refused")):
            for what, host, outcome in (("a listed name", "listed.parent.test", blocked),
                                        ("its neighbour", "neighbour.parent.test", "200"),
                                        ("a name that begins like it", "listed.parent.test.neighbour.test", "200")):
                yield (f"{kind} {where}, {what}",
                       lambda c, url=f"{scheme}://{host}/", to=address: c.curl(url, to), outcome, "200")
    for version in ("1.2", "1.3"):
        yield (f"TLS {version}, a listed name",
               lambda c, v=version: c.curl("https://www.blocked.example/", network.SERVER, "sq", f"--tlsv{v}", "--tls-max", v),
               "refused", "200")
    for name, outcome in (("listed.parent.test", "NXDOMAIN"), ("sub.listed.parent.test", "NXDOMAIN"),
                          ("neighbour.parent.test", network.SERVER), ("redirected.parent.test", "203.0.113.80"),
                          ("help.blocked.example", network.SERVER)):
        yield (f"DNS, {name}", lambda c, name=name: c.dns(name), outcome, network.SERVER)


def test_requests(b):
    with b.middle("web"):
        for name, ask, protected, bare in rows():
            b.report.check(name, ask(b.clients), bare if b.wire else protected)


def test_packet_sockets(b):
    """The same through the other driver of kernel interfaces."""
    def change(config):
        for port in config["ports"]:
            port["driver"] = "af_packet"

    with b.middle("packet-sockets", change=change):
        for name, url, outcome in (("HTTP, a listed name", "http://listed.parent.test/", "451 sq"),
                                   ("TLS, a listed name", "https://listed.parent.test/", "refused"),
                                   ("TLS, its neighbour", "https://neighbour.parent.test/", "200")):
            b.report.check(f"through packet sockets: {name}", b.clients.curl(url), outcome)
        b.transfer(0, times=1).stop()
        b.report.say(f"through packet sockets: {servers.BIG // 1000000} MB arrive unharmed")


def test_transfers(b):
    """Large transfers at once in both directions."""
    with b.middle("transfers"):
        transfers = [b.transfer(number, up=number % 2 == 1, times=1) for number in range(4)]
        for number, transfer in enumerate(transfers):
            way = "up" if transfer.up else "down"
            try:
                transfer.stop()
                b.report.say(f"transfer {number}: {servers.BIG // 1000000} MB {way} arrive unharmed beside three others")
            except network.Failure as failure:
                b.report.say(f"transfer {number} {way}", str(failure))
