# SPDX-License-Identifier: BSD-3-Clause
"""Entries: their strict CBOR, their kinds and fields, as docs/audit-format.md has them."""
from collections import namedtuple

BIG = 2**63 - 1
ENTRY_MAX, TEXT_MAX, UINTS_MAX, DEPTH_MAX = 8192, 1024, 64, 4
FIXED = {24: 1, 25: 2, 26: 4, 27: 8}

# how many words each table has
WORDS = {"rule_kinds": 9, "protocols": 5, "actions": 10, "outcomes": 3, "outage_reasons": 3, "swap_outcomes": 2,
         "alarm_states": 3}

# kind: its word, then its fields with their types
KINDS = {
    1: "log origin:text vkey:text program:text",
    2: "head size:uint root:32",
    3: "key vkey:text signature:64",
    4: "source source:uint node:text file:16 ring:uint begin:uint",
    5: "hit source:uint seq:uint version:uint order:uint list:uint line:uint rule:8 rule_kind:rule_kinds"
       " protocol:protocols action:actions pseudonym:8?",
    6: "count minute:uint node:text order:uint list:uint protocol:protocols action:actions hits:uint",
    7: "act act_id:uint uid:int who:text act:text subject:text outcome:outcomes text:text",
    8: "outage source:uint seq:uint port:uint reason:outage_reasons began:time ended:time frames:uint bytes:uint"
       " closed:flag",
    9: "gap source:uint seq:uint first:uint last:uint",
    10: "swap source:uint seq:uint version:uint digest:32 outcome:swap_outcomes",
    11: "start source:uint seq:uint pid:uint",
    12: "link source:uint seq:uint port:uint up:flag",
    13: "tally source:uint seq:uint hits:uint counted:uint others:uint lost:uint",
    14: "enforced node:text version:uint digest:32 sent:time acked:time switched:uints",
    15: "alarm alarm:uint alarm_kind:text subject:text state:alarm_states text:text",
    16: "order order:uint state:text authority:text reference:text category:text confidential:flag records:text"
        " received:time starts:time expires:time digest:32",
    17: "import import:uint list:uint order:uint state:text file:32 entries:uint added:uint removed:uint",
    18: "version version:uint digest:32 plan:32 rules:uint orders:uints",
    19: "probe node:text version:uint order:uint workers:uint entries:uint enforced:uint missed:uint"
        " unenforceable:uint neighbours:uint harmed:uint text:text",
    20: "prune minimum:uint removed:uint bitmaps:32 text:text",
    21: "recovered text:text",
    22: "stamp size:uint checkpoint:32 reply:32",
    23: "witness size:uint vkey:text",
}
FIELDS = {kind: (row.split()[0], [field.split(":") for field in row.split()[1:]]) for kind, row in KINDS.items()}

Entry = namedtuple("Entry", "kind word time fields later")


class Malformed(Exception):
    """The bytes are no entry."""


def _head(data, at):
    """One item's major type and argument, and where it goes on."""
    if at >= len(data):
        raise Malformed("it ends too early")
    major, low = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7:
        if low not in (20, 21):
            raise Malformed("neither false nor true")
        return major, low, at
    if major == 6 or major == 5:
        raise Malformed("a tag or a map")
    if low < 24:
        return major, low, at
    if low not in FIXED:
        raise Malformed("a reserved first byte or an indefinite length")
    width = FIXED[low]
    if at + width > len(data):
        raise Malformed("it ends too early")
    value = int.from_bytes(data[at:at + width], "big")
    if value < (24 if width == 1 else 1 << (4 * width)):
        raise Malformed("a number that is longer than it must be")
    return major, value, at + width


def _item(data, at, depth):
    """One item as (major type, value), and where it goes on; depth: of arrays around it."""
    major, value, at = _head(data, at)
    if major in (0, 1):
        if value > BIG:
            raise Malformed("a number beyond 63 bits")
        return (major, value if major == 0 else -1 - value), at
    if major == 7:
        return (major, value == 21), at
    if major == 4:
        if depth + 1 > DEPTH_MAX:
            raise Malformed("arrays too deep")
        items = []
        if value > len(data):
            raise Malformed("it ends too early")
        for _ in range(value):
            item, at = _item(data, at, depth + 1)
            items.append(item)
        return (major, items), at
    if at + value > len(data):
        raise Malformed("it ends too early")
    string = data[at:at + value]
    if major == 2:
        return (major, string), at + value
    try:
        text = string.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("text that is no UTF-8") from error
    if any((c < " " and c != "\n") or "\x7f" <= c <= "\x9f" for c in text):
        raise Malformed("a control character in text")
    return (major, text), at + value


def _field(name, kind, item):
    """Checks one field; whether its word is of a later version."""
    major, value = item

    def need(right):
        if not right:
            raise Malformed(f"field {name} is not of type {kind}")

    if kind in ("uint", "time"):
        need(major == 0)
    elif kind == "int":
        need(major in (0, 1))
    elif kind == "flag":
        need(major == 7)
    elif kind == "text":
        need(major == 3 and len(value.encode()) <= TEXT_MAX)
    elif kind == "uints":
        need(major == 4 and len(value) <= UINTS_MAX and all(m == 0 for m, _ in value))
    elif kind in WORDS:
        need(major == 0)
        return value >= WORDS[kind]
    else:
        need(major == 2 and (len(value) == int(kind.rstrip("?")) or (kind.endswith("?") and not value)))
    return False


def decode(data):
    """The entry of these bytes; later: its kind or a word of it is of a later version."""
    if len(data) > ENTRY_MAX:
        raise Malformed("it is longer than 8192 bytes")
    (major, items), end = _item(data, 0, 0)
    if major != 4:
        raise Malformed("it is no array")
    if end != len(data):
        raise Malformed("something follows behind it")
    if len(items) < 2 or items[0][0] != 0 or items[1][0] != 0:
        raise Malformed("kind and time are no unsigned integers")
    kind, time = items[0][1], items[1][1]
    if kind not in FIELDS:
        return Entry(kind, None, time, {}, True)
    word, fields = FIELDS[kind]
    if len(items) != 2 + len(fields):
        raise Malformed(f"{word} has {len(items)} items and must have {2 + len(fields)}")
    later, values = False, {}
    for (name, type_of), item in zip(fields, items[2:]):
        later |= _field(name, type_of, item)
        values[name] = [v for _, v in item[1]] if item[0] == 4 else item[1]
    return Entry(kind, word, time, values, later)
