"""Leaves: what a log's entries say (feed §2). Start at `parse_leaf`.

A leaf is strict JSON with exactly the members of its kind. Nearly all are records written in the
canonical form of `encode_leaf`; one regular expression reads those, anything else goes the slow
way, and both agree on every input.
"""

import re
from binascii import a2b_base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fenhe_protocol.encoding import (
    b64_decode,
    b64_encode,
    b64u_decode,
    b64u_encode,
    format_time,
    parse_time,
)
from fenhe_protocol.strict_json import NotStrictJson, dumps, loads

VERSION = 1
REASONS = ("law", "error", "retention", "lost")
TIERS = ("hub", "nat", "pub")
FED_TIERS = ("hub", "nat", "pub", "to")
MOST_TIERS = 3

_NAMES_REMEMBERED = 1024
_LOG_NAME = re.compile(r"(catalogue|usage|fed)(?:\.([2-9]|[1-9][0-9]+))?")

# 43 characters of base64url carry 258 bits, so the last one has two bits that must be zero.
_HASH = rb'"([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])"'
CANONICAL_RECORD = re.compile(
    rb'\{"c":\{(?:"hub":'
    + _HASH
    + rb'(?:,(?=")|(?=\})))?(?:"nat":'
    + _HASH
    + rb'(?:,(?=")|(?=\})))?'
    rb'(?:"pub":' + _HASH + rb')?\},"k":"r","v":1\}'
)
TO_STANDARD = bytes.maketrans(b"-_", b"+/")


class LeafForm(ValueError):
    """Not of the form of a leaf: SKIP `leaf-form`."""

    def __init__(self, expected: str, found: object = "") -> None:
        self.expected = expected
        self.found = str(found)
        super().__init__(f"expected {expected}, found {self.found}")


@dataclass(slots=True)  # not frozen: a reader makes one for each record there is
class RecordLeaf:
    """`r`: one commitment of 32 bytes for each tier the record has."""

    commitments: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class EraseLeaf:
    """`x`: half-open index ranges to erase, in `tiers` (None: all), here or in the epoch `log`."""

    ranges: tuple[tuple[int, int], ...]
    tiers: tuple[str, ...] | None
    reason: str
    log: str | None = None

    def covers(self, index: int, tier: str) -> bool:
        """Whether the body of `tier` at `index` is erased, in the log that is meant."""
        return (self.tiers is None or tier in self.tiers) and any(
            start <= index < stop for start, stop in self.ranges
        )


@dataclass(frozen=True, slots=True)
class HeartbeatLeaf:
    """`h`: a time in POSIX seconds and the (origin, size, root) of every `fed` verified by then."""

    time: int
    heads: tuple[tuple[str, int, bytes], ...] = ()


Leaf = RecordLeaf | EraseLeaf | HeartbeatLeaf


@lru_cache(_NAMES_REMEMBERED)
def split_log_name(name: str) -> tuple[str, int]:
    """`usage.2` -> ("usage", 2), `usage` -> ("usage", 1); anything else ValueError."""
    if (match := _LOG_NAME.fullmatch(name)) is None:
        raise ValueError(f"no name of a log: {name!r}")
    return match[1], int(match[2] or 1)


def may_be_of(kind: str, raw: bytes) -> bool:
    """Whether a leaf may be of this kind; where it may not, nobody needs to read it."""
    # Readers demand neither order nor spacing of writers, and any sign may be written as an escape.
    return b'"%b"' % kind.encode() in raw or b"\\" in raw


def parse_leaf(raw: bytes, *, index: int, log: str) -> Leaf:
    """Read the leaf at `index` of the log named `log` (`catalogue`, `usage.2`, `fed`); LeafForm."""
    if match := CANONICAL_RECORD.fullmatch(raw):
        commitments = {}
        for tier, text in zip(TIERS, match.groups(), strict=True):
            if text is not None:
                commitments[tier] = a2b_base64(text.translate(TO_STANDARD) + b"=")
        if commitments:
            return RecordLeaf(commitments)
    return _parse_any(raw, index, log)


def _parse_any(raw: bytes, index: int, log: str) -> Leaf:
    try:
        members = loads(raw)
    except NotStrictJson as error:
        raise LeafForm("strict JSON", error) from error
    if members.get("v") != VERSION or isinstance(members["v"], bool):
        raise LeafForm("v 1", members.get("v"))
    match members.get("k"):
        case "r":
            return _record(members, log)
        case "x":
            return _erase(members, index, log)
        case "h":
            return _heartbeat(members)
    raise LeafForm("k r, x or h", members.get("k"))


def _only(members: Mapping[str, Any], needed: set[str], optional: set[str]) -> None:
    if not needed <= members.keys() <= needed | optional:
        raise LeafForm(f"members {', '.join(sorted(needed))}", ", ".join(sorted(members)))


def _tiers_of(log: str) -> tuple[str, ...]:
    return FED_TIERS if split_log_name(log)[0] == "fed" else TIERS


def _record(members: Mapping[str, Any], log: str) -> RecordLeaf:
    _only(members, {"c", "k", "v"}, set())
    texts = members["c"]
    if not isinstance(texts, dict) or not 1 <= len(texts) <= MOST_TIERS:
        raise LeafForm("one to three tiers", texts)
    if unknown := set(texts) - set(_tiers_of(log)):
        raise LeafForm(f"tiers of {log}", ", ".join(sorted(unknown)))
    return RecordLeaf({tier: _commitment(text) for tier, text in texts.items()})


