"""What units answer by `feedback_reply` in their catalogues appears on the cases. Start at `heed`.

The hub notes each new reply as an act of its own, with the leaf and the time of its receipt: the
answer itself stays where the unit has signed it, and is read from there.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from fenhe_hub.casework import complaints
from fenhe_hub.casework.book import Casework
from fenhe_hub.casework.complaints import Case
from fenhe_hub.feedback.subjects import Route, State
from fenhe_hub.index.places import receipt
from fenhe_hub.office.acting import Office
from fenhe_hub.office.complaining import HANDLE
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.read_only import read_only

KIND = "feedback_reply"
_TAKEN_UP, _ANSWERED = ("received", "handling"), ("answered", "closed")


@dataclass(frozen=True, slots=True)
class Reply:
    """The public state of a unit's reply, its leaf, and when it was received (None: not yet)."""

    body: Mapping[str, Any]
    place: str
    received_at: int | None

    @property
    def text(self) -> str:
        """What it says."""
        return str(self.body.get("answer", ""))


def reply_to(index: sqlite3.Connection, case: Case) -> Reply | None:
    """What the unit of a case says to it now; None for a case that never went to the unit."""
    if not case.notice:
        return None
    row = index.execute(
        "SELECT l.origin, r.log_no, r.pub_idx, r.pub FROM resource r JOIN unit u USING(unit_no)"
        " JOIN log l USING(log_no)"
        " WHERE u.uscc = ? AND r.kind = ? AND r.id = ? AND r.deleted_on IS NULL"
        " AND r.pub IS NOT NULL AND u.state = 'enrolled'",
        [case.unit, KIND, case.number],
    ).fetchone()
    if row is None:
        return None
    origin, log_no, at, pub = row
    return Reply(orjson.loads(pub), f"{origin}#{at}", receipt(index, log_no, at))


def heed(office: Office) -> int:
    """Take in every reply that is new; how many."""
    home = office.hub.home
    if not home.index.exists():
        return 0
    with office.turn() as casework, read_only(home.index) as index:
        found = list(_fresh(casework, index))
        for case, reply in found:
            _note(office, casework, case, reply)
    return len(found)


def _fresh(casework: Casework, index: sqlite3.Connection) -> Iterator[tuple[Case, Reply]]:
    asked = complaints.cases(casework.db, "route = ? AND notice != ''", [Route.UNIT])
    for case in asked:
        reply = reply_to(index, case)
        # What has no receipt yet is not delivered; it is looked at again the next time.
        if reply and reply.received_at is not None and _is_news(case, reply):
            yield case, reply


def _is_news(case: Case, reply: Reply) -> bool:
    state = reply.body.get("state")
    if reply.place == case.reply or case.state == State.CLOSED:
        return False
    if state in _ANSWERED and reply.text:
        return case.state != State.ANSWERED
    return state in _TAKEN_UP and case.state in (State.ROUTED, State.REOPENED)


def _note(office: Office, casework: Casework, case: Case, reply: Reply) -> None:
    told: dict[str, Any] = {"by": "unit", "route": Route.UNIT, "reply": reply.place}
    name = "complaint.taken_up"
    if reply.body.get("state") in _ANSWERED:
        name = "complaint.answered"
        told["answered_at"] = reply.received_at
    office.do(casework, THE_HUB, HANDLE, name, case.number, told, unit=case.unit)
