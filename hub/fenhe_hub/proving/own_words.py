"""What a proof takes from the hub's own log: words, heartbeats, and the hashes beside them."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fenhe_client.stored.files import CHECKPOINT, FeedFiles, read_bundle, stored_hashes
from fenhe_hub.hub import Hub, fed_files
from fenhe_protocol.body import decode_salt, read_body_file
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.errors import InputError
from fenhe_protocol.evidence import pared, signing_keys
from fenhe_protocol.excerpt import hashes_beside
from fenhe_protocol.fed import Act
from fenhe_protocol.finding_file import Body, FedPart, ShownLeaf
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.note import parse_note
from fenhe_protocol.position import Position
from fenhe_protocol.tiles import EntryBundle, body_path

MOST_BEATS = 20_000
_APART = 2 * 3600 - 600  # of two heartbeats in a proof, so that no outage seems to lie between


@dataclass(frozen=True, slots=True)
class Wanted:
    """One leaf of `fed`, and the tier of its body; no tier: the leaf alone, a heartbeat."""

    at: Position
    tier: str = ""


def word_at(db: sqlite3.Connection, kind: str, id_: str) -> Wanted:
    """Where the last word on a subject stands; InputError `finding.unsaid`."""
    row = db.execute(
        "SELECT epoch, idx, tier FROM said WHERE kind = ? AND id = ?", [kind, id_]
    ).fetchone()
    if row is None:
        raise InputError("finding.unsaid", where=f"{kind} {id_}", advice="fenhe-hub sync --once")
    return Wanted(Position(row[0], row[1]), row[2])


def rule_at(hub: Hub, db: sqlite3.Connection, digest: str) -> Wanted:
    """Where `fed` announced the rule set of this hash; InputError `finding.unsaid`."""
    rows = db.execute("SELECT epoch, idx, tier, body FROM said WHERE kind = 'rule'").fetchall()
    for epoch, index, tier, body in rows:
        if digest in body:
            return Wanted(Position(epoch, index), tier)
    for log in hub.fed_epochs:  # another has been announced since, under the same name
        if (index := _said_before(fed_files(hub.home, name=log.name), digest)) is not None:
            return Wanted(Position(split_log_name(log.name)[1], index), "pub")
    raise InputError("finding.unsaid", where=f"rule {digest}", advice="fenhe-hub sync --once")


def _said_before(files: FeedFiles, digest: str) -> int | None:
    raw = files.read(CHECKPOINT) or b""
    size = parse_checkpoint(parse_note(raw).text).size
    for block in range(-(-size // BLOCK)):
        body_file = files.read(body_path("pub", block)) or b""
        if digest.encode() in body_file:
            lines, _ = read_body_file(body_file, block)
            for line in lines:
                if digest.encode() in line.body and b'"kind":"rule"' in line.body:
                    return line.index
    return None


def orders_about(db: sqlite3.Connection, origins: Iterable[str]) -> Iterator[Wanted]:
    """The erasures that were ordered in these logs."""
    for origin in origins:
        rows = db.execute(
            "SELECT epoch, idx, tier FROM said WHERE kind = 'era' AND id >= ? AND id < ?",
            [f"{origin}#", f"{origin}#\U0010ffff"],
        )
        yield from (Wanted(Position(epoch, index), tier) for epoch, index, tier in rows)


def first_receipts(db: sqlite3.Connection, origin: str, indices: Iterable[int]) -> Iterator[Wanted]:
    """What was kept of the earliest receipts of these leaves, before others were erased."""
    for index in indices:
        rows = db.execute(
            "SELECT epoch, idx, tier FROM said WHERE kind = 'rcp' AND id = ?", [f"{origin}#{index}"]
        )
        yield from (Wanted(Position(epoch, at), tier) for epoch, at, tier in rows)


def said_acts(db: sqlite3.Connection, acts: Sequence[Act]) -> list[Wanted]:
    """Where acts stand; InputError `finding.unsaid` for one that waits to be said."""
    return [word_at(db, Act.kind, each.number) for each in acts]


def beats_between(db: sqlite3.Connection, start: int, end: int) -> list[Wanted]:
    """The fewest heartbeats that show the hub alive from `start` to `end`, one beyond each."""
    rows = db.execute("SELECT at, epoch, idx FROM beat ORDER BY epoch, idx").fetchall()
    first = max((n for n, row in enumerate(rows) if row[0] <= start), default=0)
    last = min((n for n, row in enumerate(rows) if row[0] >= end), default=len(rows) - 1)
    inside = rows[first : last + 1]
    kept = inside[:1]
    for before, row in pairwise(inside[1:]):
        # One is left out where its neighbours are near enough without it.
        if row[0] - kept[-1][0] > _APART:
            kept.append(before)
    kept += inside[-1:] if len(inside) > 1 else []
    return [Wanted(Position(epoch, index)) for _, epoch, index in kept[:MOST_BEATS]]


def parts_of(hub: Hub, wanted: Iterable[Wanted]) -> tuple[FedPart, ...]:
    """The leaves asked for, each epoch under the head that it shows."""
    by_epoch: dict[int, dict[int, str]] = {}
    for each in wanted:
        tiers = by_epoch.setdefault(each.at.epoch, {})
        tiers[each.at.size] = each.tier or tiers.get(each.at.size, "")
    names = {split_log_name(log.name)[1]: log.name for log in hub.fed_epochs}
    return tuple(_part(hub, names[epoch], tiers) for epoch, tiers in sorted(by_epoch.items()))


def _part(hub: Hub, log: str, tiers: dict[int, str]) -> FedPart:
    files = fed_files(hub.home, name=log)
    raw = files.read(CHECKPOINT) or b""
    head = parse_checkpoint(parse_note(raw).text)
    note = pared(raw, signing_keys(hub.root, head.origin, head))
    leaves = tuple(_shown(files, head.size, index, tiers[index]) for index in sorted(tiers))
    beside = hashes_beside(head.size, sorted(tiers), stored_hashes(files, head.size))
    return FedPart(note, leaves, tuple(beside))


def _shown(files: FeedFiles, size: int, index: int, tier: str) -> ShownLeaf:
    block = index // BLOCK
    bundle = EntryBundle(block, min(BLOCK, size - block * BLOCK))
    leaf = read_bundle(files, bundle, max_entry=DEFAULTS.leaf_bytes)[index % BLOCK]
    bodies: dict[str, Body] = {}
    if tier:
        lines, _ = read_body_file(files.read(body_path(tier, block)) or b"", block)
        line = next((line for line in lines if line.index == index), None)
        bodies = {} if line is None else {tier: Body(decode_salt(line.salt), line.body)}
    return ShownLeaf(index, leaf, bodies)
