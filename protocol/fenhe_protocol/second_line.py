"""The second line of a checkpoint: SM2 with SM3, signature type 0xff (feed §5). Pure.

It stands beside the Ed25519 line and never instead of it. Its key is enrolled by a person, as the
verifier key that `parse_second_key` reads; who has not enrolled it ignores the line as that of a
stranger. `SecondLine.check` is what a reader asks; the arithmetic of SM2 is given to it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from fenhe_protocol.encoding import b64_decode
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import VerifierKey, is_key_name
from fenhe_protocol.note import NoteSignature, SignedNote, append_signature, parse_note

SECOND = 0xFF
IDENTIFIER = b"fenhe/sm2-sm3/v1"
"""What follows the type byte, as signed-note recommends for types that it has not assigned."""

USER_ID = b"1234567812345678"
"""The default of GM/T 0009, from which Z_A is made; there is no other here."""

PUBLIC_BYTES = 65
SIGNATURE_BYTES = 64

_PREFIX = bytes([SECOND]) + IDENTIFIER

# The curve sm2p256v1: y² = x³ - 3x + b (GB/T 32918.5).
_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93

VerifySm2 = Callable[[bytes, bytes, bytes], bool]
"""(public key of 65 bytes, signature of 64, message) -> whether it is good."""


def check_sm2(raw: bytes) -> bytes:
    """Return a public key `04 ‖ x ‖ y` that lies on the curve; Refused `key.form`."""
    x, y = int.from_bytes(raw[1:33]), int.from_bytes(raw[33:])
    if len(raw) != PUBLIC_BYTES or raw[0] != 4 or max(x, y) >= _P:
        raise Refused("key.form", expected="04, x, y: 65 bytes", found=raw.hex())
    # The cofactor is 1: every point on the curve has the full order.
    if (y * y - x * x * x + 3 * x - _B) % _P:
        raise Refused("key.form", expected="a point on sm2p256v1", found=raw.hex())
    return raw


def second_name(origin: str) -> str:
    """The name under which a unit or hub of this origin signs second lines."""
    return f"{origin}/sm2"


def second_key(origin: str, public: bytes) -> VerifierKey:
    """The verifier key of a unit or hub for its second lines; Refused `key.form`."""
    return VerifierKey(second_name(origin), SECOND, IDENTIFIER + check_sm2(public))


def parse_second_key(text: str) -> VerifierKey:
    """Read `<origin>/sm2+<key ID>+<b64 of 0xff, identifier, key>`; Refused `key.form`."""
    name, _, rest = text.partition("+")
    try:
        typed = b64_decode(rest.partition("+")[2], size=len(_PREFIX) + PUBLIC_BYTES)
    except ValueError:
        typed = b""
    key = VerifierKey(name, SECOND, typed[1:])
    origin = name.removesuffix(second_name(""))
    good_name = is_key_name(origin) and name != origin
    if not typed.startswith(_PREFIX) or not good_name or key.text != text:
        raise Refused("key.form", expected="<origin>/sm2+<key id>+<base64>", found=text)
    check_sm2(public_of(key))
    return key


def public_of(key: VerifierKey) -> bytes:
    """The 65 bytes of the point in a verifier key."""
    return key.public.removeprefix(IDENTIFIER)


def second_fingerprint(key: VerifierKey) -> str:
    """Hex SHA-256 of a verifier key as text: what people compare, for a key ID is short."""
    return hashlib.sha256(key.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SecondLine:
    """What a reader asks of the second lines of one unit or hub.

    `keys` are those enrolled, more than one while a key is replaced; `required`: a note without a
    good line by one of them is refused.
    """

    keys: tuple[VerifierKey, ...]
    verify: VerifySm2
    required: bool = False

    def check(self, note: SignedNote) -> bool:
        """Whether one of the keys signed; Refused `note.signature`, `sm2.unsigned`."""
        # Every key is asked, also after a good one: a bad line of any known key refuses the note.
        good = [self._signed_by(note, key) for key in self.keys]
        if self.required and not any(good):
            wanted = ", ".join(f"{key.name}+{key.key_id.hex()}" for key in self.keys)
            raise Refused("sm2.unsigned", expected=wanted)
        return any(good)

    def _signed_by(self, note: SignedNote, key: VerifierKey) -> bool:
        blobs = note.lines_of(key)
        if not all(self._is_good(public_of(key), blob, note.text) for blob in blobs):
            raise Refused("note.signature", where=key.name, found=f"key ID {key.key_id.hex()}")
        return bool(blobs)

    def _is_good(self, public: bytes, blob: bytes, text: bytes) -> bool:
        return len(blob) == SIGNATURE_BYTES and self.verify(public, blob, text)


def make_line(key: VerifierKey, signature: bytes) -> NoteSignature:
    """The line of a signature `r ‖ s` of 64 bytes by this key."""
    return NoteSignature(key.name, key.key_id, signature)


def with_second(note: bytes, submitted: SignedNote, second: SecondLine | None) -> bytes:
    """`note` with those second lines of `submitted` that it lacks; all were checked before."""
    for key in second.keys if second else ():
        for blob in sorted({*submitted.lines_of(key)} - {*parse_note(note).lines_of(key)}):
            note = append_signature(note, make_line(key, blob))
    return note
