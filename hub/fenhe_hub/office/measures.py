"""Measures as verbs: the operator proposes, an authority decides, revokes and closes (rules.md).

    propose ─► decide ─► (close | revoke)         decide, revoke and close tell the unit
            └► reject, withdraw

Which step may follow which is in `casework.course`, what is a ground in `grounds`, the words of
the notice in `letter_text`. Start at `propose`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fenhe_hub.casework import measures as kept
from fenhe_hub.casework import notices
from fenhe_hub.casework.book import Casework
from fenhe_hub.casework.course import BARS, ON_ITEMS, Kind, State, Step, after
from fenhe_hub.casework.measures import Measure, MeasureFilters
from fenhe_hub.casework.numbering import next_number
from fenhe_hub.office import entered
from fenhe_hub.office.acting import Office
from fenhe_hub.office.document import Decided, Document, decided_by
from fenhe_hub.office.grounds import check_competence, check_grounds, fault_of, owes_to_enrol
from fenhe_hub.office.letter_text import check, title_of
from fenhe_hub.office.measure_basis import Basis, find_basis
from fenhe_hub.office.measure_notice import ending_notice, notice_of
from fenhe_hub.office.noticing import compose, words_of
from fenhe_hub.office.proposal import Proposal, is_public, provisional
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_hub.read_only import read_only
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import RequestError
from fenhe_protocol.fed import Act, Word


def propose(office: Office, who: Staff, told: Proposal) -> str:
    """Propose a measure and give its number; RequestError 403, 422 `measure.*`, InputError."""
    today = date_at(office.clock())
    checked = _checked(told, today)
    with office.turn() as casework, basis_of(office, casework, told) as basis:
        check_grounds(basis.case_of(told.kind, checked["public"]))
        checked["text"] = checked["text"] or basis.template(told.kind)
        check(checked["text"])
        _check_new(casework, told)
        number = next_number(casework.db, "measure", "M", int(today[:4]))
        item = {"item": {"kind": told.item[0], "id": told.item[1]}} if told.item else {}
        title = checked["title"] or title_of(told.kind, basis.name)
        details = {**checked, "title": title, "evaluation": basis.evaluation, **item}
        # What could not be said is not proposed: too long, or with something personal in public.
        compose(office.hub, notice_of(provisional(told, title, checked["text"]), basis, *_SAMPLE))
        office.do(
            casework, who, Permission.PROPOSE, "measure.proposed", number, details, unit=told.unit
        )
    return number


_SAMPLE = (Decided("晋示例发〔2026〕1号", "2026-11-23", "示例主管部门"), "N-2026-0001")


def _check_new(casework: Casework, told: Proposal) -> None:
    """RequestError 409 `measure.twice`: the same waits already, as when a form is sent again."""
    wanted = MeasureFilters(unit=told.unit, kinds=[told.kind], states=[State.PROPOSED])
    for each in kept.measures(casework.db, wanted):
        item = (each.item_kind, each.item_id) if each.item_id else None
        if (each.findings, item) == (tuple(dict.fromkeys(told.findings)), told.item):
            raise RequestError("measure.twice", status=409, where=each.number)


def _checked(told: Proposal, today: str) -> dict[str, Any]:
    days = {
        name: entered.day(getattr(told, name), name, optional=True)
        for name in ("answer_by", "deadline", "until")
    }
    for name, day in days.items():
        if day and day < today:
            raise RequestError("measure.day", status=422, where=name, expected=f"≥ {today}")
    if told.kind is Kind.RECTIFICATION and not days["deadline"]:
        raise RequestError("measure.deadline", status=422, where="deadline")
    return {
        "kind": told.kind,
        "public": is_public(told),
        "findings": [*dict.fromkeys(told.findings)],
        "reason": entered.passage(told.reason, "reason"),
        "title": entered.words(told.title, "title", optional=True),
        "text": told.text.replace("\r\n", "\n").strip(),
        "answer_by": days["answer_by"],
        "deadline": days["deadline"] if told.kind is Kind.RECTIFICATION else "",
        "until": days["until"] if told.kind in BARS else "",
    }


@contextmanager
def basis_of(office: Office, casework: Casework, told: Proposal | Measure) -> Iterator[Basis]:
    """What a proposal or a measure rests on now; RequestError 422."""
    if isinstance(told, Measure):
        item = (told.item_kind, told.item_id) if told.kind in ON_ITEMS else None
    else:
        item = told.item if told.kind in ON_ITEMS else None
    with read_only(office.hub.home.index) as index:
        today = date_at(office.clock())
        yield find_basis(index, casework.db, told.unit, told.findings, item, today)


def decide(office: Office, who: Staff, number: str, document: Document) -> str:
    """Decide a proposed measure and tell the unit; the notice's number.

    RequestError 403, 404, 409 `measure.state`, 422; `measure.gone` where nothing of it stands.
    """
    with office.turn() as casework:
        measure = stepping(casework, who, number, Step.DECIDE)
        with basis_of(office, casework, measure) as basis:
            _check_still(measure, basis)
            decided = decided_by(casework, who, document, office.clock())
            check_competence(measure.kind, decided.authority_kind)
            name = next_number(casework.db, "notice", "N", _year(office))
            notice = notice_of(measure, basis, decided, name)
        told = {**decided.told(), "notice": compose(office.hub, notice)}
        _do(office, casework, who, Step.DECIDE, measure, told, words_of(notice))
    return notice.number


def _check_still(measure: Measure, basis: Basis) -> None:
    """Grounds that have gone since are no grounds; where none is left nothing can be decided."""
    case = basis.case(measure)
    standing = [each for each in case.findings if not fault_of(case, each)]
    enrolled = not measure.findings and measure.kind not in ON_ITEMS and bool(basis.to)
    in_time = bool(case.listed) and not owes_to_enrol(case)
    if enrolled or in_time or (case.findings and not standing):
        raise RequestError("measure.gone", status=409, where=measure.number)


def reject(office: Office, who: Staff, number: str, reason: str) -> None:
    """The authority does not follow the proposal."""
    _end_silently(office, who, number, Step.REJECT, reason)


def withdraw(office: Office, who: Staff, number: str, reason: str) -> None:
    """The operator takes the proposal back."""
    _end_silently(office, who, number, Step.WITHDRAW, reason)


def remark(office: Office, who: Staff, number: str, text: str) -> None:
    """Note what came of a measure that stands: a visit, a call, a paper."""
    _end_silently(office, who, number, Step.REMARK, text)


def _end_silently(office: Office, who: Staff, number: str, step: Step, reason: str) -> None:
    said = entered.passage(reason, "reason")
    with office.turn() as casework:
        measure = stepping(casework, who, number, step)
        _do(office, casework, who, step, measure, {"reason": said})


def revoke(office: Office, who: Staff, number: str, document: Document, reason: str) -> str:
    """Take a measure back by a document, and tell the unit; the notice's number."""
    return _end_aloud(office, who, number, Step.REVOKE, document, reason)


