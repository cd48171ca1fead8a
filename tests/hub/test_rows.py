import sqlite3
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from fenhe_hub.index.rows import TABLES, Span, allot, end_of_rows, spans, within


@given(asked=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 100)), max_size=12))
def test_each_row_gets_a_number_of_its_own_in_a_stretch_of_its_unit(
    asked: list[tuple[int, int]],
) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        for statement in TABLES:
            db.execute(statement)
        given_out: dict[int, int] = {}
        for unit_no, count in asked:
            numbers = list(allot(db, unit_no, count))
            assert len(numbers) == count and numbers == sorted(numbers)
            assert not given_out.keys() & set(numbers)
            given_out |= dict.fromkeys(numbers, unit_no)
        stretches = spans(db, None)
        owner = {no: each.unit_no for each in stretches for no in range(each.first, each.stop)}
        assert all(owner[number] == unit_no for number, unit_no in given_out.items())
        assert sum(each.stop - each.first for each in stretches) == len(owner)
        assert end_of_rows(db) > max(given_out, default=0)


@given(
    lengths=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5)), max_size=8), data=st.data()
)
def test_what_lies_within_bounds_is_what_looking_at_each_number_gives(
    lengths: list[tuple[int, int]], data: st.DataObject
) -> None:
    stretches, end = list[Span](), 0
    for unit_no, (gap, length) in enumerate(lengths):
        stretches.append(Span(end + gap, end + gap + length, unit_no))
        end += gap + length
    first, stop = sorted(data.draw(st.tuples(*[st.integers(0, end + 2)] * 2)))
    found = {
        (first + place, each.unit_no)
        for each in within(stretches, first, stop)
        for place in range(each.first, each.stop)
    }
    everything = {(no, each.unit_no) for each in stretches for no in range(each.first, each.stop)}
    assert found == {each for each in everything if first <= each[0] < stop}
