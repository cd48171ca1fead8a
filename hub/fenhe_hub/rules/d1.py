"""D1: a newly bought or built item is submitted within 30 working days after acceptance.

Policy 二(四): 在完成安装使用验收之日起30个工作日内，将科研设施与仪器名称、规格、功能等情况和
开放制度提交省级网络管理服务平台. What the hub refused counts, if it had the four points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from fenhe_hub.rules.deadline import Deadline, deadline_of, state_at
from fenhe_hub.rules.facts import Moment, ResourceFacts, Submission, UnitFacts
from fenhe_hub.rules.finding import Clock, Evidence, Finding, State, Todo
from fenhe_hub.rules.obligation import Obligation, obligation_of
from fenhe_hub.rules.parameters import DAY, DAY_KIND, DAYS, KINDS, Forms
from fenhe_hub.rules.untimed import untimed
from fenhe_protocol.workdays import Calendar

RULE = "D1"
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
    complete = _first_complete(resource, unit)
    done_on = complete.delivered_on if complete else None
    state = state_at(deadline, done_on, moment)
    index = complete.index if complete else resource.last_index
    return Finding(
        RULE,
        state,
        resource.kind,
        resource.id,
        due=deadline.on,
        since=deadline.on if state is State.OVERDUE else None,
        evidence=(Evidence(resource.origin, index, done_on),),
        todo=_todo(state, resource, unit, deadline, done_on),
        clock=deadline.clock,
        basis=Todo("自安装使用验收日期起", "from the date of acceptance"),
    )


def _first_complete(resource: ResourceFacts, unit: UnitFacts) -> Submission | None:
    """Return the earliest delivered submission that has the four points, refused or not."""
    complete = [s for s in resource.submissions if not missing_points(s.fields, unit)]
    return min(complete, key=lambda s: (s.delivered_on or date.max, s.index), default=None)


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
    if unit.unit_record is None:
        return None
    return unit.unit_record.public.get("regime_opening")


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
