"""D10: a plan to buy or to build carries an opening plan and has passed the authority's review.

Policy 二(四): 拟新建科研设施和新购置仪器设备，要将开放方案纳入建设或购置计划; 实施查重评议制度.
The review decision is a fact on the hub's side (`UnitFacts.reviews`); a number that the unit writes
into its plan is looked up there and proves nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fenhe_hub.rules.deadline import Deadline, deadline_of, state_at
from fenhe_hub.rules.facts import Moment, ResourceFacts, Review, UnitFacts
from fenhe_hub.rules.finding import Clock, Evidence, Finding, State, Todo
from fenhe_hub.rules.obligation import Obligation, obligation_of
from fenhe_hub.rules.parameters import DAY_KIND, DAYS_OR_NONE, Forms
from fenhe_protocol.workdays import Calendar

RULE = "D10"
PARAMETERS: Forms = {"days": DAYS_OR_NONE, "day_kind": DAY_KIND}

_OVER = {"rejected": "未批准", "withdrawn": "已撤回"}
_NO_PLAN = Todo(
    "补充开放方案：对谁开放、怎样开放、何时开放、如何收费",
    "add the opening plan: to whom, how, when and at what fee",
)
_NO_REVIEW = Todo(
    "平台没有登记本计划的查重评议结论；请与主管部门核对文号",
    "no review decision on this plan is registered at the hub: compare its number with the"
    " authority",
)
_BOUGHT_ANYWAY = Todo(
    "查重评议未支持而已购建：向主管部门书面说明",
    "procured although the review did not support it: explain to the authority in writing",
)


def judge_plans(
    unit: UnitFacts, parameters: Mapping[str, Any], moment: Moment, calendar: Calendar
) -> Iterator[Finding]:
    """Judge every plan to buy or to build."""
    for plan in unit.resources:
        if plan.kind == "purchase_plan":
            duty = obligation_of(plan, parameters)
            deadline = _deadline(plan, parameters, moment, calendar)
            yield _judge(plan, duty, _review_of(plan, unit), deadline, moment)


def _deadline(
    plan: ResourceFacts, parameters: Mapping[str, Any], moment: Moment, calendar: Calendar
) -> Deadline | None:
    since = plan.first_delivered_on
    if since is None or parameters["days"] is None:
        return None
    clock = Clock(since, parameters["days"], parameters["day_kind"])
    return deadline_of(clock, calendar, moment.outages)


def _review_of(plan: ResourceFacts, unit: UnitFacts) -> Review | None:
    number = plan.supervised.get("review_decision_no")
    found = [
        each
        for each in unit.reviews
        if each.plan == plan.id or (not each.plan and number and each.number == number)
    ]
    return found[-1] if found else None


def _judge(
    plan: ResourceFacts,
    duty: Obligation,
    review: Review | None,
    deadline: Deadline | None,
    moment: Moment,
) -> Finding:
    if duty is Obligation.VOLUNTARY:
        todo = Todo("自愿开放，不要求评议", "voluntary: no review is asked for")
        return _finding(plan, duty, State.NOT_APPLICABLE, todo)
    bought = plan.public.get("status") == "procured" or plan.public.get("became")
    if review is not None and not review.supported and bought:
        return _finding(plan, duty, State.OVERDUE, _BOUGHT_ANYWAY, since=review)
    over = _OVER.get(plan.public.get("status", ""))
    if over or (review is not None and not review.supported):
        return _finding(plan, duty, State.NOT_APPLICABLE, Todo(f"计划{over or '未获支持'}", "over"))
    if duty is Obligation.UNKNOWN:
        todo = Todo("补填估价和经费来源", "enter the estimate and where the funds come from")
        return _finding(plan, duty, State.UNKNOWN, todo)
    if not plan.public.get("opening_plan"):
        return _finding(plan, duty, state_at(deadline, None, moment), _NO_PLAN, deadline)
    if review is None:
        return _finding(plan, duty, State.UNKNOWN, _NO_REVIEW)
    return _finding(plan, duty, State.MET, Todo())


def _finding(
    plan: ResourceFacts,
    duty: Obligation,
    state: State,
    todo: Todo,
    deadline: Deadline | None = None,
    since: Review | None = None,
) -> Finding:
    due = deadline.on if deadline else since.decided_on if since else None
    return Finding(
        RULE,
        state,
        plan.kind,
        plan.id,
        due=due,
        since=due if state is State.OVERDUE else None,
        evidence=(Evidence(plan.origin, plan.last_index, plan.first_delivered_on),),
        todo=todo,
        obligation=duty,
        clock=deadline.clock if deadline else None,
    )
