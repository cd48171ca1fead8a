"""Erased is erased, in whatever order it is told."""

from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.erasures import Erasures, blocks_of
from fenhe_protocol.leaf import TIERS, EraseLeaf
from tests.counting import counted

ranges = st.tuples(st.integers(0, 1500), st.integers(1, 600)).map(lambda r: (r[0], r[0] + r[1]))
tiers = st.none() | st.sets(st.sampled_from(TIERS), min_size=1).map(lambda t: tuple(sorted(t)))
leaves = st.builds(EraseLeaf, st.tuples(ranges), tiers, st.just("law"))


@given(st.lists(leaves, max_size=6), st.randoms())
def test_the_order_of_erasures_does_not_matter(erasures: list[EraseLeaf], random: object) -> None:
    one, other = Erasures(), Erasures()
    for leaf in erasures:
        one.add(leaf)
    for leaf in sorted(erasures, key=repr, reverse=True):
        other.add(leaf)
    assert one.ranges == other.ranges


@given(st.lists(leaves, max_size=5))
def test_covered_is_what_some_leaf_covers(erasures: list[EraseLeaf]) -> None:
    known = Erasures()
    for leaf in erasures:
        known.add(leaf)
    for tier in TIERS:
        for index in range(0, 2200, 37):
            assert known.covers(index, tier) == any(x.covers(index, tier) for x in erasures)


@given(leaves, leaves)
def test_only_blocks_with_news_are_named(first: EraseLeaf, second: EraseLeaf) -> None:
    known = Erasures()
    known.add(first)
    before = Erasures(known.ranges)
    named = blocks_of(known.add(second), 2200)
    changed = {
        index // 256
        for tier in TIERS
        for index in range(2200)
        if known.covers(index, tier) != before.covers(index, tier)
    }
    assert named == changed
    assert known.add(second) == {}


def test_what_is_erased_of_a_block_is_cut_to_it() -> None:
    known = Erasures({"pub": [(10, 300)], "hub": [(600, 700)]})
    assert known.within("pub", 256, 512) == ((256, 300),)
    assert known.within("hub", 256, 512) == ()


def test_an_erasure_of_any_number_names_no_more_blocks_than_there_are() -> None:
    known = Erasures()
    news = known.add(EraseLeaf(((3, 2**53 - 1),), ("hub",), "law", "catalogue"))
    assert blocks_of(news, 600) == {0, 1, 2}


def test_a_unit_that_erases_leaf_by_leaf_costs_only_itself() -> None:
    known, count = Erasures(), 20_000
    with counted() as calls:
        for index in range(0, 2 * count, 2):
            leaf = EraseLeaf(((index, index + 1),), ("hub",), "law")
            assert known.add(leaf) == {"hub": [(index, index + 1)]}
            assert known.add(leaf) == {}  # saying it again costs no more, and leaves nothing
    assert len(known.ranges["hub"]) == count
    assert max(calls.values()) < 20 * count  # 10^8 where every range is looked at each time
