"""What a disclosure rule says of a unit or of one of its records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class State(StrEnum):
    """The seven states of rules.md; silence is a breach only where the duty is to report."""

    MET = "met"
    DUE = "due"
    PROVISIONAL = "provisional"
    OVERDUE = "overdue"
    NOT_APPLICABLE = "not_applicable"
    EXEMPT = "exempt"
    UNKNOWN = "unknown"


STATE_LABELS: dict[State, tuple[str, str]] = {
    State.MET: ("已满足", "met"),
    State.DUE: ("待办", "due"),
    State.PROVISIONAL: ("暂定", "provisional"),
    State.OVERDUE: ("逾期", "overdue"),
    State.NOT_APPLICABLE: ("不适用", "not applicable"),
    State.EXEMPT: ("已豁免", "exempt"),
    State.UNKNOWN: ("无法判断", "unknown"),
}


@dataclass(frozen=True)
class Evidence:
    """Where the ground of a finding stands: a leaf of a log and the day it was delivered."""

    origin: str
    index: int | None = None
    delivered_on: date | None = None

    def as_json(self) -> dict[str, str | int | None]:
        """Return the members that a page or an API shows."""
        day = self.delivered_on.isoformat() if self.delivered_on else None
        return {"origin": self.origin, "index": self.index, "delivered_on": day}


@dataclass(frozen=True)
class Todo:
    """What a person at the unit can do next, Chinese first."""

    zh: str = ""
    en: str = ""


@dataclass(frozen=True)
class Finding:
    """One rule over one unit (`kind` and `id` empty) or over one of its records."""

    rule: str
    state: State
    kind: str = ""
    id: str = ""
    due: date | None = None
    since: date | None = None
    evidence: tuple[Evidence, ...] = ()
    todo: Todo = field(default_factory=Todo)
