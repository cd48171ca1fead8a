"""The working memory of visits."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from fenhe_hub.planner import Outcome
from fenhe_hub.visits import Visit, Visits

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
