"""What a measure rests on, looked up: unit, findings, item, evaluations. Start at `find_basis`."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import orjson

from fenhe_hub.casework.course import Kind
from fenhe_hub.casework.evaluations import RESULT_LABELS, Result, evaluations
from fenhe_hub.casework.measures import Measure
from fenhe_hub.casework.obliged import obliged_unit, standing
from fenhe_hub.index.read import Unit, unit_with_code
from fenhe_hub.office.grounds import Case, GroundFinding, ItemFacts
from fenhe_hub.office.letter_text import PAPER, templates
from fenhe_hub.rules.finding import STATE_LABELS, State
from fenhe_hub.rules.overlaid import Subject
from fenhe_protocol.errors import RequestError

_NEVER_SHOWN = ("D5",)  # its place would lead to the very data that it protects


@dataclass(frozen=True, slots=True)
class Basis:
    """A unit, and what is found of it and of one of its items.

    `to` is its origin, empty where it has no node: then `listed` is how it stands by the register,
    and `missed` says what it owes.
    """

    name: str
    to: str
    findings: tuple[GroundFinding, ...]
    item: ItemFacts | None
    item_name: str
    evaluated: Mapping[tuple[str, str], str]
    evaluation: str  # in words, of the item or the unit
    listed: str = ""
    missed: str = ""

    def case(self, measure: Measure) -> Case:
        """What the grounds of a measure are judged by."""
        return self.case_of(measure.kind, measure.public)

    def case_of(self, kind: Kind, public: bool) -> Case:
        """The same of a measure that is to be proposed."""
        return Case(kind, public, self.findings, self.item, self.evaluated, self.listed)

    @property
    def grounds(self) -> str:
        """What it rests on, a line each, as a notice says it."""
        return self.missed or in_words(self.findings)

    def template(self, matter: str) -> str:
        """The usual text of a matter; what goes out on paper is answered on paper."""
        usual = templates()[matter]
        return usual if self.to else templates().get(f"{PAPER}{matter}", usual)


def find_basis(
    index: sqlite3.Connection,
    casework: sqlite3.Connection,
    uscc: str,
    findings: Sequence[str],
    item: tuple[str, str] | None,
    today: str,
) -> Basis:
    """Look it all up; RequestError 422 `measure.unit`, `measure.absent`."""
    unit = unit_with_code(index, uscc)
    if unit is None:
        return _listed_basis(casework, uscc, findings, today)
    found = tuple(_finding(index, unit, each) for each in findings)
    results = [each for each in evaluations(casework, unit=uscc) if each.final]
    evaluated = {(each.kind, each.id): each.result for each in reversed(results)}
    facts, name = _item(index, unit, item) if item else (None, "")
    words = next((_said(e.year, e.result) for e in results if (e.kind, e.id) == item), "")
    words = words or next((_said(e.year, e.result) for e in results if not e.kind), "")
    return Basis(unit.name, unit.origin, found, facts, name, evaluated, words)


def _listed_basis(
    casework: sqlite3.Connection, uscc: str, findings: Sequence[str], today: str
) -> Basis:
    """Of a unit that is on the register of obliged units and has no node here."""
    unit = obliged_unit(casework, uscc)
    if unit is None:
        raise RequestError("measure.unit", status=422, where=uscc)
    if findings:
        raise RequestError("measure.absent", status=422, where=findings[0])
    stands = standing(unit, None, date.fromisoformat(today))
    due = f"应于 {unit.due_on} 前" if unit.due_on else "应"
    missed = f"1. {due}接入省级网络管理服务平台，至 {today} 仍未接入。"
    return Basis(unit.name, "", (), None, "", {}, "", stands.state, missed)


def finding_state(index: sqlite3.Connection, id_: str) -> str:
    """How a finding stands by the last check; empty where it is not found any more."""
    subject = Subject.parse(id_)
    row = index.execute(
        "SELECT f.state FROM finding f JOIN unit u USING(unit_no)"
        " WHERE u.uscc = ? AND f.rule = ? AND f.kind = ? AND f.id = ?",
        [subject.uscc, subject.rule, subject.kind, subject.id],
    ).fetchone()
    return str(row[0]) if row else ""


def in_words(findings: Sequence[GroundFinding]) -> str:
    """The findings, a line each, as a notice lists them."""
    return "\n".join(f"{n}. {_line(each)}" for n, each in enumerate(findings, 1))


def _line(each: GroundFinding) -> str:
    what = f"{each.name or each.record}（{each.record}）" if each.record else "单位整体"
    due = f"，应于 {each.due} 前完成" if each.due else ""
    state = STATE_LABELS[State(each.state)][0]
    return f"{each.rule} {what}：{state}{due}。{each.todo}".rstrip("。") + "。"


def _said(year: int, result: str) -> str:
    label = RESULT_LABELS[Result(result)][0] if result in list(Result) else result
    return f"{year} 年度 {label}"


def _finding(index: sqlite3.Connection, unit: Unit, id_: str) -> GroundFinding:
    subject = _subject(id_, unit.uscc)
    row = index.execute(
        "SELECT state, obligation, ground, due, todo_zh FROM finding"
        " WHERE unit_no = ? AND rule = ? AND kind = ? AND id = ?",
        [unit.unit_no, subject.rule, subject.kind, subject.id],
    ).fetchone()
    if row is None:
        raise RequestError("measure.absent", status=422, where=id_)
    state, obligation, ground, due, todo = row
    name, shown = _record(index, unit.unit_no, subject.kind, subject.id)
    return GroundFinding(
        id=id_,
        rule=subject.rule,
        kind=subject.kind,
        record=subject.id,
        state=state,
        obligation=obligation,
        is_ground=bool(ground),
        shown=shown and subject.rule not in _NEVER_SHOWN,
        due=due or "",
        todo=todo or "",
        name=name,
    )


def _subject(id_: str, uscc: str) -> Subject:
    try:
        subject = Subject.parse(id_)
    except ValueError:
        raise RequestError("measure.absent", status=422, where=id_) from None
    if subject.uscc != uscc:
        raise RequestError("measure.absent", status=422, where=id_, expected=uscc)
    return subject


def _record(index: sqlite3.Connection, unit_no: int, kind: str, id_: str) -> tuple[str, bool]:
    """Name of a record, and whether everyone may know of it."""
    if kind == "address":  # `<kind>/<id>/<field>`: what may be known of the record that gives it
        kind, _, rest = id_.partition("/")
        id_ = rest.rpartition("/")[0]
    if kind in ("", "unit"):
        return "", True
    if kind == "log":
        return id_, not id_.rpartition("/")[2].startswith("usage")
    row = index.execute(
        "SELECT name_zh, pub_idx FROM resource WHERE unit_no = ? AND kind = ? AND id = ?",
        [unit_no, kind, id_],
    ).fetchone()
    return ("", False) if row is None else (row[0] or "", row[1] is not None)


def _item(
    index: sqlite3.Connection, unit: Unit, item: tuple[str, str]
) -> tuple[ItemFacts | None, str]:
    kind, id_ = item
    row = index.execute(
        "SELECT pub, name_zh FROM resource"
        " WHERE unit_no = ? AND kind = ? AND id = ? AND deleted_on IS NULL",
        [unit.unit_no, kind, id_],
    ).fetchone()
    if row is None:
        return None, ""
    told = orjson.loads(row[0]) if row[0] else {}
    use = str(told.get("general_or_special", ""))
    return ItemFacts(kind, id_, use, _is_voluntary(index, unit, kind, id_)), row[1] or ""


def _is_voluntary(index: sqlite3.Connection, unit: Unit, kind: str, id_: str) -> bool:
    """Whether the rules called the item voluntary, whatever they found."""
    rows = index.execute(
        "SELECT obligation FROM finding WHERE unit_no = ? AND kind = ? AND id = ?",
        [unit.unit_no, kind, id_],
    )
    return any(obligation in ("voluntary", "ineligible") for (obligation,) in rows)
