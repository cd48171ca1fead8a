"""D2: regimes, ways of use, fee standards and usage are public, and each record is complete.

Policy 二(二) 公开科技资源的开放制度、使用办法和使用情况, 二(三) 公开透明的成本核算和服务收费标准,
三(四) 建立健全相应的开放、运行、维护、使用管理制度. What is missing is counted here; what is wrong
was never published. A cell withheld for privacy counts as disclosed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from fenhe_hub.rules.deadline import Deadline, deadline_of, state_at
from fenhe_hub.rules.facts import Moment, ResourceFacts, UnitFacts
from fenhe_hub.rules.finding import Clock, Evidence, Finding, State, Todo
from fenhe_hub.rules.obligation import Obligation, obligation_of, obligation_of_unit
from fenhe_hub.rules.parameters import DAY_KIND, DAYS_OR_NONE, NAMES, Forms
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.workdays import Calendar

RULE = "D2"
USAGE = "usage"
PARAMETERS: Forms = {
    "days": DAYS_OR_NONE,
    "day_kind": DAY_KIND,
    "regimes": NAMES,
    "required": {
        "type": "object",
        "propertyNames": {"enum": sorted(SchemaSet.load().kinds)},
        "additionalProperties": NAMES,
    },
}

_ADVICE: Mapping[Obligation, Todo] = {
    Obligation.VOLUNTARY: Todo(
        "自愿开放：补齐后更易被找到", "voluntary: completing it helps users"
    ),
    Obligation.INELIGIBLE: Todo("不在范围内", "out of scope"),
}


@dataclass(frozen=True)
class _Asking:
    """What all questions of one run have in common."""

    unit: UnitFacts
    parameters: Mapping[str, Any]
    moment: Moment
    calendar: Calendar

    def deadline(self, start: date) -> Deadline | None:
        """The last day of what was to be public from a day on; None where no number is set."""
        if self.parameters["days"] is None:
            return None
        clock = Clock(start, self.parameters["days"], self.parameters["day_kind"])
        return deadline_of(clock, self.calendar, self.moment.outages)


def judge_completeness(
    unit: UnitFacts, parameters: Mapping[str, Any], moment: Moment, calendar: Calendar
) -> Iterator[Finding]:
    """Judge the unit's own record, then every record of the kinds the rule names."""
    asking = _Asking(unit, parameters, moment, calendar)
    yield _judge_unit(asking)
    for resource in unit.resources:
        required = parameters["required"].get(resource.kind)
        if required is not None:
            yield _judge_resource(resource, required, asking)


def _judge_unit(asking: _Asking) -> Finding:
    """The four regimes, counted from the day of enrolment, whatever the unit says meanwhile."""
    unit = asking.unit
    record = unit.unit_record
    public = record.public if record else {}
    lacking = [name for name in asking.parameters["regimes"] if not public.get(name)]
    evidence = (_evidence(record),) if record else ()
    duty = obligation_of_unit(unit.resources, asking.parameters)
    base = Finding(RULE, State.MET, "unit", unit.uscc, evidence=evidence, obligation=duty)
    if lacking and duty is Obligation.VOLUNTARY:
        return _stated(base, State.NOT_APPLICABLE, None, _ADVICE[duty])
    lost_on = _lost_on(record, lambda told: not all(told.get(name) for name in lacking))
    return _lacking(base, lacking, unit.enrolled_on, lost_on, asking)


def _judge_resource(resource: ResourceFacts, required: list[str], asking: _Asking) -> Finding:
    duty = obligation_of(resource, asking.parameters)
    lacking = [name for name in required if not _disclosed(name, resource, asking.unit)]
    base = Finding(
        RULE,
        State.MET,
        resource.kind,
        resource.id,
        evidence=(_evidence(resource),),
        obligation=duty,
    )
    if duty in _ADVICE:
        return _stated(base, State.NOT_APPLICABLE, None, _ADVICE[duty])
    if lacking and duty is Obligation.UNKNOWN:
        return _stated(base, State.UNKNOWN, None, _unknown(resource, lacking))
    lost_on = _lost_on(
        resource if USAGE not in lacking else None,
        lambda told: not all(_told(name, told, asking.unit) for name in lacking),
    )
    return _lacking(base, lacking, resource.first_delivered_on, lost_on, asking)


