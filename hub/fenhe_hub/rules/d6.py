"""D6: what is reported can be true (如实上报).

Policy 二(五): 不按规定如实上报科技资源数据. A report that contradicts itself, its own services
or the calendar is to be mended within the days set, from the day the contradiction was delivered.
What is only odd (a price a hair under the line, a year's hours delivered in one night) is shown to
the authority and judged by nobody here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from fenhe_hub.rules.deadline import deadline_of, state_at
from fenhe_hub.rules.facts import Moment, ResourceFacts, UnitFacts
from fenhe_hub.rules.finding import Clock, Evidence, Finding, State, Todo
from fenhe_hub.rules.obligation import Obligation, obligation_of
from fenhe_hub.rules.parameters import (
    COUNT_OR_NONE,
    DAY_KIND,
    DAYS_OR_NONE,
    KINDS,
    PER_CENT_OR_NONE,
    Forms,
)
from fenhe_hub.rules.usage_facts import (
    InstrumentUse,
    Report,
    Use,
    first_day_of,
    quarter_name,
    quarters_of,
)
from fenhe_protocol.workdays import Calendar

RULE = "D6"
PARAMETERS: Forms = {
    "kinds": KINDS,
    "days": DAYS_OR_NONE,
    "day_kind": DAY_KIND,
    "off_per_cent": PER_CENT_OR_NONE,  # how far services may be off their summary
    "hair_per_cent": PER_CENT_OR_NONE,  # how close under the line a price is looked at
    "night_hours": COUNT_OR_NONE,  # more hours than these, delivered late in one night
}

DAY_MINUTES = 24 * 60
_SUPPOSED = (  # each is at most the next; `period` is all the minutes there are
    ("external_minutes", "effective_minutes"),
    ("effective_minutes", "run_minutes"),
    ("effective_minutes", "period"),
    ("external_minutes", "period"),
    ("run_minutes", "period"),
    ("open_minutes", "period"),
)
_TITLES: Mapping[str, tuple[str, str]] = {
    "external_minutes": ("对外服务机时", "external time"),
    "effective_minutes": ("有效机时", "effective time"),
    "run_minutes": ("运行机时", "running time"),
    "open_minutes": ("开放机时", "open time"),
    "period": ("统计期的全部时间", "all time there is"),
}
_SERVICES: Mapping[str, tuple[str, str]] = {
    "hours": ("有效机时多于起止时间", "more hours than from start to end"),
    "past": ("服务时间早于2000年", "a service before 2000"),
    "future": ("服务还没有结束就已报送", "reported before the service had ended"),
    "overlap": ("占用使用的时间重叠", "two users had it at the same time"),
}
_VOLUNTARY = Todo("自愿开放，数据不作检查", "voluntary: not judged")


class Contradiction(NamedTuple):
    """What cannot be, where it stands and since when we hold it."""

    zh: str
    en: str
    evidence: Evidence
    soft: bool = False  # odd, not impossible: for the authority to look at


def judge_plausibility(
    unit: UnitFacts, parameters: Mapping[str, Any], moment: Moment, calendar: Calendar
) -> Iterator[Finding]:
    """Judge every record of the kinds the rule names."""
    nothing = InstrumentUse()
    for resource in unit.resources:
        if resource.kind in parameters["kinds"]:
            use = unit.usage.get(resource.id, nothing)
            found = [
                *_of_record(resource, parameters),
                *(each for report in use.reports for each in _of_report(report)),
                *_of_services(use),
                *_against_services(use, parameters["off_per_cent"]),
                *_in_one_night(use, unit, parameters["night_hours"]),
            ]
            yield _finding(resource, found, parameters, moment, calendar)


def _of_record(resource: ResourceFacts, parameters: Mapping[str, Any]) -> Iterator[Contradiction]:
    """Dates that cannot be, and a price just under the line."""
    last = resource.submissions[-1] if resource.submissions else None
    delivered = last.delivered_on if last else None
    evidence = Evidence(resource.origin, resource.last_index, delivered)
    for name, zh, en in (
        ("accepted_on", "验收日期", "accepted"),
        ("in_service_on", "启用日期", "in service"),
    ):
        told = resource.public.get(name)
        if told and delivered and date.fromisoformat(told) > delivered:
            yield Contradiction(f"{zh}晚于报送之日", f"{en} later than it was submitted", evidence)
    value, hair = resource.supervised.get("value_yuan"), parameters["hair_per_cent"]
    line = parameters["line_yuan"]
    if value is not None and hair is not None and line - line * hair // 100 <= value < line:
        yield Contradiction(
            "原值紧贴起点以下，请附发票或合同核对", "priced a hair under the line", evidence, True
        )


def _of_report(report: Report) -> Iterator[Contradiction]:
    """external ≤ effective ≤ hours of the period."""
    cells: dict[str, int] = {**report.fields, "period": minutes_of(report.period)}
    evidence = Evidence(report.origin, report.leaf, report.last_on)
    for less, more in _SUPPOSED:
        if less in cells and more in cells and cells[less] > cells[more]:
            yield Contradiction(
                f"{report.period}：{_TITLES[less][0]}多于{_TITLES[more][0]}",
                f"{report.period}: {_TITLES[less][1]} exceeds {_TITLES[more][1]}",
                evidence,
            )
    if cells.get("nil_report") and any(cells.get(n) for n in ("services", "effective_minutes")):
        yield Contradiction(
            f"{report.period}：报零却有使用", f"{report.period}: nil, and yet used", evidence
        )


@lru_cache(1024)
def minutes_of(period: str) -> int:
    """All minutes of a quarter or a year."""
    quarters = quarters_of(period)
    return (first_day_of(quarters.stop) - first_day_of(quarters.start)).days * DAY_MINUTES


def _of_services(use: InstrumentUse) -> Iterator[Contradiction]:
    for doubt in use.doubts:
        if (words := _SERVICES.get(doubt.what)) is not None:
            yield Contradiction(
                *words,  # no number of them: how much a unit serves is not everyone's
                Evidence(doubt.origin, doubt.leaf, doubt.delivered_on),
            )
    for each in use.uses:
        if each.quarter and each.effective > minutes_of(quarter_name(each.quarter)):
            name = quarter_name(each.quarter)
            yield Contradiction(
                f"{name}：服务记录的有效机时多于统计期的全部时间",
                f"{name}: the services add up to more than all time there is",
                Evidence(each.origin, each.last_index, each.last_on),
            )


def _against_services(use: InstrumentUse, off: int | None) -> Iterator[Contradiction]:
    """What a summary says against the services themselves, where we hold any of its time."""
    if off is None:
        return
    by_quarter = {each.quarter: each for each in use.uses}
    for report in use.reports:
        held = [by_quarter[q] for q in quarters_of(report.period) if q in by_quarter]
        if held and (wrong := _first_off(report, held, off)):
            days = [day for day in (report.last_on, held[-1].last_on) if day]
            since = max(days) if len(days) > 1 else None
            yield Contradiction(
                f"{report.period}：汇总的{wrong[0]}与服务记录不符",
                f"{report.period}: {wrong[1]} differ from the services",
                Evidence(report.origin, report.leaf, since),
            )


def _first_off(report: Report, held: list[Use], off: int) -> tuple[str, str] | None:
    if report.fields.get("nil_report"):
        return ("零报告", "nil report")
    for name, sums, title in (
        ("services", sum(each.services for each in held), ("服务次数", "services")),
        ("effective_minutes", sum(each.effective for each in held), _TITLES["effective_minutes"]),
        ("external_minutes", sum(each.external for each in held), _TITLES["external_minutes"]),
    ):
        said = report.fields.get(name)
        if said is not None and abs(said - sums) * 100 > off * max(said, sums):
            return title
    return None


def _in_one_night(
    use: InstrumentUse, unit: UnitFacts, night_hours: int | None
) -> Iterator[Contradiction]:
    """More hours than a night can tell of, delivered on one day long after they were served.

    What was served before the unit was enrolled comes in one go and is left out.
    """
    if night_hours is None:
        return
    late: dict[date, int] = {}
    for each in use.uses:
        day = each.first_on
        if day is None or day != each.last_on or not each.quarter:
            continue
        if first_day_of(each.quarter) >= unit.enrolled_on and day >= first_day_of(each.quarter + 1):
            late[day] = late.get(day, 0) + each.effective
    for day, minutes in late.items():
        if minutes > night_hours * 60:
            last = next(each for each in use.uses if each.last_on == day)
            yield Contradiction(
                f"一次补报的服务多于{night_hours}小时，请说明",
                f"more than {night_hours} hours of service were delivered in one night: explain",
                Evidence(last.origin, last.last_index, day),
                True,
            )


def _finding(
    resource: ResourceFacts,
    found: list[Contradiction],
    parameters: Mapping[str, Any],
    moment: Moment,
    calendar: Calendar,
) -> Finding:
    duty = obligation_of(resource, parameters)
    grounds = tuple(each.evidence for each in found)
    if not found:
        grounds = (Evidence(resource.origin, resource.last_index),)
    if duty in (Obligation.VOLUNTARY, Obligation.INELIGIBLE):
        under = next((each for each in found if each.soft), None)
        return Finding(
            RULE,
            State.NOT_APPLICABLE,
            resource.kind,
            resource.id,
            evidence=grounds,
            todo=Todo(under.zh, under.en) if under else _VOLUNTARY,
            obligation=duty,
            is_ground=False,
        )
    if not found:
        return Finding(
            RULE, State.MET, resource.kind, resource.id, evidence=grounds, obligation=duty
        )
    todo = Todo("；".join(c.zh for c in found), "; ".join(c.en for c in found))
    hard = [each for each in found if not each.soft]
    if not hard or duty is Obligation.UNKNOWN:
        return Finding(
            RULE, State.UNKNOWN, resource.kind, resource.id, evidence=grounds, todo=todo,
            obligation=duty, is_ground=bool(hard),
        )  # fmt: skip
    return _timed(resource, hard, todo, parameters, moment, calendar)


def _timed(
    resource: ResourceFacts,
    hard: list[Contradiction],
    todo: Todo,
    parameters: Mapping[str, Any],
    moment: Moment,
    calendar: Calendar,
) -> Finding:
    """A contradiction stands until it is mended; it is a breach once the days for that are over."""
    days = [each.evidence.delivered_on for each in hard if each.evidence.delivered_on]
    deadline = None
    if days and parameters["days"] is not None:
        clock = Clock(min(days), parameters["days"], parameters["day_kind"])
        deadline = deadline_of(clock, calendar, moment.outages)
    state = state_at(deadline, None, moment)
    return Finding(
        RULE, state, resource.kind, resource.id,
        due=deadline.on if deadline else None,
        since=deadline.on if deadline and state is State.OVERDUE else None,
        evidence=tuple(each.evidence for each in hard), todo=todo,
        clock=deadline.clock if deadline else None,
        basis=Todo("自收到相互矛盾的数据之日起", "from the day the contradiction was received"),
    )  # fmt: skip
