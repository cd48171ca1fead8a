"""Signed notes (C2SP signed-note): a text, a blank line, and lines of signatures.

`parse_note` judges the form alone; `signed_by` asks whether one key signed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fenhe_protocol.encoding import b64_decode, b64_encode
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import ED25519, SigningKey, VerifierKey, is_key_name, verify_ed25519
from fenhe_protocol.limits import DEFAULTS, Limits

_DASH = "\N{EM DASH} "
_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: who says to have signed, the 4-byte key ID, and the bytes after it."""

    name: str
    key_id: bytes
    blob: bytes

    @property
    def line(self) -> str:
        """The line as written, newline included."""
        return f"{_DASH}{self.name} {b64_encode(self.key_id + self.blob)}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A note of the right form, no signature verified; `text` ends in a newline."""

    text: bytes
    signatures: tuple[NoteSignature, ...]
    raw: bytes

    def lines_of(self, key: VerifierKey) -> list[bytes]:
        """Return the blobs of all lines that carry this key's name and ID."""
        wanted = (key.name, key.key_id)
        return [line.blob for line in self.signatures if (line.name, line.key_id) == wanted]


def parse_note(raw: bytes, limits: Limits = DEFAULTS) -> SignedNote:
    """Split a note into text and signature lines; Refused `note.form`, `.lines` or `.size`."""
    if len(raw) > limits.note_bytes:
        raise Refused("note.size", expected=f"<= {limits.note_bytes}", found=str(len(raw)))
    text, blank, tail = _decode(raw).rpartition("\n\n")
    lines = tail.split("\n")
    if not blank or lines.pop() or not lines:
        raise Refused("note.form", expected="text, a blank line, signature lines")
    if len(lines) > limits.signature_lines:
        raise Refused("note.lines", expected=f"<= {limits.signature_lines}", found=str(len(lines)))
    signatures = tuple(_parse_line(line) for line in lines)
    return SignedNote(f"{text}\n".encode(), signatures, raw)


def _decode(raw: bytes) -> str:
    if _CONTROL.search(raw):
        raise Refused("note.form", expected="no control characters")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("note.form", expected="UTF-8", found=str(error)) from error


def _parse_line(line: str) -> NoteSignature:
    name, _, signature = line.removeprefix(_DASH).partition(" ")
    try:
        blob = b64_decode(signature)
    except ValueError:
        blob = b""
    if not line.startswith(_DASH) or not is_key_name(name) or len(blob) < 5:
        raise Refused("note.form", expected=f"{_DASH}<name> <base64>", found=line)
    return NoteSignature(name, blob[:4], blob[4:])


def signed_by(note: SignedNote, key: VerifierKey) -> bool:
    """Whether this key of type 0x01 signed the text; a bad line of it is Refused."""
    blobs = note.lines_of(key)
    if not all(verify_ed25519(key.public, blob, note.text) for blob in blobs):
        raise Refused("note.signature", where=key.name, found=f"key ID {key.key_id.hex()}")
    return bool(blobs)


def sign_note(text: bytes, signers: Sequence[tuple[str, SigningKey]]) -> bytes:
    """Return the note with one type 0x01 line for each (key name, key)."""
    lines = []
    for name, key in signers:
        key_id = VerifierKey(name, ED25519, key.public).key_id
        lines.append(NoteSignature(name, key_id, key.sign(text)).line)
    return parse_note(text + b"\n" + "".join(lines).encode()).raw


def append_signature(raw: bytes, signature: NoteSignature) -> bytes:
    """Return the note with one more line; what is not a note with room for it is Refused."""
    return parse_note(parse_note(raw).raw + signature.line.encode()).raw
