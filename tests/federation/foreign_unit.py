"""A unit whose node this project did not write: its logs and root documents, held in memory.

It says everything as validly and as unlike our own node as docs/protocol.md allows: other order of
members, spaces, escapes, other offsets of time, keys in ranges, several root documents. What it
serves is `files`, by path; `foreign_server` puts them on a socket.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from itertools import groupby
from typing import Any

from tests.federation.foreign_notes import Key, checkpoint_text, sign_note, spelled
from tests.federation.foreign_tree import (
    BLOCK,
    b64,
    b64u,
    bundle_files,
    leaf_hash,
    numbered,
    tile_files,
    tree_hash,
)

Body = Mapping[str, Any]
_ZONES = (480, 0, -330, 345)  # minutes; any offset is good as long as it is written


def uscc(number: int) -> str:
    """A 统一社会信用代码 with a good check character (GB 32100-2015)."""
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    first = f"1214000077777{number:04}"
    total = sum(signs.index(sign) * pow(3, place, 31) for place, sign in enumerate(first))
    return first + signs[-total % 31]


def written(posix: int, turn: int = 0) -> str:
    """A time with one of several offsets."""
    zone = timezone(timedelta(minutes=_ZONES[turn % len(_ZONES)]))
    return datetime.fromtimestamp(posix, zone).isoformat()


class ForeignLog:
    """One log: what was appended, and the files it comes to at any size."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.entries: list[bytes] = []
        self.hashes: list[bytes] = []
        self.lines: dict[str, dict[int, bytes]] = {}

    def __len__(self) -> int:
        return len(self.entries)

    def add(self, entry: bytes) -> int:
        """Append a leaf as it is; its index."""
        self.entries.append(entry)
        self.hashes.append(leaf_hash(entry))
        return len(self.entries) - 1

    def record(self, bodies: Mapping[str, bytes]) -> int:
        """Append a leaf for these body bytes by tier; its index."""
        commitments, index = {}, len(self.entries)
        for tier, body in bodies.items():
            salt = os.urandom(16)
            domain = f"fenhe/v1\n{self.origin}\n{tier}\n".encode()
            commitments[tier] = b64u(sha256(domain + salt + body).digest())
            line = b"%d %s %s\n" % (index, b64u(salt).encode(), body)
            self.lines.setdefault(tier, {})[index] = line
        return self.add(spelled({"v": 1, "k": "r", "c": commitments}))

    def heartbeat(self, at: int, heads: Sequence[tuple[str, int, bytes]] = ()) -> int:
        """Append a sign of life."""
        leaf: dict[str, Any] = {"k": "h", "t": written(at, len(self)), "v": 1}
        if heads:
            leaf["f"] = [[origin, size, b64(root)] for origin, size, root in heads]
        return self.add(spelled(leaf))

    def erase(self, ranges: Sequence[tuple[int, int]], tiers: Sequence[str]) -> int:
        """Append an `x` and take the lines out."""
        for start, stop in ranges:
            for tier in tiers:
                for index in range(start, stop):
                    self.lines.get(tier, {}).pop(index, None)
        spans = [list(span) for span in ranges]
        return self.add(spelled({"k": "x", "v": 1, "r": "error", "i": spans, "e": list(tiers)}))

    def root(self, size: int | None = None) -> bytes:
        return tree_hash(self.hashes[:size])

    def files(self, size: int | None = None) -> dict[str, bytes]:
        """Tiles, bundles and body files of the first `size` leaves."""
        found = {**tile_files(self.hashes[:size]), **bundle_files(self.entries[:size])}
        for tier, lines in self.lines.items():
            below = sorted(index for index in lines if size is None or index < size)
            for block, indexes in groupby(below, lambda index: index // BLOCK):
                raw = b"".join(lines[index] for index in indexes)
                found[f"body/{tier}/{numbered(block)}"] = raw
        return found

    def note(
        self,
        signers: Sequence[tuple[str, Key]],
        size: int | None = None,
        extensions: Sequence[str] = (),
    ) -> bytes:
        """A checkpoint of the first `size` leaves."""
        length = len(self) if size is None else size
        text = checkpoint_text(self.origin, length, self.root(length), *extensions)
        return sign_note(text, signers)


@dataclass
class ForeignUnit:
    """One unit; `number` makes its name, code and keys."""

    number: int
    url: str = ""  # set by who serves it
    trusted: list[bytes] = field(default_factory=list)  # request keys that may read what is held
    files: dict[str, bytes] = field(default_factory=dict)
    roots: list[bytes] = field(default_factory=list)  # the texts of its root documents

    def __post_init__(self) -> None:
        self.origin = f"foreign{self.number}.example/fenhe"
        self.uscc = uscc(self.number)
        base = self.number * 100
        self.root_keys = [Key(base + n) for n in range(3)]
        self.log_key, self.next_key, self.usage_key = (Key(base + n) for n in range(10, 13))
        self.request_key, self.stranger = Key(base + 20), Key(base + 30)
        self.catalogue = ForeignLog(f"{self.origin}/catalogue")
        self.usage = ForeignLog(f"{self.origin}/usage")

    @property
    def fingerprint(self) -> str:
        return sha256(self.roots[0]).hexdigest()

    def logs(self) -> list[dict[str, Any]]:
        """What the root document lists: one key for each log, for ever."""
        return [
            {"name": "catalogue", "keys": [{"key": b64(self.log_key.public), "from": 0}]},
            {"name": "usage", "keys": [{"key": b64(self.usage_key.public), "from": 0}]},
        ]

    def add_root(
        self,
        at: int,
        *,
        logs: Sequence[Mapping[str, Any]] = (),
        threshold: int = 1,
        signers: Sequence[tuple[str, Key]] = (),
        **other: Any,
    ) -> None:
        """Put the next root document among the files."""
        members = {
            "n": len(self.roots) + 1,
            "prev": sha256(self.roots[-1]).hexdigest() if self.roots else None,
            "origin": self.origin,
            "unit": self.uscc,
            "url": self.url,
            "time": written(at, len(self.roots)),
            "root": [b64(key.public) for key in self.root_keys],
            "threshold": threshold,
            "logs": list(logs or self.logs()),
            "request": [b64(self.request_key.public)],
        } | other
        text = b"fenhe/root/v1\n" + spelled(members) + b"\n"
        name = f"{self.origin}/root"
        note = sign_note(text, signers or [(name, key) for key in self.root_keys[:threshold]])
        self.roots.append(text)
        self.files[f"root/{len(self.roots)}"] = note

    def show(self, log: ForeignLog, note: bytes, size: int | None = None) -> None:
        """Serve a log at a size under this note; what was served of it before stays."""
        name = log.origin.rpartition("/")[2]
        self.files.update({f"{name}/{path}": raw for path, raw in log.files(size).items()})
        self.files[f"{name}/checkpoint"] = note

    def publish(self) -> None:
        """Serve both logs as they are, signed plainly."""
        self.show(self.catalogue, self.catalogue.note([(self.catalogue.origin, self.log_key)]))
        self.show(self.usage, self.usage.note([(self.usage.origin, self.usage_key)]))

    def begin(self, records: int = 3) -> None:
        """A root document and a small honest catalogue."""
        at = int(datetime.now(UTC).timestamp()) - 60
        self.add_root(at)
        self.grow(records)
        self.catalogue.heartbeat(at)
        self.publish()

    def grow(self, records: int) -> None:
        """Append instruments, numbered on."""
        for _ in range(records):
            self.catalogue.record(self.instrument(f"F-{len(self.catalogue)}"))

    def instrument(self, id_: str, **fields: Any) -> dict[str, bytes]:
        """The bodies of an instrument, spelled oddly."""
        envelope = {"kind": "instrument", "id": id_, "unit": self.uscc}
        public = envelope | {"name_zh": f"外来仪器{id_}", "status": "normal"} | fields
        return {"pub": spelled(public), "hub": spelled(envelope | {"value_yuan": 600_000})}

    def service(self, id_: str) -> dict[str, bytes]:
        """The body of a service record."""
        record = {
            "kind": "service_record",
            "id": id_,
            "unit": self.uscc,
            "instrument": "F-0",
            "started_at": "2026-11-02T09:00:00+08:00",
            "ended_at": "2026-11-02T11:00:00+08:00",
            "effective_minutes": 110,
        }
        return {"hub": spelled(record)}
