"""What happened to a unit, on one line of time: acts, receipts, breaches. Start at `story`."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from fenhe_hub.api.labels import state_label
from fenhe_hub.casework import journal
from fenhe_hub.console.act_names import act_name
from fenhe_hub.console.finding_rows import FindingRow
from fenhe_hub.index.read import Log, Unit
from fenhe_protocol.encoding import format_time
from fenhe_protocol.origin import origin_hash

MOST = 200
_MOST_RECEIPTS = 50  # of each log


@dataclass(frozen=True, slots=True)
class Event:
    """What happened; `day`: only its day is known. `path` leads to more, or to a proof."""

    at: int
    topic: str
    text: str
    by: str = ""
    path: str = ""
    day: bool = False

    @property
    def when(self) -> str:
        """As it is shown."""
        text = format_time(self.at)
        return text[:10] if self.day else text[:16].replace("T", " ")


def story(
    unit: Unit,
    index: sqlite3.Connection,
    casework: sqlite3.Connection,
    findings: Sequence[FindingRow],
    mirror: str,
) -> list[Event]:
    """The newest first, `MOST` of them; `mirror` is the address of what the hub serves."""
    events = [
        *_enrolled(unit),
        *_acts(unit, casework),
        *_receipts(unit, index, mirror),
        *_breaches(findings),
    ]
    return sorted(events, key=lambda each: each.at, reverse=True)[:MOST]


def _enrolled(unit: Unit) -> Iterator[Event]:
    if unit.enrolled_at:
        yield Event(unit.enrolled_at, "登记", f"{unit.origin} 登记")


def _acts(unit: Unit, casework: sqlite3.Connection) -> Iterator[Event]:
    for act in journal.acts(casework, unit=unit.uscc):
        about = "" if act.subject == unit.uscc else act.subject
        yield Event(act.at, "办理", f"{act_name(act.name)} {about}".strip(), act.by)


def _receipts(unit: Unit, index: sqlite3.Connection, mirror: str) -> Iterator[Event]:
    for log in unit.logs:
        rows = index.execute(
            "SELECT size, at FROM head WHERE log_no = ? ORDER BY at DESC LIMIT ?",
            [log.log_no, _MOST_RECEIPTS],
        )
        for size, at in rows:
            yield Event(
                at, "回执", f"{log.name} 前 {size} 条已收到并签字", path=_proof(log, mirror)
            )


def _proof(log: Log, mirror: str) -> str:
    """The cosigned head as the mirror serves it; of a usage log it is for readers alone."""
    return f"{mirror}/m/{origin_hash(log.origin)}/checkpoint" if log.public else ""


def _breaches(findings: Sequence[FindingRow]) -> Iterator[Event]:
    for each in findings:
        if each.state == "overdue" and (day := each.since or each.due):
            at = int(datetime.fromisoformat(f"{day}T00:00+08:00").timestamp())
            text = f"{each.rule} {each.id} {state_label(each.state).zh}"
            yield Event(at, "发现", text, path=each.path, day=True)
