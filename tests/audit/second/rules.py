# SPDX-License-Identifier: BSD-3-Clause
"""What the leaves say of the log: log, head, key, source, seq, tally, prune."""
import cbor
import note
from folder import Bad

NUMBERED = ("hit", "outage", "gap", "swap", "start", "link")
STAY = ("log", "head", "key", "source", "gap", "tally", "prune", "recovered", "stamp", "witness")


class Source:
    """A ring, as its leaves have it so far."""

    def __init__(self, begin):
        self.begin, self.seq = begin, begin
        self.hits = self.others = self.gaps = self.missing = 0
        self.tally = (0, 0, 0, 0)


class Rules:
    """Is given the leaves in order. Roots of heads are looked at by whoever has the tree: heads."""

    def __init__(self, origin):
        self.origin = origin
        self.keys, self.heads, self.sources, self.prunes = [], [], {}, []
        self.stamps, self.witnesses = [], []
        self.removed = self.leaves = 0

    def take(self, data):
        """The next leaf: its bytes, or None where its body was removed."""
        leaf = self.leaves
        self.leaves += 1
        if data is None:
            if leaf == 0:
                raise Bad("the first leaf was removed", leaf)
            self.removed += 1
            return None
        try:
            entry = cbor.decode(data)
        except cbor.Malformed as error:
            raise Bad(f"no entry: {error}", leaf) from error
        if (entry.word == "log") != (leaf == 0):
            raise Bad("the first leaf is log, and no other", leaf)
        if entry.word in NUMBERED:
            self._numbered(leaf, entry.word, entry.fields)
        elif entry.word in ("log", "head", "key", "source", "tally", "prune", "stamp", "witness"):
            getattr(self, "_" + entry.word)(leaf, entry.fields)
        return entry.word

    def _key_of(self, leaf, vkey):
        try:
            key = note.key_of(vkey)
        except note.BadNote as error:
            raise Bad(str(error), leaf) from error
        if key.name != self.origin or key.type != note.LOG:
            raise Bad("a key of another name or type", leaf)
        return key

    def _log(self, leaf, fields):
        if fields["origin"] != self.origin:
            raise Bad(f"its origin is {fields['origin']}, the checkpoint's is {self.origin}", leaf)
        self.keys.append((leaf, self._key_of(leaf, fields["vkey"])))

    def _key(self, leaf, fields):
        key = self._key_of(leaf, fields["vkey"])
        message = f"roja-audit-key/v1\n{self.origin}\n{fields['vkey']}\n".encode()
        if not note.signed(self.keys[-1][1].public, message, fields["signature"]):
            raise Bad("the key before it did not sign this key", leaf)
        self.keys.append((leaf, key))

    def _head(self, leaf, fields):
        if fields["size"] != leaf:
            raise Bad(f"a head of {fields['size']} leaves", leaf)
        self.heads.append((leaf, fields["root"]))

    def _source(self, leaf, fields):
        if fields["source"] != len(self.sources) + 1:
            raise Bad(f"source {fields['source']} after {len(self.sources)} sources", leaf)
        self.sources[fields["source"]] = Source(fields["begin"])

    def _ring(self, leaf, fields):
        if fields["source"] not in self.sources:
            raise Bad(f"no leaf source before it names source {fields['source']}", leaf)
        return self.sources[fields["source"]]

    def _numbered(self, leaf, word, fields):
        ring = self._ring(leaf, fields)
        if fields["seq"] <= ring.seq:
            raise Bad(f"number {fields['seq']} behind {ring.seq}", leaf)
        if word == "gap":
            if not ring.seq < fields["first"] <= fields["last"] < fields["seq"]:
                raise Bad("a gap that cannot be", leaf)
            ring.gaps += fields["last"] - fields["first"] + 1
        ring.seq = fields["seq"]
        if word == "hit":
            ring.hits += 1
        else:
            ring.others += 1

    def _tally(self, leaf, fields):
        ring = self._ring(leaf, fields)
        tally = tuple(fields[name] for name in ("hits", "counted", "others", "lost"))
        hits, _, others, lost = tally
        if fields["seq"] < ring.seq or sum(tally) != fields["seq"] - ring.begin:
            raise Bad("a tally that does not account for its numbers", leaf)
        if any(now < before for now, before in zip(tally, ring.tally)):
            raise Bad("a tally below the one before it", leaf)
        if hits < ring.hits or others < ring.others or lost < ring.gaps:
            raise Bad("a tally of fewer events than there are", leaf)
        ring.missing = hits - ring.hits + others - ring.others
        if sum(source.missing for source in self.sources.values()) > self.removed:
            raise Bad("a tally of more events than there are", leaf)
        ring.seq, ring.tally = fields["seq"], tally

    def _prune(self, leaf, fields):
        minimum, removed = fields["minimum"], fields["removed"]
        if minimum * 256 > leaf or removed > minimum * 256:
            raise Bad("it covers bundles that are not full before it", leaf)
        if self.prunes and (minimum < self.prunes[-1][0] or removed < self.prunes[-1][1]):
            raise Bad("it covers less than the one before it", leaf)
        self.prunes.append((minimum, removed, fields["bitmaps"]))

    def _stamp(self, leaf, fields):
        self._earlier(leaf, fields)
        self.stamps.append((leaf, fields["size"], fields["checkpoint"], fields["reply"]))

    def _witness(self, leaf, fields):
        self._earlier(leaf, fields)
        try:
            self.witnesses.append((leaf, fields["size"], note.key_of(fields["vkey"])))
        except note.BadNote as error:
            raise Bad(str(error), leaf) from error

    @staticmethod
    def _earlier(leaf, fields):
        if fields["size"] >= leaf:
            raise Bad(f"a checkpoint of {fields['size']} leaves", leaf)

    def keys_at(self, size):
        """Which keys must have signed a checkpoint of this size."""
        chain = [key for leaf, key in self.keys if leaf < size] or [self.keys[0][1]]
        signed_before = max((leaf for leaf, _ in self.heads if leaf < size), default=0)
        fresh = sum(1 for leaf, _ in self.keys if 0 < leaf < size and leaf >= signed_before)
        return chain[-1 - fresh:]
