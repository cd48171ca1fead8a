"""Which logs are to be visited, and where each is to be had. Start at `targets`.

From the registry, the root documents, the index's numbers, and what lower hubs announce.
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache

from yarl import URL

from fenhe_hub.below.copies import Copy, Mirrored, copies_of, open_mirrors
from fenhe_hub.below.judging import Below
from fenhe_hub.below.view import look
from fenhe_hub.home import Home
from fenhe_hub.hub import FED, Hub
from fenhe_hub.index.tables import MOST_EPOCHS, open_index
from fenhe_hub.ingest.log import LogName
from fenhe_hub.mirror.roots import current_root
from fenhe_hub.registry.enrolled import Enrolment, Registry
from fenhe_protocol.errors import PublisherError, StoreError
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.root_document import LogKeys, RootDocument

_LOGGER = logging.getLogger("fenhe_hub.targets")


@dataclass(frozen=True, slots=True)
class Target:
    """One log of a unit; `copies` are those in the mirrors of lower hubs, the largest first."""

    unit: Enrolment
    name: LogName
    copies: tuple[Copy, ...] = ()
    size: int = 0  # what is verified of it

    @property
    def origin(self) -> str:
        """The origin of the log."""
        return self.name.origin

    @property
    def host(self) -> str:
        """Whose connections it uses."""
        url = self.unit.url if self.unit.visited or not self.copies else self.copies[0].at.url
        return _host_of(url)

    @property
    def is_behind(self) -> bool:
        """Whether somebody has more of it."""
        return any(copy.size > self.size for copy in self.copies)

    @property
    def news(self) -> tuple[object, ...]:
        """What is announced of it: another value says that something has changed."""
        return tuple((copy.at.hub.origin, copy.said_at) for copy in self.copies)

    @property
    def is_told(self) -> bool:
        """Whether it is never asked by itself: a lower hub says when there is more."""
        return not self.unit.visited


@lru_cache(65_536)
def _host_of(url: str) -> str:
    return URL(url).host or ""


def targets(hub: Hub, db: sqlite3.Connection) -> Iterator[Target]:
    """All logs that are visited: of units in the order of enrolment, then of those beneath."""
    return _Gathering(hub, db).targets()


class _Gathering:
    """What is looked at once for all logs."""

    def __init__(self, hub: Hub, db: sqlite3.Connection) -> None:
        self._home, self._db = hub.home, db
        self._below: Below = look(hub.home, hub.origin, db)
        self._mirrors: dict[str, Mirrored] = open_mirrors(hub.home, db, self._below)
        self._numbers: dict[str, int] = dict(db.execute("SELECT origin, unit_no FROM unit"))
        self._sizes: dict[str, int] = dict(db.execute("SELECT origin, size FROM log"))

    def targets(self) -> Iterator[Target]:
        known: set[str] = set()
        for unit, root in enrolled_roots(self._home):
            known.add(unit.origin)
            yield from self._logs(unit, root)
        for origin, beneath in self._below.units.items():
            if origin not in known and origin in self._numbers:
                unit = beneath.enrolment
                if (document := stored_root(self._home, unit)) is not None:
                    yield from self._logs(unit, document)

    def _logs(self, unit: Enrolment, root: RootDocument) -> Iterator[Target]:
        number = self._numbers.get(unit.origin)
        if number is None or self._below.state_of(unit) != "enrolled":
            return
        for name in log_names(root, number, of_hub=unit.is_hub):
            copies = copies_of(self._db, self._below, self._mirrors, unit.origin, name.origin)
            if unit.visited or copies:
                yield Target(unit, name, copies, self._sizes.get(name.origin, 0))


def find_log(home: Home, origin: str) -> tuple[LogName, int] | None:
    """A mirrored log by its origin, of whatever unit, with the size that is indexed."""
    with closing(open_index(home.index)) as db:
        row = db.execute(
            "SELECT u.unit_no, u.origin, u.uscc, l.name, l.ended, l.indexed"
            " FROM log l JOIN unit u USING(unit_no) WHERE l.origin = ?",
            [origin],
        ).fetchone()
    return None if row is None else (LogName(*row[:5]), row[5])


def enrolled_roots(home: Home) -> Iterator[tuple[Enrolment, RootDocument]]:
    """Every enrolled unit with its root document; one of damaged files holds up no other."""
    for unit in Registry(home.registry_file):
        try:
            yield unit, current_root(home, unit.origin, unit.root1)
        except (StoreError, PublisherError) as error:
            _LOGGER.error("%s: %s", unit.origin, error)


def stored_root(home: Home, unit: Enrolment) -> RootDocument | None:
    """The newest root document of a unit beneath, if one is here and can be read."""
    try:
        return current_root(home, unit.origin, unit.root1)
    except (StoreError, PublisherError):
        return None


def log_names(root: RootDocument, unit_no: int, *, of_hub: bool = False) -> list[LogName]:
    """The logs that a root document lists, later epochs first, as far as this hub keeps them."""
    kept = [log for log in root.logs if _is_kept(log, of_hub=of_hub)]
    kept.sort(key=lambda log: (split_log_name(log.name)[0], -split_log_name(log.name)[1]))
    return [
        LogName(unit_no, root.origin, root.unit, log.name, log.end.size if log.end else None)
        for log in kept
    ]


def _is_kept(log: LogKeys, *, of_hub: bool) -> bool:
    family, epoch = split_log_name(log.name)
    return family in ((FED,) if of_hub else ("catalogue", "usage")) and epoch <= MOST_EPOCHS
