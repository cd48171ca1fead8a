"""D5: no person and no user's project in a body that the public or the hub can read.

Policy 二(三): 管理单位应当保护用户身份信息以及在使用过程中形成的知识产权、科学数据和技术秘密.
Holds for voluntary records too. The hit itself is never quoted, anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fenhe_hub.rules.facts import Moment, UnitFacts
from fenhe_hub.rules.finding import Evidence, Finding, State, Todo
from fenhe_hub.rules.parameters import Forms
from fenhe_protocol.workdays import Calendar

RULE = "D5"
PARAMETERS: Forms = {}

REMEDY = Todo(
    "删去个人信息，发布更正后的记录，再用清除指令抹去原文；平台不会展示也不会保存原文",
    "remove the personal data, publish the corrected record, then erase the old body",
)


def judge_protection(
    unit: UnitFacts, parameters: Mapping[str, Any], moment: Moment, calendar: Calendar
) -> Iterator[Finding]:
    """Yield one breach for each refused body, or one word that there is none.

    It holds whatever the record's obligation is. The policy names no measure for it, so it is a
    ground for none: what the unit owes is done by erasing.
    """
    hits = [r for r in unit.refusals if r.code == "privacy"]
    if not hits:
        yield Finding(RULE, State.MET, is_ground=False)
    for hit in hits:
        place = f"{hit.origin}#{hit.index}/{hit.tier}"
        yield Finding(
            RULE,
            State.OVERDUE,
            "leaf",
            place,
            due=hit.delivered_on,
            since=hit.delivered_on or moment.today,
            evidence=(Evidence(hit.origin, hit.index, hit.delivered_on),),
            todo=REMEDY,
            is_ground=False,
        )
