"""What became of a measure that stands: mended, still open, or past its deadline. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from fenhe_hub.casework.course import State
from fenhe_hub.casework.measures import Measure

_SETTLED = ("met", "exempt", "not_applicable")


class Progress(StrEnum):
    """How far what a measure rests on is mended."""

    MENDED = "mended"
    OPEN = "open"
    LATE = "late"


PROGRESS_LABELS: Mapping[Progress, tuple[str, str]] = {
    Progress.MENDED: ("问题已改正", "mended"),
    Progress.OPEN: ("尚未改正", "not mended yet"),
    Progress.LATE: ("逾期未改正", "past its deadline"),
}


def progress(measure: Measure, states: Mapping[str, str], today: str) -> Progress | None:
    """How a decided measure fares; None where it rests on no finding or was not decided.

    A finding that is no longer there counts as open: that nobody looks is not that it is mended.
    """
    if measure.state not in (State.DECIDED, State.CLOSED) or not measure.findings:
        return None
    if all(states.get(each) in _SETTLED for each in measure.findings):
        return Progress.MENDED
    late = bool(measure.deadline) and today > measure.deadline
    return Progress.LATE if late else Progress.OPEN


def shown_state(measure: Measure, today: str) -> str:
    """What is said of a measure's state: a bar whose last day has gone is over by itself."""
    if measure.state is State.DECIDED and not measure.is_in_force(today):
        return "expired"
    return "in_force" if measure.state is State.DECIDED else measure.state


SHOWN_LABELS: Mapping[str, tuple[str, str]] = {
    "in_force": ("有效", "in force"),
    "expired": ("已到期", "over"),
    "revoked": ("已撤销", "revoked"),
    "closed": ("已办结", "closed"),
    "proposed": ("待决定", "proposed"),
    "withdrawn": ("已撤回建议", "withdrawn"),
    "rejected": ("不予采纳", "rejected"),
}
