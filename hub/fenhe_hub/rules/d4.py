"""D4: every price is public, is no more than what the service costs, and is what was charged.

Policy 二(三): 按照成本补偿和非盈利性原则收取材料消耗费和水、电等运行费,
还可以根据人力成本收取服务费; 建立公开透明的成本核算和服务收费标准.
A basis of `other` is listed for the authority, not judged. Less than the standard is a discount;
more is a breach, by the dearest price in force on that day. A price that was raised counts from the
day on which the hub received it, whatever earlier day it names (`fees.prices`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from fenhe_hub.rules.facts import Moment, ResourceFacts, UnitFacts
from fenhe_hub.rules.fees import basis, dearest_of_all
from fenhe_hub.rules.finding import Evidence, Finding, State, Todo
from fenhe_hub.rules.obligation import Obligation, obligation_of
from fenhe_hub.rules.parameters import Forms
from fenhe_hub.rules.usage_facts import Doubt
from fenhe_protocol.workdays import Calendar

RULE = "D4"
PARAMETERS: Forms = {}

_NO_ADVICE = Todo("自愿开放，收费不作检查", "voluntary: fees are not judged")
_UNUSED = Todo("还没有仪器采用这项标准", "no instrument uses this standard")
_CHARGES: Mapping[str, Todo] = {
    "unpriced": Todo("收费引用的价格项没有公开", "a price line that was charged is not public"),
    "unnamed": Todo("收了费而没有公开收费标准", "charged without a public fee standard"),
    "not_in_force": Todo("收费当日该标准不在执行期内", "the standard was not in force that day"),
    "too_dear": Todo(
        "收费高于当日执行的标准（调高的价格自平台收到之日起才算）",
        "more was charged than the standard in force (a raised price counts from the day it came)",
    ),
}
_IN_WORDS_ONLY = Todo(
    "收费标准只有文字，无法核对；请发布逐项价格",
    "the fees are in words only and cannot be compared: publish the price lines",
)


def judge_fees(
    unit: UnitFacts, parameters: Mapping[str, Any], moment: Moment, calendar: Calendar
) -> Iterator[Finding]:
    """Judge every fee standard, then every instrument with a charge that needs a word."""
    users = _users(unit, parameters)
    for resource in unit.resources:
        if resource.kind == "fee_standard":
            yield _judge_standard(resource, users.get(resource.id, frozenset()), moment)
        elif resource.kind == "instrument":
            finding = _judge_charges(resource, unit, parameters)
            if finding is not None:
                yield finding


def _users(unit: UnitFacts, parameters: Mapping[str, Any]) -> dict[str, frozenset[Obligation]]:
    """By which obligations the instruments stand that name each standard."""
    found: dict[str, set[Obligation]] = {}
    for resource in unit.resources:
        for name in resource.public.get("fee_standards") or ():
            found.setdefault(name, set()).add(obligation_of(resource, parameters))
    return {name: frozenset(duties) for name, duties in found.items()}


def _judge_standard(
    standard: ResourceFacts, users: frozenset[Obligation], moment: Moment
) -> Finding:
    delivered = standard.first_delivered_on
    evidence = (Evidence(standard.origin, standard.last_index, delivered),)
    if not users & {Obligation.DUTY, Obligation.UNKNOWN}:
        duty, todo = Obligation.VOLUNTARY, _NO_ADVICE if users else _UNUSED
        return Finding(
            RULE, State.NOT_APPLICABLE, standard.kind, standard.id,
            evidence=evidence, todo=todo, obligation=duty,
        )  # fmt: skip
    duty = Obligation.DUTY if Obligation.DUTY in users else Obligation.UNKNOWN
    state, todo = _of_lines(standard.public.get("lines", ()))
    start = _start(standard, delivered)
    if state is State.OVERDUE and duty is Obligation.UNKNOWN:
        state = State.UNKNOWN
    if state is State.OVERDUE and (start is None or start > moment.today):
        state = State.DUE
    broken = state in (State.OVERDUE, State.DUE)
    return Finding(
        RULE, state, standard.kind, standard.id,
        due=start if broken else None, since=start if state is State.OVERDUE else None,
        evidence=evidence, todo=todo, obligation=duty,
    )  # fmt: skip


def _start(standard: ResourceFacts, delivered: date | None) -> date | None:
    """The day on which it came into force, or without one the day it was delivered."""
    told = standard.public.get("in_force_from")
    return date.fromisoformat(told) if told else delivered


def _of_lines(lines: list[Mapping[str, Any]]) -> tuple[State, Todo]:
    """The gravest of the lines: (state, what to do)."""
    found: dict[State, list[str]] = {}
    others: list[str] = []
    for line in lines:
        state, has_other = _of_line(line)
        name = str(line.get("no", "?"))
        found.setdefault(state, []).append(name)
        if has_other:
            others.append(name)
    if State.OVERDUE in found:
        names = "、".join(found[State.OVERDUE])
        return State.OVERDUE, Todo(
            f"价格高于成本的价格项：{names}；降到成本以内或更正成本构成",
            f"priced above cost: lines {names}; lower them or correct the cost basis",
        )
    if State.UNKNOWN in found or not found:
        names = "、".join(found.get(State.UNKNOWN, ()))
        return State.UNKNOWN, _unjudged(names, bool(others))
    return State.MET, _listed(others)


def _of_line(line: Mapping[str, Any]) -> tuple[State, bool]:
    """(state, whether `other` costs stand in its basis)."""
    price, cost = dearest_of_all(line), basis(line)
    if price is None or cost is None:
        return State.UNKNOWN, False
    told, other = cost
    if price <= told:
        return State.MET, other > 0
    return (State.UNKNOWN if price <= told + other else State.OVERDUE), other > 0


def _unjudged(names: str, by_other: bool) -> Todo:
    if by_other:
        return Todo(
            f"价格项{names}要靠“其他”成本才够，报主管部门审阅",
            f"lines {names} rest on `other` costs: the authority looks at them",
        )
    return Todo(
        f"补填价格和成本构成（材料、水电等运行、人力）{names}",
        f"enter price and cost basis (materials, utilities, labour) {names}",
    )


def _listed(others: list[str]) -> Todo:
    if not others:
        return Todo()
    names = "、".join(others)
    return Todo(f"含“其他”成本的价格项：{names}", f"with `other` costs: lines {names}")


def _judge_charges(
    resource: ResourceFacts, unit: UnitFacts, parameters: Mapping[str, Any]
) -> Finding | None:
    """What was charged for one instrument; None where nothing needs a word."""
    use = unit.usage.get(resource.id)
    doubts = [each for each in use.doubts if each.what in _CHARGES] if use else []
    if not doubts:
        return None
    duty = obligation_of(resource, parameters)
    if duty in (Obligation.VOLUNTARY, Obligation.INELIGIBLE):
        return _charged(resource, State.NOT_APPLICABLE, _NO_ADVICE, doubts[:1], duty)
    breaches = [each for each in doubts if _is_breach(each, resource, unit)]
    if not breaches:
        if resource.public.get("fee_text"):
            return _charged(resource, State.UNKNOWN, _IN_WORDS_ONLY, doubts[:1], duty)
        return None
    state = State.UNKNOWN if duty is Obligation.UNKNOWN else State.OVERDUE
    # No numbers: everyone may read it, and how much a unit serves is not everyone's.
    zh = "；".join(_CHARGES[each.what].zh for each in breaches)
    en = "; ".join(_CHARGES[each.what].en for each in breaches)
    return _charged(resource, state, Todo(zh, en), breaches, duty)


def _is_breach(doubt: Doubt, resource: ResourceFacts, unit: UnitFacts) -> bool:
    """A charge without a line is none where the instrument has a public standard, or words."""
    if doubt.what != "unnamed":
        return True
    public = resource.public
    has_standard = set(public.get("fee_standards") or ()) & unit.fee_standards
    return not has_standard and not public.get("fee_text")


def _charged(
    resource: ResourceFacts, state: State, todo: Todo, doubts: list[Doubt], duty: Obligation
) -> Finding:
    days = [each.delivered_on for each in doubts if each.delivered_on]
    since = min(days, default=None) if state is State.OVERDUE else None
    return Finding(
        RULE, state, resource.kind, resource.id, due=since, since=since,
        evidence=tuple(Evidence(d.origin, d.leaf, d.delivered_on) for d in doubts),
        todo=todo, obligation=duty,
    )  # fmt: skip
