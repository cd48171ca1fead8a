"""What is done with complaints: received, passed on, answered, closed. Start at `receive`.

Words are sealed before they are kept anywhere. Who handles a case has it in the scope of the
account, and every look at its words is an act.
"""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from fenhe_hub.casework import complaints
from fenhe_hub.casework.book import Casework
from fenhe_hub.casework.complaint_acts import COMPLAINANT, HANDLERS, WORDS
from fenhe_hub.casework.complaints import Case, Words
from fenhe_hub.feedback.complaint import LONGEST_TEXT, Complaint
from fenhe_hub.feedback.handlers_key import public_key
from fenhe_hub.feedback.sealing import Envelope, Secret, public_of, public_text
from fenhe_hub.feedback.subjects import CLOSED_AS, SOURCE_LABELS, Route, Source, may_follow
from fenhe_hub.office import entered
from fenhe_hub.office.acting import Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import THE_HUB, Staff
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import InputError, RequestError, SetupError
from fenhe_protocol.fed import Act
from fenhe_protocol.typed_text import trouble

_HOUR = 3600
HANDLE = Permission.HANDLE


def receive(office: Office, complaint: Complaint, secret: Secret) -> str:
    """Keep a complaint, sealed; its number. RequestError 429, 503 `complaint.*`."""
    key = _handlers_public(office)
    now = office.clock()
    with office.turn() as casework:
        most = office.hub.config.complaints.most_an_hour
        if complaints.received_since(casework.db, now - _HOUR) >= most:
            raise RequestError("complaint.too-many", status=429)
        return _keep(office, casework, THE_HUB, key, complaint, secret, {})


def enter(
    office: Office, who: Staff, complaint: Complaint, secret: Secret, *, source: str, came_on: str
) -> str:
    """Keep what somebody told the office, sealed as from the form; its number.

    RequestError 403, 503; InputError `register.value` names the field.
    """
    key = _handlers_public(office)
    today = date_at(office.clock())
    told = {
        "source": entered.choice(source, Source, SOURCE_LABELS, "source"),
        "came_on": entered.day(came_on, "came_on", optional=True) or today,
    }
    if told["came_on"] > today:
        raise InputError("register.value", where="came_on", expected=f"≤ {today}")
    if who.units is not None and not complaint.unit:
        told["authority"] = who.authority  # it heard it, and so has it in its scope
    with office.turn() as casework:
        return _keep(office, casework, who, key, complaint, secret, told)


def _keep(
    office: Office,
    casework: Casework,
    who: Staff,
    key: bytes,
    complaint: Complaint,
    secret: Secret,
    about: Mapping[str, Any],
) -> str:
    now = office.clock()
    number = complaints.next_number(casework.db, int(date_at(now)[:4]))
    told = complaint.subject()
    unit = told.pop("unit", None)
    sealed = _envelope(office, secret.mark).for_handlers(complaint.sealed_part(), key)
    words = _words(number, now, COMPLAINANT, HANDLERS, sealed)
    marks = {"mark": secret.mark, "public": public_text(secret.key().public)}
    # Both become durable at once: a number is given only to a case that has its words.
    office.do(
        *(casework, who, HANDLE, "complaint.received", number, {**told, **marks, **about}),
        unit=unit,
        words=[words],
    )
    return number


def add(office: Office, case: Case, secret: Secret, text: str) -> None:
    """The complainant says more; what was answered or closed is opened again by it."""
    key = _handlers_public(office)
    now = office.clock()
    with office.turn() as casework:
        case = _again(casework, case.number)
        if case.forgotten_at is not None:
            raise RequestError("complaint.state", status=409, where=case.number)
        sealed = _envelope(office, secret.mark).for_handlers({"text": text}, key)
        words = _words(case.number, now, COMPLAINANT, HANDLERS, sealed)
        again = may_follow(case.state, "reopen")
        name = "complaint.reopened" if again else "complaint.added"
        told = {"by": COMPLAINANT}
        office.do(
            *(casework, THE_HUB, HANDLE, name, case.number, told),
            unit=case.unit or None,
            words=[words],
        )


def find(casework: Casework, who: Staff, number: str) -> Case:
    """A case that this account may handle; RequestError 403, 404."""
    who.check(HANDLE)
    case = _again(casework, number)
    if not covers(who, case):
        raise RequestError("office.scope", status=403, where=number, found=who.authority)
    return case


