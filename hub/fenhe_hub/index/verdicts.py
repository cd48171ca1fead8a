"""What the hub found of units and records, and what it refused, as far as everyone may know it.

Left out: D5, whose place would lead to the very data it protects; everything about a usage log,
whose length alone tells how much a unit serves (feed §1); and records without a public side, for
what is classified appears nowhere. Where a finding's ground stands is shown for public logs only.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

# An address is named `<kind>/<id of the record>/<field>`: here is what stands before the field.
_BEFORE_FIELD = "rtrim(f.id, replace(f.id, '/', ''))"
_KIND_OF_ADDRESS = "substr(f.id, 1, instr(f.id, '/') - 1)"
_ID_OF_ADDRESS = (
    f"substr({_BEFORE_FIELD}, instr(f.id, '/') + 1, length({_BEFORE_FIELD}) - instr(f.id, '/') - 1)"
)
_SHOWN = f"""
FROM finding f JOIN unit u ON u.unit_no = f.unit_no
WHERE f.rule NOT IN ('D5') AND (
  f.kind IN ('', 'unit')
  OR f.kind = 'log' AND f.id IN (SELECT origin FROM log WHERE name NOT LIKE 'usage%')
  OR EXISTS (SELECT 1 FROM resource r WHERE r.unit_no = f.unit_no AND r.kind = f.kind
             AND r.id = f.id AND r.pub_idx IS NOT NULL)
  OR f.kind = 'address' AND EXISTS (
    SELECT 1 FROM resource r WHERE r.unit_no = f.unit_no AND r.kind = {_KIND_OF_ADDRESS}
    AND r.id = {_ID_OF_ADDRESS} AND r.pub_idx IS NOT NULL))
"""


@dataclass(frozen=True, slots=True)
class Ground:
    """A leaf on which a finding stands."""

    origin: str
    index: int | None
    delivered_on: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One finding. Dates are ISO dates at UTC+8."""

    unit_no: int
    rule: str
    kind: str
    id: str
    state: str
    due: str | None
    since: str | None
    grounds: tuple[Ground, ...]
    todo_zh: str
    todo_en: str
    place: "VerdictPlace"
    obligation: str = "duty"
    leads_to_measures: bool = False
    rules: str = ""  # sha256 of the rule set that judged it
    rule_from: str | None = None
    laid_over: Mapping[str, Any] = field(default_factory=dict)  # exemption, objections, withdrawn


