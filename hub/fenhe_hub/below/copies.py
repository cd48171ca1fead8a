"""Where a log lies in the mirrors of lower hubs, and under which head they announce it.

What a hub announces in its `fed` (`adv`) is the head: nothing is asked of its mirror before that
says that there is more (feed §10). A head is the unit's own signature, whoever hands it on.
"""

import sqlite3
from dataclasses import dataclass

from fenhe_client.fetching.answers import OK
from fenhe_client.fetching.fetch import Answer, Fetcher
from fenhe_client.stored.files import CHECKPOINT
from fenhe_hub.below.judging import Below
from fenhe_hub.home import Home
from fenhe_hub.index.words import word_on
from fenhe_hub.mirror.roots import current_root
from fenhe_hub.registry.enrolled import Enrolment
from fenhe_protocol.errors import PublisherError, StoreError
from fenhe_protocol.fed import Advance
from fenhe_protocol.origin import origin_hash


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A lower hub, and where its files are fetched from."""

    hub: Enrolment
    number: int  # of the hub, in the index
    url: str

    def folder(self, origin: str) -> str:
        """Where its mirror of a log, or of a unit's root documents, begins."""
        return f"{self.url}/m/{origin_hash(origin)}"


@dataclass(frozen=True, slots=True)
class Copy:
    """A log as a lower hub announces it."""

    at: Mirrored
    said_at: tuple[int, int]  # the leaf of the hub's `fed` that announces it
    size: int
    note: bytes


class Announced:
    """The files of a mirrored log under the head that its hub announces."""

    def __init__(self, files: Fetcher, note: bytes) -> None:
        self._files, self._note = files, note

    async def get(self, path: str, *, limit: int, etag: str = "", fresh: bool = False) -> Answer:
        """See `Fetcher`."""
        if path == CHECKPOINT:
            return Answer(OK, self._note)
        return await self._files.get(path, limit=limit, etag=etag, fresh=fresh)


def open_mirrors(home: Home, db: sqlite3.Connection, below: Below) -> dict[str, Mirrored]:
    """The mirrors of the hubs that are believed, by the hub's origin."""
    numbers = dict(db.execute("SELECT origin, unit_no FROM main.unit"))
    found: dict[str, Mirrored] = {}
    for hub in below.hubs.values():
        unit = hub.unit
        if hub.is_open and unit.origin in numbers:
            try:
                url = unit.address(current_root(home, unit.origin, unit.root1).url)
            except (StoreError, PublisherError):
                continue  # its own visit tells of that
            found[unit.origin] = Mirrored(unit, numbers[unit.origin], url.rstrip("/"))
    return found


def copies_of(
    db: sqlite3.Connection, below: Below, mirrors: dict[str, Mirrored], unit: str, log: str
) -> tuple[Copy, ...]:
    """The copies of a log of this unit that lower hubs announce, the largest first."""
    beneath = below.units.get(unit)
    ways = [mirrors[way.hub] for way in (beneath.ways if beneath else ()) if way.hub in mirrors]
    heard = ((at, word_on(db, at.number, "adv", log)) for at in ways)
    found = (
        Copy(at, each.at, each.word.size, each.word.note)
        for at, each in heard
        if each is not None and isinstance(each.word, Advance)
    )
    return tuple(sorted(found, key=lambda each: -each.size))
