"""Whatever came, changed and went: the sets are those that looking at every row gives."""

import sqlite3
from collections import defaultdict
from contextlib import closing

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_hub.index import row_sets
from fenhe_hub.index.facets import FACETS
from fenhe_hub.index.frequent import WORD, frequent_words
from fenhe_hub.index.row_sets import Mark
from fenhe_hub.index.rows import end_of_rows
from fenhe_hub.index.searchable import Searchable, create_tables, index_resources

NAMES = st.one_of(st.none(), st.text("核磁x1 ", max_size=5))
FEW = st.sampled_from([None, "a", "b"])
STATES = st.builds(
    lambda unit_no, number, name, rest, city, code, band, status: Searchable(
        unit_no,
        "instrument",
        f"A-{number}",
        None if name is None else orjson.dumps({"name_zh": name, "function": rest}),
        city,
        code,
        band,
        status,
    ),
    st.integers(1, 3),
    st.integers(0, 5),
    NAMES,
    st.text("核磁x1 ", max_size=3),
    FEW,
    FEW,
    FEW,
    FEW,
)


@pytest.mark.parametrize("sizes", [(8, 8, 1, 2), (8, 16, 2, 4), (64, 128, 4, 8)])
@given(batches=st.lists(st.lists(STATES, max_size=10), max_size=6))
def test_the_sets_are_what_looking_at_every_row_gives(
    sizes: tuple[int, int, int, int], batches: list[list[Searchable]]
) -> None:
    with (
        pytest.MonkeyPatch.context() as patch,
        closing(sqlite3.connect(":memory:", isolation_level=None)) as db,
    ):
        block, chunk, at_once, sample = sizes
        patch.setattr("fenhe_hub.index.rows._BLOCK", block)
        for module in ("row_sets", "walk", "facets", "frequent"):
            patch.setattr(f"fenhe_hub.index.{module}.CHUNK", chunk)
        patch.setattr("fenhe_hub.index.walk._AT_ONCE", at_once)
        patch.setattr("fenhe_hub.index.frequent._SAMPLE", sample)
        create_tables(db)
        there: dict[tuple[int, str], Searchable] = {}
        for batch in batches:
            index_resources(db, batch)
            there |= {(each.unit_no, each.id): each for each in batch}
            assert _kept(db) == _looked_up(db)
            assert {word for facet, word in _looked_up(db) if facet == WORD} == {
                *frequent_words(db)
            }
        db.execute("INSERT INTO search(search) VALUES('integrity-check')")
        shown = {key for key, each in there.items() if each.pub is not None}
        assert {*db.execute("SELECT unit_no, id FROM searched")} == shown


def _kept(db: sqlite3.Connection) -> dict[Mark, set[int]]:
    kept: defaultdict[Mark, set[int]] = defaultdict(set)
    for chunk, facet, value in db.execute("SELECT chunk, facet, value FROM marked").fetchall():
        rows = row_sets.set_of(db, chunk, (facet, value))
        first = chunk * row_sets.CHUNK
        kept[facet, value] |= {first + at for at in range(rows.bit_length()) if rows >> at & 1}
        assert rows and max(kept[facet, value]) < end_of_rows(db)
    return dict(kept)


def _looked_up(db: sqlite3.Connection) -> dict[Mark, set[int]]:
    found: defaultdict[Mark, set[int]] = defaultdict(set)
    words = frequent_words(db)
    rows = db.execute(
        f"SELECT row_no, name, rest, {', '.join(FACETS)} FROM searched JOIN search_text"
        " USING(row_no)"
    )
    for row_no, name, rest, *counted in rows:
        for mark in zip(FACETS, counted, strict=True):
            found[mark] |= {row_no} if mark[1] is not None else set()
        for word in words:
            if any(word in line for text in (name, rest) for line in text.split("\n")):
                found[WORD, word].add(row_no)
    return {mark: numbers for mark, numbers in found.items() if numbers}
