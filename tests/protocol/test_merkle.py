import base64
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    leaf_hashes,
    node_hash,
    perfect_root,
    range_at,
    root_at,
    verify_consistency,
    verify_inclusion,
)
from tests.vectors import MERKLE_PROOFS, Case, absent, load_cases

SIZES = st.integers(min_value=0, max_value=600)


def leaves_of(size: int) -> list[bytes]:
    return leaf_hashes(str(number).encode() for number in range(size))


def plain_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962 §2.1, word for word."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else sha256().digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(plain_root(leaves[:split]), plain_root(leaves[split:]))


class Tree:
    """All leaf hashes in memory, as a HashReader."""

    def __init__(self, size: int) -> None:
        self.leaves = leaves_of(size)

    def __call__(self, level: int, index: int) -> bytes:
        return perfect_root(self.leaves[index << level : (index + 1) << level])

    def range(self, size: int) -> CompactRange:
        known = CompactRange()
        known.extend(self.leaves[:size])
        return known

    def root(self, size: int) -> bytes:
        return self.range(size).root()


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("size", [*range(20), 255, 256, 257])
def test_root_is_that_of_rfc_6962(size: int) -> None:
    assert Tree(size).root(size) == plain_root(leaves_of(size))


def test_empty_tree_has_the_hash_of_nothing() -> None:
    assert CompactRange().root() == EMPTY_ROOT == sha256(b"").digest()


@given(SIZES, SIZES)
def test_extending_in_two_steps_equals_appending_one_by_one(first: int, second: int) -> None:
    leaves = leaves_of(first + second)
    extended, appended = CompactRange(), CompactRange()
    extended.extend(leaves[:first])
    extended.extend(leaves[first:])
    for leaf in leaves:
        appended.append(leaf)
    assert extended == appended
    assert len(extended.hashes) == extended.size.bit_count()


@given(SIZES, SIZES)
def test_a_copy_goes_its_own_way(size: int, more: int) -> None:
    kept = Tree(size).range(size)
    copy = kept.copy()
    copy.extend(leaves_of(more))
    assert kept == Tree(size).range(size)
    assert copy.size == size + more


@pytest.mark.parametrize(
    ("size", "hashes"), [(1, []), (0, [b"a" * 32]), (3, [b"a" * 32]), (1, [b"a" * 31]), (-1, [])]
)
def test_a_range_of_the_wrong_shape_is_refused(size: int, hashes: list[bytes]) -> None:
    with pytest.raises(ValueError, match="no compact range"):
        CompactRange(size, hashes)


@given(SIZES, SIZES)
def test_former_roots_and_ranges_follow_from_the_stored_tree(old: int, more: int) -> None:
    tree = Tree(old + more)
    assert root_at(old, tree) == tree.root(old)
    assert range_at(old, tree) == tree.range(old)


@given(st.data(), st.integers(min_value=1, max_value=600))
def test_inclusion_proofs_verify_and_no_flip_does(data: st.DataObject, size: int) -> None:
    tree, index = Tree(size), data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(index, size, tree), tree.root(size)
    assert verify_inclusion(index, size, tree.leaves[index], proof, root)
    bit = data.draw(st.integers(0, 255))
    assert not verify_inclusion(index, size, flipped(tree.leaves[index], bit), proof, root)
    assert not verify_inclusion(index, size, tree.leaves[index], proof, flipped(root, bit))
    for at in range(len(proof)):
        changed = [*proof[:at], flipped(proof[at], bit), *proof[at + 1 :]]
        assert not verify_inclusion(index, size, tree.leaves[index], changed, root)
    assert not verify_inclusion(index, size, tree.leaves[index], [*proof, root], root)


@given(st.data(), st.integers(min_value=1, max_value=600))
def test_consistency_proofs_verify_and_no_flip_does(data: st.DataObject, size2: int) -> None:
    tree, size1 = Tree(size2), data.draw(st.integers(1, size2))
    proof, root1, root2 = consistency_proof(size1, size2, tree), tree.root(size1), tree.root(size2)
    assert verify_consistency(size1, size2, proof, root1, root2)
    bit = data.draw(st.integers(0, 255))
    assert not verify_consistency(size1, size2, proof, flipped(root1, bit), root2)
    assert not verify_consistency(size1, size2, proof, root1, flipped(root2, bit))
    for at in range(len(proof)):
        changed = [*proof[:at], flipped(proof[at], bit), *proof[at + 1 :]]
        assert not verify_consistency(size1, size2, changed, root1, root2)
    assert not verify_consistency(size1, size2, [*proof, root2], root1, root2)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_there_is_no_proof_for_a_leaf_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, size, Tree(3))


@pytest.mark.parametrize(("size1", "size2"), [(0, 3), (4, 3)])
def test_there_is_no_consistency_proof_from_nothing_or_backwards(size1: int, size2: int) -> None:
    with pytest.raises(ValueError, match="no consistency proof"):
        consistency_proof(size1, size2, Tree(3))


def proof_files(folder: str) -> list[Any]:
    paths = sorted((MERKLE_PROOFS / folder).glob("**/*.json"))
    found = [pytest.param(path, id=str(path.relative_to(MERKLE_PROOFS))) for path in paths]
    return found or absent(MERKLE_PROOFS)


def decoded(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def all_32_bytes(*hashes: bytes) -> bool:
    return all(len(each) == 32 for each in hashes)


@pytest.mark.parametrize("path", proof_files("inclusion"))
def test_inclusion_vectors(path: Path) -> None:
    case = json.loads(path.read_bytes())
    leaf, root = decoded(case["leafHash"]), decoded(case["root"])
    proof = [decoded(each) for each in case["proof"] or []]
    verified = verify_inclusion(case["leafIdx"], case["treeSize"], leaf, proof, root)
    assert verified is not case["wantErr"]


@pytest.mark.parametrize("path", proof_files("consistency"))
def test_consistency_vectors(path: Path) -> None:
    case = json.loads(path.read_bytes())
    root1, root2 = decoded(case["root1"]), decoded(case["root2"])
    proof = [decoded(each) for each in case["proof"] or []]
    verified = verify_consistency(case["size1"], case["size2"], proof, root1, root2)
    # One vector takes roots of 12 bytes for good; here every hash has 32.
    assert verified is (not case["wantErr"] and all_32_bytes(root1, root2))


@pytest.mark.parametrize("case", load_cases("tree"))
def test_tree_vectors(case: Case) -> None:
    size, expected = case.input["size"], case.expected
    known = CompactRange()
    known.extend([leaf_hash(b'{"k":"h","n":%d}' % number) for number in range(size)])
    assert known.root() == decoded(expected["root"])
    assert list(known.hashes) == [decoded(each) for each in expected["compact_range"]]
