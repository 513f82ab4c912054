# SPDX-License-Identifier: BSD-3-Clause
"""Traffic that must survive: numbered probes at a steady rate, and transfers whose digest is checked."""
import json
import signal
import subprocess
import threading

import network
import servers

PORT = 9000  # of plain probes
DNS_PORT = 53
MS = 1000000  # nanoseconds


class Trace:
    """What a probe saw: times by number, CLOCK_MONOTONIC nanoseconds."""

    def __init__(self, sent, answered, arrivals):
        self.sent, self.answered, self.arrivals = sent, answered, arrivals
        self.received = dict(arrivals)

    def between(self, begin, end):
        """Of the datagrams that were sent then."""
        sent = {seq: ns for seq, ns in self.sent.items() if begin <= ns < end}
        return Trace(sent, {seq: ns for seq, ns in self.answered.items() if seq in sent},
                     [(seq, ns) for seq, ns in self.arrivals if seq in sent])

    def lost(self):
        return len(self.sent) - len(self.received)

    def duplicated(self):
        return len(self.arrivals) - len(self.received)

    def reordered(self):
        return sum(b < a for (a, _), (b, _) in zip(self.arrivals, self.arrivals[1:]))

    def gap_ms(self, begin, end):
        """The longest time without an arrival between two moments, up to and from the arrivals next to them."""
        times = [0, *sorted(self.received.values()), 1 << 63]
        return max(b - a for a, b in zip(times, times[1:]) if b > begin and a < end) / MS

    def unprotected_ms(self):
        """Of queries that a rule matches, over each stretch in which they passed: at least from the first that passed to the
        last one, at most from the answered one before to the answered one after."""
        least = most = 0
        before, first, last = min(self.sent.values(), default=0), None, None
        for seq, ns in sorted(self.sent.items()):
            if seq in self.received:
                first, last = first or ns, ns
            elif seq in self.answered:
                if first:
                    least, most = least + last - first, most + ns - before
                before, first = ns, None
        if first:
            least, most = least + last - first, most + ns - before
        return least / MS, most / MS


class Probe:
    """Datagrams from one namespace to another, until stop(). With a name they are DNS queries for it."""

    def __init__(self, lab, program, address, name=None, rate=1000, way=("client", "server"), port=None):
        self.lab = lab
        port = port or (DNS_PORT if name else PORT)
        self.receiver = self.start(way[1], program, "receive", address, port)
        self.sender = self.start(way[0], program, "send", address, port, rate, *([name] if name else []))

    def start(self, role, *command):
        process = self.lab.spawn(role, *command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if process.stderr.readline() != b"ready\n":
            raise network.Failure(f"the probe does not start: {process.stderr.read().decode()}")
        return process

    def stop(self):
        results = []
        for process in (self.sender, self.receiver):
            process.send_signal(signal.SIGTERM)
            out, _ = process.communicate(timeout=60)
            self.lab.stop(process)
            results.append(json.loads(out))
        sender, receiver = results
        return Trace(dict(zip(sender["seq"], sender["ns"])), dict(zip(sender["answered_seq"], sender["answered_ns"])),
                     list(zip(receiver["seq"], receiver["ns"])))


class Transfer:
    """Downloads and uploads of the big file over HTTP, one after the other until stop(), or `times` of them."""

    def __init__(self, lab, digest, number=0, up=False, rate=None, times=None, host="shop.test"):
        self.lab, self.digest, self.number, self.up, self.rate, self.times = lab, digest, number, up, rate, times
        self.url = f"http://{host}/files/"
        self.ended, self.done, self.fault = threading.Event(), 0, None
        self.file = (lab.work / "www" / "files" if up else lab.work) / f"transfer-{number}"
        self.file.unlink(missing_ok=True)
        self.lock = threading.Lock()  # of what moved() counts
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self):
        try:
            while not self.fault and not self.ended.is_set() and self.done != self.times:
                self.one()
        except (OSError, network.Failure) as error:
            self.fault = str(error)

    def one(self):
        what = ["-T", self.lab.work / "www" / "files" / "big", self.url + self.file.name] if self.up else \
            ["-o", self.file, self.url + "big"]
        limit = ["--limit-rate", self.rate] if self.rate else []
        self.lab.run("client", "curl", "-sS", "-f", "--max-time", 60, "--connect-to", f"::{network.SERVER}:", *limit, *what)
        if servers.digest(self.file) != self.digest:
            raise network.Failure(f"transfer {self.number}: the digest differs")
        with self.lock:
            self.file.unlink()
            self.done += 1

    def moved(self):
        """Bytes that have come so far."""
        with self.lock:
            return self.done * servers.BIG + (self.file.stat().st_size if self.file.exists() else 0)

    def goes_on(self, size=4000000):
        """Waits until so many bytes more have come."""
        before = self.moved()
        network.until("a transfer goes on", 60, lambda: self.fault or self.moved() >= before + size)

    def stop(self):
        """Waits for the transfer in progress and raises what went wrong."""
        self.ended.set()
        self.thread.join()
        if self.fault:
            raise network.Failure(self.fault)
        return self.done
