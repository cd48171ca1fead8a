"""The ledger of what a gateway has taken: nothing counts twice, nothing goes before its time."""

from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fenhe_client.stored.disk import Disk
from fenhe_hub.mirror.sealed_ledger import (
    KEPT_DAYS,
    Taken,
    as_erasure,
    dropped,
    due,
    forget_taken,
    mark_let_go,
    minus,
    note_taken,
    taken,
)
from fenhe_protocol.leaf import EraseLeaf

NOW = 1_795_392_000
LATER = NOW + KEPT_DAYS * 86_400
RANGES = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)).map(lambda p: (p[0], sum(p))))


def indices(ranges: list[tuple[int, int]]) -> set[int]:
    return {index for start, stop in ranges for index in range(start, stop)}


@given(RANGES, RANGES)
def test_minus_leaves_what_nothing_covers(
    ranges: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    rest = minus(ranges, others)
    assert indices(rest) == indices(ranges) - indices(others)
    assert all(a[1] < b[0] for a, b in pairwise(rest))


def test_what_was_taken_keeps_its_first_time(tmp_path: Path) -> None:
    note_taken(tmp_path, [(3, 6)], NOW)
    note_taken(tmp_path, [(0, 10)], NOW + 5)
    note_taken(tmp_path, [(2, 4)], NOW + 9)
    assert taken(tmp_path) == [Taken(0, 3, NOW + 5), Taken(3, 6, NOW), Taken(6, 10, NOW + 5)]


def test_nothing_is_due_before_ninety_days(tmp_path: Path) -> None:
    note_taken(tmp_path, [(3, 6)], NOW)
    note_taken(tmp_path, [(6, 7)], NOW + 1)
    assert due(tmp_path, LATER - 1) == ()
    assert due(tmp_path, LATER) == ((3, 6),)
    assert due(tmp_path, LATER + 1) == ((3, 7),)


def test_what_is_dropped_stays_dropped(tmp_path: Path) -> None:
    note_taken(tmp_path, [(3, 6), (8, 9)], NOW)
    assert list(as_erasure(tmp_path)) == []
    mark_let_go(tmp_path, [(3, 6)], Disk())
    forget_taken(tmp_path, [(3, 6)])
    note_taken(tmp_path, [(0, 9)], NOW + 5)
    assert dropped(tmp_path) == [(3, 6)]
    assert taken(tmp_path) == [Taken(0, 3, NOW + 5), Taken(6, 8, NOW + 5), Taken(8, 9, NOW)]
    assert list(as_erasure(tmp_path)) == [EraseLeaf(((3, 6),), ("nat",), "retention")]
