"""One finding as the index keeps it, with its grounds. Start at `kept_finding`."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from fenhe_hub.rules.overlaid import Subject


@dataclass(frozen=True, slots=True)
class Ground:
    """A leaf on which it stands, and the day it was delivered."""

    origin: str
    index: int | None
    delivered_on: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One finding; `judged` is its state before the office laid anything over it."""

    unit_no: int
    origin: str
    uscc: str
    rule: str
    kind: str
    id: str
    state: str
    judged: str
    due: str
    since: str
    todo_zh: str
    todo_en: str
    obligation: str
    measures: bool
    rules: str
    rule_from: str
    grounds: tuple[Ground, ...]
    withdrawn: Mapping[str, str] | None  # the correction by which it is withdrawn

    @property
    def name(self) -> str:
        """The id of the finding."""
        return f"{self.uscc}/{self.rule}/{self.kind}/{self.id}"

    def is_meant(self, subject: str) -> bool:
        """Whether a subject of the office covers it."""
        return Subject.parse(subject).covers(self.uscc, self.rule, self.kind, self.id)


def kept_finding(db: sqlite3.Connection, uscc: str, rule: str, kind: str, id_: str) -> Kept | None:
    """The finding of this name."""
    row = db.execute(
        "SELECT f.unit_no, u.origin, u.uscc, f.rule, f.kind, f.id, f.state, f.judged, f.due,"
        " f.since, f.todo_zh, f.todo_en, f.obligation, f.measures, f.rules, f.rule_from,"
        " f.evidence, f.overlay"
        " FROM unit u JOIN finding f USING(unit_no)"
        " WHERE u.uscc = ? AND f.rule = ? AND f.kind = ? AND f.id = ? ORDER BY unit_no DESC",
        [uscc, rule, kind, id_],
    ).fetchone()
    return _kept(row) if row else None


def _kept(row: tuple[Any, ...]) -> Kept:
    number, *told, measures, rules, rule_from, evidence, overlay = row
    grounds = tuple(
        Ground(each["origin"], each.get("index"), each.get("delivered_on") or "")
        for each in orjson.loads(evidence or "[]")
    )
    texts: list[str] = [text or "" for text in told]
    origin, uscc, rule, kind, id_, state, judged, due, since, zh, en, obligation = texts
    return Kept(
        *(number, origin, uscc, rule, kind, id_, state, judged, due, since, zh, en, obligation),
        *(bool(measures), rules, rule_from or "", grounds),
        orjson.loads(overlay or "{}").get("withdrawn"),
    )
