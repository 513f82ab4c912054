#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""sockets.py SERVE_VIEW: hostile clients on the data plane's socket, which SERVE_VIEW serves over a view without a data plane behind
it.

Prints "ok sockets TEST" or "not ok sockets TEST: why" a test.
"""
import functools
import pathlib
import subprocess
import sys
import tempfile

import hostile
from people import Client, connect_as, run_tests

SERVE_VIEW = str(pathlib.Path(sys.argv[1]).resolve())
STRANGER = 65532


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "dataplane.sock"
        pathlib.Path(folder).chmod(0o755)
        daemon = subprocess.Popen([SERVE_VIEW, path], stdout=subprocess.PIPE, text=True)
        assert daemon.stdout.readline() == "ready\n"

        def root():
            return connect_as(path, 0)

        def strangers_are_refused():
            path.chmod(0o666)  # as if the file's mode did not keep them out
            c = Client(connect_as(path, STRANGER))
            answer = c.ask("status")
            assert answer["error"]["code"] == -32001, answer
            assert not c.line()
            path.chmod(0o660)

        target = hostile.Target(daemon.pid, root, root, "status", shared=True)
        tests = [(f.__name__, functools.partial(hostile.run, target, f)) for f in hostile.CASES]
        code = run_tests("sockets", tests + [("strangers_are_refused", strangers_are_refused)])
        daemon.terminate()
        return code or daemon.wait()


if __name__ == "__main__":
    sys.exit(main())