def close(office: Office, who: Staff, number: str, document: Document, reason: str) -> str:
    """End a measure that has done its work, and tell the unit; the notice's number."""
    return _end_aloud(office, who, number, Step.CLOSE, document, reason)


def _end_aloud(
    office: Office, who: Staff, number: str, step: Step, document: Document, reason: str
) -> str:
    said = entered.passage(reason, "reason")
    with office.turn() as casework:
        measure = stepping(casework, who, number, step)
        decided = decided_by(casework, who, document, office.clock())
        check_competence(measure.kind, decided.authority_kind)
        first = notices.notice(casework.db, measure.notice)
        name = next_number(casework.db, "notice", "N", _year(office))
        with basis_of(office, casework, _bare(measure)) as basis:
            notice = ending_notice(measure, basis, decided, name, step, said)
        if first is not None and first.word.to not in ("", notice.to):
            notice = ending_notice(measure, basis, decided, name, step, said, to=first.word.to)
        told = {**decided.told(), "reason": said, "notice": compose(office.hub, notice)}
        _do(office, casework, who, step, measure, told, words_of(notice))
    return notice.number


def _bare(measure: Measure) -> Proposal:
    """The unit of a measure alone: what it rested on may be gone when it ends."""
    return Proposal(measure.unit, Kind.REMINDER)


PERMISSIONS: Mapping[Step, Permission] = {
    Step.WITHDRAW: Permission.PROPOSE,
    Step.REMARK: Permission.PREPARE,
    Step.REJECT: Permission.DECIDE,
    Step.DECIDE: Permission.DECIDE,
    Step.REVOKE: Permission.DECIDE,
    Step.CLOSE: Permission.DECIDE,
}


def steps_open(who: Staff, measure: Measure) -> list[Step]:
    """The steps that an account may take now."""
    covered = who.covers(measure.unit)
    return [
        step
        for step in Step
        if covered and after(measure.state, step) and who.may(PERMISSIONS[step])
    ]


def stepping(casework: Casework, who: Staff, number: str, step: Step) -> Measure:
    """The measure on which a step can be taken; RequestError 403, 404, 409 `measure.state`."""
    measure = kept.measure(casework.db, number)
    if measure is None:
        raise RequestError("measure.unknown", status=404, where=number)
    who.check(PERMISSIONS[step], measure.unit)
    if after(measure.state, step) is None:
        raise RequestError("measure.state", status=409, where=number, found=State(measure.state))
    return measure


def _do(
    office: Office,
    casework: Casework,
    who: Staff,
    step: Step,
    measure: Measure,
    told: Mapping[str, Any],
    words: tuple[Word, ...] = (),
) -> Act:
    name = f"measure.{step}"
    return office.do(
        *(casework, who, PERMISSIONS[step], name, measure.number, told),
        unit=measure.unit,
        words=words,
    )


def _year(office: Office) -> int:
    return int(date_at(office.clock())[:4])
