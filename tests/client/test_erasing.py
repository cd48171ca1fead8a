"""Erased lines leave the body files of a stored log, and nothing else changes."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fenhe_client.stored.files import FolderFiles
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.erasing import (
    erase_lines,
    erased_in,
    holds,
    obey,
    ranges_of,
    stored_erasures,
    stored_size,
)
from fenhe_client.writing.feed_writer import FeedWriter, new_record
from fenhe_protocol.body import read_body_file
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.leaf import EraseLeaf, merge_ranges

KEY = SigningKey.from_seed(b"e" * 32)
UNIT = "u1.example/fenhe"
TIERS = ("pub", "hub")
RANGES = st.lists(
    st.tuples(st.integers(0, 700), st.integers(1, 300)).map(lambda r: (r[0], r[0] + r[1])),
    max_size=4,
)


class Written:
    """A log in a folder, written as its publisher would."""

    def __init__(self, folder: Path, log: str) -> None:
        self.log = log
        self.files = FolderFiles(folder / "public" / log, folder / "held" / log, log=log)
        folder.mkdir(parents=True, exist_ok=True)
        heads = HeadStore(folder / "head.sqlite")
        self._writer = FeedWriter(f"{UNIT}/{log}", self.files, heads)
        self._writer.recover(key=KEY, now=0)

    def publish(self, count: int, *leaves: EraseLeaf) -> None:
        bodies = {tier: b'{"tier":"%s"}' % tier.encode() for tier in TIERS}
        records = [new_record(self._writer.origin, bodies) for _ in range(count)]
        entries = [*records, *map(plain_entry, leaves)]
        self._writer.publish(entries, key=KEY, now=0)

    def lines(self, tier: str) -> dict[int, str]:
        paths = sorted(self.files.paths(f"body/{tier}"))
        raw = [self.files.read(path) or b"" for path in paths]
        blocks = [int(path[-3:]) for path in paths]
        found = (read_body_file(each, block)[0] for each, block in zip(raw, blocks, strict=True))
        return {line.index: line.salt for block in found for line in block}


def test_an_x_takes_away_the_lines_that_it_covers_and_no_other(tmp_path: Path) -> None:
    log = Written(tmp_path, "catalogue")
    log.publish(300)
    before = log.lines("pub")
    log.publish(0, EraseLeaf(((2, 4), (255, 258)), ("pub",), "law"))
    assert obey({"catalogue": log.files}) == 5
    kept = {index: salt for index, salt in before.items() if index not in (2, 3, 255, 256, 257)}
    assert log.lines("pub") == kept
    assert len(log.lines("hub")) == 300
    assert obey({"catalogue": log.files}) == 0


def test_a_file_without_lines_goes_and_so_does_what_a_kill_left_beside_it(tmp_path: Path) -> None:
    log = Written(tmp_path, "catalogue")
    log.publish(3)
    path = log.files.locate("body/pub/000")
    rest = path.with_name(".000.new")
    rest.write_bytes(path.read_bytes())
    log.publish(0, EraseLeaf(((0, 3),), None, "law"))
    assert obey({"catalogue": log.files}) == 6
    assert not path.exists() and not rest.exists()


def test_a_later_epoch_erases_in_an_earlier_one(tmp_path: Path) -> None:
    first, second = Written(tmp_path, "catalogue"), Written(tmp_path, "catalogue.2")
    first.publish(5)
    second.publish(5, EraseLeaf(((1, 3),), None, "error", "catalogue"))
    logs = {"catalogue": first.files, "catalogue.2": second.files}
    assert erased_in("catalogue.2", logs) == {}
    obey(logs)
    assert list(first.lines("pub")) == [0, 3, 4]
    assert list(second.lines("pub")) == [0, 1, 2, 3, 4]


def test_erasures_are_found_with_their_places(tmp_path: Path) -> None:
    log = Written(tmp_path, "usage")
    leaf = EraseLeaf(((0, 1),), ("hub",), "retention")
    log.publish(2, leaf)
    assert stored_size(log.files) == 3
    assert stored_erasures(log.files, "usage") == [(2, leaf)]


@given(ranges=RANGES, index=st.integers(0, 1100))
def test_an_index_is_held_by_ranges_as_by_looking_at_each(
    ranges: list[tuple[int, int]], index: int
) -> None:
    assert holds(merge_ranges(ranges), index) == any(a <= index < b for a, b in ranges)


def test_ranges_of_several_erasures_come_together_by_tier() -> None:
    leaves = [
        EraseLeaf(((0, 2),), ("pub",), "law"),
        EraseLeaf(((1, 4),), None, "law"),
    ]
    found = ranges_of(leaves)
    assert found["pub"] == ((0, 4),) and found["hub"] == ((1, 4),)


def test_without_ranges_no_file_is_looked_at(tmp_path: Path) -> None:
    log = Written(tmp_path, "catalogue")
    log.publish(1)
    assert erase_lines(log.files, {}) == 0
