"""Measures with what belongs beside each: the unit's name, its reply, how far things are mended."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from fenhe_hub.casework.course import KIND_LABELS
from fenhe_hub.casework.follow_up import PROGRESS_LABELS, SHOWN_LABELS, progress, shown_state
from fenhe_hub.casework.measures import Measure
from fenhe_hub.console.unit_names import UnitNames
from fenhe_hub.index.replies import Reply, reply_to, states_of

REPLIES = {"acknowledged": "已签收", "answered": "已答复", "objected": "有异议"}


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure as lists and its page show it."""

    measure: Measure
    unit: str
    state: str
    progress: str
    reply: Reply | None
    has_node: bool = True

    @property
    def path(self) -> str:
        """Its page."""
        return f"/measures/{self.measure.unit}/{self.measure.number}"

    @property
    def kind(self) -> str:
        """What kind it is, in words."""
        return KIND_LABELS[self.measure.kind][0]

    @property
    def state_said(self) -> str:
        """How it stands, in words."""
        return SHOWN_LABELS[self.state][0]

    @property
    def answer(self) -> str:
        """What the unit said to it, in a word."""
        return REPLIES.get(self.reply.reply, "") if self.reply else ""


def measure_rows(
    db: sqlite3.Connection,
    found: Iterable[Measure],
    today: str,
    listed: Mapping[str, str] | None = None,
) -> list[MeasureRow]:
    """A row for each measure; `db` is the index, `listed` names units without a node."""
    names = UnitNames.read(db)
    called = {names.codes[number]: name for number, name in names.names.items()}
    said = {**(listed or {}), **called}
    rows = [_row(db, each, said.get(each.unit, each.unit), today) for each in found]
    return [replace(row, has_node=row.measure.unit in called) for row in rows]


def _row(db: sqlite3.Connection, measure: Measure, name: str, today: str) -> MeasureRow:
    far = progress(measure, states_of(db, measure.findings), today)
    reply = reply_to(db, measure.unit, measure.notice) if measure.notice else None
    said = PROGRESS_LABELS[far][0] if far else ""
    return MeasureRow(measure, name, shown_state(measure, today), said, reply)
