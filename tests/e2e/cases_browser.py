# SPDX-License-Identifier: BSD-3-Clause
"""A real browser: refused at once over TCP and QUIC, shown the page in its reader's language, let through beside it."""
import browser
import clients
import network

QUIC = ("listed.parent.test", "neighbour.parent.test")
ADDRESSES = {"blocked.example": network.SERVER, "*.example": network.CADDY, "*.test": network.CADDY}
REFUSALS = ("net::ERR_SSL_", "net::ERR_CONNECTION_RESET", "net::ERR_CONNECTION_CLOSED", "net::ERR_QUIC_PROTOCOL_ERROR")


def visit(b, page, url, what, loads):
    error, took, text = page.visit(url)
    if loads or b.wire:
        b.report.check(f"browser: {what}", (error, "A small page." in text), (None, True))
    elif not error:
        b.report.say(f"browser: {what}", "it loads")
    else:
        b.report.say(f"browser: {what}", None if error.startswith(REFUSALS) else error)
        b.report.limit(f"browser: {what}, time until it says so", took, clients.AT_ONCE, "s")


def test_browser(b):
    with b.middle("browser"), browser.Browser(b.lab, b.servers.key, ADDRESSES, QUIC) as page:
        visit(b, page, "https://listed.parent.test/page.html", "a listed name is refused over QUIC", False)
        visit(b, page, "https://neighbour.parent.test/page.html", "its neighbour loads over QUIC", True)
        visit(b, page, "https://www.blocked.example/page.html", "a listed name is refused over TCP", False)
        visit(b, page, "https://help.blocked.example/page.html", "its exception loads over TCP", True)
        protocols = b.servers.caddy_protocols("neighbour.parent.test")
        b.report.check("browser: the neighbour was really asked by HTTP/3", protocols, {"HTTP/3.0"})
        protocols = b.servers.caddy_protocols("help.blocked.example")
        b.report.check("browser: the exception was really asked by HTTP/2", protocols, {"HTTP/2.0"})
        for host in ("listed.parent.test", "www.blocked.example"):
            b.report.check(f"browser: the server was {'' if b.wire else 'never '}asked for {host}",
                           bool(b.servers.caddy_protocols(host)), b.wire)
        for tag, title in clients.TITLES.items():
            page.language(tag)
            _, _, text = page.visit("http://blocked.example/")
            shot = b.artifacts / f"page-{tag}{'-wire' if b.wire else ''}.png"
            page.screenshot(shot)
            wanted = "page" if b.wire else title
            b.report.check(f"browser: the page of a listed name is in {tag}", text.split("\n")[0], wanted)
