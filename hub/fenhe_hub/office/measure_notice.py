"""The notice that a measure sends: to whom, in which words, by which document. Pure."""

from fenhe_hub.casework.course import Step
from fenhe_hub.casework.measures import Measure
from fenhe_hub.office.document import Decided
from fenhe_hub.office.letter_text import render, title_of
from fenhe_hub.office.measure_basis import Basis
from fenhe_protocol.notice import Notice

_ENDINGS = {Step.REVOKE: "revocation", Step.CLOSE: "closing"}


def notice_of(measure: Measure, basis: Basis, decided: Decided, number: str) -> Notice:
    """The notice of a measure that is decided so."""
    return Notice(
        number=number,
        to=basis.to,
        text=render(measure.text, values_of(measure, basis, decided, number)),
        answer_by=measure.answer_by,
        matter=measure.kind,
        title=measure.title,
        about=measure.findings,
        case=measure.number,
        deadline=measure.deadline,
        document_no=decided.document_no,
        decided_by=decided.by,
        decided_on=decided.on,
        is_public=measure.public,
    )


def ending_notice(
    measure: Measure,
    basis: Basis,
    decided: Decided,
    number: str,
    step: Step,
    reason: str,
    *,
    to: str = "",
) -> Notice:
    """The notice that a measure is revoked or closed; as public as the measure was."""
    matter = _ENDINGS[step]
    values = values_of(measure, basis, decided, number) | {"reason": reason}
    return Notice(
        number=number,
        to=to or basis.to,
        text=render(basis.template(matter), values),
        matter=matter,
        title=title_of(matter, basis.name),
        case=measure.number,
        document_no=decided.document_no,
        decided_by=decided.by,
        decided_on=decided.on,
        revokes=measure.notice if step is Step.REVOKE else "",
        is_public=measure.public,
    )


def values_of(measure: Measure, basis: Basis, decided: Decided, number: str) -> dict[str, str]:
    """What stands for each place of a template."""
    item = f"{basis.item_name}（{measure.item_id}）" if measure.item_id else ""
    return {
        "unit_name": basis.name,
        "unit_code": measure.unit,
        "number": measure.number,
        "notice": number,
        "findings": basis.grounds,
        "reason": measure.reason,
        "item": item,
        "evaluation": measure.evaluation or basis.evaluation,
        "answer_by": measure.answer_by,
        "deadline": measure.deadline,
        "until": measure.until,
        "document_no": decided.document_no,
        "decided_by": decided.by,
        "decided_on": decided.on,
    }
