"""How early a hub beneath may say that a record was delivered there (`rcp`, feed §4).

The bodies that could contradict it are erased. Others can: the unit was founded on the day that its
first root document says, which its fingerprint fixes, and a hub receives nothing of a unit before
it registers it, which stands in its `fed` between heartbeats. Start at `FirstDates`.
"""

import sqlite3
from datetime import date, timedelta
from functools import lru_cache

from fenhe_client.keys.roots import stored_roots
from fenhe_client.writing.erasing import stored_entries
from fenhe_hub.below.copies import Mirrored
from fenhe_hub.below.judging import VIA, NotTaken
from fenhe_hub.home import Home
from fenhe_hub.hub import FED
from fenhe_hub.index.tables import log_number
from fenhe_hub.index.words import word_on
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.mirror.roots import root_files
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import StoreError
from fenhe_protocol.fed import FirstReceipt, Registration
from fenhe_protocol.leaf import HeartbeatLeaf, LeafForm, may_be_of, parse_leaf
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_text import read_root_text

_CLOCKS = timedelta(days=1)  # by which people's clocks and days may differ
# A witness's time counts three working days before the hub's, and holidays may lie between.
_WITNESS = timedelta(days=14)


def judged(word: FirstReceipt, hub: str, earliest: date | None, latest: date) -> NotTaken | None:
    """Why this date cannot be, if it cannot."""
    try:
        said = date.fromisoformat(word.first)
    except ValueError:
        said = None
    if said is not None and (earliest is None or earliest <= said) and said <= latest:
        return None
    expected = f"{earliest or ''} … {latest}"
    return NotTaken(hub, word.place.text, "below.date", expected, word.first)


class FirstDates:
    """The bounds, from what lies in the mirror; `now` is POSIX seconds."""

    def __init__(self, home: Home, db: sqlite3.Connection, now: int) -> None:
        self._home, self._db = home, db
        self._latest = date.fromisoformat(date_at(now)) + _CLOCKS

    def problem(self, at: Mirrored, word: FirstReceipt) -> NotTaken | None:
        """Why what this hub says of a record's first day is not believed, if it is not."""
        unit = word.place.origin.rpartition("/")[0]
        known = [each for each in (self._founded(unit), self._registered(at, unit)) if each]
        return judged(word, at.hub.origin, max(known, default=None), self._latest)

    def _founded(self, unit: str) -> date | None:
        """The day of the unit's first root document."""
        documents = stored_roots(root_files(self._home, unit))
        if not documents:
            return None
        first = read_root_text(parse_note(documents[0]).text, allow_loopback_http=True)
        return date.fromisoformat(date_at(first.time)) - _CLOCKS

    def _registered(self, at: Mirrored, unit: str) -> date | None:
        """The day on which this hub registered a unit of its own.

        None of one that comes to it by another hub, which may have known it for longer; nor where
        a later epoch says it, for the first may have ended before what it once said.
        """
        told = word_on(self._db, at.number, Registration.kind, unit)
        if told is None or not isinstance(told.word, Registration) or VIA in told.word.ext:
            return None
        log_no = log_number(at.number, FED, 1)
        row = self._db.execute(
            "SELECT min(b.idx), l.origin FROM body b JOIN main.log l USING(log_no)"
            " WHERE b.kind = 'reg' AND b.id = ? AND l.log_no = ? GROUP BY l.log_no",
            [unit, log_no],
        ).fetchone()
        if row is None:
            return None
        try:
            time = _beat_before(self._home, row[1], row[0])
        except StoreError:
            return None
        return date.fromisoformat(date_at(time)) - _WITNESS


@lru_cache(16_384)
def _beat_before(home: Home, origin: str, index: int) -> int:
    """`t` of the last heartbeat of a mirrored log before this leaf.

    StoreError `log.absent` where there is none yet, `store.*` where it is damaged.
    """
    log = MirrorLog(home, origin)
    head = log.head()
    for block in range(index // BLOCK, -1, -1) if head else ():
        stop = min(head.size if head else 0, (block + 1) * BLOCK)
        entries = list(stored_entries(log.files, block * BLOCK, stop))
        times = (_time(raw, at, log.name) for at, raw in reversed(entries) if at <= index)
        if (time := next(filter(None, times), None)) is not None:
            return time
    raise StoreError("log.absent", where=f"{origin}#{index}")


def _time(raw: bytes, index: int, log: str) -> int | None:
    if not may_be_of("h", raw):
        return None
    try:
        leaf = parse_leaf(raw, index=index, log=log)
    except LeafForm:
        return None
    return leaf.time if isinstance(leaf, HeartbeatLeaf) else None
