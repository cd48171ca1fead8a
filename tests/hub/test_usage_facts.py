"""What the index adds up of a unit's services, and what it finds in them that cannot be."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fenhe_hub.index.facts_usage import usage_facts
from fenhe_hub.index.receipts import make_receipts
from fenhe_hub.index.services import put_services, service_row
from fenhe_hub.index.tables import open_index
from fenhe_hub.rules.facts import ResourceFacts, Submission
from fenhe_hub.rules.usage_facts import InstrumentUse
from tests.hub.simulated_unit import noon

LOG = 1001
ORIGINS = {LOG: "u1.example/fenhe/usage"}
DELIVERED = date(2026, 8, 3)
LINE = {"no": 1, "item": "测试", "charge_unit": "hour", "external_fen": 100}


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_index(tmp_path / "index.sqlite")) as opened:
        yield opened


def service(start: Any = "2026-07-06T09", end: Any = "2026-07-06T11", **fields: Any) -> Any:
    times = {"started_at": f"{start}:00:00+08:00", "ended_at": f"{end}:00:00+08:00"}
    return {"instrument": "A-1", "effective_minutes": 120, **times, **fields}


def used(
    db: sqlite3.Connection,
    *services: Any,
    lines: Any = None,
    before: Any = (),
    **standard: Any,
) -> InstrumentUse:
    bodies = [{"id": f"S-{number}", **each} for number, each in enumerate(services)]
    put_services(db, [service_row(1, LOG, at, body) for at, body in enumerate(bodies)])
    public = {"lines": lines or [LINE], **standard}
    fees = ResourceFacts(
        "fee_standard", "F-1", "u1/c", public, {}, (*before, Submission(1, public, DELIVERED))
    )
    receipts = {LOG: make_receipts([(len(bodies), noon(DELIVERED))])}
    return usage_facts(db, 1, ORIGINS, receipts, [fees])["A-1"]


def doubts(use: InstrumentUse) -> dict[str, tuple[int, int]]:
    return {each.what: (each.times, each.leaf) for each in use.doubts}


def test_services_are_added_up_by_quarter_with_the_days_they_came(db: sqlite3.Connection) -> None:
    said = [service(user_class="enterprise"), service("2026-07-07T09", "2026-07-07T11")]
    use = used(db, *said, service("2026-04-01T00", "2026-04-01T02"), service(amount_fen=7))
    second, third = use.uses
    assert (second.quarter, second.services, second.effective) == (2026 * 4 + 1, 1, 120)
    assert (third.services, third.effective, third.external, third.fen) == (3, 360, 120, 7)
    assert (third.first_on, third.last_index) == (DELIVERED, 3)


@pytest.mark.parametrize(
    ("second", "found"),
    [
        (service("2026-07-06T10", "2026-07-06T12", way=1), {}),  # an hour: cut or rounded
        (service("2026-07-06T09", "2026-07-06T12", way=1), {"overlap": (1, 1)}),
        (service("2026-07-06T09", "2026-07-06T12", way=3), {}),
        (service("2026-07-06T11", "2026-07-06T12", way=1, effective_minutes=60), {}),
    ],
)
def test_two_users_at_a_time_are_an_overlap_beyond_the_hour_to_which_times_are_cut(
    second: Any, found: Any, db: sqlite3.Connection
) -> None:
    assert doubts(used(db, service(way=1), second)) == found


def test_a_long_service_overlaps_all_that_lie_within_it(db: sqlite3.Connection) -> None:
    within = [service(f"2026-07-0{day}T09", f"2026-07-0{day}T11", way=1) for day in (7, 8)]
    long = service("2026-07-06T09", "2026-07-09T09", way=1)
    assert doubts(used(db, long, *within)) == {"overlap": (2, 1)}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (service(effective_minutes=180), {}),
        (service(effective_minutes=181), {"hours": (1, 0)}),
        (service("1999-12-31T23", "2000-01-01T01"), {"past": (1, 0)}),
        (service("2000-01-01T00", "2000-01-01T02"), {}),
        (service("2026-08-03T11", "2026-08-03T13"), {}),
        (service("2026-08-03T11", "2026-08-03T14"), {"future": (1, 0)}),
        ({"instrument": "A-1", "effective_minutes": 9000}, {}),  # no time is told
        (service("9999-12-31T22", "9999-12-31T23"), {"future": (1, 0)}),
    ],
)
def test_what_cannot_be_is_found_at_its_boundary(
    said: Any, found: Any, db: sqlite3.Connection
) -> None:
    assert doubts(used(db, said)) == found


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"amount_fen": 200}, {}),
        ({"amount_fen": 201}, {"too_dear": (1, 0)}),
        ({"amount_fen": 200, "effective_minutes": 121}, {}),
        ({"amount_fen": 300, "effective_minutes": 121}, {}),  # an hour begun is charged
        ({"amount_fen": 1, "fee_line": "F-1/2"}, {"unpriced": (1, 0)}),
        ({"amount_fen": 1, "fee_line": None}, {"unnamed": (1, 0)}),
        ({"amount_fen": 0, "fee_line": "F-1/2"}, {}),
        ({"amount_fen": 9000, "user_class": "internal"}, {}),  # no price for them: not compared
        ({"amount_fen": 201, "user_class": "tech_sme"}, {"too_dear": (1, 0)}),
        ({"amount_fen": 2**53}, {"too_dear": (1, 0)}),
    ],
)
def test_what_was_charged_is_compared_with_the_price_for_its_hours(
    fields: Any, found: Any, db: sqlite3.Connection
) -> None:
    said = service(**{"user_class": "enterprise", "fee_line": "F-1/1", **fields})
    said = {name: value for name, value in said.items() if value is not None}
    assert doubts(used(db, said)) == found


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("2026-07-06", "2026-07-06", {}),
        ("2026-07-07", None, {"not_in_force": (1, 0)}),
        (None, "2026-07-05", {"not_in_force": (1, 0)}),
        (None, "9999-12-31", {}),
    ],
)
def test_a_price_holds_from_its_first_to_its_last_day(
    start: str | None, end: str | None, found: Any, db: sqlite3.Connection
) -> None:
    said = service(amount_fen=200, user_class="enterprise", fee_line="F-1/1")
    days = {"in_force_from": start, "in_force_to": end}
    assert doubts(used(db, said, **{k: v for k, v in days.items() if v})) == found


def test_a_price_raised_and_dated_back_excuses_no_charge_of_before_it_came(
    db: sqlite3.Connection,
) -> None:
    before = (Submission(0, {"lines": [LINE]}, date(2026, 7, 1)),)
    raised = {"lines": [LINE | {"external_fen": 150}], "in_force_from": "2026-01-01"}
    charged = {"amount_fen": 300, "user_class": "enterprise", "fee_line": "F-1/1"}
    days = ("2026-08-02", "2026-08-03")
    said = [service(f"{day}T09", f"{day}T11", **charged) for day in days]
    assert doubts(used(db, *said, **raised)) == {}
    assert doubts(used(db, *said, before=before, **raised)) == {"too_dear": (1, 0)}


def test_prices_by_sample_by_time_and_in_steps_are_compared_too(db: sqlite3.Connection) -> None:
    lines = [
        {"no": 1, "charge_unit": "sample", "charge_quantity": 5, "external_fen": 100},
        {"no": 2, "charge_unit": "time", "external_fen": 100},
        {"no": 3, "charge_unit": "element", "external_fen": 100},
        {"no": 4, "charge_unit": "time", "external_fen": 100, "steps": [{"percent": 150}]},
    ]
    charged = [(1, 200, 6), (1, 201, 6), (1, 9, None), (2, 101, None), (3, 9999, 1), (4, 150, None)]
    said = [
        service(
            user_class="enterprise",
            fee_line=f"F-1/{line}",
            amount_fen=fen,
            **({"samples": samples} if samples else {}),
        )
        for line, fen, samples in charged
    ]
    assert doubts(used(db, *said, lines=lines)) == {"too_dear": (2, 1)}


def test_sums_of_whatever_a_unit_says_fail_nothing(db: sqlite3.Connection) -> None:
    assert used(db, *(service(amount_fen=2**53 - 1) for _ in range(1100))).uses[0].services == 1100


def summary(*said: tuple[date, dict[str, Any]]) -> ResourceFacts:
    named = {"instrument": "A-1", "period": "2026-Q3"}
    leaves = tuple(Submission(at, {**named, **cells}, day) for at, (day, cells) in enumerate(said))
    return ResourceFacts("usage_summary", "A-1/2026-Q3", "u1/c", leaves[-1].fields, {}, leaves)


def test_a_report_said_again_is_not_said_later_and_an_empty_one_is_none(
    db: sqlite3.Connection,
) -> None:
    days = [date(2026, 10, number) for number in (9, 12, 20, 26)]
    cells: list[dict[str, Any]] = [{}, {"services": 1}, {"services": 2}, {"services": 2, "ext": {}}]
    told = summary(*zip(days, cells, strict=True))
    (report,) = usage_facts(db, 1, ORIGINS, {}, [told])["A-1"].reports
    assert (report.first_on, report.last_on, report.leaf) == (days[1], days[2], 3)
    assert not usage_facts(db, 1, ORIGINS, {}, [summary((days[0], {}))])
