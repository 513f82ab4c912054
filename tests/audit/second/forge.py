# SPDX-License-Identifier: BSD-3-Clause
"""Writes logs of any entries, with a new tree and signatures: what somebody could who has the log's keys. For tests."""
import base64
import subprocess
import tempfile

import cbor
import note
from folder import WIDE, path_of
from rules import Rules
from tree import Tree, leaf_hash

PKCS8 = bytes.fromhex("302e020100300506032b657004220420")


def parse(entry):
    """An entry as a list of (major type, value)."""
    items, end = cbor._item(entry, 0, 0)
    assert end == len(entry)
    return items[1]


def build(items):
    """And back."""
    return _item((4, items))


def _head(major, value):
    if value < 24:
        return bytes([major << 5 | value])
    for low, width in cbor.FIXED.items():
        if value < 1 << 8 * width:
            return bytes([major << 5 | low]) + value.to_bytes(width, "big")
    raise ValueError(value)


def _item(item):
    major, value = item
    if major == 0:
        return _head(0, value)
    if major == 1:
        return _head(1, -1 - value)
    if major == 7:
        return b"\xf5" if value else b"\xf4"
    if major == 4:
        return _head(4, len(value)) + b"".join(_item(one) for one in value)
    data = value.encode() if major == 3 else value
    return _head(major, len(data)) + data


def _another(item, rng):
    """Another value of the same type, mostly."""
    major, value = item
    if rng.randrange(12) == 0:
        return rng.choice(((0, 0), (1, -1), (2, b""), (3, ""), (4, []), (7, True)))
    if major in (0, 1):
        value = rng.choice((value + 1, value - 1, 0, 1, cbor.BIG, value + rng.randrange(1000), rng.randrange(40)))
        return (0, min(value, cbor.BIG)) if value >= 0 else (1, value)
    if major == 7:
        return (7, not value)
    if major == 2:
        return (2, rng.choice((rng.randbytes(len(value)), value[1:], value + b"x")))
    if major == 3:
        return (3, rng.choice((value + "x", value[1:], "x" * rng.choice((1024, 1025)), "ç" * 512, "\x00", "\x9f", "\n", "ǆ")))
    return (4, [(0, 1)] * rng.choice((1, 64, 65)))


def change(items, rng):
    """Changes a log's entries, once; says how. Leaf 0 is changed as seldom as any other."""
    leaf = rng.randrange(len(items))
    how = rng.choice(("field", "field", "field", "field", "swap", "delete", "double", "kind", "grow", "shrink", "nest"))
    before = build(items[leaf]).hex()
    if how == "field":
        at = rng.randrange(1, len(items[leaf]))
        items[leaf] = items[leaf][:at] + [_another(items[leaf][at], rng)] + items[leaf][at + 1:]
    elif how == "swap":
        other = rng.randrange(len(items))
        items[leaf], items[other] = items[other], items[leaf]
        return f"leaves {leaf} and {other} change places"
    elif how == "delete":
        del items[leaf]
        return f"leaf {leaf} is deleted: {before}"
    elif how == "double":
        items.insert(rng.randrange(len(items)), items[leaf])
        return f"leaf {leaf} is there twice: {before}"
    elif how == "kind":
        items[leaf] = [(0, rng.randrange(30))] + items[leaf][1:]
    elif how == "grow":
        items[leaf] = items[leaf] + [(0, 1)]
    elif how == "shrink":
        items[leaf] = items[leaf][:-1]
    else:
        nested = (0, 7)
        for _ in range(rng.randrange(1, 5)):
            nested = (4, [nested])
        items[leaf] = [(0, rng.randrange(22, 99)), items[leaf][1], nested]
    return f"leaf {leaf}, {how}: {before} becomes {build(items[leaf]).hex()}"


def _signature(seed, message):
    with tempfile.TemporaryDirectory() as place:
        for name, data in (("key", PKCS8 + seed), ("message", message)):
            with open(f"{place}/{name}", "wb") as file:
                file.write(data)
        return subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", f"{place}/key", "-in", f"{place}/message"],
                              capture_output=True, check=True).stdout


def _put(folder, path, data):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(data)


def write(folder, origin, entries, sizes, seeds, mend):
    """Writes the log, signed at the last of these sizes and with what the earlier ones leave; mend: leaves head get their size and root
    anew. False where no key of it is there to sign."""
    shift = len(entries) - sizes[-1]
    hashes = []
    for leaf, entry in enumerate(entries):
        items = parse_or_none(entry)
        if mend and items and len(items) == 4 and items[0] == (0, 2):
            entries[leaf] = entry = build(items[:2] + [(0, leaf), (2, Tree(hashes).root())])
        hashes.append(leaf_hash(entry))
    tree, rules = Tree(hashes), _chain(origin, entries, seeds)
    signed = {size + (shift if size == sizes[-1] else 0) for size in sizes}
    for entry, leaf in ((parse_or_none(entry), leaf) for leaf, entry in enumerate(entries)):
        if entry and entry[0] == (0, 2) and leaf:
            signed.add(leaf)
    for size in signed:
        if not size or size > tree.size:
            continue
        level = 0
        while size >> 8 * level:
            for n in range(((size >> 8 * level) + WIDE - 1) // WIDE):
                end = min(size >> 8 * level, n * WIDE + WIDE)
                width = end - n * WIDE if end % WIDE else None
                _put(folder, path_of(f"tile/{level}", n, width), b"".join(tree.levels[8 * level][n * WIDE:end]))
                if level == 0:
                    _put(folder, path_of("tile/entries", n, width),
                         b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries[n * WIDE:end]))
            level += 1
    text = f"{origin}\n{tree.size}\n{base64.b64encode(tree.root()).decode()}\n"
    signers = [key for key in rules.keys_at(tree.size) if key.vkey in seeds] if rules.keys else []
    if not signers:
        return False
    lines = "".join(f"\u2014 {key.name} {base64.b64encode(key.id + _signature(seeds[key.vkey], text.encode())).decode()}\n" for key in signers)
    _put(folder, "checkpoint", (text + "\n" + lines).encode())
    return True


def parse_or_none(entry):
    try:
        return parse(entry)
    except (cbor.Malformed, AssertionError):
        return None


def _chain(origin, entries, seeds):
    """The keys and heads that such entries name, whatever else is wrong with them."""
    rules = Rules(origin)
    for leaf, entry in enumerate(entries):
        items = parse_or_none(entry) or []
        if len(items) == 4 and items[0] == (0, 2):
            rules.heads.append((leaf, b""))
        for major, value in items[2:4] if items and items[0] in ((0, 1), (0, 3)) else []:
            if major == 3 and value in seeds:
                rules.keys.append((leaf, note.key_of(value)))
    return rules
