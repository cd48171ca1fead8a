"""What was refused of one log, told to its unit alone (feed §10, `rejected`)."""

import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

MOST = 10_000


@dataclass(frozen=True, slots=True)
class Rejected:
    """One refusal as the unit sees it; a `privacy` hit is never quoted."""

    index: int
    tier: str
    code: str
    expected: str
    found: str


def rejected(index: Path, origin: str, *, after: int = -1) -> dict[str, Any]:
    """The refusals of a log above index `after`, lowest first, some `MOST`; `more` says if cut."""
    with closing(sqlite3.connect(f"{index.resolve().as_uri()}?mode=ro", uri=True)) as db:
        rows = db.execute(
            "SELECT s.idx, s.tier, s.code, s.expected, s.found FROM skip s JOIN log l USING(log_no)"
            " WHERE l.origin = ? AND s.idx > ? ORDER BY s.idx, s.tier LIMIT ?",
            [origin, after, MOST + 3],
        ).fetchall()
    found = [Rejected(*row) for row in rows]
    if more := len(found) > MOST:
        # A leaf has at most three bodies: what is cut begins with a whole leaf.
        last = found[MOST].index
        found = [each for each in found if each.index < last]
    return {"origin": origin, "more": more, "rejected": [asdict(each) for each in found]}
