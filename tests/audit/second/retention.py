# SPDX-License-Identifier: BSD-3-Clause
"""Bodies that were removed: `pruned`, `pruned.new`, and what kept/ may hold by them."""
from hashlib import sha256

from folder import Bad
from rules import STAY

ROW = 32


def bit(bitmaps, leaf):
    """Whether the leaf's bit is set."""
    return len(bitmaps) * 8 > leaf and bitmaps[leaf // 8] >> (leaf % 8) & 1 == 1


class Retention:
    """What was removed by the last leaf prune (done), or is being removed by it (going)."""

    def __init__(self, folder):
        self.folder = folder
        self.files = {name: folder.read(name) for name in folder.pruned}
        self.missing, self.there = [], []

    def saw(self, leaf, word, body):
        """A leaf below the bitmaps' end, or one whose body is gone."""
        if body is None:
            self.missing.append(leaf)
        elif any(bit(data, leaf) for data in self.files.values()):
            self.there.append((leaf, word))

    def check(self, prunes, full):
        """By the log's leaves prune; full: how many bundles are full."""
        names = set(self.files)
        if not prunes:
            if names or self.folder.kept or self.missing:
                raise Bad("bodies were removed, and no leaf prune says so", min(self.missing, default=None))
            return
        old, new = (prunes[-2] if len(prunes) > 1 else None), prunes[-1]
        if names == {"pruned"} and self._is("pruned", new):
            done, all_of = self.files["pruned"], self.files["pruned"]
        elif "pruned.new" in names and self._is("pruned.new", new) and (
                names == {"pruned.new"} if old is None else "pruned" in names and self._is("pruned", old)):
            done, all_of = self.files.get("pruned", b""), self.files["pruned.new"]
        else:
            raise Bad("neither pruned nor pruned.new is what the last leaf prune names")
        if any(done[i] & ~all_of[i] for i in range(len(done))):
            raise Bad("pruned.new lacks bits of pruned")
        for leaf in self.missing:
            if not bit(all_of, leaf):
                raise Bad("its body is missing and was not removed by retention", leaf)
        for leaf, word in self.there:
            if bit(done, leaf):
                raise Bad("its body was removed, and is there", leaf)
            if bit(all_of, leaf) and word in STAY:
                raise Bad(f"a body of kind {word} is to be removed", leaf)
        going = done != all_of or "pruned.new" in names
        for n in sorted(self.folder.kept):
            if n >= full or not any(all_of[n * ROW:n * ROW + ROW]):
                raise Bad(f"kept bundle {n}: nothing of it was removed")
            if not going and self.folder.widths("tile/entries", n):
                raise Bad(f"kept bundle {n}: its bundle is there as well")
        for n in range(len(done) // ROW):
            if any(done[n * ROW:n * ROW + ROW]) and n not in self.folder.kept:
                raise Bad(f"kept bundle {n} is not there")

    def _is(self, name, prune):
        minimum, removed, digest = prune
        data = self.files[name]
        return (len(data) == ROW * minimum and int.from_bytes(data, "big").bit_count() == removed
                and sha256(data).digest() == digest)
