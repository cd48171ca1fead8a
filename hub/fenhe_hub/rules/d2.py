"""D2: regimes, ways of use, fee standards and usage are public, and each record is complete.

Policy 二(二) 公开科技资源的开放制度、使用办法和使用情况, 二(三) 公开透明的成本核算和服务收费标准,
三(四) 建立健全相应的开放、运行、维护、使用管理制度. What is missing is counted here; what is wrong
was never published. A cell withheld for privacy counts as disclosed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from fenhe_hub.rules.deadline import state_at, working_deadline
from fenhe_hub.rules.facts import Moment, ResourceFacts, UnitFacts
from fenhe_hub.rules.finding import Evidence, Finding, State, Todo
from fenhe_hub.rules.obligation import Obligation, obligation_of
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.workdays import Calendar

RULE = "D2"


def judge_completeness(
    unit: UnitFacts, parameters: Mapping[str, Any], moment: Moment, calendar: Calendar
) -> Iterator[Finding]:
    """Judge the unit's own record, then every record of the kinds the rule names."""
    yield _judge_unit(unit, parameters, moment, calendar)
    for resource in unit.resources:
        required = parameters["required"].get(resource.kind)
        if required is not None:
            yield _judge_resource(resource, required, unit, parameters, moment, calendar)


def _judge_unit(
    unit: UnitFacts, parameters: Mapping[str, Any], moment: Moment, calendar: Calendar
) -> Finding:
    record = unit.unit_record
    public = record.public if record else {}
    lacking = [name for name in parameters["regimes"] if not public.get(name)]
    since = record.first_delivered_on if record else None
    evidence = (Evidence(record.origin, _last_index(record), since),) if record else ()
    return _finding(
        "unit",
        unit.uscc,
        lacking,
        since or unit.enrolled_on,
        evidence,
        parameters,
        moment,
        calendar,
    )


def _judge_resource(
    resource: ResourceFacts,
    required: list[str],
    unit: UnitFacts,
    parameters: Mapping[str, Any],
    moment: Moment,
    calendar: Calendar,
) -> Finding:
    evidence = (Evidence(resource.origin, _last_index(resource), resource.first_delivered_on),)
    if obligation_of(resource, parameters) is Obligation.VOLUNTARY:
        return Finding(
            RULE,
            State.NOT_APPLICABLE,
            resource.kind,
            resource.id,
            evidence=evidence,
            todo=Todo("自愿开放：补齐后更易被找到", "voluntary: completing it helps users"),
        )
    lacking = [name for name in required if not _disclosed(name, resource, unit)]
    since = resource.first_delivered_on or moment.today
    return _finding(
        resource.kind, resource.id, lacking, since, evidence, parameters, moment, calendar
    )


def _disclosed(name: str, resource: ResourceFacts, unit: UnitFacts) -> bool:
    """Tell whether a field is public; usage and fees stand in records of their own.

    `a|b` asks for either of two fields.
    """
    if "|" in name:
        return any(_disclosed(part, resource, unit) for part in name.split("|"))
    if name == "usage":
        return resource.id in unit.summarised
    value = resource.public.get(name)
    if name == "fee_standards":
        return bool(value) and set(value or ()) <= unit.fee_standards
    return value not in (None, "", [])


def _finding(
    kind: str,
    record_id: str,
    lacking: list[str],
    since: date,
    evidence: tuple[Evidence, ...],
    parameters: Mapping[str, Any],
    moment: Moment,
    calendar: Calendar,
) -> Finding:
    if not lacking:
        return Finding(RULE, State.MET, kind, record_id, evidence=evidence)
    deadline = working_deadline(since, parameters["working_days"], calendar, moment.outages)
    state = state_at(deadline, None, moment)
    return Finding(
        RULE,
        state,
        kind,
        record_id,
        due=deadline.on,
        since=deadline.on if state is State.OVERDUE else None,
        evidence=evidence,
        todo=_todo(kind, lacking),
    )


def _todo(kind: str, lacking: list[str]) -> Todo:
    titles = [_title(kind, name) for name in lacking]
    zh = "、".join(title[0] for title in titles)
    en = ", ".join(title[1] for title in titles)
    return Todo(f"补充：{zh}", f"add: {en}")


def _title(kind: str, name: str) -> tuple[str, str]:
    """Return the title of a field; of `a|b` the first one's."""
    if name == "usage":
        return ("使用情况（季度或年度汇总）", "usage (a summary of a quarter or a year)")
    field = SchemaSet.load().kind(kind).field(name.split("|")[0])
    return (field.title_zh, field.title_en)


def _last_index(resource: ResourceFacts) -> int | None:
    return resource.submissions[-1].index if resource.submissions else None
