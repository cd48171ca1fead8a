"""Public keys, signing keys and verifier keys: Ed25519 and X25519 as feed §5 admits them.

Start at `check_ed25519` for a key that comes from outside and at `verify_ed25519` for a signature.
"""

import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fenhe_protocol.encoding import b64_decode, b64_encode
from fenhe_protocol.errors import Refused

ED25519 = 0x01
COSIGNATURE = 0x04

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_LOW_BITS = 2**255 - 1

# y of the points of order 1, 2, 4 and 8 (RFC 8032 §5.1; the two of order 8 have y = ± the same).
_Y8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_LOW_ORDER_Y = frozenset({0, 1, _P - 1, _Y8, _P - _Y8})

# u of the points of low order on Curve25519 and its twist.
_LOW_ORDER_U = frozenset(
    {
        0,
        1,
        _P - 1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    }
)

# What Go's unicode.IsSpace counts as space, as signed-note says for key names, and the plus.
_NAME = re.compile(r"[^\s+]+")


def check_ed25519(raw: bytes) -> bytes:
    """Return a canonical public key of sufficient order; Refused `key.form` or `key.weak`."""
    y = int.from_bytes(raw, "little") & _LOW_BITS
    if len(raw) != 32 or y >= _P:
        raise Refused("key.form", expected="32 bytes, y below 2^255-19", found=raw.hex())
    if y in _LOW_ORDER_Y:
        raise Refused("key.weak", found=raw.hex())
    if not _on_curve(y):
        raise Refused("key.form", expected="a point on the curve", found=raw.hex())
    return raw


@lru_cache(maxsize=4096)  # the same few keys stand in every document and request
def _on_curve(y: int) -> bool:
    # x² = (y²-1)/(dy²+1) has a root iff numerator times denominator is a square (Euler).
    return pow((y * y - 1) * (_D * y * y + 1), (_P - 1) // 2, _P) == 1


def check_x25519(raw: bytes) -> bytes:
    """Return a canonical X25519 public key not of low order; Refused `key.form` or `key.weak`."""
    u = int.from_bytes(raw, "little")
    if len(raw) != 32 or u >= _P:
        raise Refused("key.form", expected="32 bytes, u below 2^255-19", found=raw.hex())
    if u in _LOW_ORDER_U:
        raise Refused("key.weak", found=raw.hex())
    return raw


def verify_ed25519(public: bytes, signature: bytes, message: bytes) -> bool:
    """Verify by RFC 8032 §5.1.7 without cofactor and with S < L (feed §5).

    OpenSSL encodes S·B - k·A and compares its bytes with R, so a non-canonical R never passes.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 private key; prints as its public half."""

    public: bytes
    _private: Ed25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        """Derive the key from its 32-byte seed (RFC 8032 §5.1.5)."""
        private = Ed25519PrivateKey.from_private_bytes(seed)
        return cls(private.public_key().public_bytes_raw(), private)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature."""
        return self._private.sign(message)


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name, a signature type and a public key, as signed-note writes them.

    `until`: of a cosigner whose key was rotated, the last time (POSIX seconds) that it may name.
    """

    name: str
    kind: int
    public: bytes
    until: int | None = None

    @property
    def key_id(self) -> bytes:
        """First four bytes of SHA-256(name, newline, type, key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + self._typed()).digest()[:4]

    @property
    def text(self) -> str:
        """`<name>+<hex key ID>+<b64 of type and key>`."""
        return f"{self.name}+{self.key_id.hex()}+{b64_encode(self._typed())}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read a verifier key of type 0x01 or 0x04; Refused `key.form` or `key.weak`."""
        key = cls._parse_form(text)
        if key is None or key.text != text:
            raise Refused("key.form", expected="<name>+<key id>+<base64>", found=text)
        check_ed25519(key.public)
        return key

    @classmethod
    def _parse_form(cls, text: str) -> "VerifierKey | None":
        try:
            name, _, typed = text.split("+", 2)
            data = b64_decode(typed, size=33)
        except ValueError:
            return None
        if not is_key_name(name) or data[0] not in (ED25519, COSIGNATURE):
            return None
        return cls(name, data[0], data[1:])

    def _typed(self) -> bytes:
        return bytes([self.kind]) + self.public


def is_key_name(name: str) -> bool:
    """Whether signed-note allows this as a key name: not empty, no space, no plus."""
    return _NAME.fullmatch(name) is not None
