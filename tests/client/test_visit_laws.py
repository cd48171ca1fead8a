"""Laws of visits: no flipped bit is admitted, and visits cut anywhere sum to one visit."""

import asyncio
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_client.reading.block_read import BlockRead, BlockReader
from fenhe_client.reading.bodies import keep_lines
from fenhe_client.reading.visit import LogReader, LogToRead, VisitReport
from fenhe_client.stored.spool_folder import SpoolFolder
from fenhe_client.stored.stored_head import load_head
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.errors import Deferred, FenheError, StoreError
from fenhe_protocol.leaf import HeartbeatLeaf
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.record import Record
from fenhe_protocol.schema import SchemaSet
from tests.client.memory_files import MemoryFiles
from tests.client.unit_log import (
    CATALOGUE,
    KEY,
    NOW,
    TIERS,
    USCC,
    DictFetcher,
    Files,
    Mirror,
    Publisher,
    QuickDisk,
    instrument,
)
from tests.laws import examples

pytestmark = pytest.mark.no_cover

LOG = LogToRead(CATALOGUE, USCC, (KeyRange(KEY.public),), TIERS)


def flipped(files: Files, path: str, bit: int) -> Files:
    raw = bytearray(files[path])
    raw[bit // 8] ^= 1 << bit % 8
    return Files(files | {path: bytes(raw)})


def bits(files: Files, path: str) -> range:
    return range(8 * len(files[path]))


class FlipReader:
    """Visits from a given state, in memory, and says what was admitted."""

    def __init__(self, folder: Path, state: Files) -> None:
        self.store = MemoryFiles()
        self.store.files = Files(state)
        self.records: list[bytes] = []
        spool = SpoolFolder(folder / "spool", log="catalogue", disk=QuickDisk())
        self._reader = LogReader(LOG, self.store, spool, SchemaSet.load())

    async def visit(self, files: Files) -> VisitReport:
        return await self._reader.visit(DictFetcher(files), now=NOW, take=self._take)

    def _take(self, read: BlockRead, fetched: Mapping[str, bytes]) -> Mapping[str, bytes]:
        for judged in read.tiers.values():
            self.records += [v.body for v in judged.verdicts.values() if isinstance(v, Record)]
        return keep_lines(read, fetched)


def lines_of(files: Mapping[str, bytes]) -> set[bytes]:
    bodies = (raw for path, raw in files.items() if path.startswith("body/"))
    return {line for raw in bodies for line in raw.splitlines()}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> list[Files]:
    """A log of two leaves, and the same with two more."""
    unit = Publisher(tmp_path_factory.mktemp("small"))
    one = [instrument(1, tiers=("pub",)), plain_entry(HeartbeatLeaf(NOW))]
    two = [instrument(2, tiers=("pub",)), plain_entry(HeartbeatLeaf(NOW + 1))]
    return [unit.publish(one), unit.publish(two)]


@pytest.mark.parametrize("path", ["checkpoint", "tile/entries/000.p/2"])
async def test_no_flipped_bit_in_head_or_entries_is_admitted(
    path: str, small: list[Files], tmp_path: Path
) -> None:
    for bit in bits(small[0], path):
        reader = FlipReader(tmp_path, Files())
        report = await reader.visit(flipped(small[0], path, bit))
        assert report.error is not None, bit
        assert (report.head.size, reader.store.files, reader.records) == (0, {}, [])


@pytest.mark.parametrize("path", ["checkpoint", "tile/entries/000.p/4"])
async def test_no_flipped_bit_in_a_grown_log_is_admitted(
    path: str, small: list[Files], tmp_path: Path
) -> None:
    for bit in bits(small[1], path):
        reader = FlipReader(tmp_path, small[0])
        report = await reader.visit(flipped(small[1], path, bit))
        assert report.head.size == 2, bit
        assert reader.store.files == small[0]


async def test_no_flipped_bit_in_a_body_file_is_admitted(
    small: list[Files], tmp_path: Path
) -> None:
    honest = lines_of(small[1])
    for bit in bits(small[1], "body/pub/000"):
        reader = FlipReader(tmp_path, Files())
        report = await reader.visit(flipped(small[1], "body/pub/000", bit))
        assert report.head.size == 4
        assert lines_of(reader.store.files) < honest, bit
        assert len(reader.records) < 2, bit


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> list[Files]:
    """One log at three sizes."""
    unit = Publisher(tmp_path_factory.mktemp("stages"))
    cuts = [0, 260, 520, 700]
    parts = [range(start, stop) for start, stop in pairwise(cuts)]
    tiers = [TIERS if number % 7 == 0 else ("pub",) for number in range(cuts[-1])]
    return [unit.publish([instrument(n, tiers=tiers[n]) for n in part]) for part in parts]


@examples(40)
@given(data=st.data())
def test_a_flipped_bit_anywhere_is_never_admitted(
    data: st.DataObject, stages: list[Files], tmp_path_factory: pytest.TempPathFactory
) -> None:
    files = stages[2]
    path = data.draw(st.sampled_from(sorted(p for p in files if not p.startswith("tile/0"))))
    bit = data.draw(st.integers(0, 8 * len(files[path]) - 1))
    state = data.draw(st.sampled_from([Files(), stages[0]]))
    reader = FlipReader(tmp_path_factory.getbasetemp(), state)
    asyncio.run(reader.visit(flipped(files, path, bit)))
    stored = reader.store.files
    assert lines_of(stored) <= lines_of(files)
    for name in stored.keys() - {path for path in stored if path.startswith("body/")}:
        assert stored[name] in (files.get(name), stages[0].get(name))


class Power(QuickDisk):
    """A disk whose power fails after so many changes."""

    def __init__(self) -> None:
        super().__init__()
        self.left: int | None = None

    def _change(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise OSError("no power")

    def write(self, path: Path, data: bytes) -> None:
        self._change()
        super().write(path, data)

    def rename(self, source: Path, target: Path) -> None:
        self._change()
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        self._change()
        super().unlink(path)


CUTS = st.one_of(
    st.tuples(st.just("visit.bytes"), st.integers(0, 20)),
    st.tuples(st.just("fetch.timeout"), st.integers(0, 20)),
    st.tuples(st.just("leaves"), st.integers(256, 400)),
    st.tuples(st.just("power"), st.integers(0, 60)),
    st.tuples(st.just("cancel"), st.integers(0, 20)),
)


@examples(25)
@given(plan=st.lists(st.tuples(st.integers(0, 2), CUTS), max_size=7))
def test_visits_cut_anywhere_sum_to_one_visit(
    plan: list[tuple[int, tuple[str, int]]], stages: list[Files]
) -> None:
    with TemporaryDirectory() as folder:
        finish(Path(folder) / "whole", stages[2])
        whole = Mirror(Path(folder) / "whole").files()
        size = 0
        for stage, cut in sorted(plan, key=lambda each: each[0]):
            cut_visit(Path(folder), stages[stage], *cut)
            head = load_head(Mirror(Path(folder)).store, CATALOGUE)
            assert head.size >= size, "a failure takes nothing back"
            size = head.size
        while finish(Path(folder), stages[2]):
            pass
        mirrored, spooled = Mirror(Path(folder)).files(), Mirror(Path(folder)).spooled()
    # Partial files of former heads may stand beside those of the last one.
    assert mirrored | whole == mirrored
    assert all(
        ".p/" in path and mirrored[path] == stages[2][path] for path in mirrored.keys() - whole
    )
    assert not [path for path in spooled if path.endswith("progress.json")]


def cut_visit(folder: Path, files: Files, kind: str, count: int) -> None:
    """One visit that ends before its time."""
    disk = Power()
    mirror = Mirror(folder, disk=disk)
    wanted = incomplete(mirror)
    left = [count]

    def before(path: str) -> FenheError | None:
        left[0] -= 1
        if left[0] < 0 and kind == "cancel":
            raise asyncio.CancelledError
        return Deferred(kind) if left[0] < 0 and kind in ("visit.bytes", "fetch.timeout") else None

    disk.left = count if kind == "power" else None
    leaves = count if kind == "leaves" else None
    visiting = mirror.reader().visit(
        DictFetcher(files, before), now=NOW, wanted=wanted, max_leaves=leaves
    )
    try:
        asyncio.run(visiting)
    except (StoreError, asyncio.CancelledError):
        assert kind in ("power", "cancel")


def finish(folder: Path, files: Files) -> bool:
    """A visit without a cut; whether there is more to come."""
    mirror = Mirror(folder)
    report = asyncio.run(
        mirror.reader().visit(DictFetcher(files), now=NOW, wanted=incomplete(mirror))
    )
    assert report.error is None
    return report.more


def incomplete(mirror: Mirror) -> dict[str, set[int]]:
    """The blocks that lack lines, as a hub finds them that makes its index again."""
    size = load_head(mirror.store, CATALOGUE).size
    reader = BlockReader(mirror.store, SchemaSet.load(), origin=CATALOGUE, unit=USCC, tiers=TIERS)
    found: dict[str, set[int]] = {}
    for block in range(-(-size // BLOCK)):
        for tier in reader.stored(block, size).missing():
            found.setdefault(tier, set()).add(block)
    return found
