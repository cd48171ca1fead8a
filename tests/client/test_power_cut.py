"""A publish is cut off after every single step; the next start must finish or forget it."""

import random
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from fenhe_client.stored import disk
from fenhe_client.stored.head_store import Head, HeadStore
from fenhe_protocol.merkle import EMPTY_ROOT
from tests.client.power_cut import Chance, Medium, QuickDisk, RecordingDisk, RecordingHeads, Step
from tests.client.written_log import (
    KEY,
    NOW,
    ORIGIN,
    Written,
    entries_of,
    log_in,
    records,
    verified,
)

pytestmark = pytest.mark.no_cover

SIZES = (0, 250, 270)


def recorded(home: Path) -> list[Step]:
    """The steps of a first start and two publishes; the second fills a block and begins one."""
    home.mkdir()
    steps: list[Step] = []
    heads = RecordingHeads(home / "head.sqlite", steps)
    log = log_in(home, disk=RecordingDisk(steps), heads=heads)
    for old, new in pairwise(SIZES):
        log.writer.publish(records(old, new - old), key=KEY, now=NOW)
    assert verified(log.files).size == SIZES[-1]
    return steps


def chance_of(luck: str) -> Chance:
    """Nothing unflushed survives, or each thing by itself may."""
    if luck == "none":
        return lambda: False
    source = random.Random(luck)
    return lambda: source.random() < 0.5


def cut(home: Path, steps: list[Step], into: Path, chance: Chance) -> Head | None:
    """Restore into a new home what a power cut after these steps leaves; the head signed last."""
    medium = Medium(home, steps)
    medium.survive(into, chance)
    if medium.head is not None:
        restore_head(into / "head.sqlite", medium.head)
    return medium.head


def restore_head(path: Path, head: Head) -> None:
    HeadStore(path).get(ORIGIN)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        row = (ORIGIN, head.size, head.root, head.signed_at, head.reaching)
        database.execute("INSERT INTO head VALUES (?, ?, ?, ?, ?)", row)


@pytest.mark.parametrize(
    ("luck", "many_files"),
    [("none", 2), ("none", 10_000), ("seed 1", 2), ("seed 2", 10_000)],
)
def test_after_a_cut_anywhere_the_next_start_completes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, luck: str, many_files: int
) -> None:
    monkeypatch.setattr(disk, "MANY_FILES", many_files)  # from which on syncfs is used
    steps = recorded(tmp_path / "before")
    roots = {step.size: step.root for _, _, step in steps if isinstance(step, Head)}
    for count in range(len(steps) + 1):
        home = tmp_path / f"cut-{count}"
        signed = cut(tmp_path / "before", steps[:count], home, chance_of(luck))
        log = log_in(home, disk=QuickDisk())
        head = log.writer.recover(key=KEY, now=NOW)
        expected = (signed.size, signed.root) if signed else (0, EMPTY_ROOT)
        assert (head.size, head.root) == expected, steps[count - 1][:2]
        assert verified(log.files).root == roots[head.size]
        assert [path for path in home.rglob(".*") if "body" in path.parts] == []
        if count % 4 == 0:
            check_that_it_goes_on(log)


def check_that_it_goes_on(log: Written) -> None:
    size = verified(log.files).size
    kept = entries_of(log.files, size)
    again = log.writer.publish(records(size, 20), key=KEY, now=NOW)
    assert verified(log.files).root == again.root
    assert entries_of(log.files, again.size)[:size] == kept


def test_the_cut_model_loses_what_is_not_flushed(tmp_path: Path) -> None:
    home, path = tmp_path / "before", tmp_path / "before" / "file"
    home.mkdir()
    steps: list[Step] = [("write", path, b"data")]
    assert surviving(home, tmp_path / "a", steps) == {}
    steps += [("flush", home, None)]
    assert surviving(home, tmp_path / "b", steps) == {"file": b""}
    steps += [("flush", path, None)]
    assert surviving(home, tmp_path / "c", steps) == {"file": b"data"}
    steps += [("rename", path, home / "moved")]
    assert surviving(home, tmp_path / "d", steps) == {"file": b"data"}
    steps += [("flush", home, None)]
    assert surviving(home, tmp_path / "e", steps) == {"moved": b"data"}


def surviving(home: Path, into: Path, steps: list[Step]) -> dict[str, bytes]:
    Medium(home, steps).survive(into, lambda: False)
    return {path.name: path.read_bytes() for path in into.iterdir()}
