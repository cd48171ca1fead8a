"""A measure as it would be said, before anything of it is: nothing is kept. Start at `preview`."""

from dataclasses import dataclass

from fenhe_hub.office.acting import Office
from fenhe_hub.office.document import Decided
from fenhe_hub.office.grounds import check_grounds
from fenhe_hub.office.letter_text import PLACES, check, render, title_of
from fenhe_hub.office.measure_notice import values_of
from fenhe_hub.office.measures import basis_of
from fenhe_hub.office.proposal import Proposal, is_public, provisional

_OPEN = ("document_no", "decided_by", "decided_on")


@dataclass(frozen=True, slots=True)
class Preview:
    """Title and text; what only the decision says stands there in brackets."""

    title: str
    text: str


def preview(office: Office, told: Proposal) -> Preview:
    """Make it; RequestError 422 as `propose`."""
    with office.casework() as casework, basis_of(office, casework, told) as basis:
        text = told.text.replace("\r\n", "\n").strip() or basis.template(told.kind)
        check(text)
        check_grounds(basis.case_of(told.kind, is_public(told)))
        title = told.title or title_of(told.kind, basis.name)
        named = {name: f"〔{PLACES[name][0]}〕" for name in _OPEN}
        decided = Decided(named["document_no"], named["decided_on"], named["decided_by"])
        values = values_of(provisional(told, title, text), basis, decided, "〔通知编号〕")
    return Preview(title, render(text, values))
