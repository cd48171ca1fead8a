"""What a log still lacks, in bits, is what the index lists row by row."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from fenhe_hub.index.gap_rows import insert_gaps, runs_between
from fenhe_hub.index.tables import TIERS
from fenhe_hub.ingest.gaps import Gaps, missing_at, read_gaps
from fenhe_protocol.limits import BLOCK

TABLE = """CREATE TABLE gap(log_no INTEGER, idx INTEGER, tier INTEGER, stop INTEGER,
    PRIMARY KEY(log_no, idx, tier)) WITHOUT ROWID"""
LOG = 7
Lacking = dict[int, set[int]]
"""By number of the tier."""

stretches = st.builds(
    lambda start, length: range(start, start + length), st.integers(0, 900), st.integers(1, 300)
)
indices = st.one_of(
    st.sets(st.integers(0, 1200), max_size=30),
    st.lists(stretches, max_size=3).map(lambda made: {index for each in made for index in each}),
)
lacking = st.dictionaries(st.integers(0, 2), indices)


def written(made: Lacking) -> sqlite3.Connection:
    """An index with these gaps, and with some of another log."""
    db = sqlite3.connect(":memory:")
    db.execute(TABLE)
    for log, each in ((LOG, made), (LOG + 1, {1: {3, 300}})):
        for tier, found in each.items():
            for block in range(6):
                here = sorted(found.intersection(range(block * BLOCK, (block + 1) * BLOCK)))
                insert_gaps(db, runs_between(log, tier, here))
    return db


def by_tier(gaps: Gaps) -> Lacking:
    return {number: found for number, tier in enumerate(TIERS) if (found := gaps.indices(tier))}


@given(lacking)
def test_runs_are_the_rows_one_by_one(made: Lacking) -> None:
    with closing(written(made)) as db:
        rows = db.execute("SELECT idx, stop, tier FROM gap WHERE log_no = ?", [LOG]).fetchall()
    listed = sorted((i, tier) for start, stop, tier in rows for i in range(start, stop))
    assert listed == sorted((i, tier) for tier, found in made.items() for i in found)
    for tier, found in made.items():
        runs = runs_between(LOG, tier, sorted(found))
        steps = groupby(enumerate(sorted(found)), key=lambda each: each[1] - each[0])
        assert len(runs) == len(list(steps))


@given(lacking)
def test_bits_say_what_the_rows_say(made: Lacking) -> None:
    with closing(written(made)) as db:
        gaps, listed = read_gaps(db, LOG), list(missing_at(db, LOG))
    assert listed == [
        (i, TIERS[tier]) for i, tier in sorted((i, t) for t, found in made.items() for i in found)
    ]
    assert by_tier(gaps) == {tier: found for tier, found in made.items() if found}
    assert {tier: set(blocks) for tier, blocks in gaps.blocks.items()} == {
        TIERS[tier]: {index // BLOCK for index in found} for tier, found in made.items() if found
    }
    for number, tier in enumerate(TIERS):
        found = made.get(number, set())
        assert {i for i in range(1300) if gaps.lacks(i, tier)} == found


@given(lacking, st.dictionaries(st.sampled_from(TIERS), st.sets(st.integers(0, 5))))
def test_only_what_is_asked_for_is_told(made: Lacking, only: Mapping[str, set[int]]) -> None:
    with closing(written(made)) as db:
        gaps = read_gaps(db, LOG, only)
    for number, tier in enumerate(TIERS):
        asked = {i for i in made.get(number, ()) if i // BLOCK in only.get(tier, ())}
        assert gaps.indices(tier) == asked


@given(lacking, lacking)
def test_a_body_came_where_one_is_missing_no_more(before: Lacking, after: Lacking) -> None:
    with closing(written(before)) as db:
        gaps = read_gaps(db, LOG)
    for block in range(6):
        here = range(block * BLOCK, (block + 1) * BLOCK)
        missing = {TIERS[tier]: found.intersection(here) for tier, found in after.items()}
        came = any(
            found.intersection(here) - after.get(tier, set()) for tier, found in before.items()
        )
        assert gaps.came(block, missing) == came
