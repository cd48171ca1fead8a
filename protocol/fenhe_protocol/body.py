"""Body lines and the commitments that bind them to their leaves (feed §3).

A body file is read with `read_body_file` up to its first bad line; whether a line belongs to its
leaf is what `commitment` (or, for a whole file, a `Committer`) says.
"""

import re
from binascii import a2b_base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from operator import lt

from fenhe_protocol.encoding import b64u_encode
from fenhe_protocol.limits import BLOCK, DEFAULTS

SALT_BYTES = 16

# 22 characters of base64url carry 132 bits, so the last one has four bits that must be zero.
_LINE = re.compile(rb"(0|[1-9][0-9]{0,15}) ([A-Za-z0-9_-]{21}[AQgw]) ([^\n]*)\n")
_BESIDE = 25  # bytes of a line beside index and body: salt, two spaces and the line feed
_SURELY_SHORT = DEFAULTS.line_bytes - 100  # no body of this length makes a line too long
_SALT_TEXT = 24  # base64 characters of 16 bytes, the padding included
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")


@dataclass(slots=True)  # not frozen: freezing triples the time it takes to make one
class BodyLine:
    """One line: the leaf's index, its salt as 22 characters of b64u, and the body's bytes."""

    index: int
    salt: str
    body: bytes


class Committer:
    """Commitments of one tier of one log; hashes what all its lines have in common once."""

    __slots__ = ("_start",)

    def __init__(self, origin: str, tier: str) -> None:
        self._start = sha256(b"fenhe/v1\n%b\n%b\n" % (origin.encode(), tier.encode()))

    def of(self, salt: bytes, body: bytes) -> bytes:
        """The 32-byte commitment of a body under a 16-byte salt."""
        state = self._start.copy()
        state.update(salt + body)
        return state.digest()

    def of_line(self, line: BodyLine) -> bytes:
        """The 32-byte commitment of a line."""
        return self.of(decode_salt(line.salt), line.body)

    def fitting(
        self, lines: Sequence[BodyLine], commitments: Mapping[int, bytes]
    ) -> list[BodyLine]:
        """Those of many lines that are committed to. The hot path: no call for each but these."""
        begun = self._start.copy
        fitting = []
        for line, salt in zip(lines, _decode_salts(lines), strict=True):
            if (expected := commitments.get(line.index)) is not None:
                state = begun()
                state.update(salt + line.body)
                if state.digest() == expected:
                    fitting.append(line)
        return fitting


def commitment(origin: str, tier: str, salt: bytes, body: bytes) -> bytes:
    """SHA-256 over version, origin of the log, tier, 16 bytes of salt and the body (feed §3)."""
    return Committer(origin, tier).of(salt, body)


def encode_salt(salt: bytes) -> str:
    """Write 16 bytes of salt as they stand in a line."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    return b64u_encode(salt)


def decode_salt(text: str) -> bytes:
    """The 16 bytes of a salt as `read_body_file` found it: its form is already judged."""
    return a2b_base64(text.encode().translate(_TO_STANDARD) + b"==")


def _decode_salts(lines: Sequence[BodyLine]) -> list[bytes]:
    """The same for many lines, in one go."""
    padded = "==".join([*(line.salt for line in lines), ""]).encode().translate(_TO_STANDARD)
    places = range(0, len(padded), _SALT_TEXT)
    return [a2b_base64(padded[at : at + _SALT_TEXT]) for at in places]


def encode_line(line: BodyLine) -> bytes:
    """`<index> <salt> <json>\\n`; ValueError if the body is too long or has a newline in it."""
    encoded = b"%d %b %b\n" % (line.index, line.salt.encode(), line.body)
    if len(encoded) > DEFAULTS.line_bytes or _LINE.fullmatch(encoded) is None:
        raise ValueError(f"no body line: index {line.index}, {len(encoded)} bytes")
    return encoded


def read_body_file(raw: bytes, block: int) -> tuple[list[BodyLine], bool]:
    """The lines of block `block` up to the first bad one, and whether there was a bad one."""
    lines = _read_good_file(raw, block)
    return _read_until_bad(raw, block) if lines is None else (lines, False)


def _read_good_file(raw: bytes, block: int) -> list[BodyLine] | None:
    """All lines in one go, if every line is good."""
    # With no line feed at its end, a hostile file would be searched to the end again and again.
    found = _LINE.findall(raw) if raw.endswith(b"\n") else ()
    if not found or sum([len(i) + len(b) for i, _, b in found]) + _BESIDE * len(found) != len(raw):
        return None  # something stands between two lines
    numbers, salts, bodies = zip(*found, strict=True)
    indices = [*map(int, numbers)]
    in_order = all(map(lt, indices, indices[1:])) and indices[0] // BLOCK == indices[-1] // BLOCK
    if not in_order or indices[0] // BLOCK != block or max(map(len, bodies)) > _SURELY_SHORT:
        return None
    return list(map(BodyLine, indices, map(bytes.decode, salts), bodies))


def _read_until_bad(raw: bytes, block: int) -> tuple[list[BodyLine], bool]:
    lines: list[BodyLine] = []
    at, lowest, end = 0, block * BLOCK, (block + 1) * BLOCK
    while match := _LINE.match(raw, at):
        index = int(match[1])
        if not lowest <= index < end or match.end() - at > DEFAULTS.line_bytes:
            break
        lines.append(BodyLine(index, match[2].decode(), match[3]))
        at, lowest = match.end(), index + 1
    return lines, at != len(raw)
