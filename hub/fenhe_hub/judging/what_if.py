"""What another rule set would change, finding by finding: appear, vanish, another state or day.

Both sets are asked of the same facts at the same moment, and what the office has laid over findings
lies over both: a difference is the rules' alone. No finding is written. Start at `what_if`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from fenhe_hub.casework.book import open_casework
from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.ingest.services import tell_services
from fenhe_hub.judging.court import Court, open_court
from fenhe_hub.judging.overlays import overlays_on
from fenhe_hub.rules.finding import Finding
from fenhe_hub.rules.overlay import Overlays, overlay
from fenhe_hub.rules.ruleset import RuleSet


class ChangeKind(StrEnum):
    """How a finding would differ."""

    APPEARS = "appears"
    VANISHES = "vanishes"
    STATE = "state"
    DUE = "due"


CHANGE_LABELS: Mapping[ChangeKind, tuple[str, str]] = {
    ChangeKind.APPEARS: ("新增", "appears"),
    ChangeKind.VANISHES: ("消失", "vanishes"),
    ChangeKind.STATE: ("状态改变", "changes state"),
    ChangeKind.DUE: ("期限改变", "changes its due day"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One finding that would differ; a state or day is empty where there is no such finding."""

    uscc: str
    unit: str
    rule: str
    kind: str
    id: str
    change: ChangeKind
    state_now: str
    state_then: str
    due_now: date | None
    due_then: date | None
    leads_now: bool
    leads_then: bool

    @property
    def finding(self) -> str:
        """The id of the finding."""
        return f"{self.uscc}/{self.rule}/{self.kind}/{self.id}"

    def as_json(self) -> dict[str, Any]:
        """One row of the answer."""
        return {
            "finding": self.finding,
            "unit": self.unit,
            "change": self.change.value,
            "state": [self.state_now, self.state_then],
            "due": [_text(self.due_now), _text(self.due_then)],
            "leads_to_measures": [self.leads_now, self.leads_then],
        }


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""


@dataclass(frozen=True)
class WhatIf:
    """All differences between two sets; `counts_*` are findings by rule and state."""

    now: RuleSet
    then: RuleSet
    changes: tuple[Change, ...]
    units: int
    counts_now: Mapping[str, Mapping[str, int]]
    counts_then: Mapping[str, Mapping[str, int]]

    def totals(self) -> dict[str, dict[str, int]]:
        """How many findings of each rule change in which way."""
        return _nested(Counter((each.rule, each.change.value) for each in self.changes))

    def by_unit(self) -> dict[str, int]:
        """How many findings change of each unit, the most first."""
        return dict(Counter(each.uscc for each in self.changes).most_common())


def what_if(hub: Hub, in_force: RuleSet, other: RuleSet, now: int) -> WhatIf:
    """Judge all units by both sets and compare. Raises SetupError `workdays.*`."""
    with closing(open_index(hub.home.index)) as db, open_casework(hub.home) as casework:
        tell_services(hub.home, db)
        court = open_court(hub, db, now)
        return _compared(court, overlays_on(casework, court.moment.today), in_force, other)


def _compared(court: Court, overlays: Overlays, in_force: RuleSet, other: RuleSet) -> WhatIf:
    changes: list[Change] = []
    counts = (Counter[tuple[str, str]](), Counter[tuple[str, str]]())
    units = 0
    for unit_no, unit in court.units():
        units += 1
        found = []
        for rules, counted in zip((in_force, other), counts, strict=True):
            judged = court.judge(unit_no, unit, rules)
            laid = [overlay(each, unit.uscc, overlays, court.moment.today) for each in judged]
            counted.update((each.rule, each.state.value) for each in laid)
            found.append({(each.rule, each.kind, each.id): each for each in laid})
        changes += differences(unit.uscc, unit.name, *found)
    return WhatIf(in_force, other, tuple(changes), units, *map(_nested, counts))


Findings = Mapping[tuple[str, str, str], Finding]


def differences(uscc: str, unit: str, now: Findings, then: Findings) -> Iterator[Change]:
    """What differs between two judgements of one unit. Pure."""
    for key in sorted({*now, *then}):
        before, after = now.get(key), then.get(key)
        kind = _kind(before, after)
        if kind is not None:
            yield Change(
                uscc,
                unit,
                *key,
                kind,
                before.state.value if before else "",
                after.state.value if after else "",
                before.due if before else None,
                after.due if after else None,
                bool(before and before.leads_to_measures),
                bool(after and after.leads_to_measures),
            )


def _kind(before: Finding | None, after: Finding | None) -> ChangeKind | None:
    if before is None or after is None:
        return ChangeKind.APPEARS if before is None else ChangeKind.VANISHES
    if (before.state, before.leads_to_measures) != (after.state, after.leads_to_measures):
        return ChangeKind.STATE
    return ChangeKind.DUE if before.due != after.due else None


def _nested(counted: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (rule, state), number in sorted(counted.items()):
        found.setdefault(rule, {})[state] = number
    return found
