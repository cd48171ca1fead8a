"""Signed notes, checkpoints, cosignatures, root documents and signed requests, written afresh.

From docs/protocol.md and the C2SP texts it names, with nothing but `cryptography`. Start at `Key`.
"""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.federation.foreign_tree import b64

LOG_TYPE, COSIGNER_TYPE = b"\x01", b"\x04"


class Key:
    """An Ed25519 key pair from a seed of 32 equal bytes."""

    def __init__(self, number: int) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(sha256(b"key %d" % number).digest())
        self.public = self._private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)

    def verifier(self, name: str) -> str:
        """The verifier key of a log, as `fenhe verify` wants it."""
        return f"{name}+{key_id(name, LOG_TYPE, self.public).hex()}+{b64(LOG_TYPE + self.public)}"


def key_id(name: str, kind: bytes, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def signature_line(name: str, key: Key, text: bytes) -> bytes:
    blob = key_id(name, LOG_TYPE, key.public) + key.sign(text)
    return f"— {name} {b64(blob)}\n".encode()


def sign_note(text: bytes, signers: Sequence[tuple[str, Key]]) -> bytes:
    """A signed note with these signature lines in this order."""
    return text + b"\n" + b"".join(signature_line(name, key, text) for name, key in signers)


def checkpoint_text(origin: str, size: int | str, root: bytes, *extensions: str) -> bytes:
    return "".join(f"{line}\n" for line in (origin, size, b64(root), *extensions)).encode()


def spelled(value: Mapping[str, Any]) -> bytes:
    """JSON that our writers never write: members backwards, spaces, every Chinese sign escaped."""
    return json.dumps(_backwards(value), separators=(" , ", " : ")).encode()


def _backwards(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _backwards(value[name]) for name in sorted(value, reverse=True)}
    return [_backwards(item) for item in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Opened:
    """A checkpoint whose signature by the unit is good; `cosigned` is a time, None without."""

    size: int
    root: bytes
    cosigned: int | None


def open_note(
    raw: bytes, origin: str, public: bytes, cosigner: tuple[str, bytes] | None = None
) -> Opened:
    """Verify a checkpoint as a third party would, the hub's cosignature with it."""
    text, _, lines = raw.rpartition(b"\n\n")
    text += b"\n"
    named, size, root = text.decode().split("\n")[:3]
    assert named == origin
    blobs = _blobs(lines)
    own = blobs[key_id(origin, LOG_TYPE, public)]
    Ed25519PublicKey.from_public_bytes(public).verify(own, text)
    time = None
    if cosigner and (blob := blobs.get(key_id(cosigner[0], COSIGNER_TYPE, cosigner[1]))):
        time = int.from_bytes(blob[:8])
        said = b"cosignature/v1\ntime %d\n" % time + text
        Ed25519PublicKey.from_public_bytes(cosigner[1]).verify(blob[8:], said)
    return Opened(int(size), base64.b64decode(root), time)


def _blobs(lines: bytes) -> dict[bytes, bytes]:
    raws = (base64.b64decode(line.rpartition(b" ")[2]) for line in lines.splitlines())
    return {raw[:4]: raw[4:] for raw in raws}


def root_members(raw: bytes) -> dict[str, Any]:
    """The JSON of a root document, nothing verified: for what a test needs to know of the hub."""
    members: dict[str, Any] = json.loads(raw.split(b"\n")[1])
    return members


def request_is_signed(headers: Mapping[str, str], uri: str, keys: Sequence[bytes]) -> bool:
    """Whether a GET without content is signed by one of these keys, as §8 wants it."""
    given = headers.get("Signature-Input", "").removeprefix("fenhe=")
    signature = re.fullmatch(r"fenhe=:([A-Za-z0-9+/=]+):", headers.get("Signature", ""))
    keyid = re.search(r';keyid="([0-9a-f]{64})"', given)
    if signature is None or keyid is None or not given.startswith('("@method" "@target-uri")'):
        return False
    base = f'"@method": GET\n"@target-uri": {uri}\n"@signature-params": {given}'.encode()
    for public in keys:
        if sha256(public).hexdigest() == keyid[1]:
            return _is_good(public, base64.b64decode(signature[1]), base)
    return False


def _is_good(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True
