# SPDX-License-Identifier: BSD-3-Clause
"""A real browser, driven through the DevTools protocol over its two pipes."""
import base64
import json
import os
import select
import time

import network

PATIENCE = 60  # seconds for an answer of the browser


class Browser:
    """Chromium in the namespace `client`. Addresses by name: {"pattern": address}; QUIC is forced on the names in `quic`."""

    def __init__(self, lab, key, addresses, quic=()):
        self.lab = lab
        rules = ", ".join([f"MAP {name} {address}" for name, address in addresses.items()] + ["MAP * ~NOTFOUND"])
        forced = ",".join(f"{name}:443" for name in quic)
        command_read, self.commands = os.pipe()
        self.answers, answer_write = os.pipe()
        self.process = lab.spawn(
            "client", "sh", "-c", f'exec "$@" 3<&{command_read} 4>&{answer_write}', "sh", network.SHARED / "browser",
            lab.work / "browser", key, rules, "--remote-debugging-pipe", "--window-size=900,700",
            *(["--enable-quic", f"--origin-to-force-quic-on={forced}"] if quic else ["--disable-quic"]), "about:blank",
            log=lab.work / "browser.log", pass_fds=(command_read, answer_write))
        os.close(command_read)
        os.close(answer_write)
        self.number, self.unread, self.session = 0, b"", None
        page = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        self.call("Page.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lab.stop(self.process)
        os.close(self.commands)
        os.close(self.answers)

    def receive(self, end):
        while b"\0" not in self.unread:
            ready, _, _ = select.select([self.answers], [], [], max(0, end - time.monotonic()))
            chunk = os.read(self.answers, 1 << 20) if ready else b""
            if not chunk:
                raise network.Failure("the browser does not answer: "
                                      + (self.lab.work / "browser.log").read_text(errors="replace")[-600:])
            self.unread += chunk
        message, _, self.unread = self.unread.partition(b"\0")
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        request = {"id": self.number, "method": method, "params": params}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.commands, json.dumps(request).encode() + b"\0")
        end = time.monotonic() + PATIENCE
        while True:
            message = self.receive(end)
            if message.get("id") == self.number:
                if "error" in message:
                    raise network.Failure(f"{method}: {message['error']['message']}")
                return message["result"]

    def language(self, tag):
        """What the reader prefers, as Accept-Language says it."""
        agent = self.call("Browser.getVersion")["userAgent"]
        self.call("Network.setUserAgentOverride", userAgent=agent, acceptLanguage=tag)

    def visit(self, url):
        """(error or None, seconds until it was there, text of the page)"""
        began = time.monotonic()
        error = self.call("Page.navigate", url=url).get("errorText")
        took = time.monotonic() - began
        if error:
            return error, took, ""
        network.until(f"{url} loads", PATIENCE, lambda: self.value("document.readyState") == "complete")
        return None, took, self.value("document.title + '\\n' + document.body.innerText")

    def value(self, expression):
        return self.call("Runtime.evaluate", expression=expression)["result"].get("value")

    def screenshot(self, path):
        with open(path, "wb") as f:
            f.write(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