def _lost_on(
    record: ResourceFacts | None, lacks: Callable[[Mapping[str, Any]], bool]
) -> date | None:
    """Since when what was public is not any more; None where it never all was."""
    said = [each for each in record.submissions if not each.refused] if record else []
    whole = [place for place, each in enumerate(said) if not lacks(each.fields)]
    after = said[whole[-1] + 1 :] if whole else []
    return after[0].delivered_on if after else None


def _evidence(resource: ResourceFacts) -> Evidence:
    return Evidence(resource.origin, resource.last_index, resource.first_delivered_on)


def _disclosed(name: str, resource: ResourceFacts, unit: UnitFacts) -> bool:
    """Tell whether a field is public; usage and fees stand in records of their own.

    `a|b` asks for either of two fields. A summary counts whatever cells of it are withheld.
    """
    if "|" in name:
        return any(_disclosed(part, resource, unit) for part in name.split("|"))
    if name == USAGE:
        return resource.id in unit.summarised
    return _told(name, resource.public, unit)


def _told(name: str, public: Mapping[str, Any], unit: UnitFacts) -> bool:
    """The same of a cell of a body."""
    if "|" in name:
        return any(_told(part, public, unit) for part in name.split("|"))
    value = public.get(name)
    if name == "fee_standards":
        return bool(value) and set(value or ()) <= unit.fee_standards
    return value not in (None, "", [])


def _lacking(
    base: Finding,
    lacking: list[str],
    since: date | None,
    lost_on: date | None,
    asking: _Asking,
) -> Finding:
    """Judge what is missing; usage is asked for once a quarter has ended since `since`.

    What was public and is gone is a breach from the day it went, `lost_on`, once the due day is
    over: before that nothing was missing.
    """
    if not lacking:
        return base
    todo = _todo(base.kind, lacking)
    if since is None:
        return _stated(base, State.DUE, None, todo)
    start = since if lacking != [USAGE] else _end_of_quarter(since)
    deadline = asking.deadline(start)
    found = _stated(base, state_at(deadline, None, asking.moment), deadline, todo)
    late_since = max((day for day in (found.since, lost_on) if day), default=None)
    return replace(found, since=late_since) if found.since else found


def _basis(kind: str, todo: Todo) -> Todo:
    """From what day the clock runs."""
    if kind == "unit":
        return Todo("自登记入网之日起", "from the day of enrolment")
    if todo == _todo(kind, [USAGE]):
        return Todo("自首次收到后的季度末起", "from the end of the quarter of the first receipt")
    return Todo("自平台首次收到之日起", "from the day of the first receipt")


def _stated(base: Finding, state: State, deadline: Deadline | None, todo: Todo) -> Finding:
    due = deadline.on if deadline else None
    return Finding(
        base.rule,
        state,
        base.kind,
        base.id,
        due=due,
        since=due if state is State.OVERDUE else None,
        evidence=base.evidence,
        todo=todo,
        obligation=base.obligation,
        clock=deadline.clock if deadline else None,
        basis=_basis(base.kind, todo) if deadline else Todo(),
    )


def _end_of_quarter(day: date) -> date:
    first = (day.month - 1) // 3 * 3 + 1
    following = date(day.year + first // 10, (first + 2) % 12 + 1, 1)
    return following - timedelta(days=1)


def _unknown(resource: ResourceFacts, lacking: list[str]) -> Todo:
    more = _todo(resource.kind, lacking)
    return Todo(
        f"补填原值和经费来源，才能判断是否应当公开；{more.zh}",
        f"enter the value and where the funds came from; {more.en}",
    )


def _todo(kind: str, lacking: list[str]) -> Todo:
    titles = [_title(kind, name) for name in lacking]
    zh = "、".join(title[0] for title in titles)
    en = ", ".join(title[1] for title in titles)
    return Todo(f"补充：{zh}", f"add: {en}")


def _title(kind: str, name: str) -> tuple[str, str]:
    """Return the title of a field; of `a|b` the first one's."""
    if name == USAGE:
        return ("使用情况（季度或年度汇总）", "usage (a summary of a quarter or a year)")
    field = SchemaSet.load().kind(kind).field(name.split("|")[0])
    return (field.title_zh, field.title_en)
