"""Rows of `gap`, which are runs within a block: a new log may lack a million bodies for a while."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class GapRun(NamedTuple):
    """Bodies of one log and tier that are not here, at the leaves [start, stop) of one block."""

    log_no: int
    start: int
    stop: int
    tier: int


MISSING = "(SELECT ifnull(sum(g.stop - g.idx), 0) FROM gap g WHERE g.log_no = l.log_no)"
"""How many bodies the log `l` of a question lacks."""


def runs_between(log_no: int, tier: int, indices: Sequence[int]) -> list[GapRun]:
    """The runs of these indices of one block, which ascend."""
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
    """Add runs, each of one block, within the caller's transaction."""
    db.executemany("INSERT INTO gap(log_no, idx, stop, tier) VALUES (?, ?, ?, ?)", runs)
