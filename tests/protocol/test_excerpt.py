"""Some leaves of a log under its root."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.excerpt import hashes_beside, root_over
from fenhe_protocol.merkle import CompactRange, HashReader, leaf_hash, perfect_root


def reader(leaves: list[bytes]) -> HashReader:
    return lambda level, index: perfect_root(leaves[index << level : (index + 1) << level])


@given(st.integers(0, 70), st.data())
def test_any_leaves_with_the_hashes_beside_them_come_to_the_root_and_nothing_else_does(
    size: int, data: st.DataObject
) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    indices = st.integers(0, size - 1) if size else st.nothing()
    shown = sorted(data.draw(st.sets(indices, max_size=size)))
    tree = CompactRange()
    tree.extend(leaves)
    beside = hashes_beside(size, shown, reader(leaves))
    some = {index: leaves[index] for index in shown}
    assert root_over(size, some, beside) == tree.root()
    for wrong in (beside[1:], [*beside, bytes(32)]):
        if wrong != beside:
            with pytest.raises(ValueError, match="hash"):
                root_over(size, some, wrong)
    for index in shown[:3]:
        assert root_over(size, some | {index: bytes(32)}, beside) != tree.root()
    if len(shown) == size:
        assert not beside


def test_a_leaf_beyond_the_size_is_refused() -> None:
    with pytest.raises(ValueError, match="beyond"):
        root_over(1, {1: bytes(32)}, [bytes(32)])
