"""A simulated province: its index, written through the functions that ingest uses, without logs.

    province = build(db, Scale(units=30, instruments=4, services=3))
    check(province)                     # the findings, as `fenhe-hub check` makes them

Units say everything that they have to (`simulated_unit`); into some of them is planted what breaks
a rule (`simulated_plants`), and `province.expected` says which findings must come of that.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

import orjson

from fenhe_hub.index.apply import HUB, PUB, IndexWriter, LogRow, Rows, State, transaction
from fenhe_hub.index.facts import gather_moment
from fenhe_hub.index.gap_rows import GapRun
from fenhe_hub.index.said import add_head, put_heads
from fenhe_hub.index.services import mark_told, put_services, service_row
from fenhe_hub.index.tables import log_number
from fenhe_hub.judging.court import Court
from fenhe_hub.judging.recheck import NOTHING_LAID, Rechecked, recheck
from fenhe_hub.rule_file import load_rules
from fenhe_hub.rules.facts import Review, UnitFacts
from fenhe_hub.rules.overlay import Overlays
from fenhe_hub.rules.ruleset import RuleSet
from fenhe_protocol.workdays import Calendar
from tests.hub.simulated_plants import PLANTS
from tests.hub.simulated_unit import (
    ENROLLED,
    TODAY,
    Fields,
    Said,
    Sayings,
    flawless,
    noon,
    uscc,
)

NOW = noon(TODAY)
ROOT = bytes(32)
SHOWN = ("met", "not_applicable")


@dataclass(frozen=True)
class Scale:
    """How many units, instruments of each, services of each of these a quarter.

    `planted`: one of the plants in every unit up to this one.
    """

    units: int
    instruments: int
    services: int
    planted: int = len(PLANTS)


@dataclass
class Province:
    """The index, who is in it, and what must be found."""

    db: sqlite3.Connection
    scale: Scale
    said: dict[int, Sayings] = field(default_factory=dict)  # of planted units alone
    expected: set[tuple[int, str, str, str, str]] = field(default_factory=set)
    bodies: dict[tuple[str, int], Fields] = field(default_factory=dict)  # older leaves
    sizes: dict[int, int] = field(default_factory=dict)  # of the catalogues, by unit
    services: int = 0
    now: int = NOW

    def court(self) -> Court:
        """All that judging needs."""
        return Court(
            self.db,
            gather_moment(self.db, self.now),
            Calendar.load(),
            lambda origin, tier, index: self.bodies.get((origin, index)),
            self._with_office,
            {},
        )

    def _with_office(self, unit: UnitFacts) -> UnitFacts:
        reviewed = replace(unit, reviews=(Review("示例1号"),))
        said = self.said.get(_number(unit.uscc))
        if said is None:
            return reviewed
        return replace(reviewed, complaints=said.complaints, evaluations=said.evaluations)

    def told(self) -> dict[str, str]:
        """A digest of what the office registered, by unit."""
        return {
            uscc(number): repr((said.complaints, said.evaluations))
            for number, said in self.said.items()
        }


def _number(code: str) -> int:
    return int(code[10:17])


def rules_with_days() -> RuleSet:
    """The shipped rules, with the numbers set that they leave open."""
    shipped, set_days = load_rules(), {"D7": {"census_by": date(2026, 6, 30)}}
    set_days |= {name: {"days": 15} for name in ("D9", "D10")}  # type: ignore[dict-item]
    return replace(
        shipped,
        rules=tuple(
            replace(rule, parameters={**rule.parameters, **set_days.get(rule.rule, {})})
            for rule in shipped.rules
        ),
    )


def check(
    province: Province, rules: RuleSet | None = None, overlays: Overlays = NOTHING_LAID
) -> Rechecked:
    """Bring the findings up."""
    return recheck(province.court(), rules or rules_with_days(), province.told(), overlays)


def found(province: Province) -> set[tuple[int, str, str, str, str]]:
    """(unit, rule, kind, id, state) of all findings that ask somebody to act or to look."""
    rows = province.db.execute(
        "SELECT unit_no, rule, kind, id, state FROM finding WHERE state NOT IN (?, ?)", SHOWN
    )
    return set(rows.fetchall())


def build(db: sqlite3.Connection, scale: Scale) -> Province:
    """Write the province into an empty index."""
    province = Province(db, scale)
    writer = IndexWriter(db, _no_body)
    for number in range(1, scale.units + 1):
        said = flawless(number, scale.instruments, scale.services)
        if number <= scale.planted:
            expected = PLANTS[(number - 1) % len(PLANTS)](said)
            province.said[number] = said
            province.expected |= {(number, *each) for each in expected}
        with transaction(db):
            db.execute(
                "INSERT INTO unit VALUES (?, ?, ?, 'enrolled', ?, ?, 0, ?)",
                (number, said.origin, uscc(number), f"https://{said.origin}", "r", noon(ENROLLED)),
            )
        _write_catalogue(province, writer, said)
        _write_usage(province, writer, said)
    return province


def _no_body(log_no: int, index: int, tier: str) -> bytes:
    raise AssertionError("all bodies are given")


def _write_catalogue(province: Province, writer: IndexWriter, said: Sayings) -> None:
    log_no, origin = log_number(said.number, "catalogue", 1), f"{said.origin}/catalogue"
    records = sorted(said.records, key=lambda each: each.on)
    size = len(records) + len(said.refused) + said.lacking
    rows = Rows(0, size)
    for index, record in enumerate(records):
        add_record(rows, log_no, index, uscc(said.number), record)
        province.bodies[origin, index] = record.pub or {}
    at = len(records)
    for code in said.refused:
        rows.skips.append((log_no, at, "pub", code, "", ""))
        at += 1
    if said.lacking:
        rows.gaps.append(GapRun(log_no, at, at + said.lacking, PUB))
    writer.apply(_log(said, "catalogue", size, said.alive_at), [rows])
    _put_heads(province.db, log_no, [record.on for record in records], size)
    province.sizes[said.number] = size
    if said.number > province.scale.planted:  # their records have one leaf each
        for index in range(size):
            province.bodies.pop((origin, index), None)


def add_record(rows: Rows, log_no: int, index: int, unit: str, record: Said) -> None:
    """Add both tiers of a record to rows."""
    envelope = {"unit": unit, "kind": record.kind, "id": record.id}
    for tier, fields in ((PUB, record.pub), (HUB, record.hub)):
        if fields is not None:
            body = orjson.dumps(envelope | fields, option=orjson.OPT_SORT_KEYS)
            rows.bodies.append((log_no, index, tier, record.kind, record.id, 0))
            rows.states.append(State(index, tier, record.kind, record.id, body))


def _write_usage(province: Province, writer: IndexWriter, said: Sayings) -> None:
    log_no = log_number(said.number, "usage", 1)
    services = sorted(said.services, key=lambda each: each.on)
    rows = Rows(0, len(services))
    for index, service in enumerate(services):
        rows.bodies.append((log_no, index, HUB, "service_record", service.fields["id"], 0))
    writer.apply(_log(said, "usage", len(services), None), [rows])
    days = [service.on for service in services]
    _put_heads(province.db, log_no, days, len(services))
    with transaction(province.db):
        put_services(
            province.db,
            (
                service_row(said.number, log_no, index, service.fields)
                for index, service in enumerate(services)
            ),
        )
        mark_told(province.db, log_no, 0, len(services))
    province.services += len(services)


def _log(said: Sayings, name: str, size: int, alive_at: int | None) -> LogRow:
    log_no = log_number(said.number, name, 1)
    origin = f"{said.origin}/{name}"
    return LogRow(log_no, said.number, origin, name, 1, size, ROOT, size, alive_at, None)


def _put_heads(db: sqlite3.Connection, log_no: int, days: Iterable[date], size: int) -> None:
    """A head at the end of each day on which anything came; refusals came with the last."""
    heads = dict(_heads(days))
    if heads:
        last = max(heads)
        heads[size] = heads.pop(last)
    with transaction(db):
        put_heads(db, log_no, heads.items())


def _heads(days: Iterable[date]) -> Iterator[tuple[int, int]]:
    known, count = None, 0
    for day in days:
        if known is not None and day != known:
            yield count, noon(known)
        known, count = day, count + 1
    if known is not None:
        yield count, noon(known)


def say_again(province: Province, number: int, **fields: object) -> None:
    """One unit publishes its first instrument once more, with other fields."""
    said = flawless(number, 1, 0).of("instrument")
    size, log_no = province.sizes[number], log_number(number, "catalogue", 1)
    rows = Rows(size, size + 1)
    before = province.db.execute(
        "SELECT idx FROM body WHERE log_no = ? AND kind = ? AND id = ?",
        (log_no, said.kind, said.id),
    ).fetchone()[0]
    sayings = Sayings(number)
    province.bodies[f"{sayings.origin}/catalogue", before] = said.pub or {}
    said.pub = {**(said.pub or {}), **fields}
    add_record(rows, log_no, size, uscc(number), said)
    IndexWriter(province.db, _no_body).apply(
        _log(sayings, "catalogue", size + 1, sayings.alive_at), [rows]
    )
    with transaction(province.db):
        add_head(province.db, log_no, size + 1, province.now - 600)
    province.sizes[number] = size + 1
