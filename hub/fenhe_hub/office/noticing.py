"""Notices as the office sends them, and what becomes of them. Start at `compose`.

said      `compose` makes the word that goes out with an act, checked as every reader will
fetched   `note_fetched`: the unit's own signed request for it is kept, once
mailed    `send_by_mail`; `letter_of` is the letter, `note_mailed` what the mail server said
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from fenhe_client.mailing.settings import is_mail_address
from fenhe_hub.casework import journal, notices
from fenhe_hub.casework.book import Casework
from fenhe_hub.hub import Hub
from fenhe_hub.mailing.outgoing import Letter, Outgoing, post
from fenhe_hub.office.acting import Deed, Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import THE_HUB, Staff
from fenhe_protocol.errors import RequestError
from fenhe_protocol.fed import Act, compose_word
from fenhe_protocol.notice import Notice
from fenhe_protocol.privacy import find_personal
from fenhe_protocol.record import Record, judge_body
from fenhe_protocol.schema import SchemaSet

QUEUED, ACCEPTED, FAILED = notices.QUEUED, "accepted", "failed"


@dataclass(frozen=True, slots=True)
class NoticeLetter:
    """A notice as a letter; whoever sends it adds the address."""

    subject: str
    body: str


def compose(hub: Hub, notice: Notice) -> dict[str, Any]:
    """The members of a notice for the act that says it; RequestError 422 `notice.form`.

    It is judged as every reader of `fed` will judge it, and as if it were public: nothing personal
    stands in any, for what an act of the office holds of it can never be erased (ADR 0036).
    """
    if not notice.to:
        return _on_paper(notice)
    for word in {notice, replace(notice, is_public=True)}:
        body = compose_word(word, unit=hub.uscc)
        found = judge_body(body, tier=word.tier, log="fed", unit=hub.uscc, schemas=SchemaSet.load())
        if not isinstance(found, Record):
            said = getattr(found, "found", "") or getattr(found, "code", "")
            expected = getattr(found, "expected", "")
            raise RequestError("notice.form", status=422, expected=str(expected), found=str(said))
    return notice.members()


@contextmanager
def erasing(office: Office, casework: Casework, number: str) -> Iterator[None]:
    """Within a `turn`: what is done inside erases the leaf of a notice; then no page shows it.

    Letters with its words that still wait go as well.
    """
    found = notices.notice(casework.db, number)
    if found is None or found.is_erased:
        yield
        return
    deed = Deed("notice.erased", number, {}, found.unit)
    with office.doing(casework, THE_HUB, Permission.OPERATE, deed):
        yield
        drop_letters(office.hub, casework, number)


def drop_letters(hub: Hub, casework: Casework, number: str) -> None:
    """Let no letter go out any more that has the words of an erased notice."""
    with Outgoing.open(hub.home) as outgoing:
        for each in notices.same_words(casework.db, number):
            outgoing.drop(each.unit, mark_of(each.number))


def _on_paper(notice: Notice) -> dict[str, Any]:
    """Of a unit without a node: it stands in the act alone, and on the page if it is public."""
    if find_personal({"title": notice.title, "text": notice.text}):
        raise RequestError("notice.form", status=422, found="privacy")
    return notice.members()


def words_of(notice: Notice) -> tuple[Notice, ...]:
    """What `fed` says of it: nothing where it goes out on paper."""
    return (notice,) if notice.to else ()


def send(office: Office, casework: Casework, who: Staff, notice: Notice, unit: str) -> Act:
    """Say a notice that belongs to nothing else, within a `turn`; RequestError 403, 422."""
    details = {"notice": compose(office.hub, notice)}
    return office.do(
        casework, who, Permission.DECIDE, "notice.said", notice.number, details,
        unit=unit, words=(notice,),
    )  # fmt: skip


def note_fetched(office: Office, number: str, unit: str, request: Mapping[str, str]) -> bool:
    """Keep that a unit has fetched a notice, and its signed request; the first time alone."""
    with office.casework() as casework:
        if _is_fetched(casework, number):
            return False
    with office.turn() as casework:
        if _is_fetched(casework, number):
            return False
        details = {"request": dict(request)}
        office.do(
            casework, THE_HUB, Permission.OPERATE, "notice.fetched", number, details, unit=unit
        )
    return True


def _is_fetched(casework: Casework, number: str) -> bool:
    return any(act.name == "notice.fetched" for act in journal.acts(casework.db, subject=number))


def letter_of(notice: Notice, url: str) -> NoticeLetter:
    """A notice as a letter; `url` is where public ones can be read."""
    where = f"\n\n{url}/notices/{notice.case}" if notice.is_public and notice.case else ""
    answer = f"\n\n请在 {notice.answer_by} 前答复。" if notice.answer_by else ""
    official = "正式文本以省平台签名日志为准，请在单位节点查看和答复。" if notice.to else ""
    foot = f"\n\n通知编号 {notice.number}。{official}"
    subject = f"{mark_of(notice.number)} {notice.title or '省平台通知'}"
    return NoticeLetter(subject, f"{notice.text}{answer}{foot}{where}\n")


def send_by_mail(office: Office, who: Staff, number: str, address: str) -> Act:
    """Keep that it is to be sent, and queue the letter; RequestError 404, 409, `notice.address`.

    The act is the truth: a letter that is lacking in the queue is put there again (`queue_again`).
    What the mail server says of it stands in the queue (`mailing.outgoing`), under `mark_of`.
    """
    with office.turn() as casework:
        if (found := notices.notice(casework.db, number)) is not None and found.is_erased:
            raise RequestError("register.state", status=409, where=number, found="erased")
        act = _mailed(office, casework, who, number, {"address": address, "state": QUEUED})
        _queue(office, casework, number, address)
    return act


def queue_again(office: Office) -> int:
    """Queue each letter of which an act says that it waits and that lies in no queue; how many.

    Whoever was stopped between the two left it so, or `mail.sqlite` was lost.
    """
    with office.casework() as casework:
        if not notices.waiting_for_mail(casework.db):
            return 0
    with office.turn() as casework:
        lacking = []
        with Outgoing.open(office.hub.home) as outgoing:
            for each in notices.waiting_for_mail(casework.db):
                if each.is_erased:
                    continue
                last = each.mailings[-1]
                if not lies_there(outgoing, each.unit, each.number, last.address, last.at):
                    lacking.append((each.number, last.address))
        for number, address in lacking:
            _queue(office, casework, number, address)
    return len(lacking)


def _queue(office: Office, casework: Casework, number: str, address: str) -> None:
    found = notices.notice(casework.db, number)
    if found is not None and not found.is_erased:
        letter = letter_of(found.word, office.hub.config.public_url.rstrip("/"))
        queued = Letter(address, letter.subject, letter.body, about=found.unit)
        post(office.hub.home, queued, office.clock())


def lies_there(outgoing: Outgoing, about: str, number: str, address: str, since: int = 0) -> bool:
    """Whether the letter of this number to an address lies in the queue, sent or not."""
    return any(
        each.to_address == address
        and each.subject.startswith(mark_of(number))
        and each.made_at >= since
        for each in outgoing.of(about)
    )


def mark_of(number: str) -> str:
    """By which the subjects of a notice's letters begin."""
    return f"[{number}]"


def note_mailed(office: Office, who: Staff, number: str, address: str, *, trouble: str = "") -> Act:
    """Keep what the mail server said of the letter; RequestError 404 `notice.absent`, 422."""
    state = FAILED if trouble else ACCEPTED
    details = {"address": address, "state": state, "trouble": trouble[:300]}
    with office.turn() as casework:
        return _mailed(office, casework, who, number, details)


def _mailed(
    office: Office, casework: Casework, who: Staff, number: str, details: Mapping[str, str]
) -> Act:
    if not is_mail_address(details["address"]):
        raise RequestError("notice.address", status=422)
    if (found := notices.notice(casework.db, number)) is None:
        raise RequestError("notice.absent", status=404, where=number)
    return office.do(
        casework, who, Permission.OPERATE, "notice.mailed", number, details, unit=found.unit
    )