def _commitment(text: object) -> bytes:
    try:
        if isinstance(text, str):
            return b64u_decode(text, size=32)
    except ValueError:
        pass
    raise LeafForm("b64u of 32 bytes", text)


def _erase(members: Mapping[str, Any], index: int, log: str) -> EraseLeaf:
    _only(members, {"i", "k", "r", "v"}, {"e", "l"})
    if members["r"] not in REASONS:
        raise LeafForm("r law, error, retention or lost", members["r"])
    other = _earlier_epoch(members["l"], log) if "l" in members else None
    tiers = _erased_tiers(members["e"], log) if "e" in members else None
    ranges = _ranges(members["i"])
    if other is None and ranges[-1][1] > index:
        raise LeafForm(f"ranges below {index}", ranges[-1])
    return EraseLeaf(ranges, tiers, members["r"], other)


def _earlier_epoch(name: object, log: str) -> str:
    try:
        base, epoch = split_log_name(name if isinstance(name, str) else "")
    except ValueError as error:
        raise LeafForm("an earlier epoch of the same log", name) from error
    own_base, own_epoch = split_log_name(log)
    if base != own_base or epoch >= own_epoch:
        raise LeafForm("an earlier epoch of the same log", name)
    return str(name)


def _erased_tiers(tiers: object, log: str) -> tuple[str, ...]:
    if (
        not isinstance(tiers, list)
        or not tiers
        or not all(tier in _tiers_of(log) for tier in tiers)
    ):
        raise LeafForm("a list of tiers", tiers)
    if len(set(tiers)) != len(tiers):
        raise LeafForm("each tier once", tiers)
    return tuple(tiers)


def _ranges(pairs: object) -> tuple[tuple[int, int], ...]:
    if not isinstance(pairs, list) or not pairs:
        raise LeafForm("at least one range", pairs)
    ranges, below = [], 0
    for pair in pairs:
        if not (isinstance(pair, list) and len(pair) == 2 and all(map(_is_size, pair))):
            raise LeafForm("[a, b]", pair)
        start, stop = pair
        if not below <= start < stop:
            raise LeafForm("a < b, each a at or above the b before", pair)
        ranges.append((start, stop))
        below = stop
    return tuple(ranges)


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _heartbeat(members: Mapping[str, Any]) -> HeartbeatLeaf:
    _only(members, {"k", "t", "v"}, {"f"})
    heads = _heads(members["f"]) if "f" in members else ()
    try:
        return HeartbeatLeaf(parse_time(members["t"]), heads)
    except (TypeError, ValueError) as error:
        raise LeafForm("a time with offset", members["t"]) from error


def _heads(entries: object) -> tuple[tuple[str, int, bytes], ...]:
    if not isinstance(entries, list) or not entries:
        raise LeafForm("at least one head", entries)
    heads = tuple(map(_head, entries))
    if len({origin for origin, _, _ in heads}) != len(heads):
        raise LeafForm("each origin once", entries)
    return heads


def _head(entry: object) -> tuple[str, int, bytes]:
    match entry:
        case [str(origin), int(size), str(root)] if origin and _is_size(size):
            try:
                return origin, size, b64_decode(root, size=32)
            except ValueError as error:
                raise LeafForm("b64 of 32 bytes", root) from error
    raise LeafForm("[origin, size, root]", entry)


def encode_leaf(leaf: Leaf) -> bytes:
    """The canonical bytes of a leaf: names sorted, no space; heartbeats at UTC+8."""
    match leaf:
        case RecordLeaf():
            commitments = sorted(leaf.commitments.items())
            return write_record([(t.encode(), b64u_encode(v).encode()) for t, v in commitments])
        case EraseLeaf():
            members: dict[str, Any] = {"k": "x", "r": leaf.reason, "v": VERSION}
            members["i"] = [list(pair) for pair in leaf.ranges]
            members |= {} if leaf.tiers is None else {"e": list(leaf.tiers)}
            return dumps(members | ({} if leaf.log is None else {"l": leaf.log}))
        case HeartbeatLeaf():
            beat = {"k": "h", "t": format_time(leaf.time), "v": VERSION}
            heads = [[origin, size, b64_encode(root)] for origin, size, root in leaf.heads]
            return dumps(beat | ({"f": heads} if heads else {}))


def write_record(commitments: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The bytes of a record leaf, from tiers in alphabetical order and the text of each hash."""
    texts = b",".join([b'"%b":"%b"' % each for each in commitments])
    return b'{"c":{%b},"k":"r","v":%d}' % (texts, VERSION)


def write_records(tiers: Sequence[str], columns: Sequence[Sequence[bytes]]) -> list[bytes]:
    """Many leaves of the same tiers, in alphabetical order, from a column of texts for each."""
    form = write_record([(tier.encode(), b"%b") for tier in tiers])
    return [form % texts for texts in zip(*columns, strict=True)]


def merge_ranges(ranges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Half-open ranges in any order as the fewest ascending ones, as an `x` writes them."""
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], stop)
        else:
            merged.append((start, stop))
    return tuple(merged)
