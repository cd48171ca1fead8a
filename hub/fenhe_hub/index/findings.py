"""The table of findings: `check` writes it whole, pages and the API read it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import orjson

from fenhe_hub.rules.finding import Finding

COLUMNS = "unit_no, rule, kind, id, state, due, since, evidence, todo_zh, todo_en"


def replace_findings(db: sqlite3.Connection, findings: Iterable[tuple[int, Finding]]) -> None:
    """Put the findings of one run in place of those of the run before, in one transaction."""
    rows = [_row(unit_no, finding) for unit_no, finding in findings]
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute("DELETE FROM finding")
        db.executemany(f"INSERT INTO finding({COLUMNS}) VALUES(?,?,?,?,?,?,?,?,?,?)", rows)
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _row(unit_no: int, finding: Finding) -> tuple[object, ...]:
    evidence = orjson.dumps([each.as_json() for each in finding.evidence]).decode()
    return (
        unit_no,
        finding.rule,
        finding.kind,
        finding.id,
        finding.state.value,
        finding.due.isoformat() if finding.due else None,
        finding.since.isoformat() if finding.since else None,
        evidence,
        finding.todo.zh,
        finding.todo.en,
    )
