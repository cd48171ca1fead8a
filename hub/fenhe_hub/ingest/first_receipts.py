"""What must be said before an erasure is obeyed: since when an identity counts (feed §4, `rcp`).

A leaf that is erased leaves no trace of its record, and with it would go the proof that the record
was delivered in time. So before the mirror lets lines go, `fed` says for each identity that goes on
the date of its earliest receipt. Until then the `x` waits, and the log is not cosigned beyond it.
Start at `owed_before`.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from fenhe_client.stored.spool_folder import find_erasures
from fenhe_client.writing.erasing import stored_entries
from fenhe_hub.home import Home
from fenhe_hub.index.places import receipt
from fenhe_hub.index.said import erased_of, first_dates, said_of
from fenhe_hub.index.tables import TIERS, log_number
from fenhe_hub.mirror.log import MirrorLog
from fenhe_protocol.block import Erased
from fenhe_protocol.body import read_body_file
from fenhe_protocol.encoding import date_at
from fenhe_protocol.erasures import Erasures, Ranges, blocks_of
from fenhe_protocol.errors import StoreError
from fenhe_protocol.fed import EraseOrder, FirstReceipt, Place
from fenhe_protocol.leaf import EraseLeaf, split_log_name
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.tiles import body_path

_BLOCKS_REMEMBERED = 16


class HeldLines:
    """Which lines of a log lie in the mirror now; what it was told once it remembers."""

    def __init__(self, log: MirrorLog) -> None:
        self._log = log
        self._of_block = lru_cache(_BLOCKS_REMEMBERED)(self._read)

    def __call__(self, index: int, tier: str) -> bool:
        """Whether this line lies there."""
        return index in self._of_block(tier, index // BLOCK)

    def of_block(self, tier: str, block: int) -> frozenset[int]:
        """The indices of the lines of one block that lie there."""
        return self._of_block(tier, block)

    def any_of(self, ranges: Ranges, size: int) -> bool:
        """Whether any line of these ranges lies there; the log has this size."""
        return any(
            start <= index < stop
            for tier, each in ranges.items()
            for start, stop in each
            for block in sorted(blocks_of({tier: [(start, stop)]}, size))
            for index in self._of_block(tier, block)
        )

    def _read(self, tier: str, block: int) -> frozenset[int]:
        raw = self._log.files.read(body_path(tier, block)) if tier in TIERS else None
        return frozenset(line.index for line in read_body_file(raw or b"", block)[0])


def owed_to_all(db: sqlite3.Connection, home: Home) -> dict[str, list[FirstReceipt]]:
    """What all logs wait for in which an `x` could not be obeyed yet, by origin.

    Of such a log every `x` is looked at that is not obeyed, so that one publish clears them all.
    """
    rows = db.execute(
        "SELECT unit_no, origin, name, indexed, size FROM log WHERE indexed < size ORDER BY log_no"
    ).fetchall()
    owed: dict[str, list[FirstReceipt]] = {}
    for unit_no, origin, name, start, size in rows:
        words: dict[Place, FirstReceipt] = {}
        gone: dict[int, Erasures] = {}
        for leaf in _erasures(MirrorLog(home, origin), start, size):
            family, epoch = split_log_name(leaf.log or name)
            meant = Meant(unit_no, log_number(unit_no, family, epoch), family == "usage")
            before = gone.get(meant.log_no) or Erasures(erased_of(db, meant.log_no))
            for word in owed_before(db, meant, before.news(leaf), before.covers):
                words[word.place] = min(word, words.get(word.place, word), key=_date)
            gone[meant.log_no] = before
            before.add(leaf)
        if words:
            owed[origin] = list(words.values())
    return owed


def _date(word: FirstReceipt) -> str:
    return word.first


def _erasures(log: MirrorLog, start: int, size: int) -> Iterator[EraseLeaf]:
    try:
        for index, raw in stored_entries(log.files, start, size):
            yield from (leaf for _, leaf in find_erasures([raw], index, log.name))
    except StoreError:
        return  # damaged files hold up no other log; a visit tells of them


def owed_before_order(db: sqlite3.Connection, order: EraseOrder) -> list[FirstReceipt]:
    """The `rcp` to be said before an `era`."""
    unit_no, log_no, name = db.execute(
        "SELECT unit_no, log_no, name FROM log WHERE origin = ?", [order.place.origin]
    ).fetchone()
    index = order.place.index
    going = {tier: [(index, index + 1)] for tier in order.tiers}
    return owed_before(db, Meant(unit_no, log_no, split_log_name(name)[0] == "usage"), going)


def merged_order(db: sqlite3.Connection, order: EraseOrder) -> EraseOrder:
    """The order with the tiers of the one before: the last word on a leaf says all of it."""
    said = said_of(db, EraseOrder.kind, order.place.text)
    before = said["tiers"] if said is not None else ()
    return replace(order, tiers=tuple(sorted({*before, *order.tiers})))


@dataclass(frozen=True, slots=True)
class _Body:
    """One valid body of an identity, oldest first."""

    log_no: int
    origin: str
    index: int
    tier: str
    deleted: bool


@dataclass(frozen=True, slots=True)
class Meant:
    """The log in which something is to be erased."""

    unit_no: int
    log_no: int
    is_usage: bool


def _still_there(index: int, tier: str) -> bool:
    return False


def owed_before(
    db: sqlite3.Connection, meant: Meant, going: Ranges, gone: Erased = _still_there
) -> list[FirstReceipt]:
    """The `rcp` that are still to be said before these bodies may go; the index knows the log.

    `gone`: bodies of the same log that go before them, though the index has them still.
    """
    going = {tier: ranges for tier, ranges in going.items() if tier in TIERS}
    leaving = Erasures(going)

    def goes(index: int, tier: str) -> bool:
        return leaving.covers(index, tier) or gone(index, tier)

    words = (_word(db, meant, goes, *identity) for identity in _identities(db, meant, going))
    return [word for word in words if word is not None and not _is_said(db, word)]


def _identities(db: sqlite3.Connection, meant: Meant, going: Ranges) -> list[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for tier, ranges in going.items():
        for start, stop in ranges:
            found |= set(
                db.execute(
                    "SELECT DISTINCT kind, id FROM body"
                    " WHERE log_no = ? AND tier = ? AND idx >= ? AND idx < ?",
                    [meant.log_no, TIERS.index(tier), start, stop],
                )
            )
    return sorted(found)


def _word(
    db: sqlite3.Connection, meant: Meant, goes: Erased, kind: str, id_: str
) -> FirstReceipt | None:
    """The `rcp` of an identity; None where it does not go on, or nothing of it has a receipt."""
    rows = db.execute(
        "SELECT l.log_no, l.origin, b.idx, b.tier, b.deleted FROM log l"
        " JOIN body b ON b.log_no = l.log_no AND b.kind = ? AND b.id = ?"
        " WHERE l.unit_no = ? ORDER BY l.epoch, b.idx",
        [kind, id_, meant.unit_no],
    )
    bodies = [_Body(no, origin, at, TIERS[tier], bool(gone)) for no, origin, at, tier, gone in rows]
    kept = [
        body for body in bodies if body.log_no != meant.log_no or not goes(body.index, body.tier)
    ]
    # What is deleted in the catalogue may come back, and nothing is reset then (feed §4).
    if not kept or (meant.is_usage and kept[-1].deleted):
        return None
    dates = [*first_dates(db, {(body.origin, body.index) for body in bodies})]
    times = (receipt(db, body.log_no, body.index) for body in bodies)
    dates += [date_at(time) for time in times if time is not None]
    place = Place(kept[-1].origin, kept[-1].index)
    return FirstReceipt(place, min(dates)) if dates else None


def _is_said(db: sqlite3.Connection, word: FirstReceipt) -> bool:
    said: Mapping[str, Any] | None = said_of(db, word.kind, word.place.text)
    return said is not None and said["first"] <= word.first
