"""Checkpoints (C2SP tlog-checkpoint, feed §5) and cosignatures (tlog-cosignature, type 0x04).

`open_checkpoint` turns bytes into a verified head; `sign_checkpoint` and `cosign` write them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fenhe_protocol.encoding import b64_decode, b64_encode, date_at, parse_decimal
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import COSIGNATURE, ED25519, SigningKey, VerifierKey, verify_ed25519
from fenhe_protocol.limits import DEFAULTS, Limits
from fenhe_protocol.merkle import EMPTY_ROOT
from fenhe_protocol.note import (
    NoteSignature,
    SignedNote,
    append_signature,
    parse_note,
    sign_note,
    signed_by,
)
from fenhe_protocol.second_line import SecondLine

_TIME_BYTES = 8


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: how many leaves it has and the root over them (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def text(self) -> bytes:
        """The three lines that are signed; we write no extension lines."""
        return f"{self.origin}\n{self.size}\n{b64_encode(self.root)}\n".encode()


@dataclass(frozen=True, slots=True)
class KeyRange:
    """A log key and the sizes it may sign: start ≤ size < end, no bound where end is None."""

    public: bytes
    start: int = 0
    end: int | None = None

    def covers(self, size: int) -> bool:
        """Whether the key may sign a head of this size."""
        return self.start <= size and (self.end is None or size < self.end)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """Who cosigned, and when (POSIX seconds)."""

    name: str
    time: int


@dataclass(frozen=True, slots=True)
class OpenedCheckpoint:
    """A checkpoint whose signatures by known keys are all good, with at least one of the log."""

    checkpoint: Checkpoint
    note: SignedNote
    cosignatures: tuple[Cosignature, ...]
    seconded: bool = False  # an enrolled SM2 key signed as well


def open_checkpoint(
    raw: bytes,
    *,
    origin: str,
    keys: Sequence[KeyRange],
    cosigners: Sequence[VerifierKey] = (),
    second: SecondLine | None = None,
    limits: Limits = DEFAULTS,
) -> OpenedCheckpoint:
    """Verify a checkpoint of `origin`; Refused `checkpoint.*`, `note.*` or `sm2.*` (feed §5)."""
    note = parse_note(raw, limits)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != origin:
        raise Refused("checkpoint.origin", expected=origin, found=checkpoint.origin)
    return verify_checkpoint(note, checkpoint, keys=keys, cosigners=cosigners, second=second)


def verify_checkpoint(
    note: SignedNote,
    checkpoint: Checkpoint,
    *,
    keys: Sequence[KeyRange],
    cosigners: Sequence[VerifierKey] = (),
    second: SecondLine | None = None,
) -> OpenedCheckpoint:
    """Ask the keys alone, the note being parsed already; Refused as `open_checkpoint`."""
    origin = checkpoint.origin
    publics = {key.public for key in keys if key.covers(checkpoint.size)}
    # Every key is asked, also after a good one: a bad line of any known key refuses the note.
    good = [signed_by(note, VerifierKey(origin, ED25519, public)) for public in publics]
    if not any(good):
        raise Refused("checkpoint.unsigned", where=origin, found=f"size {checkpoint.size}")
    cosignatures = [found for key in cosigners for found in cosignatures_by(note, key)]
    seconded = second is not None and second.check(note)
    return OpenedCheckpoint(checkpoint, note, tuple(dict.fromkeys(cosignatures)), seconded)


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Read the signed text without any key; Refused `checkpoint.form`, `.size` or `.root`."""
    head = parse_head(text)
    if head.size == 0 and head.root != EMPTY_ROOT:
        raise Refused(
            "checkpoint.root", expected=b64_encode(EMPTY_ROOT), found=b64_encode(head.root)
        )
    return head


def parse_head(text: bytes) -> Checkpoint:
    """Read the three lines by their form alone; Refused `checkpoint.form` or `.size`."""
    lines = text.decode("utf-8").split("\n")
    if len(lines) < 4 or not all(lines[:-1]):
        raise Refused("checkpoint.form", expected="origin, size, root, no empty line")
    return Checkpoint(lines[0], _parse_size(lines[1]), _parse_root(lines[2]))


def _parse_size(line: str) -> int:
    try:
        return parse_decimal(line)
    except ValueError as error:
        raise Refused("checkpoint.size", expected="0 to 2^53-1", found=line) from error


def _parse_root(line: str) -> bytes:
    try:
        return b64_decode(line, size=32)
    except ValueError as error:
        raise Refused("checkpoint.form", expected="base64 of 32 bytes", found=line) from error


def cosignatures_by(note: SignedNote, key: VerifierKey) -> list[Cosignature]:
    """All cosignatures of a note by one key; Refused `note.signature` where one is bad."""
    times = [_cosigned_at(note.text, key, blob) for blob in note.lines_of(key)]
    return [Cosignature(key.name, at) for at in times if key.until is None or at <= key.until]


def _cosigned_at(text: bytes, key: VerifierKey, blob: bytes) -> int:
    time = int.from_bytes(blob[:_TIME_BYTES], "big")
    try:
        date_at(time)  # a receipt is a date, so a time without one is no cosignature
    except ValueError as error:
        raise Refused("note.signature", where=key.name, found=f"time {time}") from error
    if not verify_ed25519(key.public, blob[_TIME_BYTES:], _cosigned_message(text, time)):
        raise Refused("note.signature", where=key.name, found=f"key ID {key.key_id.hex()}")
    return time


def _cosigned_message(text: bytes, time: int) -> bytes:
    return b"cosignature/v1\ntime %d\n" % time + text


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> bytes:
    """Return the note, signed under the origin's name."""
    return sign_note(checkpoint.text(), [(checkpoint.origin, key)])


def cosign(raw: bytes, *, name: str, key: SigningKey, now: int) -> bytes:
    """Return the note with a type 0x04 line at `now`; the caller has verified all of it."""
    text = parse_note(raw).text
    blob = now.to_bytes(_TIME_BYTES, "big") + key.sign(_cosigned_message(text, now))
    key_id = VerifierKey(name, COSIGNATURE, key.public).key_id
    return append_signature(raw, NoteSignature(name, key_id, blob))
