# SPDX-License-Identifier: BSD-3-Clause
"""Input that must be refused: whatever comes, what is enforced stays as it is, and a sentence says what is wrong.

The files of tests/lists/bad with their sentences, and what is made here: too long, too many errors, signatures, replays, guarded names.
"""
import pathlib
import subprocess

import control
import network

LISTS = pathlib.Path(__file__).resolve().parents[1] / "lists"
GOOD = control.names(100)
ERRORS, LONG = 10**7, 2 << 30
ZONE = "$TTL 60\n@ SOA localhost. root.localhost. {serial} 60 60 60 60\n@ NS localhost.\n{name} CNAME .\n"


def change(folder):
    def apply(config):
        folder.mkdir()
        folder.chmod(0o777)
        config["limits"] = {"temp": str(folder)}
        config["authorities"] = [{"name": "*", "max_bytes": 3 << 30, "trusted": str(folder.parent / "trusted.pem")}]
        config["guard"].update(operators=["operator.example"], emergencies=["help.example"])
    return apply


def certificate(folder, name, days):
    """A key and its own certificate; days below 0: it has expired."""
    key, request, pem = (folder / f"{name}.{end}" for end in ("key", "csr", "pem"))
    openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", f"/CN={name}.example")
    openssl("x509", "-req", "-in", request, "-signkey", key, "-days", days, "-out", pem)
    return key, pem


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def sign(path, key, pem):
    out = path.with_suffix(".p7s")
    openssl("cms", "-sign", "-binary", "-outform", "DER", "-in", path, "-signer", pem, "-inkey", key, "-out", out)
    return out


def written(path, text):
    path.write_text(text)
    return path


def long_line(path):
    with open(path, "wb") as f:
        block = b"a" * (1 << 20)
        for _ in range(LONG >> 20):
            f.write(block)
    return path


def many_errors(path):
    with open(path, "wb") as f:
        for _ in range(ERRORS // 10000):
            f.write(b"no entry\n" * 10000)
    return path


def shipped():
    """(file, format, options, sentence); where the test of a unit lowers a limit, the daemon's own is met by many_errors."""
    for line in (LISTS / "bad.tsv").read_text().splitlines():
        if not line.startswith("#"):
            name, form, options, limit, _, sentence = line.split("\t")
            if limit == "-":
                yield LISTS / "bad" / name, form, [] if options == "-" else options.split(), sentence


class Refusals:
    def __init__(self, b, c, d):
        self.b, self.c, self.d, self.work, self.lists = b, c, d, b.lab.work, {}
        self.order = c.propose("ana", ("good", written(self.work / "good.txt", GOOD)))
        c.rojactl("ben", "order", "approve", self.order)
        c.enforced(self.order)

    def list_of(self, form, options):
        """A list of this format, of the order and approved."""
        key = (form, *options)
        if key not in self.lists:
            self.lists[key] = name = f"{form}-{len(self.lists)}"
            self.c.rojactl("ana", "list", "add", self.order, name, "--format", form,
                           *[word for option in options for word in ("--option", option)])
            self.c.rojactl("ben", "order", "approve", self.order)
        return self.lists[key]

    def accepted(self, name, path):
        self.c.authenticate("ana", self.c.rojactl("ana", "list", "import", name, path)["import"])
        self.c.rojactl("ben", "order", "approve", self.order)
        self.c.acknowledged()

    def check(self, what, name, path, sentence, *signature):
        before = self.d.call("status")["ruleset"]
        words = [word for file in signature for word in ("--signature", file)]
        try:
            self.c.rojactl("ana", "list", "import", name, path, *words, "--timeout", 600000)
            said = "it was taken"
        except control.Refused as refused:
            said = str(refused)
        self.c.acknowledged()
        after = self.d.call("status")["ruleset"]
        why = None if sentence in said else f"said: {said}"
        self.b.report.say(f"{what}: {sentence[:100]}", why if after == before else f"{before} became {after}")


def signatures(r):
    listed = written(r.work / "signed.txt", control.names(100, "signed"))
    other = written(r.work / "other.txt", control.names(100, "other"))
    keys = {name: certificate(r.work, name, days) for name, days in (("signer", 30), ("stranger", 30), ("old", -1))}
    (r.work / "trusted.pem").write_text(keys["signer"][1].read_text() + keys["old"][1].read_text())
    good = r.list_of("plain", [])
    r.check("the signature of another file", good, listed, "the signature of signer.example is not of this file", sign(other, *keys["signer"]))
    r.check("a stranger's signature", good, listed, "signed by stranger.example, who may not sign for this authority", sign(listed, *keys["stranger"]))
    r.check("an expired certificate", good, listed, "the certificate of old.example expired at", sign(listed, *keys["old"]))
    r.check("no signature at all", good, listed, "the signature is not in the form CMS (DER)", written(r.work / "none.p7s", "no signature\n"))


def entries(r):
    plain = r.list_of("plain", [])
    for what, entry, sentence in (("a top-level domain", "test", "a top-level domain"),
                                  ("a public suffix", "co.rs", "a suffix under which anybody registers names"),
                                  ("the operator's name", "operator.example", "a name or address of the operator itself"),
                                  ("a page of the operator's", "http://www.operator.example/", "a name or address of the operator itself"),
                                  ("an emergency service", "www.help.example", "a name or address that help depends on"),
                                  ("a private network", "10.0.0.0/8", "private, reserved or multicast addresses"),
                                  ("an exception", "!name1.many.test", "an exception inside a list")):
        r.check(what, plain, written(r.work / "entry.txt", GOOD + entry + "\n"), sentence)
    zone = r.list_of("rpz", [])
    r.accepted(zone, written(r.work / "zone", ZONE.format(serial=10, name="zone.test")))
    r.check("an older version sent again", zone, written(r.work / "zone", ZONE.format(serial=9, name="old.test")), "older than")
    good = "good"
    r.check("most of a list gone", good, written(r.work / "short.txt", control.names(3)), "too much of the list would be gone")


def test_refused(b):
    folder = b.lab.work / "temp"
    (b.lab.work / "trusted.pem").write_text("")
    with control.beside(b.lab, b.tools, b.artifacts, "refused", change(folder)) as (c, d):
        r = Refusals(b, c, d)
        for path, form, options, sentence in shipped():
            r.check(path.name, r.list_of(form, options), path, sentence)
        signatures(r)
        entries(r)
        r.check(f"{ERRORS} errors", r.list_of("plain", []), many_errors(b.lab.work / "errors.txt"), "more than the limit of 100000")
        if not b.quick:
            r.check("a line of 2 GiB", r.list_of("plain", []), long_line(b.lab.work / "long.txt"), "not one entry in its 1 lines")
        alarms = c.rojactl("eva", "alarm", "ls")
        b.report.say("refusals are alarmed", None if any(a["kind"] == "feed-refused" for a in alarms) else f"{alarms}")
        b.report.check("what was enforced", b.clients.curl("http://name1.many.test/"), "451 sq")
        b.report.check("what was not", b.clients.curl("http://name101.many.test/"), "200")
        b.report.limit("peak resident memory of roja-control", control.peak_rss_mb(c.process.pid), 600, "MiB")
