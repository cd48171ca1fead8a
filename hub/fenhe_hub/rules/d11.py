"""D11: results that used shared resources say so; the user's duty, so advice to the unit only.

Policy 二(三): 用户…所完成的著作、论文等发表时，应明确标注利用科技资源情况.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fenhe_hub.rules.facts import Moment, ResourceFacts, UnitFacts
from fenhe_hub.rules.finding import Evidence, Finding, State, Todo
from fenhe_hub.rules.obligation import Obligation
from fenhe_hub.rules.parameters import Forms
from fenhe_protocol.workdays import Calendar

RULE = "D11"
PARAMETERS: Forms = {}

ADVICE = Todo(
    "提醒用户：发表时注明利用了哪些共享资源（在使用办法或预约回执里写明）",
    "remind users to name the shared resources when they publish (say so in the terms of use)",
)
UNSAID = Todo("填写成果是否标注了所用资源", "say whether the result names what it used")


def judge_credit(
    unit: UnitFacts, parameters: Mapping[str, Any], moment: Moment, calendar: Calendar
) -> Iterator[Finding]:
    """Say of every outcome whether it names what it used; never a breach."""
    for outcome in unit.resources:
        if outcome.kind == "outcome":
            yield _advise(outcome)


def _advise(outcome: ResourceFacts) -> Finding:
    credited = outcome.public.get("credited")
    state, todo = State.MET, Todo()
    if credited is None:
        state, todo = State.UNKNOWN, UNSAID
    elif not credited:
        state, todo = State.NOT_APPLICABLE, ADVICE
    return Finding(
        RULE,
        state,
        outcome.kind,
        outcome.id,
        evidence=(Evidence(outcome.origin, outcome.last_index, outcome.first_delivered_on),),
        todo=todo,
        obligation=Obligation.VOLUNTARY,
        is_ground=False,
    )
