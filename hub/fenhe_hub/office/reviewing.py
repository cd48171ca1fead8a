"""Review decisions (查重评议) and evaluation results registered. Start at `register_reviews`."""

from collections.abc import Iterable
from dataclasses import replace

from fenhe_hub.casework import evaluations as evaluated
from fenhe_hub.casework import reviews as reviewed
from fenhe_hub.casework.evaluations import RESULT_LABELS, Evaluation, Result
from fenhe_hub.casework.reviews import Review
from fenhe_hub.office import entered
from fenhe_hub.office.acting import Deed, Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_protocol.errors import InputError, RequestError
from fenhe_protocol.fed import Act

_YEARS = range(2015, 2100)


def checked_review(told: Review) -> Review:
    """The decision as it is kept; InputError `register.*` names the field."""
    return Review(
        entered.code(told.unit),
        entered.words(told.number, "number"),
        entered.words(told.plan, "plan", most=64, optional=True),
        entered.words(told.item, "item", optional=True),
        entered.day(told.decided_on, "decided_on"),
        told.supported,
        entered.words(told.body, "body"),
        told.place,
    )


def checked_evaluation(told: Evaluation) -> Evaluation:
    """The result as it is kept; InputError `register.*` names the field."""
    if told.year not in _YEARS:
        raise InputError("register.value", where="year", expected="2026", found=str(told.year))
    if bool(told.kind) != bool(told.id):
        raise InputError("register.value", where="id", expected="instrument, id")
    return Evaluation(
        entered.code(told.unit),
        entered.words(told.kind, "kind", most=40, optional=True),
        entered.words(told.id, "id", most=64, optional=True),
        told.year,
        entered.choice(told.result, Result, RESULT_LABELS, "result"),
        told.final,
        entered.words(told.document, "document"),
        entered.day(told.decided_on, "decided_on"),
        entered.words(told.body, "body"),
        told.place,
    )


def register_reviews(office: Office, who: Staff, told: Iterable[Review]) -> list[Act]:
    """Register decisions; what stands already is no act."""
    wanted = [checked_review(each) for each in told]
    with office.turn() as casework:
        known = {_bare_review(each) for each in reviewed.reviews(casework.db)}
        deeds = [_review(each) for each in wanted if _bare_review(each) not in known]
        return office.do_all(casework, who, Permission.PREPARE, deeds)


def _bare_review(told: Review) -> Review:
    return replace(told, place="", entered_at=0)


def _review(told: Review) -> Deed:
    names = ("number", "plan", "item", "decided_on", "body", "place")
    details = {name: getattr(told, name) for name in names}
    subject = f"{told.unit}/*/purchase_plan/{told.plan}" if told.plan else told.unit
    return Deed(
        "review.registered", subject, details | {"supported": int(told.supported)}, told.unit
    )


def withdraw_review(
    office: Office, who: Staff, unit: str, number: str, plan: str, reason: str
) -> Act:
    """Take back one that was entered in error; RequestError 403, 404."""
    who.check(Permission.PREPARE, unit)
    details = {"number": number, "plan": plan, "reason": entered.words(reason, "reason")}
    with office.turn() as casework:
        known = {(r.number, r.plan) for r in reviewed.reviews(casework.db, unit=unit)}
        if (number, plan) not in known:
            raise RequestError("register.absent", status=404, where=number)
        return office.do(
            casework, who, Permission.PREPARE, "review.withdrawn", unit, details, unit=unit
        )


def register_evaluations(office: Office, who: Staff, told: Iterable[Evaluation]) -> list[Act]:
    """Register results; what stands already is no act."""
    wanted = [checked_evaluation(each) for each in told]
    with office.turn() as casework:
        known = {_bare_evaluation(each) for each in evaluated.evaluations(casework.db)}
        deeds = [_evaluation(each) for each in wanted if _bare_evaluation(each) not in known]
        return office.do_all(casework, who, Permission.PREPARE, deeds)


def _bare_evaluation(told: Evaluation) -> Evaluation:
    return replace(told, place="", entered_at=0)


def _evaluation(told: Evaluation) -> Deed:
    names = ("kind", "id", "year", "document", "decided_on", "body", "place")
    details = {name: getattr(told, name) for name in names}
    details |= {"result": str(told.result), "final": int(told.final)}
    subject = f"{told.unit}/*/{told.kind}/{told.id}" if told.id else told.unit
    return Deed("evaluation.registered", subject, details, told.unit)


def withdraw_evaluation(office: Office, who: Staff, told: Evaluation, reason: str) -> Act:
    """Take back one that was entered in error; RequestError 403, 404."""
    who.check(Permission.PREPARE, told.unit)
    details = {
        "kind": told.kind,
        "id": told.id,
        "year": told.year,
        "reason": entered.words(reason, "reason"),
    }
    with office.turn() as casework:
        if told not in evaluated.evaluations(casework.db, unit=told.unit):
            raise RequestError("register.absent", status=404, where=f"{told.unit} {told.year}")
        return office.do(
            casework,
            who,
            Permission.PREPARE,
            "evaluation.withdrawn",
            told.unit,
            details,
            unit=told.unit,
        )
