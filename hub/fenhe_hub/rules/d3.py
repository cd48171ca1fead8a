"""D3: what is used is reported each quarter; a nil report counts, silence does not.

Policy 二(二) 公开…使用情况; 国科发基〔2017〕289号 第15条: quarterly; a rule set may ask for years.
Counted from the day on which the unit was enrolled and the record was there: the first quarter that
begins on it or later is the first that is owed. A year's summary reports its quarters, at the day
it came. A later leaf that corrects a report takes nothing of its day away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from fenhe_hub.rules.deadline import Deadline, deadline_of, state_at
from fenhe_hub.rules.facts import Moment, ResourceFacts, UnitFacts
from fenhe_hub.rules.finding import Clock, Evidence, Finding, State, Todo
from fenhe_hub.rules.obligation import Obligation, obligation_of
from fenhe_hub.rules.parameters import DAY, DAY_KIND, DAYS_OR_NONE, KINDS, Forms
from fenhe_hub.rules.untimed import untimed
from fenhe_hub.rules.usage_facts import (
    InstrumentUse,
    Report,
    first_day_of,
    quarter_name,
    quarter_of,
    quarters_of,
)
from fenhe_protocol.workdays import Calendar

RULE = "D3"
PARAMETERS: Forms = {
    "kinds": KINDS,
    "period": {"enum": ["quarter", "year"], "default": "quarter"},
    "days": DAYS_OR_NONE,
    "day_kind": DAY_KIND,
    "first_day": DAY,
}

_REASONS: Mapping[Obligation, Todo] = {
    Obligation.VOLUNTARY: Todo(
        "自愿开放：按季报送使用情况，用户更愿意来", "voluntary: reporting its use helps users"
    ),
    Obligation.INELIGIBLE: Todo("不在范围内", "out of scope"),
}
_NOT_YET = Todo("首个应报的统计期还没有结束", "the first period to be reported has not ended")
_NO_RECEIPT = Todo("等待省平台回执", "waiting for the hub's receipt")
_NO_VALUE = Todo("补填原值和经费来源", "enter the value and where the funds came from")
_NOTHING = InstrumentUse()
_SIZES = {"quarter": 1, "year": 4}
_GRAVEST = (State.OVERDUE, State.PROVISIONAL, State.DUE, State.MET)


@dataclass(frozen=True)
class _Periods:
    """The quarters, or years, that have ended, and when each had to be reported; for one unit.

    A period is a number: the quarter as `usage_facts` counts them, or the year.
    """

    parameters: Mapping[str, Any]
    moment: Moment
    calendar: Calendar
    made: dict[int, Deadline | None] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many quarters a period has."""
        return _SIZES[self.parameters["period"]]

    def name(self, period: int) -> str:
        """2026-Q3, or 2026."""
        return str(period) if self.size > 1 else quarter_name(period)

    def ended_since(self, day: date) -> range:
        """Those that begin on a day or later and have ended."""
        first = quarter_of(day - timedelta(days=1)) + 1
        return range(-(-first // self.size), quarter_of(self.moment.today) // self.size)

    def reports(self, use: InstrumentUse) -> dict[int, Report]:
        """For each period that is reported whole what completed it."""
        found = first_reports(use.reports)
        if self.size == 1:
            return found
        whole = {quarter // self.size for quarter in found}
        told = {each: [found.get(each * self.size + n) for n in range(self.size)] for each in whole}
        return {
            each: max((report for report in reports if report), key=_delivered)
            for each, reports in told.items()
            if None not in reports
        }

    def deadline(self, period: int) -> Deadline | None:
        """The last day for a report; None where the rule set sets none."""
        if period not in self.made:
            self.made[period] = self._deadline(period)
        return self.made[period]

    def _deadline(self, period: int) -> Deadline | None:
        days = self.parameters["days"]
        if days is None:
            return None
        last = first_day_of((period + 1) * self.size) - timedelta(days=1)
        clock = Clock(last, days, self.parameters["day_kind"])
        return deadline_of(clock, self.calendar, self.moment.outages)


def judge_freshness(
    unit: UnitFacts, parameters: Mapping[str, Any], moment: Moment, calendar: Calendar
) -> Iterator[Finding]:
    """Judge every record of the kinds the rule names, all its periods together."""
    periods = _Periods(parameters, moment, calendar)
    for resource in unit.resources:
        if resource.kind in parameters["kinds"]:
            yield _judge(resource, unit, periods)


def _judge(resource: ResourceFacts, unit: UnitFacts, periods: _Periods) -> Finding:
    duty = obligation_of(resource, periods.parameters)
    if duty in _REASONS:
        return untimed(RULE, resource, State.NOT_APPLICABLE, duty, _REASONS[duty])
    start = _start(resource, unit, periods.parameters["first_day"])
    if start is None:
        return untimed(RULE, resource, State.NOT_APPLICABLE, duty, _NO_RECEIPT)
    owed = periods.ended_since(start)
    if not owed:
        return untimed(RULE, resource, State.NOT_APPLICABLE, duty, _NOT_YET)
    if duty is Obligation.UNKNOWN:
        return untimed(RULE, resource, State.UNKNOWN, duty, _NO_VALUE)
    return _owed(resource, owed, unit.usage.get(resource.id, _NOTHING), periods)


def _start(resource: ResourceFacts, unit: UnitFacts, first_day: date) -> date | None:
    """Since when the use is reported: enrolled, delivered, accepted, and the rule in force."""
    delivered = resource.first_delivered_on
    if delivered is None:
        return None
    accepted = resource.public.get("accepted_on")
    days = [unit.enrolled_on, first_day, delivered]
    return max([*days, date.fromisoformat(accepted)] if accepted else days)


def _owed(resource: ResourceFacts, owed: range, use: InstrumentUse, periods: _Periods) -> Finding:
    reports = periods.reports(use)
    judged = []
    for period in owed:
        report, deadline = reports.get(period), periods.deadline(period)
        done_on = report.first_on if report else None
        state = state_at(deadline, done_on, periods.moment)
        judged.append((_GRAVEST.index(state), period))
    gravest, period = min(judged)  # of the gravest the oldest: time changes nothing of that
    state, deadline, report = _GRAVEST[gravest], periods.deadline(period), reports.get(period)
    missing = [periods.name(each) for each in owed if each not in reports]
    name = periods.name(period)
    return Finding(
        RULE,
        state,
        resource.kind,
        resource.id,
        due=deadline.on if deadline else None,
        since=deadline.on if deadline and state is State.OVERDUE else None,
        evidence=(_evidence(report, resource),),
        todo=_todo(state, missing, name, report, deadline),
        clock=deadline.clock if deadline else None,
        basis=Todo(f"自{name}统计期末起", f"from the end of {name}"),
    )


def first_reports(reports: tuple[Report, ...]) -> dict[int, Report]:
    """For each quarter the report that was delivered first; what is not delivered comes last."""
    found: dict[int, Report] = {}
    for report in reports:
        for quarter in quarters_of(report.period):
            known = found.get(quarter)
            if known is None or _delivered(report) < _delivered(known):
                found[quarter] = report
    return found


def _delivered(report: Report) -> date:
    return report.first_on or date.max


def _evidence(report: Report | None, resource: ResourceFacts) -> Evidence:
    if report is None:
        return Evidence(resource.origin, resource.last_index)
    return Evidence(report.origin, report.leaf, report.first_on)


def _todo(
    state: State, missing: list[str], name: str, report: Report | None, deadline: Deadline | None
) -> Todo:
    if state is State.MET:
        return Todo()
    if missing:
        return Todo(
            f"报送使用情况汇总（没有使用的报零）：{'、'.join(missing)}",
            f"report the use, nil where there was none: {', '.join(missing)}",
        )
    if report is None or report.first_on is None or deadline is None:
        return _NO_RECEIPT
    return Todo(
        f"{name}已于{report.first_on}报送，期限为{deadline.on}；无须再报",
        f"{name} was reported on {report.first_on}, due {deadline.on}; nothing more to send",
    )
