"""Cases of the public as everyone may know them: number, subject, state, days; never a word."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fenhe_hub.api.operation import Asked, Column
from fenhe_hub.api.paging import read_cursor, write_cursor
from fenhe_hub.api.parameters import Parameter
from fenhe_hub.api.shapes import Date, NextCursor, Total
from fenhe_hub.casework import complaints
from fenhe_hub.casework.book import open_casework
from fenhe_hub.casework.complaints import Case
from fenhe_hub.feedback.subjects import CATEGORY_LABELS, STATE_LABELS, Category, State
from fenhe_protocol.encoding import date_at

_ORDER = "complaints"


@dataclass(frozen=True, slots=True)
class CaseItem:
    """一件投诉的公开状态 The public state of a complaint."""

    number: Annotated[str, "编号 number"]
    category: Annotated[str, "事项 what it is about, a code"]
    state: Annotated[str, "状态 state, a code"]
    route: Annotated[str | None, "办理方 who answers: unit, authority; null: not decided yet"]
    received_on: Date
    due: Annotated[Date | None, "答复期限，未设为 null; null where no day is set"]
    answered_on: Date | None
    closed_on: Date | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """投诉登记，不含身份和内容 A page of complaints, without identities and words."""

    items: tuple[CaseItem, ...]
    total: Total
    counts: Annotated[
        Mapping[str, Mapping[str, int]], "各事项各状态的件数 how many by category and state"
    ]
    next: NextCursor


COMPLAINTS = (
    Parameter("category", "事项", "what it is about", choices=tuple(Category)),
    Parameter("state", "状态", "state", choices=tuple(State)),
)
COMPLAINT_COLUMNS = (
    Column("编号", "Number", lambda item, _: item.number),
    Column("事项", "Subject", lambda item, _: CATEGORY_LABELS[item.category][0]),
    Column("状态", "State", lambda item, _: STATE_LABELS[item.state][0]),
    Column("收到日期", "Received on", lambda item, _: item.received_on),
    Column("答复期限", "Due", lambda item, _: item.due),
    Column("答复日期", "Answered on", lambda item, _: item.answered_on),
    Column("办结日期", "Closed on", lambda item, _: item.closed_on),
)


def list_complaints(asked: Asked) -> CasePage:
    """Cases by number, the newest first, and how many there are by subject and state."""
    filters = {name: text for name in ("category", "state") if (text := asked.text(name))}
    place = read_cursor(_ORDER, asked.text("cursor"), int, str)
    limit = asked.number("limit")
    with open_casework(asked.reading.home) as casework:
        counted = complaints.counts(casework.db)
        found = complaints.listed(casework.db, filters, before=place, limit=limit + 1)
    more = len(found) > limit
    counts: dict[str, dict[str, int]] = {}
    for category, state, count in counted:
        counts.setdefault(category, {})[state] = count
    wanted = (
        count
        for category, state, count in counted
        if filters.items() <= {"category": category, "state": state}.items()
    )
    return CasePage(
        items=tuple(map(_item, found[:limit])),
        total=sum(wanted),
        counts=counts,
        next=_cursor(found[limit - 1]) if more else None,
    )


def _cursor(case: Case) -> str:
    return write_cursor(_ORDER, [case.received_at, case.number])


def _item(case: Case) -> CaseItem:
    return CaseItem(
        number=case.number,
        category=case.category,
        state=case.state,
        route=case.route or None,
        received_on=case.received_on,
        due=case.due or None,
        answered_on=case.answered_on,
        closed_on=None if case.closed_at is None else date_at(case.closed_at),
    )
