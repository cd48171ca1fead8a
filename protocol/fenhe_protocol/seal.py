"""Sealed bodies of tier `nat` (feed §7): HPKE to the gateway's key. Start at `seal_body`.

Base mode, single shot, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. Only who holds
an `OpeningKey` reads what was sealed; everyone else sees no more than `parse_sealed` gives: for
which key, and ciphertext of a length in steps of 256. `seal_body` is the one function of this
package that draws randomness: the library makes a fresh ephemeral key for each body and offers no
way to give one, so sealing the same record twice gives different bytes.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import check_x25519
from fenhe_protocol.record import Sealed, read_sealed
from fenhe_protocol.strict_json import NotStrictJson, dumps, loads

STEP = 256  # a plaintext is filled with spaces to a multiple of this
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_ENC_BYTES = 32


def seal_key_id(public: bytes) -> str:
    """`key` of a sealed body: the hex SHA-256 of the raw public key."""
    return hashlib.sha256(public).hexdigest()


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """An X25519 private key of a gateway; prints as its public half."""

    public: bytes
    _private: X25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> "OpeningKey":
        """Take the 32 raw bytes of the private key (RFC 7748)."""
        private = X25519PrivateKey.from_private_bytes(seed)
        return cls(private.public_key().public_bytes_raw(), private)

    @property
    def id(self) -> str:
        """What bodies sealed to this key name."""
        return seal_key_id(self.public)

    def decrypt(self, sealed: bytes, info: bytes) -> bytes:
        """Open `enc ‖ ciphertext`; InvalidTag."""
        return _SUITE.decrypt(sealed, self._private, info=info)


def seal_body(body: Mapping[str, Any], *, origin: str, public: bytes) -> bytes:
    """Seal a record's `nat` part for a log; Refused `key.*` if the key protects nothing."""
    return seal(body, info=_info(origin), public=public)


def seal(value: Mapping[str, Any], *, info: bytes, public: bytes) -> bytes:
    """Seal an object for who holds the key; it opens under the same `info` alone.

    Refused `key.*`.
    """
    key = X25519PublicKey.from_public_bytes(check_x25519(public))
    plain = dumps(dict(value))
    filled = plain.ljust(-(-len(plain) // STEP) * STEP)
    sealed = _SUITE.encrypt(filled, key, info=info)
    return dumps({"key": seal_key_id(public), "sealed": b64_encode(sealed)})


@dataclass(frozen=True, slots=True)
class Opened:
    """What a sealed body enclosed: the bytes as they were filled, and the object they are."""

    plain: bytes
    value: dict[str, Any]


def open_body(body: bytes, *, origin: str, keys: Mapping[str, OpeningKey]) -> Opened:
    """Open a `nat` body of a log with the one of `keys` (by id) that it names.

    Refused `seal.form` (outside or inside), `seal.key` or `seal.open`; never quotes what it saw.
    """
    return open_sealed(body, info=_info(origin), where=origin, keys=keys)


def open_sealed(body: bytes, *, info: bytes, where: str, keys: Mapping[str, OpeningKey]) -> Opened:
    """Open what `seal` made; `where` names it in an error. Refused as `open_body`."""
    sealed = parse_sealed(body)
    if (key := keys.get(sealed.key)) is None:
        raise Refused("seal.key", expected=", ".join(sorted(keys)), found=sealed.key)
    # A weak `enc` would make the shared secret known to everyone; the library checks that as well.
    check_x25519(sealed.sealed[:_ENC_BYTES])
    try:
        plain = key.decrypt(sealed.sealed, info)
    except InvalidTag:
        raise Refused("seal.open", where=where, found=f"key {sealed.key}") from None
    if len(plain) % STEP:
        raise Refused("seal.form", expected=f"n x {STEP} bytes", found=str(len(plain)))
    try:
        return Opened(plain, loads(plain))
    except NotStrictJson as error:
        raise Refused("seal.form", expected="strict JSON", found=str(error)) from None


def parse_sealed(body: bytes) -> Sealed:
    """Read the outer form of a `nat` body; Refused `seal.form`."""
    try:
        sealed = read_sealed(loads(body))
    except NotStrictJson:
        sealed = None
    if sealed is None:
        raise Refused("seal.form", expected='{"key": hex SHA-256, "sealed": base64}')
    return sealed


def _info(origin: str) -> bytes:
    return b"fenhe/v1/nat\n" + origin.encode()
