"""What is remembered of witnesses may be lost, and never stands in the way."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fenhe_hub.witnessing.memory import WitnessMemory, WitnessStand

STAND = WitnessStand(
    "w.example/w+00000000+AAAA", "u1.example/fenhe/catalogue", 7, 1, 2, 3, "c", "f"
)


def test_a_stand_is_read_back_and_replaced(tmp_path: Path) -> None:
    file = tmp_path / "witnesses.sqlite"
    with WitnessMemory(file) as memory:
        memory.put(STAND)
        memory.put(WitnessStand("another", STAND.origin, 9))
    later = WitnessStand(STAND.witness, STAND.origin, 8)
    with WitnessMemory(file) as memory:
        assert memory.all(STAND.witness) == {STAND.origin: STAND}
        memory.put(later)
        assert memory.all(STAND.witness) == {STAND.origin: later}


@pytest.mark.parametrize("spoilt", [b"spoilt" * 100, b"", None])
def test_what_is_damaged_or_of_another_version_is_made_anew(
    tmp_path: Path, spoilt: bytes | None
) -> None:
    file = tmp_path / "witnesses.sqlite"
    if spoilt is not None:
        file.write_bytes(spoilt)
    else:
        with closing(sqlite3.connect(file)) as db:
            db.execute("CREATE TABLE stand(witness TEXT, size INTEGER)")
    with WitnessMemory(file) as memory:
        assert memory.all(STAND.witness) == {}
        memory.put(STAND)
        assert memory.all(STAND.witness) == {STAND.origin: STAND}


def test_what_cannot_be_written_is_forgotten_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "witnesses.sqlite"
    with WitnessMemory(file) as memory:
        with closing(sqlite3.connect(file)) as db:
            db.execute("DROP TABLE stand")
        memory.put(STAND)
    assert "no such table" in caplog.text
