"""What users from outside said of an instrument's services, as far as it may be shown.

A unit reports each rating with its service record, in tier `hub`; who gave it only the unit knows.
Shown are whole groups of `FEWEST`, the earliest first: no two looks at the page differ by the word
of one user, and fewer than that are not told from none. A user of the unit itself does not count.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from fenhe_hub.index.services import INTERNAL

FEWEST = 3  # as the schema has it for summaries of use


@dataclass(frozen=True, slots=True)
class Rated:
    """How many ratings are shown, and their average in tenths; both 0 where there are too few."""

    count: int
    average_tenths: int


def rated(ratings: Sequence[int]) -> Rated:
    """What may be shown of ratings 1 to 5 in their order. Pure."""
    count = len(ratings) - len(ratings) % FEWEST
    if not count:
        return Rated(0, 0)
    return Rated(count, (sum(ratings[:count]) * 20 + count) // (2 * count))


def ratings_of(db: sqlite3.Connection, unit_no: int, instrument: str) -> Rated:
    """The ratings of one instrument, as of the last check."""
    rows = db.execute(
        "SELECT rating FROM service WHERE unit_no = ? AND instrument = ? AND party != ?"
        " AND rating IS NOT NULL ORDER BY place",
        (unit_no, instrument, INTERNAL),
    )
    return rated([rating for (rating,) in rows])
