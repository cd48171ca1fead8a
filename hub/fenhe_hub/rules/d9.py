"""D9: feedback and complaints are answered within the days set.

Policy 二(五) 用户的反馈意见, 三(四). The policy sets no number of days: by default nothing is
judged. A complaint about reallocation belongs to the authority and is none of the unit's (二(五)
接受社会对科研设施与仪器调配的监督).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fenhe_hub.rules.deadline import deadline_of, state_at
from fenhe_hub.rules.facts import Moment, UnitFacts
from fenhe_hub.rules.finding import Clock, Evidence, Finding, State, Todo
from fenhe_hub.rules.obligation import Obligation, obligation_of_unit
from fenhe_hub.rules.parameters import DAY_KIND, DAYS_OR_NONE, Forms
from fenhe_hub.rules.usage_facts import Complaint
from fenhe_protocol.workdays import Calendar

RULE = "D9"
PARAMETERS: Forms = {"days": DAYS_OR_NONE, "day_kind": DAY_KIND}

REALLOCATION = "reallocation"


def judge_feedback(
    unit: UnitFacts, parameters: Mapping[str, Any], moment: Moment, calendar: Calendar
) -> Iterator[Finding]:
    """Judge every complaint that was handed to the unit, once a number of days is set."""
    if parameters["days"] is None:
        return
    duty = obligation_of_unit(unit.resources, parameters)
    for complaint in unit.complaints:
        if complaint.about != REALLOCATION:
            yield _judge(complaint, duty, parameters, moment, calendar)


def _judge(
    complaint: Complaint,
    duty: Obligation,
    parameters: Mapping[str, Any],
    moment: Moment,
    calendar: Calendar,
) -> Finding:
    clock = Clock(complaint.handed_on, parameters["days"], parameters["day_kind"])
    deadline = deadline_of(clock, calendar, moment.outages)
    state = state_at(deadline, complaint.answered_on, moment)
    evidence = (Evidence(complaint.origin, complaint.index, complaint.answered_on),)
    return Finding(
        RULE,
        state,
        "complaint",
        complaint.number,
        due=deadline.on,
        since=deadline.on if state is State.OVERDUE else None,
        evidence=evidence if complaint.origin else (),
        todo=_todo(complaint, state, clock.start.isoformat()),
        obligation=duty,
        clock=clock,
        basis=Todo("自转交单位之日起", "from the day it was handed to the unit"),
    )


def _todo(complaint: Complaint, state: State, handed_on: str) -> Todo:
    if state is State.MET:
        return Todo()
    if complaint.answered_on is not None:
        return Todo(
            f"已于{complaint.answered_on}答复，晚于期限",
            f"answered late, on {complaint.answered_on}",
        )
    return Todo(
        f"答复{handed_on}转来的意见{complaint.number}", f"answer {complaint.number} of {handed_on}"
    )
