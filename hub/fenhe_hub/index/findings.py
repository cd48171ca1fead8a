"""The table of findings: `check` writes it, pages and the API read it.

A row keeps what the rule said (`judged`) and what is shown (`state`): `lay_over` puts exemptions,
objections and corrections over the rows they concern, and takes off those that no longer hold.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import orjson

from fenhe_hub.rules.finding import Clock, Evidence, Finding, State, Todo
from fenhe_hub.rules.obligation import Obligation
from fenhe_hub.rules.overlaid import Subject
from fenhe_hub.rules.overlay import Overlays, overlay

COLUMNS = (
    "unit_no, rule, kind, id, state, due, since, evidence, todo_zh, todo_en,"
    " judged, obligation, ground, rules, rule_from, clock"
)
_PUT = f"INSERT INTO finding({COLUMNS}) VALUES({','.join('?' * 16)})"
_READ = (
    f"SELECT {', '.join(f'f.{name}' for name in COLUMNS.split(', '))}, u.uscc, f.state, f.overlay"
    " FROM finding f JOIN unit u USING(unit_no)"
)


def replace_findings(
    db: sqlite3.Connection,
    findings: Iterable[tuple[int, Finding]],
    units: Iterable[int] | None = None,
) -> None:
    """Put the findings of one run in place of those before, of all units or of these."""
    rows = [_row(unit_no, finding) for unit_no, finding in findings]
    with _transaction(db):
        if units is None:
            db.execute("DELETE FROM finding")
        else:
            db.executemany("DELETE FROM finding WHERE unit_no = ?", ((each,) for each in units))
        db.executemany(_PUT, rows)


def lay_over(db: sqlite3.Connection, overlays: Overlays, today: date) -> int:
    """Show every finding as the office's word of today leaves it; returns how many rows changed."""
    changes = list(_changes(db, overlays, today))
    if changes:
        with _transaction(db):
            db.executemany(
                "UPDATE finding SET state = ?, overlay = ?"
                " WHERE unit_no = ? AND rule = ? AND kind = ? AND id = ?",
                changes,
            )
    return len(changes)


def _changes(
    db: sqlite3.Connection, overlays: Overlays, today: date
) -> Iterator[tuple[object, ...]]:
    places = {
        row[0] for where, values in _concerned(overlays) for row in _rowids(db, where, values)
    }
    for place in sorted(places):
        row = db.execute(f"{_READ} WHERE f.rowid = ?", [place]).fetchone()
        (unit_no, uscc, finding), shown, laid_before = _read(row), row[-2], row[-1]
        laid = overlay(finding, uscc, overlays, today)
        told = orjson.dumps(laid.laid_over).decode() if laid.laid_over else None
        if (laid.state.value, told) != (shown, laid_before):
            key = (unit_no, finding.rule, finding.kind, finding.id)
            yield (laid.state.value, told, *key)


def _concerned(overlays: Overlays) -> Iterator[tuple[str, list[str]]]:
    """Conditions that hold for every row over which something lies, or has to."""
    yield "f.overlay IS NOT NULL", []
    subjects = {each.subject for each in overlays.exemptions}
    for subject in subjects | {each.subject for each in overlays.objections}:
        yield _meant_by(subject)
    for correction in overlays.corrections:
        yield "f.rules = ?", [correction.rules]


def _meant_by(subject: Subject) -> tuple[str, list[str]]:
    asked = {"u.uscc": subject.uscc, "f.rule": subject.rule, "f.kind": subject.kind}
    given = {name: value for name, value in {**asked, "f.id": subject.id}.items() if value}
    return " AND ".join(f"{name} = ?" for name in given), list(given.values())


def _rowids(db: sqlite3.Connection, where: str, values: list[str]) -> list[tuple[int]]:
    return db.execute(
        f"SELECT f.rowid FROM finding f JOIN unit u USING(unit_no) WHERE {where}", values
    ).fetchall()


def read_findings(
    db: sqlite3.Connection, *, uscc: str | None = None
) -> Iterator[tuple[int, Finding]]:
    """(unit_no, finding as the rule judged it), of all units or of those with a code."""
    where, values = ("WHERE u.uscc = ?", [uscc]) if uscc is not None else ("", [])
    for row in db.execute(f"{_READ} {where}", values):
        unit_no, _, finding = _read(row)
        yield unit_no, finding


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _row(unit_no: int, finding: Finding) -> tuple[object, ...]:
    evidence = orjson.dumps([each.as_json() for each in finding.evidence]).decode()
    clock = orjson.dumps(finding.clock.as_json()).decode() if finding.clock else None
    return (
        unit_no,
        finding.rule,
        finding.kind,
        finding.id,
        finding.state.value,
        _written(finding.due),
        _written(finding.since),
        evidence,
        finding.todo.zh,
        finding.todo.en,
        finding.state.value,
        finding.obligation.value,
        int(finding.would_lead),
        finding.version,
        _written(finding.rule_from),
        clock,
    )


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _read(row: tuple[Any, ...]) -> tuple[int, str, Finding]:
    """A finding as it was judged; `ground` says whether its numbers stand in law as well."""
    unit_no, rule, kind, id_, state, due, since, evidence, zh, en, *judged, uscc, _, _ = row
    state_judged, obligation, ground, rules, rule_from, clock = judged
    finding = Finding(
        rule,
        State(state_judged or state),
        kind,
        id_,
        due=_day(due),
        since=_day(since),
        evidence=tuple(_evidence(each) for each in orjson.loads(evidence or "[]")),
        todo=Todo(zh or "", en or ""),
        obligation=Obligation(obligation),
        is_ground=bool(ground),
        clock=_clock(clock),
        version=rules,
        rule_from=_day(rule_from),
    )
    return unit_no, uscc, finding


def _evidence(told: dict[str, Any]) -> Evidence:
    return Evidence(told["origin"], told.get("index"), _day(told.get("delivered_on")))


def _clock(told: str | None) -> Clock | None:
    if told is None:
        return None
    read = orjson.loads(told)
    return Clock(date.fromisoformat(read["start"]), read["amount"], read["day_kind"])
