"""Which logs are to be visited: from the registry, the root documents and the index's numbers."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from yarl import URL

from fenhe_hub.home import Home
from fenhe_hub.index.tables import MOST_EPOCHS, open_index
from fenhe_hub.ingest import LogName
from fenhe_hub.registry import Enrolment, Registry
from fenhe_hub.roots import current_root
from fenhe_protocol.errors import PublisherError, StoreError
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.root_document import LogKeys, RootDocument

_LOGGER = logging.getLogger("fenhe_hub.targets")


@dataclass(frozen=True, slots=True)
class Target:
    """One log of an enrolled unit."""

    unit: Enrolment
    name: LogName

    @property
    def origin(self) -> str:
        """The origin of the log."""
        return self.name.origin

    @property
    def host(self) -> str:
        """Whose connections it uses."""
        return URL(self.unit.url).host or ""


def targets(home: Home, db: sqlite3.Connection) -> Iterator[Target]:
    """All logs of all units that are visited, in the order of enrolment."""
    numbers = dict(db.execute("SELECT origin, unit_no FROM unit"))
    for unit, root in enrolled_roots(home):
        if unit.visited and unit.origin in numbers:
            for name in log_names(root, numbers[unit.origin]):
                yield Target(unit, name)


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


def log_names(root: RootDocument, unit_no: int) -> list[LogName]:
    """The logs that a root document lists, later epochs first, as far as this hub keeps them."""
    kept = [log for log in root.logs if _is_kept(log)]
    kept.sort(key=lambda log: (split_log_name(log.name)[0], -split_log_name(log.name)[1]))
    return [
        LogName(unit_no, root.origin, root.unit, log.name, log.end.size if log.end else None)
        for log in kept
    ]


def _is_kept(log: LogKeys) -> bool:
    # The `fed` of another hub is mirrored by a hub above, which this is not.
    family, epoch = split_log_name(log.name)
    return family in ("catalogue", "usage") and epoch <= MOST_EPOCHS
