"""What was refused of one log, told to its unit alone (feed §10, `rejected`).

With it goes what the last visit to the log came to, and where: a whole visit that was refused
leaves nothing in the index, and the unit is told of that too (feed §6.3). And by which version of
each schema the hub judges, so that a node learns that it is older, or ahead of its hub.
"""

import sqlite3
from dataclasses import asdict, dataclass
from typing import Any

from fenhe_hub.agenda.planner import Outcome
from fenhe_hub.agenda.visits import Visit, last_visit
from fenhe_hub.home import Home
from fenhe_hub.index.lagging import lagging
from fenhe_hub.read_only import read_only
from fenhe_protocol.encoding import format_time
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.schema import SchemaSet

MOST = 10_000
_OF_THE_WAY = ("fetch.", "visit.")  # codes of DEFER that tell of the unit's files or of the network


@dataclass(frozen=True, slots=True)
class Rejected:
    """One refusal as the unit sees it; a `privacy` hit is never quoted."""

    index: int
    tier: str
    code: str
    expected: str
    found: str


def rejected(home: Home, origin: str, *, after: int = -1) -> dict[str, Any]:
    """The refusals of a log above index `after`, lowest first, some `MOST`; `more` says if cut."""
    with read_only(home.index) as db:
        rows = db.execute(
            "SELECT s.idx, s.tier, s.code, s.expected, s.found FROM skip s JOIN log l USING(log_no)"
            " WHERE l.origin = ? AND s.idx > ? ORDER BY s.idx, s.tier LIMIT ?",
            [origin, after, MOST + 3],
        ).fetchall()
        schemas = _schemas(db, origin)
    found = [Rejected(*row) for row in rows]
    if more := len(found) > MOST:
        # A leaf has at most three bodies: what is cut begins with a whole leaf.
        last = found[MOST].index
        found = [each for each in found if each.index < last]
    return {
        "origin": origin,
        "more": more,
        "rejected": [asdict(each) for each in found],
        "visit": _told(last_visit(home.visits, origin)),
        "schemas": schemas,
    }


def _schemas(db: sqlite3.Connection, origin: str) -> dict[str, dict[str, int]]:
    """For each kind of such a log the current version, and how many records lag behind it."""
    unit, _, log = origin.rpartition("/")
    schemas, family = SchemaSet.load(), split_log_name(log)[0]
    behind = {each.kind: each.records for each in lagging(db, unit)}
    kinds = (schemas.kind(name) for name in schemas.kinds)
    return {
        kind.kind: {"version": kind.version, "lagging": behind.get(kind.kind, 0)}
        for kind in kinds
        if kind.log == family
    }


def _told(visit: Visit | None) -> dict[str, Any] | None:
    """A visit as its unit may see it: of a fault of our own, nothing but the code."""
    if visit is None or visit.outcome == Outcome.NEW:
        return None
    theirs = visit.outcome != Outcome.DEFER or visit.code.startswith(_OF_THE_WAY)
    return {
        "at": format_time(visit.at),
        "outcome": visit.outcome,
        "code": visit.code,
        "place": visit.place if theirs else "",
        "expected": visit.expected if theirs else "",
        "found": visit.found if theirs else "",
        "remark": visit.remark,
        "seen_at": None if visit.seen_at is None else format_time(visit.seen_at),
    }
