"""Letters that tell handlers that a case waits: its number and where to look, nothing else.

What was said to whom stands in the queue of mail, under the number of the case: no decision rests
on it, so it is no act. Start at `tell_handlers`.
"""

from collections.abc import Iterator
from datetime import date

from fenhe_hub.casework import authorities, complaints
from fenhe_hub.casework.book import Casework
from fenhe_hub.casework.complaints import Case
from fenhe_hub.feedback.subjects import State
from fenhe_hub.mailing.outgoing import Letter, Outgoing
from fenhe_hub.office.acting import Office
from fenhe_hub.office.noticing import mark_of
from fenhe_protocol.encoding import date_at


def tell_handlers(office: Office) -> int:
    """Queue a letter for each case that came, was passed on or is overdue; how many."""
    hub, now = office.hub, office.clock()
    if not hub.config.mail.sends:
        return 0
    today = date.fromisoformat(date_at(now))
    with office.casework() as casework:
        open_cases = [*complaints.cases(casework.db, "closed_at IS NULL")]
        told = [
            Letter(
                address, f"{mark_of(case.number)} {what}", _text(office, case, what), case.number
            )
            for case in open_cases
            for what in _happened(case, today)
            for address in _readers(casework, case, hub.config.mail.handlers, today)
        ]
    if not told:
        return 0
    with Outgoing.open(hub.home) as outgoing:
        said = {
            (each.to_address, each.subject)
            for number in {letter.about for letter in told}
            for each in outgoing.of(number)
        }
        return len(outgoing.add([x for x in told if (x.to, x.subject) not in said], now))


def _happened(case: Case, today: date) -> Iterator[str]:
    """What is said of it now; the words are those by which it is known to have been said."""
    if case.state in (State.RECEIVED, State.ROUTED):
        yield "有一件投诉待处理"
    if case.answered_at is None and case.due and case.due < today.isoformat():
        yield f"投诉超过答复日期 {case.due}"


def _readers(
    casework: Casework, case: Case, handlers: tuple[str, ...], today: date
) -> Iterator[str]:
    """The office's handlers, and the mailbox of the department whose case it is."""
    found = [*handlers]
    if case.authority:
        found.append(authorities.mailbox_of(casework.db, case.authority))
    elif case.unit:
        own = authorities.authorities_of(casework.db, case.unit, today)
        found += [
            authorities.mailbox_of(casework.db, each.number)
            for each in own
            if each.covers == authorities.LISTED
        ]
    yield from dict.fromkeys(filter(None, found))


def _text(office: Office, case: Case, what: str) -> str:
    url = office.hub.config.sign_on.console_url.rstrip("/")
    where = f"{url}/complaints/{case.number}" if url else "管理台“投诉”"
    return f"{what}：{case.number}\n\n{where}\n"
