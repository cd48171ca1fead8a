"""Measures on units and on items: proposed, decided, said, followed up, ended. Start at `measure`.

Which step may be taken is in `course`; the notices that a measure sends are in `notices`. Times are
POSIX seconds, days ISO dates; an empty text says that there is none.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from fenhe_hub.casework.course import BARS, WAS_DECIDED, Kind, State, Step, after
from fenhe_protocol.fed import Act

TABLES = """
CREATE TABLE measure(
  number TEXT PRIMARY KEY, unit TEXT NOT NULL, kind TEXT NOT NULL, public INTEGER NOT NULL,
  item_kind TEXT NOT NULL, item_id TEXT NOT NULL,  -- of measures on items
  findings TEXT NOT NULL,            -- JSON list of ids
  reason TEXT NOT NULL, evaluation TEXT NOT NULL,
  proposed_at INTEGER NOT NULL, proposed_by TEXT NOT NULL,
  title TEXT NOT NULL, text TEXT NOT NULL, answer_by TEXT NOT NULL,
  deadline TEXT NOT NULL, until TEXT NOT NULL,
  state TEXT NOT NULL, changed_at INTEGER NOT NULL,
  document_no TEXT NOT NULL, decided_on TEXT NOT NULL, decided_by TEXT NOT NULL,
  authority TEXT NOT NULL, notice TEXT NOT NULL,
  ended TEXT NOT NULL                -- JSON: what ended it, with reason and document
) WITHOUT ROWID;
CREATE INDEX measure_unit ON measure(unit, number);
CREATE INDEX measure_kind ON measure(kind, state, number);
CREATE TABLE measure_step(
  number TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL,
  step TEXT NOT NULL, told TEXT NOT NULL, PRIMARY KEY(number, seq)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a measure ended: why, and by which document, where there is one."""

    step: str
    at: int
    reason: str
    document_no: str = ""
    decided_on: str = ""
    decided_by: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. `until` is the last day of a bar, `deadline` that of a rectification."""

    number: str
    unit: str
    kind: Kind
    public: bool
    item_kind: str
    item_id: str
    findings: tuple[str, ...]
    reason: str
    evaluation: str
    proposed_at: int
    proposed_by: str
    title: str
    text: str
    answer_by: str
    deadline: str
    until: str
    state: State
    changed_at: int
    document_no: str
    decided_on: str
    decided_by: str
    authority: str
    notice: str
    ending: Ending | None

    def is_in_force(self, today: str) -> bool:
        """Whether it holds on a day: decided, not ended, its last day not gone."""
        return self.state is State.DECIDED and (not self.until or today <= self.until)


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One step of a measure, as it was taken."""

    at: int
    by: str
    step: str
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MeasureFilters:
    """What measures must have; None asks nothing."""

    unit: str | None = None
    units: frozenset[str] | None = None
    kinds: Sequence[str] | None = None
    states: Sequence[str] | None = None
    public: bool | None = None
    finding: str | None = None


def measure(db: sqlite3.Connection, number: str) -> Measure | None:
    """The measure of this number."""
    return next(iter(_read(db, "number = ?", [number])), None)


def measures(db: sqlite3.Connection, wanted: MeasureFilters | None = None) -> list[Measure]:
    """Measures, the newest first."""
    where, values = _condition(wanted or MeasureFilters())
    return _read(db, where, values)


def published(db: sqlite3.Connection) -> list[Measure]:
    """The measures that everyone may read of, ended ones too, the newest first."""
    return measures(db, MeasureFilters(states=WAS_DECIDED, public=True))


def barred(db: sqlite3.Connection, kind: Kind) -> list[Measure]:
    """A bar list, whether its entries are public or not: for the departments that need it."""
    if kind not in BARS:
        raise ValueError(kind)
    return measures(db, MeasureFilters(states=WAS_DECIDED, kinds=(kind,)))


def steps(db: sqlite3.Connection, number: str) -> list[StepTaken]:
    """Every step of a measure in order."""
    rows = db.execute(
        "SELECT at, by, step, told FROM measure_step WHERE number = ? ORDER BY seq", [number]
    )
    return [StepTaken(at, by, step, orjson.loads(told)) for at, by, step, told in rows]


_NAMES = [*(name for name in Measure.__slots__ if name != "ending"), "ended"]


def _read(db: sqlite3.Connection, where: str, values: Sequence[object]) -> list[Measure]:
    rows = db.execute(
        f"SELECT {', '.join(_NAMES)} FROM measure WHERE {where} ORDER BY number DESC", [*values]
    )
    return [_measure(dict(zip(_NAMES, row, strict=True))) for row in rows]


def _measure(row: dict[str, Any]) -> Measure:
    ended = row.pop("ended")
    row |= {
        "kind": Kind(row["kind"]),
        "state": State(row["state"]),
        "public": bool(row["public"]),
        "findings": tuple(orjson.loads(row["findings"])),
    }
    return Measure(**row, ending=Ending(**orjson.loads(ended)) if ended else None)


def _condition(wanted: MeasureFilters) -> tuple[str, list[object]]:
    parts, values = ["1"], list[object]()
    for column, among in (
        ("unit", None if wanted.units is None else sorted(wanted.units)),
        ("kind", wanted.kinds),
        ("state", wanted.states),
    ):
        if among is not None:
            parts.append(f"{column} IN (SELECT value FROM json_each(?))")
            values.append(orjson.dumps([str(each) for each in among]).decode())
    if wanted.unit is not None:
        parts.append("unit = ?")
        values.append(wanted.unit)
    if wanted.public is not None:
        parts.append("public = ?")
        values.append(int(wanted.public))
    if wanted.finding is not None:
        parts.append("EXISTS (SELECT 1 FROM json_each(findings) WHERE value = ?)")
        values.append(wanted.finding)
    return " AND ".join(parts), values


_PROPOSED = ("reason", "evaluation", "title", "text", "answer_by", "deadline", "until")


def _propose(db: sqlite3.Connection, act: Act) -> None:
    told = act.details
    if told.get("kind") not in list(Kind):
        return
    item = told.get("item") or {}
    row = {
        "number": act.subject,
        "unit": str(told.get("unit", "")),
        "kind": told["kind"],
        "public": int(bool(told.get("public"))),
        "item_kind": str(item.get("kind", "")),
        "item_id": str(item.get("id", "")),
        "findings": orjson.dumps([str(each) for each in told.get("findings", ())]).decode(),
        **{name: str(told.get(name, "")) for name in _PROPOSED},
        "proposed_at": act.at,
        "proposed_by": act.by,
        "state": State.PROPOSED,
        "changed_at": act.at,
        **dict.fromkeys(_OF_DECISION, ""),
        "ended": "",
    }
    db.execute(
        f"INSERT OR IGNORE INTO measure({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
        [*row.values()],
    )
    _note(db, act, "proposed")


_OF_DECISION = ("document_no", "decided_on", "decided_by", "authority", "notice")
_OF_TEXT = ("title", "text", "answer_by", "deadline", "until")


def _decide(db: sqlite3.Connection, act: Act) -> None:
    if not _move(db, act, Step.DECIDE):
        return
    told = {name: str(act.details.get(name, "")) for name in _OF_DECISION}
    told["notice"] = str((act.details.get("notice") or {}).get("id", ""))
    told |= {name: str(act.details[name]) for name in _OF_TEXT if name in act.details}
    changes = ", ".join(f"{name} = ?" for name in told)
    db.execute(f"UPDATE measure SET {changes} WHERE number = ?", [*told.values(), act.subject])


def _carry(db: sqlite3.Connection, act: Act) -> None:
    """Its unit has a node by now, which is told what went out on paper."""
    number = str((act.details.get("notice") or {}).get("id", ""))
    db.execute("UPDATE measure SET notice = ? WHERE number = ?", [number, act.subject])
    _note(db, act, "carried")


def _end(step: Step) -> Callable[[sqlite3.Connection, Act], None]:
    def fold(db: sqlite3.Connection, act: Act) -> None:
        if _move(db, act, step):
            names = ("reason", "document_no", "decided_on", "decided_by")
            told = {name: str(act.details.get(name, "")) for name in names}
            ended = orjson.dumps({"step": step, "at": act.at, **told}).decode()
            db.execute("UPDATE measure SET ended = ? WHERE number = ?", [ended, act.subject])

    return fold


def _remark(db: sqlite3.Connection, act: Act) -> None:
    _move(db, act, Step.REMARK)


def _move(db: sqlite3.Connection, act: Act, step: Step) -> bool:
    """Take a step if it can be taken, and write it down."""
    row = db.execute("SELECT state FROM measure WHERE number = ?", [act.subject]).fetchone()
    state = after(State(row[0]), step) if row else None
    if state is None:
        return False
    values = [state, act.at, act.subject]
    db.execute("UPDATE measure SET state = ?, changed_at = ? WHERE number = ?", values)
    _note(db, act, step)
    return True


def _note(db: sqlite3.Connection, act: Act, step: str) -> None:
    told = orjson.dumps(dict(act.details)).decode()
    db.execute(
        "INSERT INTO measure_step SELECT ?, 1 + ifnull(max(seq), 0), ?, ?, ?, ?"
        " FROM measure_step WHERE number = ?",
        [act.subject, act.at, act.by, step, told, act.subject],
    )


_ENDS = (Step.WITHDRAW, Step.REJECT, Step.REVOKE, Step.CLOSE)

FOLDS: Mapping[str, Callable[[sqlite3.Connection, Act], None]] = {
    "measure.proposed": _propose,
    "measure.decided": _decide,
    "measure.remarked": _remark,
    "measure.carried": _carry,
    **{f"measure.{step}": _end(step) for step in _ENDS},
}
