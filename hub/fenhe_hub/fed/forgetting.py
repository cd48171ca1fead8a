"""The sealed words of cases that were closed long ago are erased: `x` in our own log, then here.

What goes are the acts that hold words and nothing else, with their lines, salts included; the
leaves stay, so every proof holds, and so does what the case was about and when. Start at `forget`.
"""

import sqlite3
from collections.abc import Iterable, Sequence

from fenhe_hub.casework import complaints
from fenhe_hub.casework.waiting import Waiting
from fenhe_hub.fed.taking_back import take_back
from fenhe_hub.hub import FED, Hub
from fenhe_hub.office.acting import Office
from fenhe_hub.office.complaining import HANDLE
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.read_only import read_only
from fenhe_protocol.fed import Act, Place
from fenhe_protocol.notice import Notice

_DAY = 86_400


def forget(office: Office) -> int:
    """Erase what is due; how many cases. What cannot be done yet is done the next time."""
    hub, now = office.hub, office.clock()
    with office.casework() as casework:
        bound = now - hub.config.complaints.keep_days * _DAY
        acts = complaints.acts_to_forget(casework.db, bound)
    if not acts or not hub.home.index.exists():
        return 0
    # First the log: as long as words are in the tables, it is known that they are still due.
    places = _places(hub, acts)
    if places is None:
        return 0
    if places and isinstance(take_back(hub, places, "retention", now), int):
        return 0
    return let_go(office, acts)


def let_go(office: Office, acts: Iterable[str]) -> int:
    """Take out of the tables what `fed` no longer holds; of how many cases."""
    with office.turn() as casework:
        gone = complaints.numbers_of(casework.db, acts)
        for number, each in gone.items():
            office.do(*(casework, THE_HUB, HANDLE, "complaint.forgotten", number, {"acts": each}))
        if gone:  # nothing of it in the write-ahead log either
            casework.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return len(gone)


def words_at(hub: Hub, places: Iterable[Place]) -> list[str]:
    """The acts at these places of our own log, if acts stand there."""
    asked = {(place.origin, place.index) for place in places}
    with read_only(hub.home.index) as index:
        rows = index.execute("SELECT id, epoch, idx FROM said WHERE kind = ?", [Act.kind])
        return [act for act, epoch, at in rows if (_log(hub, epoch), at) in asked]


def notices_at(hub: Hub, places: Iterable[Place]) -> list[str]:
    """The numbers of the notices at these places of our own log."""
    asked = {(place.origin, place.index) for place in places}
    with read_only(hub.home.index) as index:
        rows = index.execute("SELECT id, epoch, idx FROM said WHERE kind = ?", [Notice.kind])
        return [number for number, epoch, at in rows if (_log(hub, epoch), at) in asked]


def _places(hub: Hub, acts: Sequence[str]) -> list[Place] | None:
    """Where these acts stand; None while one is not said yet. One that is erased has no place."""
    with Waiting.open(hub.home) as waiting:
        if {word.number for word in waiting.words() if isinstance(word, Act)} & set(acts):
            return None
    with read_only(hub.home.index) as index:
        found = [_place(hub, index, act) for act in acts]
    return [place for place in found if place is not None]


def _place(hub: Hub, index: sqlite3.Connection, act: str) -> Place | None:
    row = index.execute(
        "SELECT epoch, idx FROM said WHERE kind = ? AND id = ?", [Act.kind, act]
    ).fetchone()
    return None if row is None else Place(_log(hub, row[0]), row[1])


def _log(hub: Hub, epoch: int) -> str:
    return f"{hub.origin}/{FED}" + (f".{epoch}" if epoch > 1 else "")
