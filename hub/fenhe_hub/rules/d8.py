"""D8: signs of how much an instrument is used and opened: a sign, and no ground by itself.

Policy 二(五): 通用…重点评价用户使用率、…有效服务机时. Hours and rates of the last full year
against the thresholds of the rule set, of general instruments only; for special ones hours are
information. Only a final result of the authority's evaluation makes of a sign the ground of a
measure, for the year that was evaluated. Denominators come from other schemes and ship as marked
examples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fenhe_hub.rules.facts import Moment, ResourceFacts, UnitFacts
from fenhe_hub.rules.finding import Evidence, Finding, State, Todo
from fenhe_hub.rules.obligation import Obligation, obligation_of
from fenhe_hub.rules.parameters import COUNT_OR_NONE, KINDS, PER_CENT_OR_NONE, Forms
from fenhe_hub.rules.usage_facts import Evaluation, InstrumentUse, Report, quarter_name
from fenhe_protocol.workdays import Calendar

RULE = "D8"
PARAMETERS: Forms = {
    "kinds": KINDS,
    "rated_hours": COUNT_OR_NONE,  # effective hours a year that count as full use
    "use_per_cent": PER_CENT_OR_NONE,  # of them
    "external_hours": COUNT_OR_NONE,  # a year
    "open_hours": COUNT_OR_NONE,  # a year
    "share_per_cent": PER_CENT_OR_NONE,  # external of effective
    "opening_per_cent": PER_CENT_OR_NONE,  # of a unit's instruments that owe it, open to others
}

_CELLS = ("effective_minutes", "external_minutes", "open_minutes")
_UNSAID_TYPE = Todo("补填通用或专用", "say whether it is general or special")
_UNSAID_HOURS = Todo("上一年度的机时还不全", "the hours of last year are not complete")
_UNSAID_VALUE = Todo("补填原值和经费来源", "enter the value and where the funds came from")
_OPEN = ("external",)


class Hours(NamedTuple):
    """Minutes of a year; None where the year is not told or the cell is withheld."""

    effective: int | None
    external: int | None
    open: int | None


def judge_signs(
    unit: UnitFacts, parameters: Mapping[str, Any], moment: Moment, calendar: Calendar
) -> Iterator[Finding]:
    """Say of every instrument how it is used, and of the unit how much of it is open."""
    duties = [
        (resource, obligation_of(resource, parameters))
        for resource in unit.resources
        if resource.kind in parameters["kinds"]
    ]
    if parameters["opening_per_cent"] is not None:
        owed = [resource for resource, duty in duties if duty is Obligation.DUTY]
        yield _of_unit(unit, owed, parameters["opening_per_cent"], moment)
    if any(parameters[name] is not None for name in _OF_ONE):
        for resource, duty in duties:
            yield _of_instrument(resource, duty, unit, parameters, moment)


_OF_ONE = ("use_per_cent", "external_hours", "open_hours", "share_per_cent")


def _evaluated(unit: UnitFacts, id_: str) -> Evaluation | None:
    """The newest final result for one instrument, or for the whole unit."""
    found = [each for each in unit.evaluations if each.id in ("", id_)]
    return max(found, key=lambda each: (each.year, each.id != "", each.decided_on), default=None)


def _of_unit(unit: UnitFacts, owed: list[ResourceFacts], least: int, moment: Moment) -> Finding:
    record = unit.unit_record
    evidence = (Evidence(record.origin, record.last_index),) if record else ()
    if not owed:
        todo = Todo("没有应开放的仪器", "no instrument has to be open")
        return Finding(RULE, State.NOT_APPLICABLE, "unit", unit.uscc, evidence=evidence,
                       todo=todo, is_ground=False)  # fmt: skip
    opened = sum(resource.public.get("share_mode") in _OPEN for resource in owed)
    if opened * 100 >= least * len(owed):
        return Finding(RULE, State.MET, "unit", unit.uscc, evidence=evidence, is_ground=False)
    todo = Todo(
        f"应开放{len(owed)}台，对外开放{opened}台，低于{least}%",
        f"{opened} of {len(owed)} instruments are open to others, below {least} %",
    )
    return _sign("unit", unit.uscc, evidence, todo, _evaluated(unit, ""))


def _of_instrument(
    resource: ResourceFacts,
    duty: Obligation,
    unit: UnitFacts,
    parameters: Mapping[str, Any],
    moment: Moment,
) -> Finding:
    result = _evaluated(unit, resource.id)
    year = result.year if result else moment.today.year - 1
    use = unit.usage.get(resource.id, InstrumentUse())
    hours = hours_of(use, year)
    evidence = (_evidence(resource, use, year),)
    state, todo = _plainly(resource, duty, hours, year)
    if state is None:
        low = list(_low(hours, parameters))
        if low:
            zh, en = "；".join(each[0] for each in low), "; ".join(each[1] for each in low)
            return _sign(
                resource.kind, resource.id, evidence, Todo(f"{year}年{zh}", f"{year}: {en}"), result
            )
        state = State.UNKNOWN if hours.effective is None else State.MET
        todo = _UNSAID_HOURS if state is State.UNKNOWN else Todo()
    return Finding(
        RULE, state, resource.kind, resource.id, evidence=evidence, todo=todo, obligation=duty,
        is_ground=False,
    )  # fmt: skip


def _plainly(
    resource: ResourceFacts, duty: Obligation, hours: Hours, year: int
) -> tuple[State | None, Todo]:
    """What is said where nothing is compared with a threshold; None: compare."""
    if duty in (Obligation.VOLUNTARY, Obligation.INELIGIBLE):
        return State.NOT_APPLICABLE, Todo("自愿开放，只供参考", "voluntary: information only")
    general = resource.public.get("general_or_special")
    if general == "special":
        told = "-" if hours.effective is None else str(hours.effective // 60)
        return State.NOT_APPLICABLE, Todo(
            f"专用仪器，机时只供参考：{year}年{told}小时",
            f"special: hours are information ({told} in {year})",
        )
    if general != "general":
        return State.UNKNOWN, _UNSAID_TYPE
    if duty is Obligation.UNKNOWN:
        return State.UNKNOWN, _UNSAID_VALUE
    return None, Todo()


def hours_of(use: InstrumentUse, year: int) -> Hours:
    """The minutes of a year: as its own summary says, or as those of its four quarters do."""
    cells: dict[str, int | None] = dict.fromkeys(_CELLS)
    by_period: dict[str, Report] = {report.period: report for report in use.reports}
    whole = by_period.get(str(year))
    quarters = [by_period.get(quarter_name(year * 4 + number)) for number in range(4)]
    for name in _CELLS:
        told = [_cell(each, name) for each in quarters if each]
        if whole is not None and (cell := _cell(whole, name)) is not None:
            cells[name] = cell
        elif len(told) == len(quarters) and None not in told:
            cells[name] = sum(cell for cell in told if cell is not None)
    return Hours(*(cells[name] for name in _CELLS))


def _cell(report: Report, name: str) -> int | None:
    value: int | None = report.fields.get(name)
    return 0 if value is None and report.fields.get("nil_report") else value


def _low(hours: Hours, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Which hours or rates lie below their threshold; what is not told is not compared."""
    rated, share = parameters["rated_hours"], parameters["use_per_cent"]
    if None not in (rated, share) and _under(hours.effective, rated * 60 * share, by=100):
        yield f"有效机时低于{rated}小时的{share}%", f"used less than {share} % of {rated} hours"
    for name, told, zh, en in (
        ("external_hours", hours.external, "对外服务机时", "external hours"),
        ("open_hours", hours.open, "开放机时", "open hours"),
    ):
        least = parameters[name]
        if least is not None and _under(told, least * 60):
            yield f"{zh}低于{least}小时", f"{en} below {least}"
    share = parameters["share_per_cent"]
    if (
        share is not None
        and hours.effective
        and _under(hours.external, hours.effective * share, by=100)
    ):
        yield f"共享率低于{share}%", f"less than {share} % for others"


def _under(told: int | None, least: int, by: int = 1) -> bool:
    return told is not None and told * by < least


def _sign(
    kind: str,
    id_: str,
    evidence: tuple[Evidence, ...],
    todo: Todo,
    result: Evaluation | None,
) -> Finding:
    """Below a threshold: a sign; a breach of nothing before a final result says that it is poor."""
    if result is None:
        return Finding(RULE, State.DUE, kind, id_, evidence=evidence, todo=todo, is_ground=False)
    if not result.is_poor:
        return Finding(RULE, State.MET, kind, id_, evidence=evidence, todo=todo, is_ground=False)
    return Finding(
        RULE, State.OVERDUE, kind, id_,
        due=result.decided_on, since=result.decided_on, evidence=evidence, todo=todo,
    )  # fmt: skip


def _evidence(resource: ResourceFacts, use: InstrumentUse, year: int) -> Evidence:
    """The newest report of the year, else the record."""
    of_year = [report for report in use.reports if report.period.startswith(str(year))]
    if not of_year:
        return Evidence(resource.origin, resource.last_index)
    last = max(of_year, key=lambda report: report.leaf)
    return Evidence(last.origin, last.leaf, last.last_on)
