"""Public measures: notices to be read by everyone, rectifications, and the two bar lists.

Nothing here tells of a measure that is not public. What the unit objects stands beside it.
"""

from collections.abc import Iterable
from functools import partial
from sqlite3 import Connection
from typing import Any

from fenhe_hub.api.measure_shapes import MeasureDetail, MeasureItem, MeasurePage, NoticeItem
from fenhe_hub.api.operation import Asked, Column, not_found
from fenhe_hub.api.paging import read_cursor, write_cursor
from fenhe_hub.api.parameters import Parameter
from fenhe_hub.casework import measures as kept
from fenhe_hub.casework.book import open_casework
from fenhe_hub.casework.course import BARS, KIND_LABELS, WAS_DECIDED, Kind
from fenhe_hub.casework.follow_up import SHOWN_LABELS, progress, shown_state
from fenhe_hub.casework.measures import Measure, MeasureFilters
from fenhe_hub.casework.notices import SentNotice, notices_of_case
from fenhe_hub.casework.obliged import obliged_unit
from fenhe_hub.index.read import unit_with_code
from fenhe_hub.index.replies import reply_to, states_of
from fenhe_protocol.encoding import date_at, format_time

_ORDER = "measures"
STATES = ("in_force", "expired", "revoked", "closed")
MEASURES = (
    Parameter("kind", "措施", "what kind", choices=tuple(Kind)),
    Parameter("state", "状态", "state", choices=STATES),
)
NUMBER = Parameter(
    "number", "措施编号", "number of a measure", place="path", required=True,
    pattern="^M-[0-9]{4}-[0-9]{4,9}$", example="M-2026-0001",
)  # fmt: skip


def list_measures(asked: Asked) -> MeasurePage:
    """Public measures that were decided, ended ones too, the newest first."""
    kind = asked.text("kind")
    return _page(asked, _public(asked, [kind] if kind else None))


def list_rectifications(asked: Asked) -> MeasurePage:
    """The register of rectifications."""
    return _page(asked, _public(asked, [Kind.RECTIFICATION]))


def list_barred(kind: Kind, asked: Asked) -> MeasurePage:
    """One of the two lists: who may not buy, or not apply for equipment."""
    return _page(asked, _public(asked, [kind]))


BAR_LISTS = {kind: partial(list_barred, kind) for kind in BARS}


def one_measure(asked: Asked) -> MeasureDetail:
    """A public measure with its notices; RequestError 404 for any other."""
    number = str(asked.values["number"])
    with open_casework(asked.reading.home) as casework:
        found = kept.measure(casework.db, number)
        if found is None or not found.public or found.state not in WAS_DECIDED:
            raise not_found(number)
        sent = [each for each in notices_of_case(casework.db, number) if each.word.is_public]
    return MeasureDetail(_item(asked, found), tuple(_notice(asked.db, each) for each in sent))


def public_notices(asked: Asked, limit: int) -> list[tuple[Measure, SentNotice]]:
    """The newest public notices with their measures, for who follows them."""
    with open_casework(asked.reading.home) as casework:
        found = [
            (measure, notice)
            for measure in kept.published(casework.db)
            for notice in notices_of_case(casework.db, measure.number)
            if notice.word.is_public
        ]
    return sorted(found, key=lambda pair: (pair[1].at, pair[1].number), reverse=True)[:limit]


def _public(asked: Asked, kinds: Iterable[str] | None) -> list[Measure]:
    today, state = date_at(asked.now), asked.text("state")
    wanted = MeasureFilters(
        states=WAS_DECIDED,
        public=True,
        kinds=None if kinds is None else [*kinds],
        unit=asked.text("unit"),
    )
    with open_casework(asked.reading.home) as casework:
        found = kept.measures(casework.db, wanted)
    return [each for each in found if state in (None, shown_state(each, today))]


def _page(asked: Asked, found: list[Measure]) -> MeasurePage:
    limit = asked.number("limit")
    place = read_cursor(_ORDER, asked.text("cursor"), str)
    behind = [each for each in found if place is None or each.number < place[0]]
    shown, more = behind[:limit], len(behind) > limit
    return MeasurePage(
        items=tuple(_item(asked, each) for each in shown),
        total=len(found),
        next=write_cursor(_ORDER, [shown[-1].number]) if more else None,
    )


def _item(asked: Asked, found: Measure) -> MeasureItem:
    today = date_at(asked.now)
    reply = reply_to(asked.db, found.unit, found.notice)
    unit, ending = unit_with_code(asked.db, found.unit), found.ending
    received = reply.received_at if reply else None
    return MeasureItem(
        number=found.number,
        unit=found.unit,
        unit_name=unit.name if unit else _listed_name(asked, found.unit),
        has_node=unit is not None,
        kind=found.kind.value,
        state=shown_state(found, today),  # type: ignore[arg-type]  # only decided ones come here
        title=found.title,
        document_no=found.document_no,
        decided_on=found.decided_on,
        decided_by=found.decided_by,
        deadline=found.deadline or None,
        until=found.until or None,
        item=f"{found.item_kind}/{found.item_id}" if found.item_id else None,
        findings=found.findings,
        progress=_value(progress(found, states_of(asked.db, found.findings), today)),
        objected=bool(reply and reply.objected),
        reply=(reply.reply or None) if reply else None,  # type: ignore[arg-type]  # of the schema
        statement=(reply.statement or None) if reply else None,
        replied_at=None if received is None else format_time(received),
        ended_on=date_at(ending.at) if ending else None,
        ended_document_no=(ending.document_no or None) if ending else None,
        ended_by=(ending.decided_by or None) if ending else None,
        ended_reason=(ending.reason or None) if ending else None,
        page=f"{asked.reading.url}/notices/{found.number}",
    )


def _listed_name(asked: Asked, uscc: str) -> str:
    """What the register of obliged units calls a unit that has no node."""
    with open_casework(asked.reading.home) as casework:
        listed = obliged_unit(casework.db, uscc)
    return listed.name if listed else uscc


def _value(found: Any) -> Any:
    return None if found is None else found.value


def _notice(db: Connection, sent: SentNotice) -> NoticeItem:
    row = db.execute(
        "SELECT epoch, idx FROM said WHERE kind = 'ntc' AND id = ?", [sent.number]
    ).fetchone()
    epoch, leaf = row or (None, None)
    word = sent.word
    return NoticeItem(
        sent.number, word.matter, word.title, word.text, format_time(sent.at), leaf, epoch
    )


def _plain(zh: str, en: str, name: str) -> Column:
    return Column(zh, en, lambda item, _: getattr(item, name))


MEASURE_COLUMNS = (
    _plain("措施编号", "number", "number"),
    _plain("单位代码", "unit", "unit"),
    _plain("单位", "unit name", "unit_name"),
    Column("措施", "kind", lambda item, _: KIND_LABELS[Kind(item.kind)][0]),
    Column("状态", "state", lambda item, _: SHOWN_LABELS[item.state][0]),
    _plain("文号", "document number", "document_no"),
    _plain("决定日期", "decided on", "decided_on"),
    _plain("决定机关", "deciding body", "decided_by"),
    _plain("整改期限", "deadline", "deadline"),
    _plain("至", "last day", "until"),
    _plain("仪器设施", "item", "item"),
    Column("异议", "objection", lambda item, _: "有" if item.objected else ""),
    _plain("单位公开说明", "statement of the unit", "statement"),
    _plain("撤销或办结日期", "ended on", "ended_on"),
    _plain("撤销或办结文号", "by document", "ended_document_no"),
    _plain("撤销或办结机关", "ended by", "ended_by"),
    _plain("网页", "page", "page"),
)
