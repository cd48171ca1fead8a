"""A log read again against its signed root: what differs is found, and mended from a copy."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copyfile, copytree, rmtree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_client.checking.copies import Copy
from fenhe_client.checking.databases import is_sound
from fenhe_client.checking.healing import HERE, Mend, heal
from fenhe_client.checking.log_check import TREE, StoredLog, examine
from fenhe_client.stored.files import CHECKPOINT, FolderFiles
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint
from fenhe_protocol.note import parse_note
from tests.client.unit_log import (
    TIERS,
    DictFetcher,
    Files,
    Publisher,
    QuickDisk,
    files_below,
    instrument,
)
from tests.laws import examples

LEAVES = 260  # a full block and the beginning of another


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log that grew in steps, so that partial tiles and bundles of several widths lie there."""
    folder = tmp_path_factory.mktemp("log")
    publisher = Publisher(folder)
    for start, stop in ((0, 3), (3, 250), (250, 258), (258, LEAVES)):
        publisher.publish([instrument(n) for n in range(start, stop)])
    return folder / "log"


def stored(folder: Path, head: Checkpoint | None = None) -> StoredLog:
    files = FolderFiles(folder, folder, log="catalogue", disk=QuickDisk())
    if head is None:
        raw = files.read(CHECKPOINT)
        assert raw is not None
        head = parse_checkpoint(parse_note(raw).text)
    return StoredLog(files, head, TIERS)


def copies(*files: Files) -> list[Copy]:
    return [Copy(f"copy {n}", lambda f=each: DictFetcher(f)) for n, each in enumerate(files)]  # type: ignore[misc]


def flip(file: Path, bit: int) -> None:
    raw = bytearray(file.read_bytes())
    raw[bit // 8 % len(raw)] ^= 1 << bit % 8
    file.write_bytes(raw)


def test_a_whole_log_has_nothing_wrong(published: Path) -> None:
    assert examine(stored(published)).paths == ()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch")


def fresh(scratch: Path, published: Path) -> Path:
    rmtree(scratch)
    copytree(published, scratch)
    return scratch


@examples(25)
@given(data=st.data())
def test_a_flipped_bit_anywhere_is_found_and_mended(
    published: Path, scratch: Path, data: st.DataObject
) -> None:
    whole = files_below(published)
    folder = fresh(scratch, published)
    names = sorted(set(whole) - {CHECKPOINT})
    chosen = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True))
    for name in chosen:
        flip(folder / name, data.draw(st.integers(0, len(whole[name]) * 8 - 1)))
    assert examine(stored(folder)).paths
    mends = asyncio.run(heal(stored(folder), copies(whole)))
    assert {mend.path for mend in mends} == set(chosen)
    assert all(mend.healed_by for mend in mends)
    assert files_below(folder) == whole
    assert examine(stored(folder)).paths == ()


@pytest.mark.parametrize("keep", [0, 1, 31])
async def test_a_file_that_is_torn_or_gone_is_mended(
    published: Path, scratch: Path, keep: int
) -> None:
    whole = files_below(published)
    for name in sorted(set(whole) - {CHECKPOINT}):
        folder = fresh(scratch, published)
        (folder / name).write_bytes(whole[name][:keep])
        if keep == 1:
            (folder / name).unlink()
        mends = await heal(stored(folder), copies(whole))
        is_replaced = ".p/" in name and keep == 1  # may be swept away (feed §1)
        assert [m.path for m in mends] == [name] or is_replaced, name
        assert is_replaced or files_below(folder) == whole, name


async def test_tiles_need_nobody_and_what_does_is_told(published: Path, scratch: Path) -> None:
    whole, folder = files_below(published), fresh(scratch, published)
    damaged = ("tile/0/000", "tile/1/000.p/1", "tile/entries/001.p/4", "body/pub/000")
    for name in damaged:
        flip(folder / name, -99)
    mends = {mend.path: mend.healed_by for mend in await heal(stored(folder), ())}
    assert mends == dict(zip(damaged, (HERE, HERE, "", ""), strict=True))
    mends = {mend.path: mend.healed_by for mend in await heal(stored(folder), copies(whole))}
    assert mends == dict.fromkeys(damaged[2:], "copy 0")
    assert files_below(folder) == whole


async def test_a_tree_that_nothing_here_gives_is_told_as_a_whole(
    published: Path, scratch: Path
) -> None:
    folder = fresh(scratch, published)
    for name in ("tile/0/000", "tile/entries/000"):
        flip(folder / name, 1000)
    assert examine(stored(folder)).proven is None
    assert await heal(stored(folder), ()) == [Mend(TREE)]


async def test_a_copy_that_is_damaged_too_heals_nothing_wrongly(
    published: Path, scratch: Path
) -> None:
    whole, folder = files_below(published), fresh(scratch, published)
    bad = Files({name: raw[:-60] + bytes(60) for name, raw in whole.items()})
    for name in ("tile/entries/000", "body/hub/000"):
        flip(folder / name, len(whole[name]) * 8 - 99)  # older bundles have not come so far
    before = files_below(folder)
    mends = await heal(stored(folder), copies(bad))
    assert {mend.path: mend.healed_by for mend in mends}["tile/entries/000"] == ""
    assert files_below(folder) == before
    mends = await heal(stored(folder), copies(bad, whole))
    assert {mend.healed_by for mend in mends} == {"copy 1"}
    assert files_below(folder) == whole


async def test_everything_gone_but_the_signed_head_is_had_from_copies(
    published: Path, scratch: Path, tmp_path: Path
) -> None:
    whole, head = files_below(published), stored(published).head
    behind = Publisher(tmp_path / "behind").publish([instrument(n) for n in range(258)])
    folder = fresh(scratch, published)
    for name in set(whole) - {CHECKPOINT}:
        (folder / name).unlink()
    assert await heal(stored(folder, head), copies(behind)) == [Mend(TREE)]
    await heal(stored(folder, head), copies(behind, whole))
    mended = files_below(folder)
    assert mended == {name: raw for name, raw in whole.items() if name in mended}
    assert examine(stored(folder)).paths == ()


def test_a_database_that_a_killed_writer_left_is_no_damaged_one(tmp_path: Path) -> None:
    file, left = tmp_path / "one.sqlite", tmp_path / "left.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("CREATE TABLE t(a)")
        db.executemany("INSERT INTO t VALUES (?)", [(bytes(500),)] * 500)
        db.execute("PRAGMA cache_size = 1")
        db.execute("BEGIN")
        db.execute("UPDATE t SET a = zeroblob(600)")
        for suffix in ("", "-journal"):
            copyfile(f"{file}{suffix}", f"{left}{suffix}")
        db.execute("ROLLBACK")
    assert Path(f"{left}-journal").stat().st_size
    assert is_sound(left) and is_sound(tmp_path / "none.sqlite")
    left.write_bytes(left.read_bytes()[:9000])
    assert not is_sound(left)
