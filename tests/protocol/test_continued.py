"""That a tree goes on from another, shown from its edge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.continued import proof_on
from fenhe_protocol.merkle import (
    CompactRange,
    consistency_proof,
    leaf_hash,
)
from tests.protocol.accused import leaves, tree


@given(st.integers(1, 70), st.integers(0, 70), st.integers(1, 20))
def test_the_way_on_from_an_edge_is_that_of_the_whole_tree(
    before: int, more: int, piece: int
) -> None:
    hashes = [leaf_hash(each) for each in leaves("w", before + more)]
    edge = CompactRange()
    edge.extend(hashes[:before])
    later = [hashes[at : at + piece] for at in range(before, before + more, piece)]
    whole = tree(leaves("w", before + more))
    assert proof_on(edge, before + more, later) == consistency_proof(before, before + more, whole)


def test_a_leaf_too_few_is_noticed() -> None:
    with pytest.raises(ValueError, match="lacking"):
        proof_on(CompactRange(1, [bytes(32)]), 4, [[bytes(32)]])
