#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""http.py HTTP_SERVE: the HTTP server of the control process, as browsers, scrapers and hostile clients ask it.

Prints a line "ok http CASE" or "not ok http CASE: why" a case.
"""
import re
import shutil
import sys
import tempfile
import traceback
from urllib.parse import quote

from asking import ask, DECISION, raw, Server
from reading import check

HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
                               "frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
PAGES = ["/metrics", "/blocked", "/appeal", "/nothing-here"]


def case_answers_carry_strict_headers(server):
    for path in PAGES:
        a = ask(server, "GET", path)
        for name, value in HEADERS.items():
            assert a.headers.get(name) == value, (path, name, a.headers)
        for name in ("server", "set-cookie", "x-powered-by"):
            assert name not in a.headers, (path, a.headers)


def case_metrics_are_prometheus_text(server):
    a = ask(server, "GET", "/metrics")
    assert a.status == 200 and a.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "\nroja_compiles_total 1\n" in a.text
    assert r'roja_orders{authority="Authority <b>&\"' "' of Tests" r'",category="gambling",state="approved"} 1' in a.text


def case_metrics_are_not_for_those_behind_a_proxy(server):
    for name in ("X-Forwarded-For: 127.0.0.1", "Forwarded: for=127.0.0.1", "Via: 1.1 proxy.example"):
        assert ask(server, "GET", "/metrics", head=[name]).status == 403, name


def case_head_is_get_without_a_body(server):
    get, head = ask(server, "GET", "/metrics"), ask(server, "HEAD", "/metrics")
    assert head.status == 200 and not head.body
    assert head.headers["content-type"] == get.headers["content-type"]


def case_other_methods_are_refused(server):
    for path in PAGES[:-1]:
        for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "get", "X" * 200):
            a = ask(server, method, path)
            assert a.status == 405 and "GET" in a.headers["allow"], (path, method, a.status)
    for path in ("/metrics", "/blocked"):
        a = ask(server, "POST", path, form={"a": "b"})
        assert a.status == 405 and a.headers["allow"] == "GET, HEAD", path
    assert ask(server, "PUT", "/appeal").headers["allow"] == "GET, HEAD, POST"


def case_other_paths_are_refused(server):
    for path in ("/", "/metrics/", "/Metrics", "//metrics", "/../etc/passwd", "/%2e%2e/etc/passwd", "*"):
        a = ask(server, "GET", path)
        assert a.status in (400, 404), (path, a.status)
        assert "passwd" not in a.text


def case_large_heads_are_refused(server):
    for line in (f"GET /metrics?{'a' * 70000} HTTP/1.1\r\nHost: a\r\n\r\n",
                 f"GET /metrics HTTP/1.1\r\nHost: a\r\nX: {'a' * 70000}\r\n\r\n",
                 "GET /metrics HTTP/1.1\r\nHost: a\r\n" + "X: a\r\n" * 20000 + "\r\n"):
        answer = raw(server, line.encode())
        assert not answer or answer.split()[1] in (b"413", b"414", b"431"), answer[:80]
    assert ask(server, "GET", "/metrics").status == 200


def case_garbage_is_refused(server):
    for text in (b"\0" * 4096, b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"GET /metrics\r\n\r\n",
                 b"GET /metrics HTTP/9.9\r\n\r\n", b"GET /metrics HTTP/1.1\r\n\r\n", b"\r\n\r\n\r\n\r\n",
                 b"GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
                 b"GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n"):
        answer = raw(server, text)
        assert b" 200 " not in answer[:20], (text, answer[:80])
    assert ask(server, "GET", "/metrics").status == 200


def case_one_address_has_so_many_connections(server):
    held = [server.connect() for _ in range(40)]
    try:
        refused = 0
        for s in held[32:]:
            s.sendall(b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
            try:
                refused += not s.recv(100)
            except ConnectionError:
                refused += 1
        assert refused == 8, refused
    finally:
        for s in held:
            s.close()
    server.until(lambda: ask(server, "GET", "/metrics").status == 200)


def case_slow_clients_stop_nobody_and_are_closed(server):
    """One sends nothing, one a byte each half second: neither is waited for, both are closed; others are served meanwhile."""
    silent, slow = server.connect(), server.connect()
    silent.settimeout(0.5)
    slow.sendall(b"GET /metrics HTTP/1.1\r\nX: ")
    open_now = {silent, slow}
    while open_now:
        for s in list(open_now):
            try:
                if s is slow:
                    s.sendall(b"a")
                if not s.recv(1000):
                    open_now.discard(s)
            except TimeoutError:
                pass
            except ConnectionError:
                open_now.discard(s)
        slow.settimeout(0.01)
        assert ask(server, "GET", "/metrics").status == 200


RULE = "00000000000000aa"  # serve.c
HOSTILE = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "</textarea><script>",
           "javascript:alert(1)", "{{authority}}", "%00%0d%0aSet-Cookie: a=b", "\u202e\ufeff", "&lt;b&gt;", "`${7*7}`"]
LANGUAGES = {"sq": "Kush e ka urdhëruar", "en": "Who ordered it", "sr": "Ko je to naložio", "mk": "Кој го наложил тоа"}
FORMS = {"sq": "Ankesë", "en": "Appeal", "sr": "Žalba", "mk": "Жалба"}


def appeal(server, head=(), **fields):
    form = {"subject": "https://example.com/page", "text": "It is a shop.", "contact": "", "rule": RULE, "lang": "en"}
    return ask(server, "POST", "/appeal", form={**form, **fields}, head=[f"X-Forwarded-For: {next_address()}", *head])


def next_address(count=[0]):
    """Another client each time, as a proxy on this machine names it."""
    count[0] += 1
    return f"2001:db8:{count[0]:x}::1"


def ticket_of(answer):
    return re.search(r"<dd>([2-9a-z]{16})</dd>", answer.text)[1]


def case_block_page_says_who_and_why_in_each_language(server):
    for language, words in LANGUAGES.items():
        for a in (ask(server, "GET", f"/blocked?r={RULE}&lang={language}"),
                  ask(server, "GET", f"/blocked?r={RULE}", head=[f"Accept-Language: {language}"])):
            assert a.status == 451 and a.headers["content-language"] == language
            assert a.headers["link"] == '<https://appeals.example/form>; rel="blocked-by"', a.headers
            page = check(a.text, language)
            for text in (words, "Authority <b>&\"' of Tests", "1196/2026", "Law 1, Art. 2", "Helpline of Tests 00 000", RULE):
                assert text in page.shown, (language, text)
            assert "https://appeals.example/form" in [link["href"] for link in page.all("a")]
            assert "<b>" not in a.text


def case_block_page_of_an_unknown_rule_offers_the_form(server):
    for rule in ("", "00000000000000ab", "00000000000000AA", "a" * 17, "0", "'; DROP TABLE hits; --", *HOSTILE):
        a = ask(server, "GET", f"/blocked?lang=en&r={quote(rule)}")
        assert a.status == 451, rule
        page = check(a.text, "en")
        assert "Authority" not in page.shown and "1196/2026" not in page.shown
        hrefs = [link["href"] for link in page.all("a")]
        known = rule if rule == "00000000000000ab" else ""
        assert f"/appeal?r={known}" in hrefs, (rule, hrefs)
        assert "https://isigurt.al/" in hrefs and "checked 20" in page.shown


def case_language_is_one_of_four_whatever_is_asked_for(server):
    for path in ("/blocked", "/appeal"):
        for language in ("de", "en-GB", "EN", "", "sqq", *HOSTILE):
            a = ask(server, "GET", f"{path}?lang={quote(language)}", head=["Accept-Language: mk, en;q=0.5"])
            assert a.headers["content-language"] == "mk", language
            check(a.text, "mk")
        for wants in ("*", "de, fr;q=0.3", ";;,,q=,", "x" * 3000):
            assert ask(server, "GET", path, head=[f"Accept-Language: {wants}"]).headers["content-language"] == "sq"


def case_appeal_form_is_for_everybody(server):
    for language, words in FORMS.items():
        a = ask(server, "GET", f"/appeal?lang={language}&r={RULE}")
        page = check(a.text, language)
        assert a.status == 200 and words in page.shown and RULE in page.shown
        assert {"subject", "text", "contact", "rule", "lang", "ticket"} <= {i.get("name") for i in
                                                                           page.all("input") + page.all("textarea")}
        assert [f["action"] for f in page.all("form")] == ["/appeal", "/appeal"]
        current = [link["hreflang"] for link in page.all("a") if "aria-current" in link]
        assert len(current) == 1 and current[0].startswith(language)


def case_appeal_opens_a_ticket_that_can_be_followed(server):
    a = appeal(server, contact="reader@example.com")
    assert a.status == 201, a.text
    check(a.text, "en")
    ticket = ticket_of(a)
    for language, word in {"sq": "në shqyrtim", "en": "being looked at", "sr": "u razmatranju", "mk": "се разгледува"}.items():
        a = ask(server, "GET", f"/appeal?ticket={ticket}&lang={language}")
        page = check(a.text, language)
        assert a.status == 200 and word in page.shown and ticket in page.shown
        assert "example.com" not in a.text and "shop" not in a.text  # what was written is not shown again
    with server.database() as db:
        row = db.execute("SELECT order_id, list_id, line, rule, state, deadline - created FROM appeals WHERE ticket = ?",
                         (ticket,)).fetchone()
        assert row == (1, 4, 7, RULE, "open", 15 * 86400), row
    server.decide()
    page = check(ask(server, "GET", f"/appeal?ticket={ticket}&lang=en").text, "en")
    assert "upheld" in page.shown and DECISION in page.shown and "ben" not in page.shown


def case_appeal_of_an_unknown_rule_is_taken(server):
    a = appeal(server, rule="00000000000000ff")
    with server.database() as db:
        row = db.execute("SELECT order_id, rule FROM appeals WHERE ticket = ?", (ticket_of(a),)).fetchone()
        assert row == (None, "00000000000000ff"), row
    a = appeal(server, rule="<b>")
    with server.database() as db:
        assert db.execute("SELECT rule FROM appeals WHERE ticket = ?", (ticket_of(a),)).fetchone() == (None,)


def case_appeal_keeps_no_address_and_no_words_in_clear(server):
    assert appeal(server, text="canary-of-the-text", contact="canary-of-the-contact").status == 201
    for file in server.files():
        data = file.read_bytes()
        for text in (b"canary-of-the", b"2001:db8:", b"127.0.0.1"):
            assert text not in data, (file, text)


def case_wrong_forms_come_back_with_what_was_written(server):
    for fields, wrong in (({"subject": ""}, "subject"), ({"subject": " \r\n"}, "subject"), ({"subject": "a" * 4001}, "subject"),
                          ({"text": ""}, "text"), ({"text": "a" * 4001}, "text"), ({"contact": "a" * 201}, "contact")):
        a = appeal(server, **{"text": "Kept <text>", **fields})
        page = check(a.text, "en")
        assert a.status == 422 and 'role="alert"' in a.text
        marked = [e["id"] for e in page.all("input") + page.all("textarea") if e.get("aria-invalid")]
        assert marked == [wrong], (fields.keys(), marked)
        assert wrong == "text" or "Kept <text>" in page.shown


def case_longest_form_is_taken(server):
    assert appeal(server, subject="\u0436" * 2000, text="\u0436" * 2000, contact="\u0436" * 100).status == 201


def case_hostile_words_are_shown_as_words(server):
    for words in HOSTILE:
        a = appeal(server, subject=words, text="", contact=words, rule=words)  # no text: the form comes back
        assert a.status == 422, words
        page = check(a.text, "en")
        values = {e["id"]: e["value"] for e in page.all("input") if "value" in e and "id" in e}
        assert values["subject"] == words and values["contact"] == words, values
        assert all(header not in a.headers for header in ("set-cookie", "location"))
        a = ask(server, "GET", f"/appeal?lang=en&ticket={quote(words)}&r={quote(words)}")
        assert a.status == 404 and check(a.text, "en")
        assert words not in a.text


def case_what_is_no_text_is_refused(server):
    for body in (b"subject=%00&text=a", b"subject=a%01&text=a", b"subject=%ff%fe&text=a", b"subject=a&text=%c2%80", b"other=a",
                 b"subject=a&subject=b&text=c", b"=", b"&&&&" * 1000 + b"x=y"):
        a = ask(server, "POST", "/appeal", body=body, head=["Content-Type: application/x-www-form-urlencoded"])
        assert a.status == 400, (body[:20], a.status)


def case_other_types_of_forms_are_refused(server):
    for kind in ("multipart/form-data; boundary=a", "text/plain", "application/json", "application/x-www-form-urlencodedx", ""):
        a = ask(server, "POST", "/appeal", body=b"subject=a&text=b", head=[f"Content-Type: {kind}"])
        assert a.status == 415, kind


def case_large_bodies_are_refused(server):
    large = b"subject=" + b"a" * 40000
    a = ask(server, "POST", "/appeal", body=large, head=["Content-Type: application/x-www-form-urlencoded"])
    assert a.status == 413, a.status
    head = (b"POST /appeal HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n")
    assert b" 20" not in raw(server, head + b"10000\r\n" + large * 2 + b"\r\n" * 1000)[:20]
    assert ask(server, "GET", "/appeal").status == 200


def case_one_address_appeals_so_often(server):
    address = ["X-Forwarded-For: 203.0.113.9, 198.51.100.7"]
    form = {"subject": "a", "text": "b", "lang": "en"}
    statuses = [ask(server, "POST", "/appeal", form=form, head=address).status for _ in range(12)]
    assert statuses == [201] * 10 + [429] * 2, statuses
    # what a client says of itself before the proxy's word makes no other client of it
    assert ask(server, "POST", "/appeal", form=form, head=["X-Forwarded-For: 192.0.2.1, 198.51.100.7"]).status == 429
    assert ask(server, "POST", "/appeal", form=form, head=["X-Forwarded-For: 198.51.100.8"]).status == 201
    # all of a subscriber's IPv6 network is one
    statuses = [ask(server, "POST", "/appeal", form=form, head=[f"X-Forwarded-For: 2001:db8:ffff::{i:x}"]).status
                for i in range(1, 12)]
    assert statuses == [201] * 10 + [429], statuses


def case_other_sites_make_nobody_appeal(server):
    assert appeal(server, head=["Sec-Fetch-Site: cross-site"]).status == 403
    assert appeal(server, head=["Sec-Fetch-Site: same-origin"]).status == 201


def main():
    bad = 0
    folder = tempfile.mkdtemp(prefix="roja-http.")
    try:
        with Server(sys.argv[1], folder) as server:
            for name, run in sorted(globals().items()):
                if not name.startswith("case_"):
                    continue
                try:
                    run(server)
                    print(f"ok http {name[5:]}")
                except Exception as why:  # the next case may tell more
                    at = traceback.extract_tb(why.__traceback__)[-1]
                    print(f"not ok http {name[5:]}: line {at.lineno}: {type(why).__name__}: {why}")
                    bad += 1
            code = server.end()
            print("ok http ends" if code == 0 else f"not ok http ends: {code}")
            bad += code != 0
    finally:
        shutil.rmtree(folder)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
