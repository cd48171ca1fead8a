"""Exemptions asked for, granted, refused, revoked. Start at `ask`, then `grant`.

The operator enters a request or the unit's own record makes it; a decider in whose scope the unit
lies decides, with approver, reason and filing number.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from fenhe_hub.casework import exemptions as kept
from fenhe_hub.casework.book import Casework
from fenhe_hub.casework.exemptions import Exemption, Stage
from fenhe_hub.casework.numbering import next_number
from fenhe_hub.office import entered
from fenhe_hub.office.acting import Deed, Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import THE_HUB, Staff
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import FenheError, InputError, RequestError
from fenhe_protocol.fed import Act

_REASON = 500


@dataclass(frozen=True, slots=True)
class Grant:
    """What a decision says; `until` is the last day, empty: without end. Days are ISO dates."""

    approver: str
    reason: str
    filing_no: str
    start: str
    until: str = ""
    document: str = ""


def ask(office: Office, who: Staff, subject: str, reason: str, source: str) -> Act:
    """Enter a request; `source` is the document by which the unit made it."""
    meant = entered.subject(subject)
    details = {
        "subject": subject.strip(),
        "reason": entered.words(reason, "reason", most=_REASON),
        "source": entered.words(source, "source"),
    }
    with office.turn() as casework:
        number = _next(office, casework)
        return office.do(
            casework,
            who,
            Permission.PROPOSE,
            "exemption.asked",
            number,
            details,
            unit=meant.uscc,
        )


def grant(office: Office, who: Staff, number: str, told: Grant) -> Act:
    """Grant a request; only one that is not decided yet."""
    details = _granted(told)
    with office.turn() as casework:
        found = _at_stage(casework, number, Stage.ASKED)
        return office.do(
            casework,
            who,
            Permission.DECIDE,
            "exemption.granted",
            number,
            details | {"subject": found.subject},
            unit=found.unit,
        )


def _granted(told: Grant) -> dict[str, str]:
    start = entered.day(told.start, "from")
    until = entered.day(told.until, "until", optional=True)
    if until and until < start:
        raise InputError("register.value", where="until", expected=f"≥ {start}", found=until)
    return {
        "approver": entered.words(told.approver, "approver"),
        "reason": entered.words(told.reason, "reason", most=_REASON),
        "filing_no": entered.words(told.filing_no, "filing_no"),
        "from": start,
        "until": until,
        "document": entered.words(told.document, "document", optional=True),
    }


def refuse(office: Office, who: Staff, number: str, answer: str, document: str = "") -> Act:
    """Refuse a request."""
    return _answer(office, who, number, (Stage.ASKED, "exemption.refused"), answer, document)


def revoke(office: Office, who: Staff, number: str, answer: str, document: str = "") -> Act:
    """Revoke what was granted; from now on it exempts from nothing."""
    return _answer(office, who, number, (Stage.GRANTED, "exemption.revoked"), answer, document)


def _answer(
    office: Office, who: Staff, number: str, step: tuple[Stage, str], answer: str, document: str
) -> Act:
    stage, name = step
    details = {
        "answer": entered.words(answer, "answer", most=_REASON),
        "document": entered.words(document, "document", optional=True),
    }
    with office.turn() as casework:
        found = _at_stage(casework, number, stage)
        return office.do(
            casework,
            who,
            Permission.DECIDE,
            name,
            number,
            details | {"subject": found.subject},
            unit=found.unit,
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """What a unit's own record says in `exemption`: it asks for no more than that."""

    unit: str
    kind: str
    id: str
    source: str  # the leaf
    told: str  # all of it in one line
    digest: str

    @property
    def subject(self) -> str:
        """The record, by every rule."""
        return f"{self.unit}/*/{self.kind}/{self.id}"


def claims(index: sqlite3.Connection) -> Iterator[Claim]:
    """What living records of enrolled units claim."""
    rows = index.execute(
        "SELECT u.uscc, r.kind, r.id, l.origin, r.hub_idx, r.hub FROM resource r"
        " JOIN unit u USING(unit_no) JOIN log l USING(log_no)"
        " WHERE r.deleted_on IS NULL AND u.state = 'enrolled' AND r.hub LIKE '%\"exemption\"%'"
        " ORDER BY u.uscc, r.kind, r.id"
    )
    for uscc, kind, id_, origin, idx, hub in rows:
        if told := orjson.loads(hub).get("exemption"):
            raw = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
            digest = hashlib.sha256(raw).hexdigest()[:16]
            yield Claim(uscc, kind, id_, f"{origin}#{idx}", _in_words(told), digest)


def _in_words(told: dict[str, Any]) -> str:
    names = (("reason", ""), ("approver", "批准部门 "), ("filing_no", "备案号 "), ("until", "至 "))
    return "；".join(f"{title}{told[name]}" for name, title in names if told.get(name))


def take_claims(office: Office, index: sqlite3.Connection) -> list[Act]:
    """Let claims that nobody has seen yet wait for a decision; one that may not be said is left."""
    with office.turn() as casework:
        known = {(each.subject, each.source) for each in kept.exemptions(casework.db)}
        number = _next(office, casework)
        deeds = []
        for claim in claims(index):
            source = f"{claim.source} {claim.digest}"
            if any(s == claim.subject and o.endswith(claim.digest) for s, o in known):
                continue
            try:
                reason = entered.words(claim.told, "exemption", most=_REASON * 2)
            except FenheError:
                continue
            details = {"subject": claim.subject, "reason": reason, "source": source}
            deeds.append(Deed("exemption.asked", number, details, claim.unit))
            number = _after(number)
        return office.do_all(casework, THE_HUB, Permission.PROPOSE, deeds)


def _after(number: str) -> str:
    begin, _, count = number.rpartition("-")
    return f"{begin}-{int(count) + 1:04}"


def _next(office: Office, casework: Casework) -> str:
    year = int(date_at(office.clock())[:4])
    return next_number(casework.db, "exemption", "E", year)


def _at_stage(casework: Casework, number: str, stage: Stage) -> Exemption:
    found = kept.exemption(casework.db, number)
    if found is None:
        raise RequestError("register.absent", status=404, where=number)
    if found.state != stage:
        raise RequestError(
            "register.state", status=409, where=number, expected=stage, found=found.state
        )
    return found
