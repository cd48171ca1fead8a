"""The writes of a sync are cut off after each: what was not flushed is lost, the next completes."""

import random
import shutil
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from fenhe_client.stored.head_store import HeadStore
from fenhe_hub.restoring.rebuild import rebuild
from tests.client.power_cut import Chance, Medium, QuickDisk, RecordingDisk, Step
from tests.hub.fake_node import FakeNode, deletion, instrument, service
from tests.hub.houses import reopened
from tests.hub.provinces import Province, founded
from tests.hub.test_sync_killed import assert_nothing_lost, assert_one_history, shown

pytestmark = pytest.mark.no_cover

TREES = ("public", "held", "mirror", "evidence")
Heads = list[tuple[object, ...]]


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path, units=1) as province:
        yield province


class WitnessingDisk(RecordingDisk):
    """Writes down, beside every step, which heads had been signed by then."""

    def __init__(self, steps: list[Step], heads: list[Heads], home: Path) -> None:
        super().__init__(steps)
        self._heads, self._home = heads, home

    def make_folder(self, folder: Path) -> None:
        self._witness()
        super().make_folder(folder)

    def write(self, path: Path, data: bytes) -> None:
        self._witness()
        super().write(path, data)

    def flush(self, path: Path) -> None:
        self._witness()
        super().flush(path)

    def flush_filesystem(self, handle: int) -> None:
        self._witness()
        super().flush_filesystem(handle)

    def rename(self, source: Path, target: Path) -> None:
        self._witness()
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        self._witness()
        super().unlink(path)

    def _witness(self) -> None:
        self._heads.append(heads_in(self._home))


def heads_in(home: Path) -> Heads:
    with closing(sqlite3.connect(home / "head.sqlite")) as database:
        return database.execute("SELECT * FROM head ORDER BY name").fetchall()


def as_steps(home: Path, copy: Path, trees: Sequence[str] = TREES) -> list[Step]:
    """The files that a former, undisturbed run left, as flushed steps."""
    steps: list[Step] = []
    for tree in trees:
        for path in sorted([copy / tree, *(copy / tree).rglob("*")]):
            place = home / path.relative_to(copy)
            data = None if path.is_dir() else path.read_bytes()
            steps.append(("folder", place, None) if data is None else ("write", place, data))
    return [*steps, ("flush all", Path(), None)]


def cut_home(copy: Path, into: Path, medium: Medium, heads: Heads, chance: Chance) -> str:
    """A home as a power cut leaves it; a digest of all that survived."""
    medium.survive(into, chance)
    for name in ("config.yaml", "registry.yaml"):
        shutil.copy2(copy / name, into / name)
    shutil.copytree(copy / "keys", into / "keys")
    HeadStore(into / "head.sqlite").get("")
    with closing(sqlite3.connect(into / "head.sqlite", isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.executemany("INSERT INTO head VALUES (?, ?, ?, ?, ?)", heads)
    files = sorted(path for path in into.rglob("*") if path.is_file() and "keys" not in path.parts)
    known = [f"{path.relative_to(into)} {path.read_bytes()!r}" for path in files]
    return sha256(repr((known, heads)).encode()).hexdigest()


def publish_much(node: FakeNode, turn: int) -> None:
    node.publish(
        *(instrument(f"A-{turn}-{n}") for n in range(3)),
        instrument(f"W-{turn}", status="no such status"),
        instrument(f"P-{turn}", model="13800138000"),
        instrument("A-1-0", model="corrected"),
        deletion("A-1-1"),
    )
    node.publish(*(service(f"S-{turn}-{n}") for n in range(3)), log="usage")


async def recorded(province: Province, copy: Path) -> tuple[list[Step], list[Heads]]:
    """One sync in peace, then one that is recorded: growth, late bodies, refusals, erasure."""
    (node,) = province.nodes
    home = province.hub.home.path
    publish_much(node, 1)
    late = node.withhold("catalogue", "body/hub/000")
    await province.sync_and_say(disk=QuickDisk())
    node.put_back("catalogue", "body/hub/000", late)
    publish_much(node, 2)
    node.erase(4, 5)
    shutil.copytree(home, copy)
    steps: list[Step] = []
    heads: list[Heads] = []
    await province.sync_and_say(disk=WitnessingDisk(steps, heads, home))
    return steps, [*heads, heads_in(home)]


@pytest.mark.parametrize("luck", ["none", "seed 1"])
async def test_after_a_cut_anywhere_the_next_sync_completes(
    province: Province, tmp_path: Path, luck: str
) -> None:
    home, copy = province.hub.home.path, tmp_path / "copy"
    steps, heads = await recorded(province, copy)
    before = as_steps(home, copy)
    source, digests = random.Random(luck), set[str]()
    for count in range(len(steps) + 1):
        medium = Medium(home, [*before, *steps[:count]])
        into = tmp_path / f"cut-{count}"
        chance = (lambda: False) if luck == "none" else (lambda: source.random() < 0.5)
        digest = cut_home(copy, into, medium, heads[count], chance)
        if digest not in digests:
            digests.add(digest)
            await check_that_it_completes(province, into, copy, stale_index=count % 2 == 0)
        shutil.rmtree(into)
    assert len(digests) > 20, (len(digests), len(steps))


async def check_that_it_completes(
    province: Province, home: Path, copy: Path, *, stale_index: bool
) -> None:
    """Sync the home that is left, with no index or the one of before the recorded sync."""
    if stale_index:
        shutil.copy2(copy / "index.sqlite", home / "index.sqlite")
    hub = reopened(province.hub, home)
    after = Province(hub, province.nodes, province.now)
    seen = shown(after)
    reports, _ = await after.sync_and_say(disk=QuickDisk())
    assert all(report.whole for report in reports), reports
    assert_one_history(after, seen | shown(after))
    assert_nothing_lost(after)
    dump = after.dump()
    rebuild(hub)
    assert after.dump() == dump
