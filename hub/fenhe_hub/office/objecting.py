"""Objections entered and answered. Start at `raise_objection`; `take_replies` reads the units' own.

A unit objects by a `notice_reply`, or by a document that staff enter. The answer is a decision.
"""

import sqlite3
from collections.abc import Iterator

import orjson

from fenhe_hub.casework import objections as kept
from fenhe_hub.casework.book import Casework
from fenhe_hub.casework.numbering import next_number
from fenhe_hub.casework.objections import DECISION_LABELS, Decision
from fenhe_hub.index.said import said_of
from fenhe_hub.office import entered
from fenhe_hub.office.acting import Deed, Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import THE_HUB, Staff
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import FenheError, RequestError
from fenhe_protocol.fed import Act

_HIDDEN = "内容含个人信息, 未予保存; its text holds personal data and is not kept"


def raise_objection(
    office: Office,
    who: Staff,
    subject: str,
    *,
    text: str,
    document: str,
    raised_on: str,
    statement: str = "",
) -> Act:
    """Enter what a unit handed in; the same document about the same subject counts once."""
    meant = entered.subject(subject)
    source = entered.words(document, "document")
    details = {
        "subject": subject.strip(),
        "text": entered.passage(text, "text"),
        "statement": entered.passage(statement, "statement", optional=True),
        "raised_on": entered.day(raised_on, "raised_on"),
        "source": source,
    }
    with office.turn() as casework:
        if kept.is_entered(casework.db, source, subject.strip()):
            raise RequestError("register.state", status=409, where=source, found=subject.strip())
        number = _next(office, casework)
        return office.do(
            casework,
            who,
            Permission.PROPOSE,
            "objection.raised",
            number,
            details,
            unit=meant.uscc,
        )


def answer(
    office: Office, who: Staff, number: str, *, decision: str, text: str, document: str = ""
) -> Act:
    """Answer it, once; the unit reads it beside the finding."""
    labels = {each: DECISION_LABELS[each] for each in Decision}
    details = {
        "decision": str(entered.choice(decision, Decision, labels, "decision")),
        "answer": entered.passage(text, "answer"),
        "document": entered.words(document, "document", optional=True),
    }
    with office.turn() as casework:
        found = kept.objection(casework.db, number)
        if found is None:
            raise RequestError("register.absent", status=404, where=number)
        if found.decision:
            raise RequestError("register.state", status=409, where=number, found=found.decision)
        return office.do(
            casework,
            who,
            Permission.DECIDE,
            "objection.answered",
            number,
            details | {"subject": found.subject},
            unit=found.unit,
        )


def take_replies(office: Office, index: sqlite3.Connection) -> list[Act]:
    """Enter what units object to by `notice_reply`: each leaf once for each finding it concerns."""
    with office.turn() as casework:
        begin, _, count = _next(office, casework).rpartition("-")
        deeds = [
            Deed("objection.raised", f"{begin}-{int(count) + at:04}", details, str(details["unit"]))
            for at, details in enumerate(_new(casework, index, date_at(office.clock())))
        ]
        return office.do_all(casework, THE_HUB, Permission.PROPOSE, deeds)


def _new(casework: Casework, index: sqlite3.Connection, today: str) -> Iterator[dict[str, str]]:
    rows = index.execute(
        "SELECT u.uscc, r.id, l.origin, r.hub_idx, r.hub, r.pub FROM resource r"
        " JOIN unit u USING(unit_no) JOIN log l USING(log_no)"
        " WHERE r.kind = 'notice_reply' AND r.deleted_on IS NULL AND r.hub IS NOT NULL"
        " ORDER BY u.uscc, r.id"
    )
    for uscc, notice, origin, idx, hub, pub in rows.fetchall():
        told = orjson.loads(hub)
        if told.get("reply") != "objected":
            continue
        source = f"{origin}#{idx}"
        for subject in _subjects(index, uscc, notice):
            if not kept.is_entered(casework.db, source, subject):
                yield {
                    "unit": uscc,
                    "subject": subject,
                    "text": _text(told.get("text", "")),
                    "statement": _text(orjson.loads(pub or "{}").get("statement", "")),
                    "raised_on": told.get("replied_on") or today,
                    "source": source,
                    "notice": notice,
                }


def _subjects(index: sqlite3.Connection, uscc: str, notice: str) -> list[str]:
    """The findings on which the notice stands; of another unit's notice none."""
    said = said_of(index, "ntc", notice)
    if said is None or said.get("to") != uscc:
        return []
    about = [each for each in said.get("about", ()) if each.startswith(f"{uscc}/")]
    return about or [uscc]


def _text(text: str) -> str:
    try:
        return entered.passage(text, "text", optional=True)
    except FenheError:
        return _HIDDEN


def _next(office: Office, casework: Casework) -> str:
    year = int(date_at(office.clock())[:4])
    return next_number(casework.db, "objection", "O", year)