@dataclass(frozen=True, slots=True)
class VerdictFilters:
    """What a finding must have; None asks nothing. `of_units`: of one of these, or about `id`."""

    unit_no: int | None = None
    of_units: tuple[int, ...] | None = None
    id: str | None = None
    rule: str | None = None
    states: tuple[str, ...] = ()
    kind: str | None = None
    due_before: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A body, or with tier `-` a whole leaf, that was refused; what it held is not told."""

    origin: str
    index: int
    tier: str
    code: str


VerdictPlace = tuple[str, int, str, str, str]
"""(key of the order, unit_no, rule, kind, id): where in the list a finding stands."""

_ORDERS = {
    "due": "ifnull(f.due, '9')",
    "unit": "printf('%08d', f.unit_no)",
    "rule": "printf('%08d', substr(f.rule, 2))",
    "state": "CASE f.state WHEN 'overdue' THEN '0' WHEN 'due' THEN '1' WHEN 'provisional' THEN '2'"
    " WHEN 'unknown' THEN '3' WHEN 'exempt' THEN '4' WHEN 'not_applicable' THEN '5' ELSE '6' END",
}
ORDERS = tuple(_ORDERS)


def verdicts(
    db: sqlite3.Connection,
    filters: VerdictFilters,
    *,
    order: str = "due",
    after: VerdictPlace | None = None,
    limit: int,
) -> list[Verdict]:
    """Findings in an order of `ORDERS`; by due date those without one come last."""
    condition, values = _condition(filters)
    sorted_by = f"{_ORDERS[order]}, f.unit_no, f.rule, f.kind, f.id"
    if after is not None:
        condition += f" AND ({sorted_by}) > (?,?,?,?,?)"
        values += after
    rows = db.execute(
        "SELECT f.unit_no, f.rule, f.kind, f.id, f.state, f.due, f.since, f.evidence, f.todo_zh,"
        " f.todo_en, f.obligation, f.measures, f.rules, f.rule_from, f.overlay,"
        f" {_ORDERS[order]} {_SHOWN}{condition} ORDER BY {sorted_by} LIMIT ?",
        (*values, limit),
    ).fetchall()
    usage = _usage_logs(db)
    return [_verdict(row, usage) for row in rows]


def is_public(db: sqlite3.Connection, uscc: str, rule: str, kind: str, id_: str) -> bool:
    """Whether everyone may know of this finding."""
    asked = f"SELECT 1 {_SHOWN} AND u.uscc = ? AND f.rule = ? AND f.kind = ? AND f.id = ?"
    return db.execute(asked, [uscc, rule, kind, id_]).fetchone() is not None


def verdict_counts(db: sqlite3.Connection, filters: VerdictFilters) -> dict[tuple[str, str], int]:
    """How many findings there are by (rule, state)."""
    condition, values = _condition(filters)
    rows = db.execute(
        f"SELECT f.rule, f.state, count(*) {_SHOWN}{condition} GROUP BY f.rule, f.state", values
    )
    return {(rule, state): count for rule, state, count in rows}


def _condition(filters: VerdictFilters) -> tuple[str, list[object]]:
    condition, values = "", list[object]()
    for column, value in (
        ("f.unit_no = ?", filters.unit_no),
        ("f.rule = ?", filters.rule),
        ("f.kind = ?", filters.kind),
        ("f.due < ?", filters.due_before),
    ):
        if value is not None:
            condition += f" AND {column}"
            values.append(value)
    if filters.of_units is not None:
        condition += " AND (f.id = ? OR f.unit_no IN (SELECT value FROM json_each(?)))"
        values += (filters.id, orjson.dumps(filters.of_units))
    if filters.states:
        condition += f" AND f.state IN ({','.join('?' * len(filters.states))})"
        values.extend(filters.states)
    return condition, values


def _verdict(row: tuple[Any, ...], usage: frozenset[str]) -> Verdict:
    unit_no, rule, kind, id_, state, due, since, evidence, todo_zh, todo_en, *more, key = row
    obligation, measures, rules, rule_from, overlay = more
    laid_over = orjson.loads(overlay or "{}")
    withdrawn = laid_over.get("withdrawn", {})
    return Verdict(
        unit_no=unit_no,
        rule=rule,
        kind=kind,
        id=id_,
        state=state,
        due=due,
        since=since,
        grounds=tuple(_grounds(evidence, usage)),
        todo_zh=withdrawn.get("zh") or todo_zh or "",
        todo_en=withdrawn.get("en") or todo_en or "",
        place=(key, unit_no, rule, kind, id_),
        obligation=obligation,
        leads_to_measures=bool(measures),
        rules=rules,
        rule_from=rule_from,
        laid_over=laid_over,
    )


def _grounds(evidence: str | None, usage: frozenset[str]) -> Iterator[Ground]:
    for each in orjson.loads(evidence or "[]"):
        if each["origin"] not in usage:
            yield Ground(each["origin"], each.get("index"), each.get("delivered_on"))


def _usage_logs(db: sqlite3.Connection) -> frozenset[str]:
    return frozenset(
        row[0] for row in db.execute("SELECT origin FROM log WHERE name LIKE 'usage%'")
    )


def refusals(
    db: sqlite3.Connection, unit_no: int, *, after: tuple[str, int, str] = ("", 0, ""), limit: int
) -> list[Refusal]:
    """What was refused of a unit's public logs, in the order of log, index and tier."""
    rows = db.execute(
        "SELECT l.origin, s.idx, s.tier, s.code FROM log l JOIN skip s ON s.log_no = l.log_no"
        " WHERE l.unit_no = ? AND l.name NOT LIKE 'usage%' AND (l.origin, s.idx, s.tier) > (?,?,?)"
        " ORDER BY l.origin, s.idx, s.tier LIMIT ?",
        (unit_no, *after, limit),
    )
    return [Refusal(*row) for row in rows]


def refusal_count(db: sqlite3.Connection, unit_no: int) -> int:
    """How many bodies of a unit's public logs are refused."""
    count: int = db.execute(
        "SELECT count(*) FROM log l JOIN skip s ON s.log_no = l.log_no"
        " WHERE l.unit_no = ? AND l.name NOT LIKE 'usage%'",
        (unit_no,),
    ).fetchone()[0]
    return count
