# SPDX-License-Identifier: BSD-3-Clause
"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature); signatures by the openssl command."""
import base64
import binascii
import re
import subprocess
import tempfile
from collections import namedtuple
from hashlib import sha256

LOG, WITNESS = 1, 4
NOTE_MAX, LINES_MAX = 65536, 64
SPKI = bytes.fromhex("302a300506032b6570032100")

Key = namedtuple("Key", "name id type public vkey")
Note = namedtuple("Note", "text lines")
Checkpoint = namedtuple("Checkpoint", "origin size root note")


class BadNote(Exception):
    """It is no note, no checkpoint, no key, or it is signed wrongly."""


def unbase64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadNote("no base64") from error
    if base64.b64encode(data).decode() != text:
        raise BadNote("no canonical base64")
    return data


def named(name):
    return name != "" and "+" not in name and not any(c.isspace() for c in name)


def key_of(vkey):
    """The key of a vkey."""
    parts = vkey.split("+", 2)
    if len(parts) != 3 or not named(parts[0]) or not re.fullmatch("[0-9a-f]{8}", parts[1]):
        raise BadNote(f"no vkey: {vkey}")
    told = unbase64(parts[2])
    if len(told) != 33 or told[0] not in (LOG, WITNESS):
        raise BadNote(f"no Ed25519 key: {vkey}")
    identity = sha256(parts[0].encode() + b"\n" + told).digest()[:4]
    if identity.hex() != parts[1]:
        raise BadNote(f"its id is not that of its name and key: {vkey}")
    return Key(parts[0], identity, told[0], told[1:], vkey)


def signed(public, message, signature):
    """Whether the Ed25519 signature is right; asks openssl."""
    with tempfile.TemporaryDirectory() as place:
        for name, data in (("key", SPKI + public), ("message", message), ("signature", signature)):
            with open(f"{place}/{name}", "wb") as file:
                file.write(data)
        return subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", f"{place}/key",
             "-in", f"{place}/message", "-sigfile", f"{place}/signature"],
            capture_output=True, check=False).returncode == 0


def note_of(data):
    """Takes a note apart; no signature is checked yet."""
    if len(data) > NOTE_MAX:
        raise BadNote("longer than 65536 bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadNote("no UTF-8") from error
    if any(c < " " and c != "\n" for c in text):
        raise BadNote("a control character")
    parted = text.rfind("\n\n")
    if parted < 0 or not text.endswith("\n"):
        raise BadNote("no empty line, or no newline at its end")
    body, rest = text[:parted + 1], text[parted + 2:]
    lines = []
    for line in rest.split("\n")[:-1]:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not named(parts[1]):
            raise BadNote("a line that is no signature")
        signature = unbase64(parts[2])
        if len(signature) < 5:
            raise BadNote("a signature that is too short")
        lines.append((parts[1], signature[:4], signature[4:]))
    if not 1 <= len(lines) <= LINES_MAX:
        raise BadNote("no signature, or more than 64")
    return Note(body.encode(), lines)


def verified(note, keys):
    """The keys of these that signed the note; a wrong signature by one of them refuses it."""
    found = []
    for name, identity, signature in note.lines:
        for key in keys:
            if (key.name, key.id) != (name, identity):
                continue
            message = note.text
            if key.type == WITNESS:
                if len(signature) != 72 or signature[0] > 127:
                    raise BadNote(f"a wrong cosignature by {key.vkey}")
                time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
                message = f"cosignature/v1\ntime {time}\n".encode() + message
            if len(signature) != 64 or not signed(key.public, message, signature):
                raise BadNote(f"a wrong signature by {key.vkey}")
            found.append(key)
            break
    return found


def checkpoint_of(data):
    """Takes a checkpoint apart."""
    note = note_of(data)
    lines = note.text.decode().split("\n")[:-1]
    if len(lines) < 3 or "" in lines:
        raise BadNote("a checkpoint has three lines or more, none of them empty")
    if not re.fullmatch("0|[1-9][0-9]*", lines[1], re.ASCII) or int(lines[1]) >= 2**63:
        raise BadNote("the number of leaves is no number")
    root = unbase64(lines[2])
    if len(root) != 32:
        raise BadNote("the root has not 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root, note)
