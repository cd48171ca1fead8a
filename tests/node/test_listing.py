from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from fenhe_node.pages.listing import ORDERS, PER_PAGE, Query, find, page_of, read_query
from fenhe_node.published import Published

TEXT = st.text(max_size=8)


@st.composite
def published(draw: st.DrawFn) -> list[Published]:
    names = draw(st.lists(st.tuples(TEXT, TEXT), max_size=12))
    return [
        Published("instrument", f"{id}{n}", n, {"name_zh": name, "status": "normal"}, b"")
        for n, (id, name) in enumerate(names)
    ]


@given(published(), st.sampled_from(sorted(ORDERS)))
def test_an_order_turned_round_keeps_the_same_hits(records: list[Published], order: str) -> None:
    hits = find(records, Query(order=order))
    turned = find(records, Query(order=f"-{order}"))
    assert {r.id for r in hits} == {r.id for r in turned} == {r.id for r in records}
    by = ORDERS[order]
    assert [by(r) for r in hits] == [by(r) for r in turned][::-1]


@given(published(), TEXT)
def test_a_hit_holds_every_word(records: list[Published], text: str) -> None:
    query = read_query({"q": text})
    hits = find(records, query)
    for record in records:
        words = query.text.casefold().split()
        whole = f"{record.id}\n{record.fields['name_zh']}".casefold()
        assert (record in hits) == all(word in whole for word in words)


@given(st.integers(0, 500), st.integers(-5, 20))
def test_pages_cut_the_hits_and_never_run_past_the_end(total: int, number: int) -> None:
    hits = [Published("instrument", str(n), n, {}, b"") for n in range(total)]
    page = page_of(hits, number)
    assert 1 <= page.number <= page.pages
    assert page.total == total
    rows = [row for n in range(1, page.pages + 1) for row in page_of(hits, n).rows]
    assert rows == hits
    assert len(page.rows) <= PER_PAGE


@given(st.dictionaries(st.sampled_from(["q", "kind", "status", "sort", "page"]), TEXT))
def test_whatever_the_address_bar_says_is_a_query_whose_link_says_the_same(
    members: dict[str, str],
) -> None:
    query = read_query(members)
    assert read_query(URL(query.link()).query) == query


def test_chinese_names_stand_in_the_order_of_pinyin() -> None:
    names = ["质谱仪", "电镜", "核磁", "流式细胞仪"]
    records = [Published("instrument", n, 0, {"name_zh": n}, b"") for n in names]
    assert [r.name for r in find(records, Query())] == ["电镜", "核磁", "流式细胞仪", "质谱仪"]
