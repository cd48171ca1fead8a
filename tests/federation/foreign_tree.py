"""RFC 6962 hashing and the files of tlog-tiles, from their texts alone: nothing of the product.

Slow and plain on purpose: every hash is computed by its definition. Start at `tile_files`.
"""

import base64
from collections.abc import Sequence
from hashlib import sha256

BLOCK = 256


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def b64u(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def tree_hash(hashes: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, given the hashes of its leaves."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return node_hash(tree_hash(hashes[:split]), tree_hash(hashes[split:]))


def root_from_path(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """The root that an audit path leads to (RFC 9162 §2.1.3.2); ValueError if it has no end."""
    at, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ValueError("the path is too long")
        if at % 2 or at == last:
            found = node_hash(sibling, found)
            while not at % 2 and at:
                at, last = at // 2, last // 2
        else:
            found = node_hash(found, sibling)
        at, last = at // 2, last // 2
    if last:
        raise ValueError("the path is too short")
    return found


def numbered(number: int) -> str:
    """`005`, `x001/234`."""
    text = f"{number % 1000:03}"
    while number := number // 1000:
        text = f"x{number % 1000:03}/{text}"
    return text


def tile_files(hashes: Sequence[bytes]) -> dict[str, bytes]:
    """All tiles of a tree, the partial ones at the end of each level included."""
    files: dict[str, bytes] = {}
    level, row = 0, list(hashes)
    while row:
        for start in range(0, len(row), BLOCK):
            part = row[start : start + BLOCK]
            files[f"tile/{level}/{_place(start, len(part))}"] = b"".join(part)
        full = range(0, len(row) - len(row) % BLOCK, BLOCK)
        row = [tree_hash(row[start : start + BLOCK]) for start in full]
        level += 1
    return files


def bundle_files(entries: Sequence[bytes]) -> dict[str, bytes]:
    """All entry bundles of a log."""
    files: dict[str, bytes] = {}
    for start in range(0, len(entries), BLOCK):
        part = entries[start : start + BLOCK]
        whole = b"".join(len(entry).to_bytes(2) + entry for entry in part)
        files[f"tile/entries/{_place(start, len(part))}"] = whole
    return files


def split_bundle(raw: bytes) -> list[bytes]:
    """The entries of a bundle."""
    entries = []
    while raw:
        end = 2 + int.from_bytes(raw[:2])
        entries.append(raw[2:end])
        raw = raw[end:]
    return entries


def _place(start: int, width: int) -> str:
    partial = "" if width == BLOCK else f".p/{width}"
    return f"{numbered(start // BLOCK)}{partial}"
