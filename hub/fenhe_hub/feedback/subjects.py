"""What a complaint may be about, whose it is to answer, and where a case can go. Pure.

Policy 二(五) wants a channel for complaints about reallocation, which belong to the authority
(rules.md D9); what a unit answers for itself goes to the unit first (三(四)).
"""

from collections.abc import Mapping
from enum import StrEnum


class Category(StrEnum):
    """What it is about."""

    INSTRUMENT = "instrument"
    UNIT = "unit"
    FEES = "fees"
    REFUSAL = "refusal"
    REALLOCATION = "reallocation"
    PLATFORM = "platform"
    OTHER = "other"


CATEGORY_LABELS: Mapping[Category, tuple[str, str]] = {
    Category.INSTRUMENT: ("仪器设备或其公布的信息", "an instrument, or what is published of it"),
    Category.UNIT: ("管理单位的服务", "the service of a unit"),
    Category.FEES: ("收费", "fees"),
    Category.REFUSAL: ("拒绝提供服务", "refusal to serve"),
    Category.REALLOCATION: ("仪器设备的调配、划拨", "reallocation of instruments"),
    Category.PLATFORM: ("本平台", "this platform"),
    Category.OTHER: ("其他", "something else"),
}


class Source(StrEnum):
    """How somebody complained to the office, where not by the public form."""

    TELEPHONE = "telephone"
    LETTER = "letter"
    VISIT = "visit"
    MAIL = "mail"
    PASSED_ON = "passed_on"


SOURCE_LABELS: Mapping[Source, tuple[str, str]] = {
    Source.TELEPHONE: ("电话", "by telephone"),
    Source.LETTER: ("来信", "by letter"),
    Source.VISIT: ("来访", "in person"),
    Source.MAIL: ("电子邮件", "by mail"),
    Source.PASSED_ON: ("其他部门转来", "passed on by others"),
}
OF_A_UNIT = frozenset({Category.INSTRUMENT, Category.UNIT, Category.FEES, Category.REFUSAL})
"""What cannot be followed up without the unit that it is about."""


class Route(StrEnum):
    """Who answers."""

    UNIT = "unit"
    AUTHORITY = "authority"


ROUTE_LABELS: Mapping[Route, tuple[str, str]] = {
    Route.UNIT: ("管理单位", "the unit"),
    Route.AUTHORITY: ("主管部门", "the authority"),
}


def proper_route(category: str) -> Route:
    """Who should answer; the handlers may send it elsewhere, as far as `may_go` lets them."""
    return Route.UNIT if category in OF_A_UNIT else Route.AUTHORITY


def may_go(category: str, route: str, unit: str) -> bool:
    """Whether a case may be sent there.

    Never to a unit about its own reallocation, nor to one that nobody named.
    """
    if route == Route.AUTHORITY:
        return True
    return bool(unit) and category not in (Category.REALLOCATION, Category.PLATFORM)


class State(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    ROUTED = "routed"
    WITH_UNIT = "with_unit"
    WITH_AUTHORITY = "with_authority"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"


STATE_LABELS: Mapping[State, tuple[str, str]] = {
    State.RECEIVED: ("已收到", "received"),
    State.ROUTED: ("已转交", "passed on"),
    State.WITH_UNIT: ("单位办理中", "with the unit"),
    State.WITH_AUTHORITY: ("主管部门办理中", "with the authority"),
    State.ANSWERED: ("已答复", "answered"),
    State.CLOSED: ("已办结", "closed"),
    State.REOPENED: ("重新办理", "reopened"),
}

_OPEN = frozenset(State) - {State.CLOSED}
_BEFORE: Mapping[str, frozenset[State]] = {
    "route": _OPEN,
    "take_up": frozenset({State.ROUTED, State.REOPENED}),
    "answer": _OPEN,
    "close": _OPEN,
    "reopen": frozenset({State.ANSWERED, State.CLOSED}),
    "add": _OPEN,
}


def may_follow(state: str, step: str) -> bool:
    """Whether `step` (route, take_up, answer, close, reopen, add) can be done in this state."""
    return state in _BEFORE[step]


CLOSED_AS: Mapping[str, tuple[str, str]] = {
    "settled": ("已解决", "settled"),
    "explained": ("已说明", "explained"),
    "unfounded": ("查无实据", "unfounded"),
    "elsewhere": ("不属于本平台，已告知去处", "not ours; told where to turn"),
    "duplicate": ("重复反映", "said before"),
    "withdrawn": ("反映人撤回", "withdrawn"),
    "abuse": ("滥用", "abuse of the form"),
}
"""Why a case is closed."""
