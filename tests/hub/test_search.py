import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fenhe_hub.index.facets import Facets, facets
from fenhe_hub.index.filters import Filters
from fenhe_hub.index.grams import TEXT_FIELDS, normalise, searched_texts, words
from fenhe_hub.index.hidden import hide_units
from fenhe_hub.index.search import ORDERS, find
from fenhe_hub.index.searchable import Searchable, create_tables, index_resources

NAMES = [
    "核磁共振波谱仪",
    "X射线衍射仪（XRD）",
    "扫描电子显微镜 SEM",
    "LC-MS/MS液质联用仪",
    "400MHz核磁",
    "热重-差热分析仪",
]
# Script borders, punctuation, case, widths, spaces, a pair of surrogates, a combining mark.
ALPHABET = "核磁共振仪XxＸray1１-/（）()·。 \t\u3000𠮷é\u0301ßﬁ"


def fresh() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    create_tables(connection)
    return connection


@pytest.fixture
def catalogue() -> Iterator[sqlite3.Connection]:
    connection = fresh()
    index_resources(connection, (row(number, name) for number, name in enumerate(NAMES)))
    yield connection
    connection.close()


def row(number: int, name: str, **fields: str) -> Searchable:
    pub = orjson.dumps({"name_zh": name, "kind": "instrument", **fields})
    return Searchable(
        unit_no=1 + number % 2,
        kind="instrument",
        id=f"A-{number}",
        pub=pub,
        city=("太原市", "大同市")[number % 2],
        class_code=f"01010{number % 3}",
        value_band=("from_20", "from_50", "from_200")[number % 3],
        status="normal",
    )


def ids(connection: sqlite3.Connection, query: str, **filters: object) -> set[str]:
    found = find(connection, query, Filters(**filters), limit=1000)  # type: ignore[arg-type]
    assert len(found) == facets(connection, query, Filters(**filters)).total  # type: ignore[arg-type]
    return {hit.id for hit in found}


@given(
    texts=st.lists(st.text(ALPHABET, max_size=12), max_size=6),
    query=st.text(ALPHABET, min_size=1, max_size=6),
)
def test_hits_are_those_of_a_scan_with_like(texts: list[str], query: str) -> None:
    connection = fresh()
    rows = [row(number, name, function=name[::-1]) for number, name in enumerate(texts)]
    index_resources(connection, rows)
    expected = {r.id for r in rows if all(scan(r, word) for word in words(query))}
    assert ids(connection, query) == expected
    connection.close()


def scan(searchable: Searchable, word: str) -> bool:
    texts = searched_texts(orjson.loads(searchable.pub or b"{}"))
    return any(word in line for text in texts for line in text.split("\n"))


@given(
    before=st.lists(st.text(ALPHABET, max_size=8), min_size=3, max_size=3),
    after=st.lists(st.one_of(st.none(), st.text(ALPHABET, max_size=8)), min_size=3, max_size=3),
    query=st.text(ALPHABET, min_size=1, max_size=3),
)
def test_a_changed_record_is_found_as_if_it_had_always_been_so(
    before: list[str], after: list[str | None], query: str
) -> None:
    changed, straight = fresh(), fresh()
    rows = [
        row(n, name) if name is not None else Searchable(1 + n % 2, "instrument", f"A-{n}", None)
        for n, name in enumerate(after)
    ]
    index_resources(changed, [row(n, name) for n, name in enumerate(before)])
    index_resources(changed, rows)
    index_resources(straight, rows)
    assert ids(changed, query) == ids(straight, query)
    assert facets(changed, "", Filters()) == facets(straight, "", Filters())
    changed.execute("INSERT INTO search(search) VALUES('integrity-check')")
    changed.close()
    straight.close()


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("核磁", {0, 4}),
        ("磁共振波", {0}),
        ("谱仪", {0}),
        ("x射", {1}),
        ("(xrd)", {1}),
        ("s/m", {3}),
        ("ｌｃ－ｍｓ", {3}),
        ("z核", {4}),
        ("仪", {0, 1, 3, 5}),
        ("核磁 400", {4}),
        ("差热 电子", set()),
        ("重-差", {5}),
        ('"', set()),
        ("*", set()),
    ],
)
def test_words_are_found_across_punctuation_and_borders_of_scripts(
    catalogue: sqlite3.Connection, query: str, hits: set[int]
) -> None:
    assert ids(catalogue, query) == {f"A-{number}" for number in hits}


def test_nothing_asked_finds_everything(catalogue: sqlite3.Connection) -> None:
    assert len(ids(catalogue, "  ")) == len(NAMES)


def test_filters_narrow_and_facets_count_what_is_left(catalogue: sqlite3.Connection) -> None:
    assert ids(catalogue, "仪", city="大同市") == {"A-1", "A-3", "A-5"}
    assert ids(catalogue, "", class_code="0101", unit_no=1) == {"A-0", "A-2", "A-4"}
    assert ids(catalogue, "", class_code="010102") == {"A-2", "A-5"}
    counted = facets(catalogue, "仪", Filters(kinds=("instrument",)))
    assert counted.total == 4
    assert counted.city == {"太原市": 1, "大同市": 3}
    assert counted.unit_no == {1: 1, 2: 3}


