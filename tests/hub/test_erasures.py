"""Erased is erased, in whatever order it is told."""

import time

from hypothesis import given
from hypothesis import strategies as st

from fenhe_hub.erasures import TIERS, Erasures
from fenhe_protocol.leaf import EraseLeaf

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
    named = known.add(second)
    changed = {
        index // 256
        for tier in TIERS
        for index in range(2200)
        if known.covers(index, tier) != before.covers(index, tier)
    }
    assert named == changed
    assert known.add(second) == set()


def test_what_is_erased_of_a_block_is_cut_to_it() -> None:
    known = Erasures({"pub": [(10, 300)], "hub": [(600, 700)]})
    assert known.within("pub", 256, 512) == ((256, 300),)
    assert known.within("hub", 256, 512) == ()


def test_a_unit_that_erases_leaf_by_leaf_costs_only_itself() -> None:
    known, begun = Erasures(), time.process_time()
    for index in range(0, 40_000, 2):
        assert known.add(EraseLeaf(((index, index + 1),), ("hub",), "law")) == {index // 256}
    assert len(known.ranges["hub"]) == 20_000
    assert time.process_time() - begun < 5  # 200 s where every range was looked at each time
