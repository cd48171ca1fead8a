"""The course of a measure: which step leads from which state to which. Pure.

Proposed by the operator, decided or rejected by an authority; once decided it stands until the
authority revokes it (it ought not to have been) or closes it (it has done its work). What a unit
answers changes nothing in that: an objection stands beside the measure.
"""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a measure stands."""

    PROPOSED = "proposed"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    DECIDED = "decided"
    REVOKED = "revoked"
    CLOSED = "closed"


class Step(StrEnum):
    """What is done to it."""

    WITHDRAW = "withdrawn"
    REJECT = "rejected"
    DECIDE = "decided"
    REMARK = "remarked"
    REVOKE = "revoked"
    CLOSE = "closed"


STATE_LABELS: Mapping[State, tuple[str, str]] = {
    State.PROPOSED: ("待决定", "proposed"),
    State.WITHDRAWN: ("已撤回建议", "withdrawn"),
    State.REJECTED: ("不予采纳", "rejected"),
    State.DECIDED: ("有效", "in force"),
    State.REVOKED: ("已撤销", "revoked"),
    State.CLOSED: ("已办结", "closed"),
}

_COURSE: Mapping[tuple[State, Step], State] = {
    (State.PROPOSED, Step.WITHDRAW): State.WITHDRAWN,
    (State.PROPOSED, Step.REJECT): State.REJECTED,
    (State.PROPOSED, Step.DECIDE): State.DECIDED,
    (State.DECIDED, Step.REMARK): State.DECIDED,
    (State.DECIDED, Step.REVOKE): State.REVOKED,
    (State.DECIDED, Step.CLOSE): State.CLOSED,
    (State.CLOSED, Step.REVOKE): State.REVOKED,  # also what has done its work can have been wrong
}

WAS_DECIDED = (State.DECIDED, State.REVOKED, State.CLOSED)
"""What was said to the unit, and stays to be seen."""


def after(state: State, step: Step) -> State | None:
    """The state behind a step; None where it cannot be taken."""
    return _COURSE.get((state, step))


class Kind(StrEnum):
    """What is done to a unit, in no order; the last one is about an item (policy 二(五))."""

    REMINDER = "reminder"
    CRITICISM = "criticism"
    RECTIFICATION = "rectification"
    NO_PURCHASE = "no_purchase"
    NO_PROJECT_EQUIPMENT = "no_project_equipment"
    REALLOCATION = "reallocation"


KIND_LABELS: Mapping[Kind, tuple[str, str]] = {
    Kind.REMINDER: ("提醒", "reminder"),
    Kind.CRITICISM: ("通报", "public notice"),
    Kind.RECTIFICATION: ("限期整改", "rectification with a deadline"),
    Kind.NO_PURCHASE: ("停止新购", "no new purchases"),
    Kind.NO_PROJECT_EQUIPMENT: ("申报项目不准购置", "no equipment in project applications"),
    Kind.REALLOCATION: ("无偿划拨", "free reallocation"),
}

BARS = (Kind.NO_PURCHASE, Kind.NO_PROJECT_EQUIPMENT)
"""The two lists that other departments look into before they approve."""

ON_ITEMS = (Kind.REALLOCATION,)