@pytest.mark.parametrize("query", ["", "仪"])
@pytest.mark.parametrize("order", ORDERS)
def test_pages_joined_are_the_whole_list_in_every_order(
    catalogue: sqlite3.Connection, order: str, query: str
) -> None:
    whole = find(catalogue, query, Filters(), order=order, limit=100)
    pages, after = [], None
    while page := find(catalogue, query, Filters(), order=order, limit=1, after=after):
        pages += page
        after = page[-1].place
    assert pages == whole
    assert len(whole) == facets(catalogue, query, Filters()).total


KINDS, CITIES, BANDS = ("instrument", "laboratory"), ("太原市", "大同市", None), ("from_20", None)


@dataclass(frozen=True)
class Step:
    """A record is put there, or taken out where it has no name."""

    number: int
    name: str | None
    city: str | None
    band: str | None

    def row(self) -> Searchable:
        pub = None if self.name is None else orjson.dumps({"name_zh": self.name})
        kind, id_ = KINDS[self.number % 2], f"A-{self.number}"
        class_code = f"01010{self.number % 3}"
        return Searchable(self.number % 4, kind, id_, pub, self.city, class_code, self.band)


STEPS = st.builds(
    Step,
    st.integers(0, 11),
    st.sampled_from(["核磁", "共振核", None]),
    st.sampled_from(CITIES),
    st.sampled_from(BANDS),
)
FILTERS = st.builds(
    Filters,
    kinds=st.sampled_from([(), KINDS[:1], KINDS]),
    unit_no=st.sampled_from([None, 1, 2, 9]),
    city=st.sampled_from(CITIES),
    class_code=st.sampled_from([None, "0101", "010102"]),
    value_band=st.sampled_from(BANDS),
)


@pytest.mark.parametrize(
    "sizes",
    [(64, 32_768, 4, 256), (8, 8, 1, 4), (8, 16, 4, 256)],
    ids=["in one", "in parts, with frequent words", "in several parts, walked at once"],
)
@given(
    batches=st.lists(st.lists(STEPS, max_size=8), max_size=4),
    query=st.sampled_from(["", "核", "共振", "无"]),
    filters=FILTERS,
    gone=st.sampled_from([(), (1,), (0, 3)]),
)
@example(  # those of a unit that is gone stand above all that is shown
    batches=[[Step(number, "核磁", None, None) for number in (0, 4, 8, 1, 5, 9)]],
    query="核",
    filters=Filters(),
    gone=(1,),
)
def test_facets_are_what_counting_the_rows_one_by_one_gives(
    sizes: tuple[int, int, int, int],
    batches: list[list[Step]],
    query: str,
    filters: Filters,
    gone: tuple[int, ...],
) -> None:
    with pytest.MonkeyPatch.context() as patch, closing(fresh()) as connection:
        block, chunk, at_once, sample = sizes
        patch.setattr("fenhe_hub.index.rows._BLOCK", block)
        for module in ("row_sets", "walk", "facets", "frequent"):
            patch.setattr(f"fenhe_hub.index.{module}.CHUNK", chunk)
        patch.setattr("fenhe_hub.index.walk._AT_ONCE", at_once)
        patch.setattr("fenhe_hub.index.frequent._SAMPLE", sample)
        for batch in batches:
            index_resources(connection, (step.row() for step in batch))
        connection.execute("CREATE TABLE unit(unit_no, state)")
        left = [(number, "retired") for number in gone]
        connection.executemany("INSERT INTO unit VALUES(?,?)", left)
        for table in ("finding", "resource", "log", "body", "head", "receipt", "skip", "lagging"):
            connection.execute(f"CREATE TABLE {table}(unit_no, log_no)")
        hide_units(connection)
        hits = {
            (hit.unit_no, hit.kind, hit.id) for hit in find(connection, query, filters, limit=1000)
        }
        rows = connection.execute(
            "SELECT unit_no, kind, id, city, class_code, value_band, status FROM searched"
        )
        found = [row for row in rows if row[:3] in hits]
        expected = [
            Counter(value for value in column if value is not None)
            for column in zip(*found, strict=True)
        ] or [Counter()] * 7
        unit_no, kind, _, *others = expected
        assert facets(connection, query, filters) == Facets(len(found), kind, unit_no, *others)


def test_a_hit_in_the_name_comes_first() -> None:
    connection = fresh()
    index_resources(connection, [row(0, "离心机", function="配核磁使用"), row(1, "核磁")])
    assert [hit.id for hit in find(connection, "核磁", Filters())] == ["A-1", "A-0"]
    connection.close()


def test_names_are_sorted_by_sound_and_value_from_the_top(catalogue: sqlite3.Connection) -> None:
    by_name = [hit.id for hit in find(catalogue, "", Filters(), order="name")]
    assert by_name == ["A-4", "A-3", "A-1", "A-0", "A-5", "A-2"]
    by_value = [hit.id for hit in find(catalogue, "", Filters(), order="value")]
    assert by_value[:2] == ["A-5", "A-2"]


def test_normalising_folds_width_case_and_white_space() -> None:
    assert normalise(" ＸＲＤ\u3000（Ⅳ）\n仪 ") == "xrd (iv) 仪"


@given(
    texts=st.lists(st.text(ALPHABET + "\n\u1e9e\uff9e\uff76\u1100\u1161", max_size=8), max_size=6)
)
def test_texts_are_normalised_together_as_each_by_itself(texts: list[str]) -> None:
    fields = dict(zip(TEXT_FIELDS, texts, strict=False))
    assert searched_texts(fields)[1] == "\n".join(normalise(text) for text in fields.values())
