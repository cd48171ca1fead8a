"""D12: the online service lives: a sign of life in the promised rhythm, and the mirror agrees.

Policy 二(二): 向社会实时提供在线服务. Expiry of keys is an alert to the operator, not a finding.
Hours in which the hub itself was down, proven by its own log, are not counted. Booking pages and
documents that do not answer from outside are facts given in (`UnitFacts.probes`): late only where a
look after the last day failed too, and days on which the hub could not look are not counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from fenhe_hub.rules.deadline import CHINA, deadline_of, silent_until, state_at
from fenhe_hub.rules.facts import LogFacts, Moment, Probe, ResourceFacts, UnitFacts
from fenhe_hub.rules.finding import Clock, Evidence, Finding, State, Todo
from fenhe_hub.rules.obligation import Obligation, obligation_of, obligation_of_unit
from fenhe_hub.rules.parameters import DAY_KIND, DAYS_OR_NONE, Forms
from fenhe_protocol.workdays import Calendar

RULE = "D12"
PARAMETERS: Forms = {
    "probe_days": {**DAYS_OR_NONE, "default": None},
    "day_kind": DAY_KIND,
}

_NOT_YET = Todo("启动节点服务并发布", "start the node and publish")
_SILENT = Todo(
    "检查节点是否在运行、网络是否可达；运行 fenhe-node status 查看",
    "see whether the node runs and can be reached: fenhe-node status",
)


def judge_life(
    unit: UnitFacts, parameters: Mapping[str, Any], moment: Moment, calendar: Calendar
) -> Iterator[Finding]:
    """Judge the unit's sign of life, each log's agreement with the mirror, then its addresses."""
    duty = obligation_of_unit(unit.resources, parameters)
    catalogue = [log for log in unit.logs if "/catalogue" in log.origin]
    yield _alive(unit, catalogue[-1] if catalogue else None, moment, duty)
    for log in unit.logs:
        yield _agrees(log, duty)
    records = {(r.kind, r.id): r for r in unit.resources}
    for probe in unit.probes:
        record = records.get((probe.kind, probe.id), unit.unit_record)
        own = obligation_of(record, parameters) if record else duty
        # What is no resource, a year's report or the unit's own record, is the unit's to keep.
        own = duty if own is Obligation.INELIGIBLE else own
        yield replace(_answers(probe, own, parameters, moment, calendar), evidence=_said_in(record))


def _alive(unit: UnitFacts, log: LogFacts | None, moment: Moment, duty: Obligation) -> Finding:
    """Judge the last sign of life; before the first one the clock runs from the enrolment."""
    seen = log.alive_at if log else None
    begins = _enrolled_at(unit) if seen is None else seen
    promised = unit.rhythm_hours * 3600
    due_at = silent_until(begins, promised, moment.outages)
    down = due_at - begins - promised
    evidence: tuple[Evidence, ...] = ()
    if log is not None:
        evidence = (Evidence(log.origin, log.size - 1 if log.size else None, _day(begins)),)
    late = moment.now > due_at
    state = State.OVERDUE if late else State.DUE if seen is None else State.MET
    return Finding(
        RULE,
        state,
        "unit",
        unit.uscc,
        due=_day(due_at),
        since=_day(due_at) if late else None,
        evidence=evidence,
        todo=_NOT_YET if seen is None else _SILENT if late else Todo(),
        obligation=duty,
        basis=_rhythm(begins, seen is None, unit.rhythm_hours, down),
    )


def _rhythm(begins: int, never: bool, hours: int, down: int) -> Todo:
    """How the due time was counted, in words."""
    from_zh, from_en = (
        ("登记入网", "enrolment") if never else ("最近一次生命迹象", "last sign of life")
    )
    at = datetime.fromtimestamp(begins, CHINA).strftime("%Y-%m-%d %H:%M")
    return Todo(
        f"{from_zh} {at} 加承诺的 {hours} 小时，加平台停机 {down // 3600} 小时",
        f"{from_en} {at} and {hours} hours as promised, {down // 3600} hours of the hub's outages",
    )


def _enrolled_at(unit: UnitFacts) -> int:
    if unit.enrolled_at is not None:
        return unit.enrolled_at
    return int(datetime.combine(unit.enrolled_on, time(), CHINA).timestamp())


def _agrees(log: LogFacts, duty: Obligation) -> Finding:
    state, todo = State.MET, Todo()
    if log.quarantined:
        state = State.OVERDUE
        todo = Todo(
            "日志出现两个不一致的版本，已隔离；请联系省平台运维",
            "two versions of this log disagree: speak to the hub's operator",
        )
    elif log.gaps:
        state = State.DUE
        todo = Todo(
            f"省平台还缺{log.gaps}条正文；保持节点在线，或用“lost”清除",
            f"{log.gaps} bodies have not reached the hub: keep the node online",
        )
    return Finding(
        RULE,
        state,
        "log",
        log.origin,
        evidence=(Evidence(log.origin, log.size),),
        todo=todo,
        obligation=duty,
    )


def _answers(
    probe: Probe,
    duty: Obligation,
    parameters: Mapping[str, Any],
    moment: Moment,
    calendar: Calendar,
) -> Finding:
    """Judge one address; without a number of days in the rule set it is never late."""
    base_id = f"{probe.kind}/{probe.id}/{probe.field}"
    if probe.failing_since is None or duty is Obligation.VOLUNTARY:
        state = State.MET if probe.failing_since is None else State.NOT_APPLICABLE
        return Finding(RULE, state, "address", base_id, obligation=duty)
    deadline = None
    if parameters["probe_days"] is not None:
        start = probe.counted_from or probe.failing_since
        clock = Clock(start, parameters["probe_days"], parameters["day_kind"])
        deadline = deadline_of(clock, calendar, moment.outages)
    seen_on = min(moment.today, probe.looked_on or moment.today)
    state = state_at(deadline, None, replace(moment, today=seen_on))
    due = deadline.on if deadline else None
    return Finding(
        RULE,
        state,
        "address",
        base_id,
        due=due,
        since=due if state is State.OVERDUE else None,
        todo=Todo(f"从外部打不开：{probe.url}", f"does not answer from outside: {probe.url}"),
        obligation=duty,
        clock=deadline.clock if deadline else None,
        basis=_failing(probe, probe.failing_since),
    )


def _said_in(record: ResourceFacts | None) -> tuple[Evidence, ...]:
    """The leaf that gives the address."""
    if record is None or record.last_index is None:
        return ()
    return (Evidence(record.origin, record.last_index),)


def _failing(probe: Probe, since: date) -> Todo:
    """What was seen of an address, in words."""
    answered = probe.answered_on
    zh = [f"{since} 起从外部打不开（{probe.why}）" if probe.why else f"{since} 起从外部打不开"]
    en = [f"failing since {since} ({probe.why})" if probe.why else f"failing since {since}"]
    zh.append(f"最近一次打开 {answered}" if answered else "从未打开过")
    en.append(f"last answered on {answered}" if answered else "never answered")
    if probe.looked_on:
        zh.append(f"最近一次查看 {probe.looked_on}")
        en.append(f"last looked at on {probe.looked_on}")
    if probe.counted_from and probe.counted_from > since:
        zh.append(f"平台自己不能查看的日子不计，自 {probe.counted_from} 起算")
        en.append(f"counted from {probe.counted_from}, for the hub itself could not look")
    return Todo("；".join(zh), "; ".join(en))


def _day(posix: int) -> date:
    return datetime.fromtimestamp(posix, UTC).astimezone(CHINA).date()
