"""What the operator proposes, and the measure that it would be. Pure."""

from dataclasses import dataclass

from fenhe_hub.casework.course import Kind, State
from fenhe_hub.casework.measures import Measure

ALWAYS_PUBLIC, NEVER_PUBLIC = (Kind.CRITICISM,), (Kind.REMINDER,)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the operator proposes. `text` is a template; empty: the usual one of its kind."""

    unit: str
    kind: Kind
    findings: tuple[str, ...] = ()
    item: tuple[str, str] | None = None
    reason: str = ""
    public: bool = False
    title: str = ""
    text: str = ""
    answer_by: str = ""
    deadline: str = ""
    until: str = ""


def is_public(told: Proposal) -> bool:
    """Whether everyone may read of it, if it is decided: some kinds always are, some never."""
    return told.kind in ALWAYS_PUBLIC or (told.public and told.kind not in NEVER_PUBLIC)


def provisional(told: Proposal, title: str, text: str) -> Measure:
    """The measure that it would be, without number and decision."""
    kind, id_ = told.item or ("", "")
    return Measure(
        number="〔措施编号〕",
        unit=told.unit,
        kind=told.kind,
        public=is_public(told),
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
