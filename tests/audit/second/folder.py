# SPDX-License-Identifier: BSD-3-Clause
"""A log's folder: which files are in it, and what bundles and kept bodies hold."""
import os
import re
import stat

HASH, WIDE = 32, 256
NUMBER = r"(?:x\d{3}/)*\d{3}"
TILE = re.compile(rf"tile/(entries|0|[1-9]\d?)/({NUMBER})(?:\.p/([1-9]\d{{0,2}}))?", re.ASCII)
KEPT = re.compile(rf"kept/({NUMBER})", re.ASCII)
STAMP = re.compile(r"stamps/(0|[1-9]\d*)\.(checkpoint|tsr)", re.ASCII)


class Bad(Exception):
    """The log is bad; leaf: the first that is, where that is known."""

    def __init__(self, text, leaf=None):
        super().__init__(text)
        self.leaf = leaf


def number_of(text):
    """N of a path's groups of three digits."""
    groups = text.split("/")
    if len(groups) > 1 and groups[0] == "x000":
        return None
    return int(text.replace("/", "").replace("x", ""))


def path_of(kind, n, width=None):
    """The path of tile or bundle n: kind is "tile/L", "tile/entries" or "kept"."""
    groups = [f"{n % 1000:03}"]
    while n >= 1000:
        n //= 1000
        groups.insert(0, f"x{n % 1000:03}")
    return f"{kind}/{'/'.join(groups)}" + (f".p/{width}" if width else "")


class Folder:
    """Its files by what they are: tiles[kind][n] is a set of widths, 256 for the full one."""

    def __init__(self, place):
        self.place = place
        self.tiles, self.kept, self.stamps, self.pruned = {}, set(), {}, set()

    def scan(self):
        """Takes stock of the folder; a file that has no place in it makes the log bad."""
        for folder, _, names in os.walk(self.place):
            for name in sorted(names):
                path = os.path.relpath(os.path.join(folder, name), self.place)
                if name.endswith(".tmp"):
                    continue
                try:
                    if not stat.S_ISREG(os.lstat(os.path.join(folder, name)).st_mode):
                        raise Bad(f"{path}: no file")
                except FileNotFoundError:
                    continue
                if not self._known(path):
                    raise Bad(f"{path}: no file of a log")
        return self

    def _known(self, path):
        if path == "checkpoint":
            return True
        if path in ("pruned", "pruned.new"):
            self.pruned.add(path)
            return True
        if match := TILE.fullmatch(path):
            n, width = number_of(match[2]), int(match[3] or WIDE)
            if n is None or width > WIDE or (match[3] and width == WIDE):
                return False
            if match[1] != "entries" and int(match[1]) > 63:
                return False
            self.tiles.setdefault("tile/" + match[1], {}).setdefault(n, set()).add(width)
            return True
        if match := KEPT.fullmatch(path):
            n = number_of(match[1])
            self.kept.add(n)
            return n is not None
        if match := STAMP.fullmatch(path):
            self.stamps.setdefault(int(match[1]), set()).add(match[2])
            return True
        return False

    def widths(self, kind, n):
        return self.tiles.get(kind, {}).get(n, set())

    def read(self, path):
        """A file's bytes; a missing one makes the log bad."""
        try:
            with open(os.path.join(self.place, path), "rb") as file:
                return file.read()
        except OSError as error:
            raise Bad(f"{path}: {error.strerror}") from error

    def tile(self, kind, n, width):
        """The file of this width, or None where only the full one is there by now."""
        try:
            return self.read(path_of(kind, n, None if width == WIDE else width))
        except Bad:
            if width != WIDE and os.path.exists(os.path.join(self.place, path_of(kind, n))):
                return None
            raise


def entries_of(data, count, path, first, marked=False):
    """The entries of a bundle, or, marked, of a kept one, with None for bodies that were removed."""
    entries, at = [], 0
    for i in range(count):
        if marked:
            if at >= len(data) or data[at] > 1:
                raise Bad(f"{path}: entry {i}: neither kept nor removed", first + i)
            at += 1
            if data[at - 1] == 0:
                entries.append(None)
                continue
        length = int.from_bytes(data[at:at + 2], "big")
        if at + 2 + length > len(data):
            raise Bad(f"{path}: entry {i}: it ends too early", first + i)
        entries.append(data[at + 2:at + 2 + length])
        at += 2 + length
    if at != len(data):
        raise Bad(f"{path}: something follows behind its last entry", first + count - 1)
    return entries
