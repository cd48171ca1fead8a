"""Secret bytes under a passphrase: scrypt makes the key, ChaCha20-Poly1305 seals. Start at `wrap`.

What they are for is bound in, so that a file cannot stand in the place of another.
"""

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

SHORTEST = 12  # characters of a passphrase
COST = 1 << 16  # n of scrypt: 64 MiB
_R, _P = 8, 1
_NONCE_BYTES = 12


class WrongPassphraseError(ValueError):
    """It does not open; or what it should open is not what was wrapped."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What may lie in a file."""

    salt: bytes
    nonce: bytes
    sealed: bytes


def wrap(raw: bytes, passphrase: str, bound: bytes) -> Wrapped:
    """Seal `raw`; `bound` has to be the same to open it."""
    salt, nonce = os.urandom(16), os.urandom(_NONCE_BYTES)
    return Wrapped(salt, nonce, _cipher(passphrase, salt).encrypt(nonce, raw, bound))


def unwrap(wrapped: Wrapped, passphrase: str, bound: bytes) -> bytes:
    """The bytes; WrongPassphraseError."""
    if len(wrapped.nonce) != _NONCE_BYTES:
        raise WrongPassphraseError
    try:
        cipher = _cipher(passphrase, wrapped.salt)
        return cipher.decrypt(wrapped.nonce, wrapped.sealed, bound)
    except InvalidTag as error:
        raise WrongPassphraseError from error


def _cipher(passphrase: str, salt: bytes) -> ChaCha20Poly1305:
    key = Scrypt(salt=salt, length=32, n=COST, r=_R, p=_P).derive(passphrase.encode())
    return ChaCha20Poly1305(key)
