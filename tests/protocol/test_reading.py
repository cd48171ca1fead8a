from typing import Any

import pytest

from fenhe_protocol.checkpoint import Checkpoint, KeyRange, sign_checkpoint
from fenhe_protocol.errors import Forked, Refused
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.merkle import EMPTY_ROOT, CompactRange, leaf_hashes
from fenhe_protocol.reading import Grown, LogHead, Older, Unchanged, decide
from tests.protocol.memory_visit import MemoryReader, key_ranges
from tests.vectors import Case, as_bytes, load_cases

ORIGIN = "u1.example/fenhe/catalogue"
KEY = SigningKey.from_seed(bytes(range(32)))
KEYS = [KeyRange(KEY.public)]
LEAVES = leaf_hashes(b"%d" % number for number in range(300))


def tree(size: int) -> CompactRange:
    known = CompactRange()
    known.extend(LEAVES[:size])
    return known


def stored(level: int, index: int) -> bytes:
    part = CompactRange()
    part.extend(LEAVES[index << level : (index + 1) << level])
    return part.root()


def head(size: int) -> LogHead:
    return LogHead(ORIGIN, size, tree(size).root(), tree(size), signed(size))


def signed(size: int, root: bytes | None = None) -> bytes:
    return sign_checkpoint(Checkpoint(ORIGIN, size, root or tree(size).root()), KEY)


@pytest.mark.parametrize("case", load_cases("consistency"))
def test_consistency_vectors(case: Case) -> None:
    reader = MemoryReader(case.input["origin"], key_ranges(case.input["keys"]))
    files: dict[str, bytes] = {}
    visits: list[dict[str, Any]] = []
    for step in case.input["steps"]:
        files |= {path: as_bytes(form) for path, form in step["files"].items() if form is not None}
        for path in [path for path, form in step["files"].items() if form is None]:
            files.pop(path, None)
        visits.append({"outcome": reader.visit(files, now=case.now), "size": reader.head.size})
    assert visits == case.expected["visits"]


@pytest.mark.parametrize(
    ("size", "kind"), [(0, Older), (1, Older), (199, Older), (200, Unchanged), (201, Grown)]
)
def test_a_served_head_is_older_the_same_or_grown(size: int, kind: type) -> None:
    assert type(decide(head(200), signed(size), keys=KEYS, stored=stored)) is kind


@pytest.mark.parametrize("size", [1, 199, 200])
def test_another_root_at_a_size_already_verified_is_a_fork(size: int) -> None:
    other = signed(size, b"r" * 32)
    with pytest.raises(Forked) as caught:
        decide(head(200), other, keys=KEYS, stored=stored)
    assert caught.value.evidence == (signed(200), other)


def test_the_first_visit_starts_from_the_empty_tree() -> None:
    start = LogHead(ORIGIN)
    assert (start.size, start.root) == (0, EMPTY_ROOT)
    assert isinstance(decide(start, signed(0), keys=KEYS, stored=stored), Unchanged)


def test_a_checkpoint_above_the_end_of_a_log_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        decide(head(100), signed(151), keys=KEYS, stored=stored, end=(150, tree(150).root()))
    assert caught.value.code == "log.ended"


def test_another_root_at_the_end_of_a_log_is_a_fork() -> None:
    with pytest.raises(Forked) as caught:
        decide(head(100), signed(150), keys=KEYS, stored=stored, end=(150, b"r" * 32))
    assert caught.value.evidence == (signed(150),)


def test_an_ended_log_is_read_up_to_its_end() -> None:
    end = (150, tree(150).root())
    assert isinstance(decide(head(100), signed(150), keys=KEYS, stored=stored, end=end), Grown)


def test_a_stored_head_is_taken_up_with_its_range() -> None:
    assert LogHead.stored(Checkpoint(ORIGIN, 77, tree(77).root()), signed(77), stored) == head(77)


def test_a_stored_head_must_be_that_of_the_stored_tree() -> None:
    with pytest.raises(ValueError, match="not that of its head"):
        LogHead.stored(Checkpoint(ORIGIN, 77, tree(78).root()), b"", stored)
