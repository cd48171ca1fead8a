"""The working memory of visits."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.reading.visit import Outcome as Ended
from fenhe_client.reading.visit import VisitReport
from fenhe_hub.agenda.planner import Outcome
from fenhe_hub.agenda.visits import Visit, Visits
from fenhe_hub.index.source import LastVisit, last_visits
from fenhe_hub.visiting.verdict import visited
from fenhe_protocol.errors import Deferred, Refused
from fenhe_protocol.reading import LogHead

ORIGIN = "u1.example/fenhe/catalogue"
NOW = 1_795_392_065


def test_a_log_never_visited_is_new(tmp_path: Path) -> None:
    visits = Visits(tmp_path / "visits.sqlite")
    assert visits.get(ORIGIN).outcome == Outcome.NEW
    visits.close()


def test_a_verdict_is_stored_with_its_reason(tmp_path: Path) -> None:
    visits = Visits(tmp_path / "visits.sqlite")
    refused = Visit(
        ORIGIN, NOW, Outcome.REFUSE, "tile.size", "tile/0/000", "8192 bytes", "17", failures=3
    )
    visits.put(Visit(ORIGIN, NOW - 60, Outcome.GROWN))
    visits.put(refused)
    visits.close()
    again = Visits(tmp_path / "visits.sqlite")
    assert again.all() == {ORIGIN: refused}
    again.close()


def test_leaves_are_counted_by_the_day() -> None:
    visit = Visit(ORIGIN, day=NOW // 86_400, day_leaves=7)
    assert visit.leaves_today(NOW) == 7
    assert visit.leaves_today(NOW + 86_400) == 0


@pytest.mark.parametrize("lacking", [True, False])
def test_bodies_of_a_full_day_are_fetched_on_the_same_day(lacking: bool) -> None:
    report = VisitReport(Ended.OK, LogHead(ORIGIN), 0, more=True, leaves=9)
    report.missing = {"hub": {1}} if lacking else {}
    after = visited(Visit(ORIGIN), report, NOW, day_leaves=9)
    assert after.more == int(lacking)


@pytest.mark.parametrize(
    ("error", "came_late", "failures"),
    [
        (Refused("fetch.size"), False, 3),
        (Refused("fetch.size"), True, 0),
        (Deferred("fetch.absent"), False, 0),  # a body that is late may come at any time
    ],
)
def test_who_serves_endless_bodies_is_visited_ever_later(
    error: Refused | Deferred, came_late: bool, failures: int
) -> None:
    report = VisitReport(Ended.OK, LogHead(ORIGIN), 0, body_error=error)
    before = Visit(ORIGIN, failures=2)
    after = visited(before, report, NOW, day_leaves=9, came_late=came_late)
    assert (after.outcome, after.failures) == (Outcome.UNCHANGED, failures)


def test_the_planner_is_told_what_it_needs() -> None:
    turn = replace(Visit(ORIGIN), at=NOW, outcome=Outcome.DEFER, more=1, failures=2).turn("h")
    assert (turn.host, turn.more, turn.failures, turn.outcome) == ("h", True, 2, Outcome.DEFER)


def test_another_versions_memory_is_forgotten(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "visits.sqlite")) as db:
        db.execute("CREATE TABLE visit(origin TEXT PRIMARY KEY, mood TEXT)")
    visits = Visits(tmp_path / "visits.sqlite")
    visits.put(Visit(ORIGIN, NOW, Outcome.GROWN))
    assert visits.all() == {ORIGIN: Visit(ORIGIN, NOW, Outcome.GROWN)}
    visits.close()


def test_a_memory_that_lacks_a_column_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "visits.sqlite"
    visits = Visits(file)
    visits.put(Visit(ORIGIN, NOW, Outcome.REFUSE))
    visits.close()
    with closing(sqlite3.connect(file)) as db:
        db.execute("ALTER TABLE visit DROP COLUMN grown_at")
    assert last_visits(file) == {}  # the pages answer meanwhile, without it
    visits = Visits(file)
    assert visits.all() == {}
    visits.advised(ORIGIN, NOW)
    visits.put(Visit(ORIGIN, NOW, Outcome.GROWN))
    assert visits.all() == {ORIGIN: Visit(ORIGIN, NOW, Outcome.GROWN, advised_at=NOW)}
    assert last_visits(file) == {ORIGIN: LastVisit("grown", "", None, None)}
    visits.close()


@pytest.mark.parametrize("kept", [0, 1])
def test_a_damaged_memory_is_made_anew(tmp_path: Path, kept: int) -> None:
    file = tmp_path / "visits.sqlite"
    visits = Visits(file)
    for number in range(100):
        visits.put(Visit(f"u{number}.example/fenhe/catalogue", NOW, Outcome.GROWN))
    visits.close()
    raw, page = file.read_bytes(), 4096
    file.write_bytes(raw[: kept * page] + b"\xa5" * (len(raw) - kept * page))
    assert last_visits(file) == {}
    visits = Visits(file)
    visits.put(Visit(ORIGIN, NOW, Outcome.GROWN))
    assert visits.all() == {ORIGIN: Visit(ORIGIN, NOW, Outcome.GROWN)}
    visits.close()


def test_where_the_disk_takes_no_row_the_process_remembers(tmp_path: Path) -> None:
    visits = Visits(tmp_path / "visits.sqlite")
    visits.put(Visit(ORIGIN, NOW, Outcome.GROWN))
    with closing(sqlite3.connect(tmp_path / "visits.sqlite", isolation_level=None)) as other:
        visits._db.execute("PRAGMA busy_timeout = 0")
        other.execute("BEGIN IMMEDIATE")  # nobody else can write now
        visits.put(Visit(ORIGIN, NOW + 60, Outcome.DEFER, "fetch.connect"))
        assert visits.get(ORIGIN).at == NOW + 60
        other.execute("ROLLBACK")
    visits.put(Visit(ORIGIN, NOW + 120, Outcome.GROWN))
    visits.close()
    again = Visits(tmp_path / "visits.sqlite")
    assert again.get(ORIGIN) == Visit(ORIGIN, NOW + 120, Outcome.GROWN)
    again.close()


def test_who_stood_still_is_written_with_others_and_read_at_once(tmp_path: Path) -> None:
    visits = Visits(tmp_path / "visits.sqlite")
    stood = Visit(ORIGIN, NOW, Outcome.UNCHANGED, seen_at=NOW, grown_at=NOW - 60)
    later = replace(stood, at=NOW + 300, seen_at=NOW + 300)
    visits.put(stood)
    visits.touch(later)
    assert visits.get(ORIGIN) == later
    visits.close()
    again = Visits(tmp_path / "visits.sqlite")
    assert again.get(ORIGIN) == later
    again.close()


def test_what_another_process_found_out_meanwhile_stays(tmp_path: Path) -> None:
    ours, theirs = (Visits(tmp_path / "visits.sqlite") for _ in range(2))
    stood = Visit(ORIGIN, NOW, Outcome.UNCHANGED, seen_at=NOW, grown_at=NOW)
    forked = Visit(ORIGIN, NOW + 1, Outcome.QUARANTINE, "log.fork", seen_at=NOW, failures=1)
    ours.put(stood)
    ours.touch(replace(stood, at=NOW + 2, seen_at=NOW + 2))
    theirs.put(forked)
    ours.flush()
    assert ours.get(ORIGIN) == forked
    ours.close()
    theirs.close()


def test_where_the_disk_takes_nothing_who_stood_still_is_remembered(tmp_path: Path) -> None:
    visits = Visits(tmp_path / "visits.sqlite")
    stood = Visit(ORIGIN, NOW, Outcome.UNCHANGED, seen_at=NOW, grown_at=NOW)
    later = replace(stood, at=NOW + 300, seen_at=NOW + 300)
    visits.put(stood)
    with closing(sqlite3.connect(tmp_path / "visits.sqlite", isolation_level=None)) as other:
        visits._db.execute("PRAGMA busy_timeout = 0")
        other.execute("BEGIN IMMEDIATE")
        visits.touch(later)
        visits.flush()
        assert visits.get(ORIGIN) == later
        other.execute("ROLLBACK")
    visits.close()
    again = Visits(tmp_path / "visits.sqlite")
    assert again.get(ORIGIN) == later
    again.close()


def test_who_stood_still_after_the_clock_was_set_back_was_asked_then(tmp_path: Path) -> None:
    visits = Visits(tmp_path / "visits.sqlite")
    stood = Visit(ORIGIN, NOW, Outcome.UNCHANGED, seen_at=NOW, grown_at=NOW - 60)
    back = replace(stood, at=NOW - 86_400, seen_at=NOW - 86_400)
    visits.put(stood)
    visits.touch(back)
    visits.flush()
    assert visits.get(ORIGIN) == back  # or nobody would come for a day after the next start
    visits.close()


def test_who_stood_still_differs_in_the_time_and_the_etag_alone() -> None:
    before = Visit(ORIGIN, NOW - 60, Outcome.UNCHANGED, remark="r", etag='"a"', advised_at=7, day=9)
    assert before.stood(NOW, "") == replace(before, at=NOW, seen_at=NOW)
    assert before.stood(NOW, '"b"') == replace(before, at=NOW, seen_at=NOW, etag='"b"')
