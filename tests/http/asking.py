# SPDX-License-Identifier: BSD-3-Clause
"""asking: the HTTP server under test, and how to ask it over a raw connection, so that nothing corrects what is sent."""
import contextlib
import os
import pathlib
import socket
import shutil
import sqlite3
import subprocess
import tempfile
import urllib.parse


DECISION = "<script>alert(1)</script>\nline two"  # serve.c


class Server:
    def __init__(self, program, folder, pages=""):
        self.folder = pathlib.Path(folder)
        os.mkdir(os.path.join(folder, "store"), 0o700)
        self.process = subprocess.Popen([program, os.path.join(folder, "store"), "127.0.0.1", pages],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline() or 0)
        assert self.port, "it did not start"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def end(self):
        self.process.stdin.close()
        return self.process.wait()

    @contextlib.contextmanager
    def database(self):
        """A copy of its store, which lets nobody else in; between two requests it is whole."""
        with tempfile.TemporaryDirectory(prefix="roja-http.") as copy:
            for path in (self.folder / "store").glob("store.db*"):
                shutil.copy(path, copy)
            db = sqlite3.connect(pathlib.Path(copy) / "store.db")
            try:
                yield db
            finally:
                db.close()

    def decide(self):
        """Has it uphold all appeals, with DECISION."""
        self.process.stdin.write(b"d")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == b"decided\n"

    def files(self):
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port))

    def until(self, holds):
        while True:
            assert self.process.poll() is None, f"it ended: {self.process.returncode}"
            try:
                if holds():
                    return
            except (OSError, IndexError):
                pass


class Answer:
    def __init__(self, data):
        head, _, self.body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1])
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        self.text = self.body.decode("utf-8")


def raw(server, data):
    """What comes until the server closes."""
    with server.connect() as s:
        answer = b""
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            while part := s.recv(65536):
                answer += part
        except OSError:
            pass
        return answer


def ask(server, method, path, head=(), form=None, body=None):
    head = ["Host: roja.example", "Connection: close", *head]
    if form is not None:
        body = urllib.parse.urlencode(form).encode()
        head.append("Content-Type: application/x-www-form-urlencoded")
    if body is not None:
        head.append(f"Content-Length: {len(body)}")
    request = f"{method} {path} HTTP/1.1\r\n" + "\r\n".join(head) + "\r\n\r\n"
    with server.connect() as s:
        answer = b""
        try:
            s.sendall(request.encode() + (body or b""))
        except ConnectionError:
            pass  # it answered before all was sent
        while part := s.recv(65536):
            answer += part
    return Answer(answer)
