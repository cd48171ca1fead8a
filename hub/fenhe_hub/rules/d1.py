"""D1: a newly bought or built item is submitted within 30 working days after acceptance.

Policy 二(四): 在完成安装使用验收之日起30个工作日内，将科研设施与仪器名称、规格、功能等情况和
开放制度提交省级网络管理服务平台. What the hub refused counts, if it had the four points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from fenhe_hub.rules.deadline import Deadline, deadline_of, state_at
from fenhe_hub.rules.facts import Moment, ResourceFacts, UnitFacts
from fenhe_hub.rules.finding import Clock, Evidence, Finding, State, Todo
from fenhe_hub.rules.obligation import Obligation, obligation_of
from fenhe_hub.rules.parameters import DAY, DAY_KIND, DAYS, KINDS, Forms
from fenhe_hub.rules.untimed import untimed
from fenhe_protocol.workdays import Calendar

RULE = "D1"
_REGIME = "regime_opening"
PARAMETERS: Forms = {"kinds": KINDS, "days": DAYS, "day_kind": DAY_KIND, "first_day": DAY}

_REASONS: Mapping[Obligation, Todo] = {
    Obligation.VOLUNTARY: Todo("自愿开放，不计时限", "voluntary: no deadline"),
    Obligation.INELIGIBLE: Todo("不在范围内", "out of scope"),
}


def judge_submission(
    unit: UnitFacts, parameters: Mapping[str, Any], moment: Moment, calendar: Calendar
) -> Iterator[Finding]:
    """Judge every record of the kinds the rule names."""
    for resource in unit.resources:
        if resource.kind in parameters["kinds"]:
            yield _judge(resource, unit, parameters, moment, calendar)


def _judge(
    resource: ResourceFacts,
    unit: UnitFacts,
    parameters: Mapping[str, Any],
    moment: Moment,
    calendar: Calendar,
) -> Finding:
    duty = obligation_of(resource, parameters)
    if duty in _REASONS:
        return untimed(RULE, resource, State.NOT_APPLICABLE, duty, _REASONS[duty])
    accepted = resource.public.get("accepted_on")
    if accepted is None:
        todo = Todo(
            "补填安装使用验收日期（不是建账日期）",
            "enter the date of acceptance, not the booking date",
        )
        return untimed(RULE, resource, State.UNKNOWN, duty, todo)
    accepted_on = date.fromisoformat(accepted)
    if accepted_on < parameters["first_day"]:
        stock = Todo("存量设备，归入普查", "stock: see the census")
        return untimed(RULE, resource, State.NOT_APPLICABLE, duty, stock)
    if duty is Obligation.UNKNOWN:
        todo = Todo("补填原值和经费来源", "enter the value and where the funds came from")
        return untimed(RULE, resource, State.UNKNOWN, duty, todo)
    clock = Clock(accepted_on, parameters["days"], parameters["day_kind"])
    return _timed(resource, unit, deadline_of(clock, calendar, moment.outages), moment)


def _timed(resource: ResourceFacts, unit: UnitFacts, deadline: Deadline, moment: Moment) -> Finding:
    evidence, done_on = _first_complete(resource, unit)
    state = state_at(deadline, done_on, moment)
    return Finding(
        RULE,
        state,
        resource.kind,
        resource.id,
        due=deadline.on,
        since=deadline.on if state is State.OVERDUE else None,
        evidence=evidence or (Evidence(resource.origin, resource.last_index),),
        todo=_todo(state, resource, unit, deadline, done_on),
        clock=deadline.clock,
        basis=Todo("自安装使用验收日期起", "from the date of acceptance"),
    )


def _first_complete(
    resource: ResourceFacts, unit: UnitFacts
) -> tuple[tuple[Evidence, ...], date | None]:
    """The leaves by which all four points were first delivered, refused or not, and that day.

    Terms of opening may stand in the record itself, or in what the unit says of all its records:
    then they count from the day on which that was delivered.
    """
    terms = _opening_terms(unit)
    ways: list[tuple[Evidence, ...]] = []
    for each in resource.submissions:
        if not missing_points(each.fields, unit):
            leaf = Evidence(resource.origin, each.index, each.delivered_on)
            ways.append((leaf,) if each.fields.get("user_notice") or not terms else (leaf, terms))
    first = min(ways, key=lambda way: (_whole_on(way) or date.max, way[0].index), default=())
    return first, _whole_on(first)


def _whole_on(leaves: tuple[Evidence, ...]) -> date | None:
    """The day on which the last of them was delivered; None before that."""
    days = [each.delivered_on for each in leaves if each.delivered_on]
    return max(days) if days and len(days) == len(leaves) else None


def _opening_terms(unit: UnitFacts) -> Evidence | None:
    """The leaf by which the unit's own regime of opening first came."""
    record = unit.unit_record
    if record is None:
        return None
    told = [each for each in record.submissions if each.fields.get(_REGIME)]
    first = min(told, key=lambda each: (each.delivered_on or date.max, each.index), default=None)
    return Evidence(record.origin, first.index, first.delivered_on) if first else None


def missing_points(fields: Mapping[str, Any], unit: UnitFacts) -> list[tuple[str, str]]:
    """Name which of the four points a submission lacks: (Chinese, English)."""
    points = [
        (("名称", "name"), fields.get("name_zh")),
        (("规格", "specification"), fields.get("model") or fields.get("technical_specification")),
        (("功能", "function"), fields.get("function")),
        (("开放制度", "opening terms"), fields.get("user_notice") or _opening_regime(unit)),
    ]
    return [label for label, value in points if not value]


def _opening_regime(unit: UnitFacts) -> Any:
    """The unit's own regime of opening stands for a record without terms of its own."""
    record = unit.unit_record
    if record is None:
        return None
    said = (record.public, *(each.fields for each in record.submissions))
    return next((told[_REGIME] for told in said if told.get(_REGIME)), None)


def _todo(
    state: State,
    resource: ResourceFacts,
    unit: UnitFacts,
    deadline: Deadline,
    done_on: date | None,
) -> Todo:
    if state is State.MET:
        return Todo()
    if done_on is not None:
        return Todo(
            f"已于{done_on}提交，晚于期限{deadline.on}；无须再交，如有异议请在答复中说明",
            f"submitted on {done_on}, after {deadline.on}; nothing more to send",
        )
    lacking = missing_points(resource.public, unit)
    if not lacking:
        return Todo("等待省平台回执", "waiting for the hub's receipt")
    zh = "、".join(label[0] for label in lacking)
    en = ", ".join(label[1] for label in lacking)
    return Todo(f"于{deadline.on}前补齐：{zh}", f"complete by {deadline.on}: {en}")
