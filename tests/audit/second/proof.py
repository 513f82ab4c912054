# SPDX-License-Identifier: BSD-3-Clause
"""Inclusion proofs as files: C2SP tlog-proof."""
import base64
import re
from collections import namedtuple

import note
from tree import included

FIRST = "c2sp.org/tlog-proof@v1"
Proof = namedtuple("Proof", "index path extra checkpoint")


def written(log, leaf):
    """The proof of a leaf in the log's newest checkpoint."""
    path = [base64.b64encode(value).decode() for value in log.tree.path(leaf, log.tree.size)]
    return "\n".join([FIRST, f"index {leaf}"] + path + ["", ""]) + log.bytes.decode()


def read(data):
    """Takes a proof apart."""
    head, _, rest = data.partition(b"\n\n")
    lines = head.decode().split("\n")
    extra = None
    if lines[0] != FIRST:
        raise note.BadNote("no proof of tlog-proof@v1")
    if lines[1].startswith("extra "):
        extra = note.unbase64(lines.pop(1)[6:])
    match = re.fullmatch("index (0|[1-9][0-9]*)", lines[1], re.ASCII)
    if not match:
        raise note.BadNote("a proof without an index")
    path = [note.unbase64(line) for line in lines[2:]]
    if any(len(value) != 32 for value in path):
        raise note.BadNote("a hash has 32 bytes")
    return Proof(int(match[1]), path, extra, rest)


def holds(proof, log):
    """Whether it proves what the log has as that leaf, by a checkpoint of this log's."""
    checkpoint = note.checkpoint_of(proof.checkpoint)
    if checkpoint.origin != log.checkpoint.origin or checkpoint.size > log.tree.size:
        return False
    if proof.index >= checkpoint.size or checkpoint.root != log.tree.root(checkpoint.size):
        return False
    keys = log.rules.keys_at(checkpoint.size)
    signers = note.verified(checkpoint.note, [key for _, key in log.rules.keys])
    leaf = log.tree.levels[0][proof.index]
    return keys[-1] in signers and included(proof.index, checkpoint.size, leaf, proof.path, checkpoint.root)
