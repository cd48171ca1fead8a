from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    leaf_hashes,
    node_hash,
    perfect_root,
    verify_consistency,
    verify_inclusion,
)
from fenhe_protocol.subtree import MOST_HASHES, is_subtree, subtree_proof, verify_subtree

LEAVES = leaf_hashes(str(number).encode() for number in range(1200))


def stored(level: int, index: int) -> bytes:
    return perfect_root(LEAVES[index << level : (index + 1) << level])


def plain_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word, of at least one leaf."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(plain_root(leaves[:split]), plain_root(leaves[split:]))


def plain_proof(start: int, end: int, leaves: list[bytes], known: bool = True) -> list[bytes]:
    """SUBTREE_SUBPROOF of the draft, word for word."""
    if start == 0 and end == len(leaves):
        return [] if known else [plain_root(leaves)]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = leaves[:split], leaves[split:]
    if end <= split:
        return [*plain_proof(start, end, left, known), plain_root(right)]
    if split <= start:
        return [*plain_proof(start - split, end - split, right, known), plain_root(left)]
    return [*plain_proof(0, end - split, right, False), plain_root(left)]


@st.composite
def subtrees(draw: st.DrawFn) -> tuple[int, int, int]:
    """(start, end, size) of a valid subtree of a tree, small ones as often as large ones."""
    size = draw(st.integers(1, 40) | st.integers(1, len(LEAVES)))
    length = draw(st.integers(1, size))
    step = 1 << (length - 1).bit_length()
    start = draw(st.integers(0, (size - length) // step)) * step
    return start, start + length, size


def test_the_subtrees_of_small_trees_are_those_that_are_aligned() -> None:
    found = {(start, end) for start in range(9) for end in range(9) if is_subtree(start, end)}
    aligned = {(start, end) for start in range(8) for end in (start + 1,) if end < 9}
    aligned |= {(start, start + 2) for start in (0, 2, 4, 6)}
    aligned |= {(start, start + size) for size in (3, 4) for start in (0, 4)}
    aligned |= {(0, size) for size in (5, 6, 7, 8)}
    assert found == aligned
    assert not is_subtree(-4, 0)


def test_every_proof_of_every_small_tree_is_that_of_the_draft_and_verifies() -> None:
    for size in range(1, 36):
        leaves, root = LEAVES[:size], plain_root(LEAVES[:size])
        for start in range(size):
            for end in range(start + 1, size + 1):
                if not is_subtree(start, end):
                    continue
                proof = subtree_proof(start, end, size, stored)
                assert proof == plain_proof(start, end, leaves)
                assert verify_subtree(start, end, size, proof, plain_root(leaves[start:end]), root)


@given(subtrees())
def test_what_is_made_is_what_the_draft_defines(case: tuple[int, int, int]) -> None:
    start, end, size = case
    proof = subtree_proof(start, end, size, stored)
    assert proof == plain_proof(start, end, LEAVES[:size])
    assert len(proof) <= MOST_HASHES
    subtree, root = plain_root(LEAVES[start:end]), plain_root(LEAVES[:size])
    assert verify_subtree(start, end, size, proof, subtree, root)


@given(subtrees(), st.data())
def test_nothing_that_was_altered_verifies(case: tuple[int, int, int], data: st.DataObject) -> None:
    start, end, size = case
    proof = subtree_proof(start, end, size, stored)
    subtree, root = plain_root(LEAVES[start:end]), plain_root(LEAVES[:size])
    other = leaf_hash(b"another")
    assert not verify_subtree(start, end, size, proof, other, root)
    assert not verify_subtree(start, end, size, proof, subtree, other)
    assert not verify_subtree(start, end, size, [*proof, other], subtree, root)
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        altered = [*proof[:at], other, *proof[at + 1 :]]
        shorter = [*proof[:at], *proof[at + 1 :]]
        assert not verify_subtree(start, end, size, altered, subtree, root)
        assert not verify_subtree(start, end, size, shorter, subtree, root)


@given(
    st.integers(-2, 40),
    st.integers(-2, 40),
    st.integers(-2, 40),
    st.lists(st.binary(min_size=31, max_size=33), max_size=70),
)
def test_strangers_numbers_and_proofs_are_only_ever_refused(
    start: int, end: int, size: int, proof: list[bytes]
) -> None:
    assert not verify_subtree(start, end, size, proof, LEAVES[0], LEAVES[1])


@given(st.integers(1, 300), st.data())
def test_a_leaf_and_a_prefix_have_the_proofs_of_rfc_6962(size: int, data: st.DataObject) -> None:
    root = plain_root(LEAVES[:size])
    index = data.draw(st.integers(0, size - 1))
    path = subtree_proof(index, index + 1, size, stored)
    assert path == inclusion_proof(index, size, stored)
    assert verify_inclusion(index, size, LEAVES[index], path, root)
    older = data.draw(st.integers(1, size))
    proof = subtree_proof(0, older, size, stored)
    assert proof == consistency_proof(older, size, stored)
    assert verify_consistency(older, size, proof, plain_root(LEAVES[:older]), root)


def test_the_proof_in_the_example_of_tlog_witness_has_as_many_hashes_as_ours() -> None:
    assert len(subtree_proof(8, 13, 14, stored)) == 4
