"""Lay what the office decided over a finding: exempt, objected to, withdrawn. Pure; `overlay`.

Nothing of the finding is lost: `judged` stays what the rule said, and what was laid over it is
shown with it. An exemption that has expired falls away by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from fenhe_hub.rules.finding import Finding, State, Todo
from fenhe_hub.rules.overlaid import Correction, Exemption, Objection

NEVER_EXEMPT = frozenset({"D5"})
"""Nobody can let a unit show what belongs to its users."""

_OPEN = frozenset({State.DUE, State.PROVISIONAL, State.OVERDUE, State.UNKNOWN})


@dataclass(frozen=True)
class Overlays:
    """All that the office has laid over findings, expired exemptions included."""

    exemptions: tuple[Exemption, ...] = ()
    objections: tuple[Objection, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to lay."""
        return not (self.exemptions or self.objections or self.corrections)


def overlay(finding: Finding, uscc: str, overlays: Overlays, today: date) -> Finding:
    """The finding as it is shown today; the same one where nothing of it is concerned."""
    if overlays.is_empty:
        return finding
    found = _withdrawn(finding, overlays.corrections)
    found = _exempt(found, uscc, overlays.exemptions, today)
    raised = tuple(each for each in overlays.objections if _means(each, finding, uscc))
    return replace(found, objections=raised) if raised else found


def _means(laid: Exemption | Objection, finding: Finding, uscc: str) -> bool:
    return laid.subject.covers(uscc, finding.rule, finding.kind, finding.id)


def _withdrawn(finding: Finding, corrections: Iterable[Correction]) -> Finding:
    for each in corrections:
        if each.rules == finding.version and each.rule in ("", finding.rule):
            said = Todo(each.text_zh, each.text_en)
            return replace(finding, state=State.NOT_APPLICABLE, withdrawn=each, todo=said)
    return finding


def _exempt(finding: Finding, uscc: str, exemptions: Iterable[Exemption], today: date) -> Finding:
    if finding.rule in NEVER_EXEMPT:
        return finding
    held = [each for each in exemptions if each.holds_on(today) and _means(each, finding, uscc)]
    if not held:
        return finding
    last = max(held, key=lambda each: each.until or date.max)  # the one that holds longest
    state = State.EXEMPT if finding.state in _OPEN else finding.state
    return replace(finding, exemption=last, state=state)
