"""The soak itself: a small town lives through it, and whatever is broken then is seen."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from fenhe_client.stored.files import FolderFiles
from fenhe_hub.mirror.log import MirrorLog
from tests.soak import laws
from tests.soak.records import instrument
from tests.soak.soak import Plan, Soak

pytestmark = pytest.mark.no_cover


def test_a_small_town_lives_through_a_week_and_what_is_broken_then_is_seen(tmp_path: Path) -> None:
    plan = Plan(units=6, kills=8, seed="8", epochs=2, visit_seconds=2)
    said: list[str] = []
    with Soak(plan, tmp_path, said.append) as soak:
        figures = soak.tell()
        assert len(said) == plan.epochs
        assert figures.kills and figures.town.erasures and figures.heads > 12
        assert figures.line().startswith("6 units, ")
        assert_a_lost_record_is_seen(soak)
        assert_another_state_is_seen(soak)
        assert_changed_bytes_are_seen(soak)
        assert_a_second_history_is_seen(soak)
        assert_what_comes_back_after_an_erasure_is_seen(soak)
        assert_a_record_that_does_not_come_is_seen(soak)


def assert_a_lost_record_is_seen(soak: Soak) -> None:
    assert laws.violations(soak.hub.home, soak.town.units) == []
    with changed(soak, "DELETE FROM body WHERE (log_no, idx) = (1000, 0)"):
        assert "lost [(0, 0, 'instrument'" in laws.violations(soak.hub.home, soak.town.units)[0]


def assert_another_state_is_seen(soak: Soak) -> None:
    with changed(soak, "UPDATE resource SET pub = replace(pub, '示例仪器', '示例一器')"):
        assert "示例一器" in laws.violations(soak.hub.home, soak.town.units)[0]


def assert_changed_bytes_are_seen(soak: Soak) -> None:
    unit = soak.town.units[0]
    assert list(laws.other_bytes(soak.hub.home, [unit])) == []
    with flipped(mirrored(soak, "catalogue").locate("body/pub/000")):
        assert list(laws.other_bytes(soak.hub.home, [unit])) != []


def assert_a_second_history_is_seen(soak: Soak) -> None:
    files = mirrored(soak, "catalogue")
    tile = max(files.paths("tile/0"), key=lambda path: files.locate(path).stat().st_size)
    assert list(soak.heads.violations(everything=True)) == []
    with flipped(files.locate(tile), at=3):
        assert list(soak.heads.violations(everything=True)) != []


def assert_what_comes_back_after_an_erasure_is_seen(soak: Soak) -> None:
    erased = next(mark for unit in soak.town.units for mark in unit.ledger.erased)
    assert list(laws.left_of_erased(soak.hub.home.path, soak.town.units)) == []
    left = soak.hub.home.path / "left.sqlite-wal"
    left.write_bytes(b"\0" * 9 + erased)
    assert str(left) in next(laws.left_of_erased(soak.hub.home.path, soak.town.units))


def assert_a_record_that_does_not_come_is_seen(soak: Soak) -> None:
    unit = soak.town.units[-1]
    unit.publish("catalogue", [instrument("A-late", random.Random(1))], soak.now + 60)
    assert unit.origin in laws.not_level(soak.hub.home, soak.town.units)[0]


def mirrored(soak: Soak, log: str) -> FolderFiles:
    return MirrorLog(soak.hub.home, f"{soak.town.units[0].origin}/{log}").files


@contextmanager
def flipped(file: Path, at: int = -2) -> Iterator[None]:
    """One bit of a file changed meanwhile."""
    raw = file.read_bytes()
    changed = bytearray(raw)
    changed[at] ^= 1
    file.write_bytes(changed)
    yield
    file.write_bytes(raw)


@contextmanager
def changed(soak: Soak, statement: str) -> Iterator[None]:
    """The index after a statement, and then as it was."""
    with (
        closing(sqlite3.connect(soak.hub.home.index, isolation_level=None)) as db,
        closing(sqlite3.connect(":memory:")) as before,
    ):
        db.backup(before)
        db.execute(statement)
        yield
        before.backup(db)
