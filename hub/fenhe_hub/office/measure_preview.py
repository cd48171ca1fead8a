"""A measure as it would be said, before anything of it is: nothing is kept. Start at `preview`."""

from dataclasses import dataclass

from fenhe_hub.casework.course import State
from fenhe_hub.casework.measures import Measure
from fenhe_hub.office.acting import Office
from fenhe_hub.office.grounds import Case, check_grounds
from fenhe_hub.office.letter_text import PLACES, check, render, templates, title_of
from fenhe_hub.office.measure_notice import Decided, values_of
from fenhe_hub.office.measures import Proposal, basis_of, is_public

_OPEN = ("document_no", "decided_by", "decided_on")


@dataclass(frozen=True, slots=True)
class Preview:
    """Title and text; what only the decision says stands there in brackets."""

    title: str
    text: str


def preview(office: Office, told: Proposal) -> Preview:
    """Make it; RequestError 422 as `propose`."""
    text = told.text.replace("\r\n", "\n").strip() or templates()[told.kind]
    check(text)
    with office.casework() as casework, basis_of(office, casework, told) as basis:
        case = Case(told.kind, is_public(told), basis.findings, basis.item, basis.evaluated)
        check_grounds(case)
        title = told.title or title_of(told.kind, basis.unit.name)
        named = {name: f"〔{PLACES[name][0]}〕" for name in _OPEN}
        decided = Decided(named["document_no"], named["decided_on"], named["decided_by"])
        values = values_of(_measure(told, title, text), basis, decided, "〔通知编号〕")
    return Preview(title, render(text, values))


def _measure(told: Proposal, title: str, text: str) -> Measure:
    kind, id_ = told.item or ("", "")
    return Measure(
        number="〔措施编号〕",
        unit=told.unit,
        kind=told.kind,
        public=told.public,
        item_kind=kind,
        item_id=id_,
        findings=told.findings,
        reason=told.reason,
        evaluation="",
        proposed_at=0,
        proposed_by="",
        title=title,
        text=text,
        answer_by=told.answer_by,
        deadline=told.deadline,
        until=told.until,
        state=State.PROPOSED,
        changed_at=0,
        document_no="",
        decided_on="",
        decided_by="",
        authority="",
        notice="",
        ending=None,
    )
