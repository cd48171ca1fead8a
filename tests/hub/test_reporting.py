"""Reports at a place of `fed`: the same place gives the same bytes, and what is said is right."""

import io
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from fenhe_hub.cli import main as hub_command
from fenhe_hub.index.findings import replace_findings
from fenhe_hub.index.tables import open_index
from fenhe_hub.office.acting import Office
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.reporting.facts import ReportFacts, percent, province, within
from fenhe_hub.reporting.making import again, make
from fenhe_hub.reporting.page import write_page
from fenhe_hub.reporting.period import Period
from fenhe_hub.reporting.sheets import write_sheets
from fenhe_hub.rules.finding import Finding, State
from fenhe_protocol.errors import InputError, StoreError
from tests.hub.fake_node import instrument, service
from tests.hub.provinces import Province, founded

NOVEMBER = Period.parse("2026-11")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path, units=2) as town:
        town.nodes[0].publish(instrument("A-1"), instrument("A-2", value_band="from_50"))
        await town.sync()
        with closing(open_index(town.hub.home.index)) as db:
            late = [
                Finding("D1", State.OVERDUE, "instrument", "A-1", since=date(2026, 11, 20)),
                Finding("D1", State.OVERDUE, "instrument", "A-2", since=date(2026, 10, 1)),
            ]
            replace_findings(db, [(1, each) for each in late])
        yield town


def office(town: Province) -> Office:
    return Office(town.hub, lambda: town.now)


def test_a_period_ends_where_the_next_begins() -> None:
    months = [Period.parse(f"2026-{month:02}") for month in range(1, 13)]
    year = Period.parse("2026")
    assert [m.stop for m in months[:-1]] == [m.start for m in months[1:]]
    assert (year.start, year.stop) == (months[0].start, months[-1].stop)
    for wrong in ("2026-13", "2026-1", "26", "2026-Q1", ""):
        with pytest.raises(InputError):
            Period.parse(wrong)


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_share_is_rounded_to_one_decimal(part: int, whole: int) -> None:
    shown = percent(part, whole)
    assert abs(float(shown.rstrip("%")) - 100 * part / whole) <= 0.05 + 1e-6
    assert not percent(part, 0)


async def test_units_on_time_and_late_are_counted_with_what_began_in_the_period(
    town: Province,
) -> None:
    facts = make(town.hub, office(town), THE_HUB, NOVEMBER)
    first = facts.units[0]
    assert first.findings == (("D1", "overdue", 2, 1),) and first.late_rules == ("D1",)
    assert (first.kinds, first.bands) == ({"instrument": 2}, {"": 1, "from_50": 1})
    assert facts.is_partial and not facts.units[1].late_rules
    assert province(facts.units).kinds == {"instrument": 2}
    assert ReportFacts.decode(facts.encode()) == facts


async def test_hours_measures_and_complaints_are_those_of_the_period(town: Province) -> None:
    node = town.nodes[0]
    inside = service("S-1", user_class="enterprise")
    before = service(
        "S-2", started_at="2026-10-02T09:00:00+08:00", ended_at="2026-10-02T11:00:00+08:00"
    )
    node.publish(inside, service("S-3"), before, log="usage")
    await town.sync()
    with office(town).casework() as casework:
        _put(casework.db, "measure", number="M-1", unit=node.uscc, kind="criticism",
             state="decided", decided_on="2026-11-05", public=1)  # fmt: skip
        _put(casework.db, "complaint", number="C-1", unit=node.uscc, state="closed", reopened=0,
             received_at=NOVEMBER.start, closed_at=NOVEMBER.stop - 1)  # fmt: skip
        _put(casework.db, "complaint", number="C-2", unit=node.uscc, state="open", mark="2",
             received_at=NOVEMBER.stop, reopened=0)  # fmt: skip
        _put(casework.db, "complaint", number="C-3", state="open", mark="3", reopened=0,
             received_at=NOVEMBER.start)  # fmt: skip
    facts = make(town.hub, office(town), THE_HUB, NOVEMBER)
    told = facts.units[0]
    assert facts.elsewhere.complaints == {"received": 1, "open": 1}
    assert province((*facts.units, facts.elsewhere)).complaints["received"] == 2
    assert told.hours["services"] == 2 and told.hours["effective_minutes"] == 220
    assert told.hours["external_minutes"] == 110
    assert told.measures == {"decided criticism": 1, "state decided": 1}
    assert told.complaints == {"received": 1, "closed": 1, "open": 1}


