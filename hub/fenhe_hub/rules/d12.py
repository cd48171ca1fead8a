"""D12: the online service lives: a sign of life in the promised rhythm, and the mirror agrees.

Policy 二(二): 向社会实时提供在线服务. Expiry of keys is an alert to the operator, not a finding.
Hours in which the hub itself was down, proven by its own log, are not counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from fenhe_hub.rules.deadline import CHINA
from fenhe_hub.rules.facts import LogFacts, Moment, UnitFacts
from fenhe_hub.rules.finding import Evidence, Finding, State, Todo
from fenhe_protocol.workdays import Calendar

RULE = "D12"


def judge_life(
    unit: UnitFacts, parameters: Mapping[str, Any], moment: Moment, calendar: Calendar
) -> Iterator[Finding]:
    """Judge the unit's sign of life, then each log's agreement with the mirror."""
    catalogue = [log for log in unit.logs if "/catalogue" in log.origin]
    yield _alive(unit, catalogue[-1] if catalogue else None, moment)
    for log in unit.logs:
        yield _agrees(log, moment)


def _alive(unit: UnitFacts, log: LogFacts | None, moment: Moment) -> Finding:
    if log is None or log.alive_at is None:
        return Finding(
            RULE,
            State.UNKNOWN,
            "unit",
            unit.uscc,
            todo=Todo("启动节点服务并发布", "start the node and publish"),
        )
    due_at = log.alive_at + unit.rhythm_hours * 3600
    due_at += sum(
        o.end - o.start for o in moment.outages if o.start < due_at and o.end > log.alive_at
    )
    evidence = (Evidence(log.origin, log.size - 1 if log.size else None, _day(log.alive_at)),)
    if moment.now <= due_at:
        return Finding(RULE, State.MET, "unit", unit.uscc, due=_day(due_at), evidence=evidence)
    return Finding(
        RULE,
        State.OVERDUE,
        "unit",
        unit.uscc,
        due=_day(due_at),
        since=_day(due_at),
        evidence=evidence,
        todo=Todo(
            "检查节点是否在运行、网络是否可达；运行 fenhe-node status 查看",
            "see whether the node runs and can be reached: fenhe-node status",
        ),
    )


def _agrees(log: LogFacts, moment: Moment) -> Finding:
    evidence = (Evidence(log.origin, log.size),)
    if log.quarantined:
        return Finding(
            RULE,
            State.OVERDUE,
            "log",
            log.origin,
            since=moment.today,
            evidence=evidence,
            todo=Todo(
                "日志出现两个不一致的版本，已隔离；请联系省平台运维",
                "two versions of this log disagree: speak to the hub's operator",
            ),
        )
    if log.gaps:
        return Finding(
            RULE,
            State.DUE,
            "log",
            log.origin,
            evidence=evidence,
            todo=Todo(
                f"省平台还缺{log.gaps}条正文；保持节点在线，或用“lost”清除",
                f"{log.gaps} bodies have not reached the hub: keep the node online",
            ),
        )
    return Finding(RULE, State.MET, "log", log.origin, evidence=evidence)


def _day(posix: int) -> date:
    return datetime.fromtimestamp(posix, UTC).astimezone(CHINA).date()
