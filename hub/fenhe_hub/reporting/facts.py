"""What a report says, as values and as a file; everything else is made of this alone. Pure.

The file is one JSON object in one spelling: its hash stands in `fed`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from fenhe_protocol.errors import StoreError
from fenhe_protocol.position import Position
from fenhe_protocol.strict_json import NotStrictJson, dumps, loads

FORM = "fenhe/report/v1"


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """One unit. Minutes, fen and numbers of things; maps are from a code to how many.

    `findings` are (rule, state, how many, how many of them since a day of the period); `hours` are
    those of service records that began in the period; `declared` are figures of the unit's newest
    `unit_year` up to the period.
    """

    uscc: str
    name: str
    kinds: Mapping[str, int]
    bands: Mapping[str, int]
    classes: Mapping[str, int]
    cities: Mapping[str, int]
    findings: tuple[tuple[str, str, int, int], ...]
    hours: Mapping[str, int]
    declared: Mapping[str, int]
    measures: Mapping[str, int]
    complaints: Mapping[str, int]

    @property
    def late_rules(self) -> tuple[str, ...]:
        """The rules of which it is late."""
        return tuple(rule for rule, state, *_ in self.findings if state == "overdue")


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """A whole report. `thresholds` are (rule, name, value, whether it is a marked example)."""

    period: str
    is_partial: bool  # made before the period was over
    hub: str
    epoch: int
    size: int
    root: str  # of `fed` at that size, base64
    made_at: str
    rules_name: str
    rules_sha256: str
    thresholds: tuple[tuple[str, str, str, bool], ...]
    untold: int  # leaves of usage logs that were not added up yet
    units: tuple[UnitFacts, ...]
    elsewhere: UnitFacts  # measures and complaints about others than these units, or about nobody

    @property
    def place(self) -> Position:
        """Where in `fed` it was made."""
        return Position(self.epoch, self.size)

    def encode(self) -> bytes:
        """The file."""
        return dumps({"form": FORM, **_plain(asdict(self))}) + b"\n"

    @classmethod
    def decode(cls, raw: bytes) -> "ReportFacts":
        """Read a file of our own; StoreError `store.damaged` where it is none."""
        try:
            members = loads(raw)
            if members.pop("form") != FORM:
                raise ValueError("form")
            units = tuple(_unit(each) for each in members.pop("units"))
            thresholds = tuple(tuple(each) for each in members.pop("thresholds"))
            elsewhere = _unit(members.pop("elsewhere"))
            found = cls(**members, thresholds=thresholds, units=units, elsewhere=elsewhere)
            if found.encode() == raw:
                return found
        except (NotStrictJson, ValueError, TypeError, KeyError) as error:
            raise StoreError("store.damaged", where="reports", found=str(error)) from error
        raise StoreError("store.damaged", where="reports")


def within(facts: ReportFacts, units: frozenset[str] | None) -> ReportFacts:
    """The same report for who may see these units alone; None: all."""
    if units is None:
        return facts
    own = tuple(each for each in facts.units if each.uscc in units)
    return replace(facts, units=own, elsewhere=nowhere())


def nowhere(
    measures: Mapping[str, int] | None = None, complaints: Mapping[str, int] | None = None
) -> UnitFacts:
    """What is about no unit of the report."""
    name = "未登记的单位，或不涉及单位"
    return UnitFacts(
        "", name, {}, {}, {}, {}, (), {}, {}, dict(measures or {}), dict(complaints or {})
    )


def province(units: Iterable[UnitFacts]) -> UnitFacts:
    """All units together, as if they were one."""
    units = tuple(units)
    findings: Counter[tuple[str, str]] = Counter()
    fresh: Counter[tuple[str, str]] = Counter()
    for unit in units:
        for rule, state, count, new in unit.findings:
            findings[rule, state] += count
            fresh[rule, state] += new
    sums = {
        each.name: _sum(getattr(unit, each.name) for unit in units)
        for each in fields(UnitFacts)
        if each.name not in ("uscc", "name", "findings")
    }
    told = tuple((*key, count, fresh[key]) for key, count in sorted(findings.items()))
    return UnitFacts(uscc="", name="全省", findings=told, **sums)


def percent(part: int, whole: int) -> str:
    """One decimal, rounded half up; empty where there is nothing to divide by."""
    if not whole:
        return ""
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"


def _sum(maps: Iterable[Mapping[str, int]]) -> dict[str, int]:
    added: Counter[str] = Counter()
    for each in maps:
        added.update(each)
    return dict(sorted(added.items()))


def _unit(members: Mapping[str, Any]) -> UnitFacts:
    rows = tuple(tuple(each) for each in members["findings"])
    return UnitFacts(**{**members, "findings": rows})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple | list) else value
