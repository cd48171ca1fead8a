"""What a disclosure rule says of a unit or of one of its records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from fenhe_hub.rules.obligation import Obligation
from fenhe_hub.rules.overlaid import Correction, Exemption, Objection


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


DayKind = Literal["working", "calendar"]


@dataclass(frozen=True)
class Clock:
    """How a due date is counted: `amount` days of a kind from the day after `start`."""

    start: date
    amount: int
    day_kind: DayKind = "working"

    def as_json(self) -> dict[str, str | int]:
        """As it stands beside a finding."""
        return {
            "start": self.start.isoformat(),
            "amount": self.amount,
            "day_kind": self.day_kind,
        }


@dataclass(frozen=True)
class Finding:
    """One rule over one unit (`kind` and `id` empty) or over one of its records.

    `is_ground`: whether it may be the ground of a measure at all; `version` and `rule_from` say by
    which rule set (sha256 of its bytes) and since when that rule holds; `by_example`: it rests on a
    number that no source gives, marked 示例 in the rule set; `basis` says in words from what day
    the clock runs, for `explain` alone. What the office has laid over it (`exemption`,
    `objections`, `withdrawn`) is put there by `overlay`.
    """

    rule: str
    state: State
    kind: str = ""
    id: str = ""
    due: date | None = None
    since: date | None = None
    evidence: tuple[Evidence, ...] = ()
    todo: Todo = field(default_factory=Todo)
    obligation: Obligation = Obligation.DUTY
    is_ground: bool = True
    clock: Clock | None = None
    version: str = ""
    rule_from: date | None = None
    by_example: bool = False
    basis: Todo = field(default_factory=Todo)
    exemption: Exemption | None = None
    objections: tuple[Objection, ...] = ()
    withdrawn: Correction | None = None

    @property
    def leads_to_measures(self) -> bool:
        """Whether an authority may base a measure on it: a breach of a duty, by numbers in law."""
        return self.state is State.OVERDUE and self.would_lead

    @property
    def would_lead(self) -> bool:
        """Whether it would lead to measures if it were a breach."""
        is_duty = self.obligation is Obligation.DUTY
        return is_duty and self.is_ground and not self.by_example

    @property
    def laid_over(self) -> dict[str, Any]:
        """What the office has laid over it, as JSON; empty where nothing is."""
        told = {
            "exemption": self.exemption.as_json() if self.exemption else None,
            "objections": [each.as_json() for each in self.objections],
            "withdrawn": self.withdrawn.as_json() if self.withdrawn else None,
        }
        return {name: value for name, value in told.items() if value}

    def named(self, uscc: str) -> str:
        """The id of a finding: `<uscc>/<rule>/<kind>/<id>`."""
        return f"{uscc}/{self.rule}/{self.kind}/{self.id}"
