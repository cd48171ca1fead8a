"""A reader of a hub's mirror and of its proof files that this project did not write.

Fetches everything below `<hub>/m/<H(origin)>`, recomputes it and compares. Start at `read_mirror`.
"""

import base64
import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from deploy.demo.programs import read
from tests.federation.foreign_notes import Opened, open_note
from tests.federation.foreign_tree import (
    BLOCK,
    b64u,
    leaf_hash,
    numbered,
    root_from_path,
    split_bundle,
    tile_files,
    tree_hash,
)

_TIER_LINE = re.compile(rb"\n(?:pub|hub|nat) [A-Za-z0-9_-]{22} ")


@dataclass(frozen=True)
class Keys:
    """Who signs a log, and who cosigns it."""

    origin: str
    public: bytes
    cosigner: tuple[str, bytes]


@dataclass(frozen=True)
class Mirrored:
    """A whole log as the mirror serves it, everything verified."""

    head: Opened
    entries: list[bytes]
    lines: dict[int, bytes]  # of tier pub, by index


def read_mirror(hub: str, keys: Keys) -> Mirrored:
    """Read checkpoint, bundles, tiles and public bodies; AssertionError where one does not fit."""
    base = f"{hub}/m/{sha256(keys.origin.encode()).hexdigest()}"
    head = open_note(read(f"{base}/checkpoint"), keys.origin, keys.public, keys.cosigner)
    entries: list[bytes] = []
    for start in range(0, head.size, BLOCK):
        width = min(BLOCK, head.size - start)
        partial = "" if width == BLOCK else f".p/{width}"
        entries += split_bundle(read(f"{base}/tile/entries/{numbered(start // BLOCK)}{partial}"))
    hashes = [leaf_hash(entry) for entry in entries]
    assert tree_hash(hashes) == head.root
    for path, raw in tile_files(hashes).items():
        assert read(f"{base}/{path}") == raw, path
    return Mirrored(head, entries, _public_lines(base, entries))


def _public_lines(base: str, entries: list[bytes]) -> dict[int, bytes]:
    lines: dict[int, bytes] = {}
    for start in range(0, len(entries), BLOCK):
        if any(b'"pub"' in entry for entry in entries[start : start + BLOCK]):
            raw = read(f"{base}/body/pub/{numbered(start // BLOCK)}")
            lines |= {int(line.split(b" ")[0]): line for line in raw.splitlines(keepends=True)}
    return lines


@dataclass(frozen=True)
class Proven:
    """What a proof file proves; `bodies` by tier."""

    index: int
    head: Opened
    bodies: dict[str, dict[str, Any]]


def read_proof(raw: bytes, keys: Keys) -> Proven:
    """Take a proof file apart and believe nothing of it unproven."""
    front, _, note = raw.partition(b"\n\n")
    magic, extra, index, *path = front.decode().split("\n")
    assert magic == "c2sp.org/tlog-proof@v1"
    head = open_note(note, keys.origin, keys.public, keys.cosigner)
    at = int(index.removeprefix("index "))
    disclosed = base64.b64decode(extra.removeprefix("extra "))
    # A leaf may stand on several lines; the lines after it begin with a tier.
    end = next(_TIER_LINE.finditer(disclosed), None)
    leaf = disclosed[: end.start()] if end else disclosed.removesuffix(b"\n")
    lines = disclosed[len(leaf) + 1 :]
    siblings = [base64.b64decode(line) for line in path]
    assert root_from_path(at, head.size, leaf_hash(leaf), siblings) == head.root
    opened = (_opened(keys.origin, leaf, line) for line in lines.splitlines())
    return Proven(at, head, dict(opened))


def _opened(origin: str, leaf: bytes, line: bytes) -> tuple[str, dict[str, Any]]:
    tier, salt, body = line.split(b" ", 2)
    domain = f"fenhe/v1\n{origin}\n{tier.decode()}\n".encode()
    raw = base64.urlsafe_b64decode(salt + b"==")
    committed = json.loads(leaf)["c"][tier.decode()]
    assert b64u(sha256(domain + raw + body).digest()) == committed
    return tier.decode(), json.loads(body)
