"""The states of an order and what may follow what. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from fenhe_protocol.errors import InputError

Party = Literal["unit", "applicant"]


class State(StrEnum):
    """Where an order stands."""

    RECEIVED = "received"
    ASKED = "asked"  # the unit has asked back and waits
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """What a page calls it."""
        return _LABELS[self]

    @property
    def is_open(self) -> bool:
        """Whether something is still to come."""
        return self not in CLOSED


CLOSED = frozenset({State.DONE, State.DECLINED, State.WITHDRAWN})

_LABELS: Mapping[State, str] = {
    State.RECEIVED: "已收到",
    State.ASKED: "待您补充",
    State.ACCEPTED: "已受理",
    State.SCHEDULED: "已排期",
    State.DONE: "已完成",
    State.DECLINED: "未受理",
    State.WITHDRAWN: "已撤回",
}

_BY_UNIT: Mapping[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.ASKED, State.ACCEPTED, State.SCHEDULED, State.DECLINED}),
    State.ASKED: frozenset({State.ASKED, State.ACCEPTED, State.SCHEDULED, State.DECLINED}),
    State.ACCEPTED: frozenset({State.ASKED, State.SCHEDULED, State.DONE, State.DECLINED}),
    State.SCHEDULED: frozenset({State.ASKED, State.SCHEDULED, State.DONE, State.DECLINED}),
    State.DONE: frozenset({State.DONE}),  # its figures are corrected
}
_BY_APPLICANT: Mapping[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.WITHDRAWN}),
    State.ASKED: frozenset({State.RECEIVED, State.WITHDRAWN}),  # answered
    State.ACCEPTED: frozenset({State.WITHDRAWN}),
    State.SCHEDULED: frozenset({State.WITHDRAWN}),
}


def next_states(state: State, party: Party) -> frozenset[State]:
    """The states to which this party may take an order."""
    rules = _BY_UNIT if party == "unit" else _BY_APPLICANT
    return rules.get(state, frozenset())


def check_move(state: State, wanted: State, party: Party) -> None:
    """Raise InputError `order.state` where that may not follow."""
    allowed = next_states(state, party)
    if wanted not in allowed:
        raise InputError(
            "order.state",
            where=state.label,
            expected="、".join(sorted(each.label for each in allowed)) or "—",
            found=wanted.label,
        )
