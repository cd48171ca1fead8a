"""What is kept against units, for terminal and console: all of it, or one piece. `all_kept`."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from fenhe_client.evidence_check import members, told_fault
from fenhe_client.stored.disk import Disk
from fenhe_hub.home import Home
from fenhe_hub.index.read import lacking_tiers
from fenhe_hub.mirror.accusing import accuse_withheld
from fenhe_hub.mirror.evidence import KeptEvidence, keep_file, kept_evidence
from fenhe_protocol.error_texts import Text
from fenhe_protocol.errors import InputError
from fenhe_protocol.root_document import root_key_name

_PLACE = re.compile(r"(?P<origin>[^#\s]+)#(?P<index>0|[1-9][0-9]{0,15})")


@dataclass(frozen=True, slots=True)
class Found:
    """One piece of evidence, and against which log, or whose root keys; `uscc` is its unit's."""

    origin: str
    kept: KeptEvidence
    uscc: str = ""

    @property
    def fault(self) -> Text:
        """What it proves, in words."""
        return told_fault(self.kept.conviction)

    def facts(self) -> dict[str, Any]:
        """For programs."""
        return {"id": self.kept.id, **members(self.kept.conviction)}

    def line(self) -> str:
        """For people."""
        return f"{self.kept.id}  {self.origin}\n  {self.fault.zh}\n  {self.fault.en}"


def all_kept(home: Home, db: sqlite3.Connection) -> Iterator[Found]:
    """All of it, by logs and then by whose root keys signed two documents."""
    logs = db.execute(
        "SELECT l.origin, u.uscc FROM log l JOIN unit u USING(unit_no) ORDER BY log_no"
    ).fetchall()
    units = db.execute("SELECT origin, uscc FROM unit ORDER BY unit_no").fetchall()
    roots = ((root_key_name(origin), uscc) for origin, uscc in units)
    for origin, uscc in chain(logs, roots):
        for kept in kept_evidence(home, origin):
            yield Found(origin, kept, uscc)


def one_kept(home: Home, db: sqlite3.Connection, what: str) -> Found:
    """The one of this id, or made now for a leaf `<log>#<index>`; InputError `evidence.absent`."""
    if place := _PLACE.fullmatch(what):
        return _lacking(home, db, place["origin"], int(place["index"]))
    for found in all_kept(home, db):
        if found.kept.id == what:
            return found
    raise InputError("evidence.absent", where=what, advice="fenhe-hub evidence")


def _lacking(home: Home, db: sqlite3.Connection, origin: str, index: int) -> Found:
    """Make the evidence that bodies of this leaf were committed to and did not come."""
    tiers = lacking_tiers(db, origin, index)
    if not tiers:
        raise InputError("evidence.absent", where=f"{origin}#{index}")
    return Found(
        origin, keep_file(home, origin, accuse_withheld(home, origin, index, tiers), Disk())
    )