def _put(db: sqlite3.Connection, table: str, **given: object) -> None:
    """A row of casework, what is not given empty."""
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    forced = {row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[3]}
    values = [given.get(name, "" if name in forced else None) for name in columns]
    db.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(columns))})", values)


async def test_the_same_place_gives_the_same_bytes_after_all_has_changed(town: Province) -> None:
    facts = make(town.hub, office(town), THE_HUB, NOVEMBER)
    files = [write(facts) for write in (write_sheets, write_page, ReportFacts.encode)]
    place = f"{facts.epoch}-{facts.size}"
    town.nodes[0].publish(instrument("A-3"))
    await town.sync()
    assert "report.made" in {row["name"] for row in town.said("act").values()}
    later = again(town.hub, office(town), NOVEMBER, place)
    assert [write(later) for write in (write_sheets, write_page, ReportFacts.encode)] == files
    new = make(town.hub, office(town), THE_HUB, NOVEMBER)
    assert new.size > facts.size and new.units[0].kinds == {"instrument": 3}


async def test_acts_that_no_place_of_fed_holds_yet_are_waited_for(town: Province) -> None:
    facts = make(town.hub, office(town), THE_HUB, NOVEMBER)
    assert make(town.hub, office(town), THE_HUB, NOVEMBER) == facts
    with pytest.raises(InputError, match=r"report\.unsaid"):
        make(town.hub, office(town), THE_HUB, Period.parse("2026"))
    with pytest.raises(InputError, match=r"report\.early"):
        make(town.hub, office(town), THE_HUB, Period.parse("2027"))


async def test_a_report_that_somebody_changed_is_not_given(town: Province) -> None:
    facts = make(town.hub, office(town), THE_HUB, NOVEMBER)
    place = f"{facts.epoch}-{facts.size}"
    file = town.hub.home.path / f"reports/2026-11@{place}.json"
    file.write_bytes(replace(facts, untold=7).encode())
    with pytest.raises(StoreError):
        again(town.hub, office(town), NOVEMBER, place)
    for wrong in ("1-9", "../x"):
        with pytest.raises(InputError):
            again(town.hub, office(town), NOVEMBER, wrong)


async def test_sheets_hold_codes_as_texts_and_the_page_says_where_it_was_made(
    town: Province,
) -> None:
    facts = make(town.hub, office(town), THE_HUB, NOVEMBER)
    book = load_workbook(io.BytesIO(write_sheets(facts)))
    times = {book.properties.created.isoformat(), book.properties.modified.isoformat()}
    assert times == {"2026-11-23T00:02:05"}  # when it was made, not when it was written
    hours = book["机时 Hours"]
    assert [cell.data_type for cell in hours["B"][1:3]] == ["s", "s"]
    page = write_page(facts).decode()
    assert f"日志位置 {facts.epoch}-{facts.size}" in page and "<script" not in page
    own = within(facts, frozenset({facts.units[0].uscc}))
    assert facts.units[1].uscc not in write_page(own).decode()


async def test_reports_are_made_listed_and_taken_again_by_command(
    town: Province, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ["--home", str(town.hub.home.path), "report"]
    files = [tmp_path / "one.xlsx", tmp_path / "two.xlsx"]
    assert hub_command([*home, "2026", "--to", str(files[0]), "--json"]) == 0
    place = json.loads(capsys.readouterr().out)["at"]
    assert hub_command([*home, "2026", "--at", place, "--to", str(files[1])]) == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    assert hub_command(home) == 0
    assert f"2026 @ {place}" in capsys.readouterr().out
    assert hub_command([*home, "2026", "--to", str(tmp_path / "x.pdf")]) == 1
