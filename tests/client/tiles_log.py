"""A tlog-tiles log written from the C2SP texts alone, with nothing of this project in it."""

import base64
import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class TilesLog:
    """Entries and a key; `write` puts the whole log into a folder."""

    def __init__(self, origin: str, entries: list[bytes], *, key_name: str = "") -> None:
        self.origin, self.entries = origin, entries
        self.key_name = key_name or origin
        self._key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"tiles log").digest())

    @property
    def _typed_key(self) -> bytes:
        return b"\x01" + self._key.public_key().public_bytes_raw()

    @property
    def _key_id(self) -> bytes:
        return hashlib.sha256(self.key_name.encode() + b"\n" + self._typed_key).digest()[:4]

    @property
    def vkey(self) -> str:
        key = base64.b64encode(self._typed_key).decode()
        return f"{self.key_name}+{self._key_id.hex()}+{key}"

    def checkpoint(self, size: int) -> bytes:
        root = base64.b64encode(mth(self.entries[:size])).decode()
        text = f"{self.origin}\n{size}\n{root}\n"
        signature = base64.b64encode(self._key_id + self._key.sign(text.encode())).decode()
        return f"{text}\n— {self.key_name} {signature}\n".encode()

    def files(self) -> dict[str, bytes]:
        """Every file by its path."""
        size = len(self.entries)
        found = {"checkpoint": self.checkpoint(size)}
        for start in range(0, size, 256):
            part = self.entries[start : start + 256]
            bundle = b"".join(len(entry).to_bytes(2, "big") + entry for entry in part)
            found[f"tile/entries/{number(start // 256)}{width(len(part))}"] = bundle
        hashes, level = [hashlib.sha256(b"\x00" + entry).digest() for entry in self.entries], 0
        while hashes:
            for start in range(0, len(hashes), 256):
                row = hashes[start : start + 256]
                found[f"tile/{level}/{number(start // 256)}{width(len(row))}"] = b"".join(row)
            full = len(hashes) - len(hashes) % 256
            hashes = [tree_root(hashes[at : at + 256]) for at in range(0, full, 256)]
            level += 1
        return found

    def write(self, folder: Path) -> None:
        for path, raw in self.files().items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(raw)


def mth(entries: list[bytes]) -> bytes:
    """RFC 6962 §2.1, as it is written there."""
    return tree_root([hashlib.sha256(b"\x00" + entry).digest() for entry in entries])


def tree_root(hashes: list[bytes]) -> bytes:
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return hashlib.sha256(b"\x01" + tree_root(hashes[:k]) + tree_root(hashes[k:])).digest()


def number(index: int) -> str:
    text = f"{index % 1000:03}"
    while index >= 1000:
        index //= 1000
        text = f"x{index % 1000:03}/{text}"
    return text


def width(count: int) -> str:
    return "" if count == 256 else f".p/{count}"
