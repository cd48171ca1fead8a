"""Body lines and the commitments that bind them to their leaves (feed §3).

A body file is read with `read_body_file` up to its first bad line; whether a line belongs to its
leaf is what `commitment` (or, for a whole file, a `Committer`) says. Nearly all files hold just one
good line for each leaf: `read_full_file` reads those at once and leaves all others alone.
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
_INDICES = range(10**16)
_BESIDE = 25  # bytes of a line beside index and body: salt, two spaces and the line feed
LONGEST_BODY = DEFAULTS.line_bytes - 16 - _BESIDE  # of a body that fits behind any index
_SURELY_SHORT = DEFAULTS.line_bytes - 100  # no body of this length makes a line too long
_SALT_TEXT = 24  # base64 characters of 16 bytes, the padding included
_SALT_CHARACTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_SALT_ENDS = b"AQgw"
_ZEROS = b"AA"  # twelve bits; beside the four that end a salt's text they come to two bytes
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")


@dataclass(slots=True)  # not frozen: freezing triples the time it takes to make one
class BodyLine:
    """One line: the leaf's index, its salt as 22 characters of b64u, and the body's bytes."""

    index: int
    salt: str
    body: bytes


@dataclass(frozen=True, slots=True)
class FullFile:
    """The decoded salts and the bodies of a file that has one good line for each leaf."""

    salts: list[bytes]
    bodies: list[bytes]


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

    def of_all(self, salts: Sequence[bytes], bodies: Sequence[bytes]) -> list[bytes]:
        """The commitments of many bodies, each under its own salt, in one go."""
        begun, found = self._start.copy, []
        for salt, body in zip(salts, bodies, strict=True):
            state = begun()
            state.update(salt + body)
            found.append(state.digest())
        return found

    def of_line(self, line: BodyLine) -> bytes:
        """The 32-byte commitment of a line."""
        return self.of(decode_salt(line.salt), line.body)

    def fitting(
        self, lines: Sequence[BodyLine], commitments: Mapping[int, bytes]
    ) -> list[BodyLine]:
        """Those of many lines that are committed to. The hot path: no call for each but these."""
        begun = self._start.copy
        fitting = []
        salts = _decode_salts([line.salt.encode() for line in lines])
        for line, salt in zip(lines, salts, strict=True):
            if (expected := commitments.get(line.index)) is not None:
                state = begun()
                state.update(salt + line.body)
                if state.digest() == expected:
                    fitting.append(line)
        return fitting

    def fits(self, file: FullFile, commitments: Sequence[bytes]) -> bool:
        """Whether every line of a full file is the one committed to."""
        return self.of_all(file.salts, file.bodies) == [*commitments]


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


def _decode_salts(texts: Sequence[bytes]) -> list[bytes]:
    """The same for many salts, in one go."""
    raw = a2b_base64(_ZEROS.join([*texts, b""]).translate(_TO_STANDARD))
    return [raw[at : at + SALT_BYTES] for at in range(0, len(raw), SALT_BYTES + 2)]


def encode_line(line: BodyLine) -> bytes:
    """`<index> <salt> <json>\\n`; ValueError if the body is too long or has a newline in it."""
    encoded = b"%d %b %b\n" % (line.index, line.salt.encode(), line.body)
    if len(encoded) > DEFAULTS.line_bytes or _LINE.fullmatch(encoded) is None:
        raise ValueError(f"no body line: index {line.index}, {len(encoded)} bytes")
    return encoded


def encode_lines(lines: Sequence[BodyLine]) -> bytes:
    """Write lines one after the other; ValueError for the first that is not of the form."""
    return encode_columns(
        [line.index for line in lines],
        [line.salt.encode() for line in lines],
        [line.body for line in lines],
    )


def encode_columns(
    indices: Sequence[int], salts: Sequence[bytes], bodies: Sequence[bytes]
) -> bytes:
    """Write lines from their columns; ValueError for the first that is not of the form."""
    raw = b"".join([b"%d %b %b\n" % line for line in zip(indices, salts, bodies, strict=True)])
    texts, width = b"".join(salts), _SALT_TEXT - 2
    surely_good = (
        {*map(len, salts)} == {width}
        and not texts.translate(None, _SALT_CHARACTERS)
        and not texts[width - 1 :: width].translate(None, _SALT_ENDS)
        and raw.count(b"\n") == len(bodies)
        and max(map(len, bodies)) <= _SURELY_SHORT
        and min(indices) in _INDICES
        and max(indices) in _INDICES
    )
    if surely_good:
        return raw
    decoded = [salt.decode() for salt in salts]
    return b"".join(map(encode_line, map(BodyLine, indices, decoded, bodies)))


def read_full_file(raw: bytes, indices: range) -> FullFile | None:
    """The file if it is one good line for each of `indices` of a block, in order; else None."""
    lines = raw.split(b"\n")
    if lines.pop() or not lines or len(lines) != len(indices):
        return None
    width = len(str(indices[-1]))
    if len(str(indices[0])) != width or max(map(len, lines)) > _SURELY_SHORT:
        return _read_full_file_slowly(raw, indices)
    # Heads of one length are judged by column: index, space, salt, space.
    head = width + _SALT_TEXT
    heads = b"".join([line[:head] for line in lines])
    numbers = "".join(map(str, indices)).encode()
    spaces = b" " * len(lines)
    if (
        len(heads) != head * len(lines)
        or any(heads[at::head] != numbers[at::width] for at in range(width))
        or heads[width::head] != spaces
        or heads[head - 1 :: head] != spaces
        or heads[head - 2 :: head].translate(None, _SALT_ENDS)
    ):
        return None
    salts = [line[width + 1 : head - 1] for line in lines]
    if b"".join(salts).translate(None, _SALT_CHARACTERS):
        return None
    return FullFile(_decode_salts(salts), [line[head:] for line in lines])


def _read_full_file_slowly(raw: bytes, indices: range) -> FullFile | None:
    lines, bad = read_body_file(raw, indices[0] // BLOCK)
    if bad or [line.index for line in lines] != [*indices]:
        return None
    return FullFile([decode_salt(line.salt) for line in lines], [line.body for line in lines])


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