def covers(who: Staff, case: Case) -> bool:
    """Whether a case lies in the scope of an account: by its unit, or sent to its authority."""
    if who.units is None or (case.unit and who.covers(case.unit)):
        return True
    return bool(who.authority) and case.authority == who.authority


def open_words(office: Office, who: Staff, number: str) -> tuple[Case, list[Words]]:
    """What is sealed for the handlers; that this account looked stands in the log."""
    with office.turn() as casework:
        case = find(casework, who, number)
        _do(office, casework, who, "complaint.opened", case)
        return case, complaints.words_of(casework.db, number, HANDLERS)


def note_unlocked(office: Office, who: Staff) -> None:
    """That this account has opened the handlers' key for a session."""
    with office.turn() as casework:
        office.do(casework, who, HANDLE, "complaint.unlocked", who.account)


def take_up(office: Office, who: Staff, number: str) -> None:
    """The authority begins to work on a case that was passed on to it."""
    with office.turn() as casework:
        case = _in_state(casework, who, number, "take_up")
        if case.route != Route.AUTHORITY:
            raise RequestError("complaint.state", status=409, where=number, found=case.state)
        _do(office, casework, who, "complaint.taken_up", case, {"route": Route.AUTHORITY})


def answer(office: Office, who: Staff, number: str, text: str) -> None:
    """Answer the complainant, who alone reads it beside the handlers.

    RequestError 409, 503; InputError `complaint.words`, `register.value`.
    """
    key = _handlers_public(office)
    if wrong := trouble(text, LONGEST_TEXT):
        raise InputError("register.value", where="text", expected=wrong)
    now = office.clock()
    with office.turn() as casework:
        case = _in_state(casework, who, number, "answer")
        if not text:
            raise InputError("complaint.words", where=number)
        if case.forgotten_at is not None:
            raise RequestError("complaint.state", status=409, where=number)
        envelope, said = _envelope(office, case.mark), {"text": text}
        ours = envelope.for_handlers(said, key)
        theirs = envelope.for_complainant(said, public_of(case.public))
        words = [
            _words(number, now, who.account, HANDLERS, ours),
            _words(number, now, who.account, COMPLAINANT, theirs),
        ]
        told = {"by": "office", "authority": who.authority}
        _do(office, casework, who, "complaint.answered", case, told, words)


def close(office: Office, who: Staff, number: str, closed_as: str) -> None:
    """Close a case, as one of `CLOSED_AS`."""
    with office.turn() as casework:
        case = _in_state(casework, who, number, "close")
        if closed_as not in CLOSED_AS:
            raise InputError("complaint.words", expected=", ".join(CLOSED_AS), found=closed_as)
        _do(office, casework, who, "complaint.closed", case, {"closed_as": closed_as})


def reopen(office: Office, who: Staff, number: str) -> None:
    """Open a case again by hand."""
    with office.turn() as casework:
        case = _in_state(casework, who, number, "reopen")
        _do(office, casework, who, "complaint.reopened", case, {"by": "office"})


def _in_state(casework: Casework, who: Staff, number: str, step: str) -> Case:
    case = find(casework, who, number)
    if not may_follow(case.state, step):
        raise RequestError("complaint.state", status=409, where=number, found=case.state)
    return case


def _again(casework: Casework, number: str) -> Case:
    case = complaints.case(casework.db, number)
    if case is None:
        raise RequestError("complaint.absent", status=404, where=number)
    return case


def _do(
    office: Office,
    casework: Casework,
    who: Staff,
    name: str,
    case: Case,
    told: Mapping[str, Any] | None = None,
    words: list[Act] | None = None,
) -> None:
    """An act on a case. Its scope was looked at in `find`: a case may have no unit."""
    about = {"unit": case.unit} if case.unit else {}
    details = {**(told or {}), **about}
    office.do(casework, who, HANDLE, name, case.number, details, words=words or [])


def _words(number: str, now: int, author: str, reader: str, sealed: Mapping[str, Any]) -> Act:
    told = {"author": author, "reader": reader, "sealed": dict(sealed)}
    by = THE_HUB.account if author == COMPLAINANT else author
    return Act(f"{number}/{token_hex(8)}", now, by, WORDS, number, told)


def _envelope(office: Office, mark: str) -> Envelope:
    return Envelope(office.hub.origin, mark)


def _handlers_public(office: Office) -> bytes:
    try:
        key = public_key(office.hub.home)
    except SetupError as error:
        raise RequestError("complaint.closed", status=503) from error
    if key is None:
        raise RequestError("complaint.closed", status=503)
    return key
