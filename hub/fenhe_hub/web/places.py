"""Which log or unit an address of the mirror means: H(origin) back to a name."""

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass

from fenhe_client.stored.files import ROOT, FolderFiles
from fenhe_hub.hub import Hub
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.origin import origin_hash

_LEAST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Place:
    """One folder of the mirror: a log, or a unit with its root documents (`log` is `root`)."""

    unit: str
    log: str

    @property
    def family(self) -> str:
        """`catalogue`, `usage` or, for a unit, `root`."""
        return ROOT if self.log == ROOT else split_log_name(self.log)[0]


class Places:
    """The hashes of all enrolled units and of their logs, read again when one is unknown."""

    def __init__(self, hub: Hub) -> None:
        self._home = hub.home
        self._known: dict[str, Place] = {}
        self._in_vain: set[str] = set()
        self._read_at = -_LEAST_SECONDS

    def find(self, digest: str) -> Place | None:
        """The log or unit of this H(origin), if it is enrolled."""
        if digest not in self._known:
            begun = self._home.mirror_of(digest).is_dir()
            if self._is_worth_reading(digest, begun):
                self._known = self._read()
                if begun and digest not in self._known:
                    self._in_vain.add(digest)
        return self._known.get(digest)

    def _is_worth_reading(self, digest: str, begun: bool) -> bool:
        """Whether to read again: seldom for what a stranger made up, at once for a new log."""
        if time.monotonic() - self._read_at >= _LEAST_SECONDS:
            self._read_at = time.monotonic()
            self._in_vain.clear()
            return True
        # One asked for before it began is none that a stranger made up.
        return begun and digest not in self._in_vain

    def files(self, place: Place) -> FolderFiles:
        """Where the mirror keeps what this place means."""
        origin = place.unit if place.log == ROOT else f"{place.unit}/{place.log}"
        folder = self._home.mirror(origin)
        return FolderFiles(folder / "public", folder / "held", log=place.log)

    def _read(self) -> dict[str, Place]:
        if not self._home.index.exists():
            return {}
        uri = f"{self._home.index.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=60)) as db:
            units = db.execute("SELECT unit_no, origin FROM unit").fetchall()
            logs = db.execute("SELECT unit_no, name FROM log").fetchall()
        names = dict(units)
        # Every unit has these two, visited or not: what is told of them does not change with it.
        places = {Place(origin, log) for origin in names.values() for log in ("catalogue", "usage")}
        places |= {Place(names[unit_no], log) for unit_no, log in logs}
        found = {origin_hash(f"{place.unit}/{place.log}"): place for place in places}
        return found | {origin_hash(origin): Place(origin, ROOT) for origin in names.values()}
