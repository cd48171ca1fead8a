"""Whether a measure may be proposed or decided on what is found: pure. Start at `check_grounds`.

Only a breach of a duty, by numbers that stand in law, is a ground. What is voluntary, advice, or a
sign of poor use before a final evaluation result never leads to a measure (rules.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fenhe_hub.casework.authorities import Kind as AuthorityKind
from fenhe_hub.casework.course import ON_ITEMS, Kind
from fenhe_hub.casework.obliged import Stand
from fenhe_protocol.errors import RequestError

SIGNS = ("D8",)
"""Rules whose findings are signs, grounds only once a final evaluation result exists."""

POOR = "poor"
ITEM_KINDS = ("instrument", "installation")
GENERAL = "general"

COMPETENT: Mapping[Kind, frozenset[str]] = {
    Kind.REALLOCATION: frozenset({AuthorityKind.COMPETENT, AuthorityKind.FINANCE}),
}
"""Which kinds of authority alone may decide it; a kind that is not named: any (policy 二(五))."""

_NOT_YET = (Stand.REGISTERED, Stand.INVITED, Stand.WAITING)
_BREACH = ("overdue",)
_WORTH_A_WORD = ("overdue", "due", "provisional", "unknown")


@dataclass(frozen=True, slots=True)
class GroundFinding:
    """A finding as far as a measure may rest on it; `shown`: everyone may know of it."""

    id: str
    rule: str
    kind: str
    record: str
    state: str
    obligation: str
    is_ground: bool
    shown: bool
    due: str = ""
    todo: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """The item of a reallocation: `use` is general or special, empty where it is not said."""

    kind: str
    id: str
    use: str
    voluntary: bool


@dataclass(frozen=True, slots=True)
class Case:
    """What a measure rests on. `evaluated` are (kind, id) with a final result, and which.

    `listed` is how a unit without a node stands by the register of obliged units.
    """

    kind: Kind
    public: bool
    findings: Sequence[GroundFinding]
    item: ItemFacts | None = None
    evaluated: Mapping[tuple[str, str], str] | None = None
    listed: str = ""

    def result_of(self, kind: str, record: str) -> str:
        """The final result of a record, else that of its unit; empty: there is none."""
        known = self.evaluated or {}
        return known.get((kind, record)) or known.get(("", ""), "")


def check_grounds(case: Case) -> None:
    """RequestError 422 `measure.*` names the finding that is no ground, and why."""
    if case.listed:
        return _check_listed(case)
    for finding in case.findings:
        if fault := fault_of(case, finding):
            raise _refused(fault, finding.id, finding.state)
        if case.public and not finding.shown:
            raise _refused("measure.not-shown", finding.id)
    if case.kind in ON_ITEMS:
        _check_item(case)
    elif not case.findings:
        raise _refused("measure.no-ground", case.kind)


def _check_listed(case: Case) -> None:
    """Of a unit without a node nothing is found: its own lateness is the ground."""
    if case.kind in ON_ITEMS:
        raise _refused("measure.item", case.kind)
    if not owes_to_enrol(case):
        raise _refused("measure.no-ground", case.kind, case.listed)


def owes_to_enrol(case: Case) -> bool:
    """Whether how a unit without a node stands on the register is a ground of the measure."""
    worth = (Stand.LATE, *_NOT_YET) if case.kind is Kind.REMINDER else (Stand.LATE,)
    return case.listed in worth


def fault_of(case: Case, finding: GroundFinding) -> str:
    """The code of what keeps a finding from being a ground; empty where nothing does."""
    if finding.obligation != "duty":
        return "measure.voluntary"
    is_sign = finding.rule in SIGNS
    if is_sign and not case.result_of(finding.kind, finding.record):
        return "measure.sign"
    if not finding.is_ground and not is_sign:
        return "measure.advice"
    states = _WORTH_A_WORD if case.kind is Kind.REMINDER else _BREACH
    return "" if finding.state in states else "measure.state-of-finding"


def _check_item(case: Case) -> None:
    item = case.item
    if item is None or item.kind not in ITEM_KINDS:
        raise _refused("measure.item", case.kind)
    where = f"{item.kind}/{item.id}"
    if item.voluntary:
        raise _refused("measure.voluntary", where)
    if item.use != GENERAL:
        raise _refused("measure.special", where, item.use)
    if (result := case.result_of(item.kind, item.id)) != POOR:
        raise _refused("measure.not-evaluated", where, result)


def check_competence(kind: Kind, authority_kind: str) -> None:
    """RequestError 403 `measure.competence` where another kind of authority has to decide."""
    wanted = COMPETENT.get(kind)
    if wanted is not None and authority_kind not in wanted:
        expected = ", ".join(sorted(wanted))
        raise RequestError(
            "measure.competence", status=403, where=kind, expected=expected, found=authority_kind
        )


def _refused(code: str, where: str, found: str = "") -> RequestError:
    return RequestError(code, status=422, where=where, found=found)
