"""Laws of a list: its links lead to exactly what is seen; turning its pages loses nothing."""

from urllib.parse import parse_qsl, urlsplit

from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import MultiDict

from fenhe_hub.console.table import Column, Filter, Listed, Table, View, has_words
from fenhe_hub.console.table_page import MOST_PAGES, export, shown

Row = tuple[str, int]
COLUMNS: tuple[Column[Row], ...] = (
    Column("name", "名称", "name", lambda r: r[0], sorts=True),
    Column("count", "数", "count", lambda r: r[1], sorts=True, form="number"),
    Column("other", "其他", "other", lambda r: "x"),
)
TABLE = Table(
    "/list",
    "list",
    COLUMNS,
    "name",
    (Filter("q", "词"), Filter("state", "状态", {"open": "开", "all": "全部"}, "open")),
    kept=("unit",),
)
QUERIES = st.dictionaries(
    st.sampled_from(["q", "state", "order", "page", "unit", "form", "z"]),
    st.one_of(st.text(max_size=20), st.sampled_from(["open", "all", "-count", "count", "7"])),
)


def asked(address: str) -> MultiDict[str]:
    return MultiDict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


@settings(max_examples=60)
@given(QUERIES)
def test_the_link_of_a_view_leads_to_exactly_this_view(query: dict[str, str]) -> None:
    view = TABLE.view(MultiDict(query))
    assert TABLE.view(asked(TABLE.address(view))) == view
    assert view.column in ("name", "count") and view.page >= 1
    assert view.of("state") in ("open", "all")


@settings(max_examples=40)
@given(st.lists(st.tuples(st.text(max_size=5), st.integers(0, 9)), max_size=120), QUERIES)
def test_pages_hold_each_row_that_fits_once_and_the_export_all_of_them(
    rows: list[Row], query: dict[str, str]
) -> None:
    source = Listed(COLUMNS, rows, {"q": has_words(lambda r: r[0])})
    view = TABLE.view(MultiDict(query))
    pages = shown(TABLE, view, source).pages
    turned = [shown(TABLE, View(view.filters, view.order, n + 1), source) for n in range(pages)]
    seen = [row for page in turned for row in page.lines]
    assert len(seen) == source.count(view) and pages <= MOST_PAGES
    assert sorted(seen) == sorted(row for row in rows if _fits(row, view.of("q")))
    lines = export(TABLE, view, source, "csv", 0).body.count(b"\r\n")
    assert lines >= 1 + len(seen)


def _fits(row: Row, typed: str) -> bool:
    return all(word in row[0].casefold() for word in typed.casefold().split())
