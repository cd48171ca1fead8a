"""Rows of `gap`, as runs: a log that is new may lack a million bodies for a while."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class GapRun(NamedTuple):
    """Bodies of one log and tier that are not here, at the leaves [start, stop)."""

    log_no: int
    start: int
    stop: int
    tier: int


_RUN = (
    "INSERT INTO gap WITH RECURSIVE leaf(idx) AS"
    " (SELECT ?2 UNION ALL SELECT idx + 1 FROM leaf WHERE idx + 1 < ?3)"
    " SELECT ?1, idx, ?4 FROM leaf"
)


def runs_between(log_no: int, tier: int, indices: Sequence[int]) -> list[GapRun]:
    """The runs of these indices, which ascend."""
    if indices and indices[-1] - indices[0] == len(indices) - 1:
        return [GapRun(log_no, indices[0], indices[-1] + 1, tier)]
    found: list[GapRun] = []
    for index in indices:
        start = index
        if found and found[-1].stop == index:
            start = found.pop().start
        found.append(GapRun(log_no, start, index + 1, tier))
    return found


def insert_gaps(db: sqlite3.Connection, runs: Iterable[GapRun]) -> None:
    """Add a row for each leaf, within the caller's transaction."""
    db.executemany(_RUN, runs)
