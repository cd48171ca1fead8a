"""The mark of bodies that came late: set by visits, cleared by `fed`, both at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fenhe_client.stored.disk import Disk
from fenhe_hub.home import Home
from fenhe_hub.mirror.log import MirrorLog


class Flushes(Disk):
    """A disk that counts what it is asked to flush."""

    flushed = 0

    def flush(self, path: Path) -> None:
        self.flushed += 1
        super().flush(path)


@pytest.fixture
def log(tmp_path: Path) -> MirrorLog:
    return MirrorLog(Home(tmp_path), "u1.example/x/usage")


def test_the_lowest_index_stays_until_it_is_told(log: MirrorLog) -> None:
    assert (log.late(), log.late_mark()) == (None, None)
    log.clear_late(log.late_mark())
    for index in (700, 300, 900):
        log.add_late(index)
    assert log.late() == 300
    log.clear_late(log.late_mark())
    assert log.late() is None
    log.clear_late(None)


def test_what_came_while_it_was_told_stays(log: MirrorLog) -> None:
    log.add_late(300)
    mark = log.late_mark()
    log.add_late(300)
    log.clear_late(mark)
    assert log.late() == 300


def test_a_mark_set_again_stays_and_is_not_written_again(tmp_path: Path) -> None:
    disk = Flushes()
    log = MirrorLog(Home(tmp_path), "u1.example/x/usage", disk)
    log.add_late(300)
    before, disk.flushed = log.late_mark(), 0
    for index in (300, 700):
        mark = log.late_mark()
        log.renew_late(index)
        log.clear_late(mark)
        log.clear_late(before)
        assert (log.late(), disk.flushed) == (300, 0)
    log.clear_late(log.late_mark())
    log.renew_late(700)
    assert log.late() == 700
    log.renew_late(300)
    assert log.late() == 300


@pytest.mark.parametrize("damaged", [b"", b"?\n", b"0300\n"])
def test_a_damaged_mark_is_written_again(log: MirrorLog, damaged: bytes) -> None:
    log.add_late(300)
    (log.folder / "late").write_bytes(damaged)
    log.renew_late(300)
    assert (log.folder / "late").read_bytes() == b"0\n"


def test_setting_and_clearing_at_once_disturb_nobody(log: MirrorLog) -> None:
    with ThreadPoolExecutor(4) as threads:
        added = [threads.submit(log.add_late, index) for index in range(200)]
        cleared = [threads.submit(lambda: log.clear_late(log.late_mark())) for _ in range(200)]
        for each in (*added, *cleared):
            each.result()
