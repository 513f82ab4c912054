# SPDX-License-Identifier: BSD-3-Clause
"""Inclusion proofs as files: C2SP tlog-proof, with the entry or its hash as extra data."""
import base64
import re
from collections import namedtuple

import note
from tree import included, leaf_hash

FIRST = "c2sp.org/tlog-proof@v1"
Proof = namedtuple("Proof", "index path extra checkpoint")


def base64_of(data):
    return base64.b64encode(data).decode()


def written(index, path, entry, hash_of_leaf, checkpoint):
    """A proof's bytes; entry: None where its body was removed."""
    extra = entry if entry is not None else b"\x00" + hash_of_leaf
    lines = [FIRST, f"extra {base64_of(extra)}", f"index {index}"] + [base64_of(value) for value in path]
    return ("\n".join(lines) + "\n\n").encode() + checkpoint


def read(data):
    """Takes a proof apart."""
    head, _, rest = data.partition(b"\n\n")
    lines, extra = head.decode().split("\n"), None
    if lines[0] != FIRST or len(lines) < 2:
        raise note.BadNote("no proof of tlog-proof@v1")
    if lines[1].startswith("extra "):
        extra = note.unbase64(lines.pop(1)[6:])
    match = re.fullmatch("index (0|[1-9][0-9]*)", lines[1] if len(lines) > 1 else "", re.ASCII)
    if not match:
        raise note.BadNote("a proof without an index")
    path = [note.unbase64(line) for line in lines[2:]]
    if any(len(value) != 32 for value in path):
        raise note.BadNote("a hash has 32 bytes")
    return Proof(int(match[1]), path, extra, rest)


def holds(data, keys, origin=None):
    """Whether the proof proves its entry, or the hash of it, in a checkpoint that one of these keys signed."""
    proof = read(data)
    checkpoint = note.checkpoint_of(proof.checkpoint)
    if origin not in (None, checkpoint.origin) or not proof.extra:
        return False
    signers = note.verified(checkpoint.note, [key for key in keys if key.type == note.LOG])
    if not any(key.name == checkpoint.origin for key in signers):
        return False
    removed = proof.extra[0] == 0 and len(proof.extra) == 33
    leaf = proof.extra[1:] if removed else leaf_hash(proof.extra)
    return included(proof.index, checkpoint.size, leaf, proof.path, checkpoint.root)
