"""What can be counted again from a finding's file: the rule's entry, the due date, the delivery.

Start at `reckon`. What contradicts the hub is a `doubt`; without any, the claim agrees with all
that is proven, as far as it can be counted here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import yaml

from fenhe_client.yaml_text import load_yaml
from fenhe_protocol.encoding import date_at, parse_time
from fenhe_protocol.error_texts import Text
from fenhe_protocol.finding_seen import Examined, LogSeen
from fenhe_protocol.workdays import Calendar

WORKING = "working"
OVERDUE = "overdue"
_BY_ACCEPTANCE = "D1"  # its clock starts on the day that the record itself tells
_LONGEST_DAYS = 10_000


@dataclass(frozen=True, slots=True)
class Recount:
    """The due date as counted here; `provisional` where holidays are not announced."""

    due: date
    provisional: bool
    moved_by: tuple[tuple[int, int], ...]  # outages of the hub in which the end of a due day fell


@dataclass(frozen=True, slots=True)
class Reckoned:
    """`rule` is the entry of the rule set, empty where there is none."""

    rule: Mapping[str, Any]
    recount: Recount | None
    doubts: tuple[Text, ...]


def reckon(found: Examined) -> Reckoned:
    """Count again and compare with what the hub claims."""
    recount = _recount(found)
    rule = _entry(found)
    doubts = (
        *_rule_doubts(found, rule),
        *_clock_doubts(found, rule),
        *_due_doubts(found, recount),
        *_ground_doubts(found),
    )
    return Reckoned(rule, recount, doubts)


def day_of(text: str) -> date | None:
    """An ISO date, None where there is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _entry(found: Examined) -> Mapping[str, Any]:
    """The rule's entry in the rule set: of several the last that held when the file was made."""
    try:
        document = load_yaml(found.rules.encode("utf-8"))
        entries = document["rules"]
        named = [e for e in entries if isinstance(e, dict) and e.get("rule") == found.claim["rule"]]
    except (yaml.YAMLError, KeyError, TypeError):
        return {}
    made = found.claim["made_at"][:10]
    held = [e for e in named if str(e.get("from", "")) <= made < str(e.get("until") or "9999")]
    return [*named, *held][-1] if named else {}


def _rule_doubts(found: Examined, rule: Mapping[str, Any]) -> Iterator[Text]:
    if not rule:
        name = found.claim["rule"]
        yield Text(f"所附规则集里没有规则 {name}", f"the rule set has no rule {name}")


def _clock_doubts(found: Examined, rule: Mapping[str, Any]) -> Iterator[Text]:
    """Whether it was counted as many days as the rule set says, and from the day that was told."""
    start, days = found.claim["counted_from"], found.claim["counted_days"]
    if not rule or not days:
        return
    told = rule.get("parameters")
    parameters = told if isinstance(told, dict) else {}
    numbers = sorted(
        {str(each) for name, each in parameters.items() if str(name).endswith("days") and each}
    )
    kind = str(parameters.get("day_kind", WORKING))
    if days not in numbers or found.claim["counted_kind"] != kind:
        says = "、".join(numbers) or "-"
        yield Text(
            f"规则集写的是 {says} ({kind})，省平台数的是 {days} ({found.claim['counted_kind']})",
            f"the rule set says {says} ({kind}) days, the hub counted {days}",
        )
    accepted = {str(each.fields.get("accepted_on")) for each in found.sightings}
    if found.claim["rule"] == _BY_ACCEPTANCE and accepted and start not in accepted:
        yield Text(
            f"单位公布的验收日期没有一次是 {start}，省平台却自该日起算",
            f"counted from {start}, on which by no body of the record it was accepted",
        )


def _recount(found: Examined) -> Recount | None:
    start, amount = day_of(found.claim["counted_from"]), found.claim["counted_days"]
    if start is None or not amount.isdecimal() or int(amount) > _LONGEST_DAYS:
        return None
    try:
        if found.claim["counted_kind"] == WORKING:
            counted = Calendar.load().add_working_days(start, int(amount))
            due, provisional = counted.on, counted.provisional
        else:
            due, provisional = start + timedelta(days=int(amount)), False
    except OverflowError:
        return None
    moved: list[tuple[int, int]] = []
    end = _end_of(due)
    for a, b in found.outages:
        if a <= end < b:
            moved.append((a, b))
            end += b - a
    return Recount(date.fromisoformat(date_at(end)), provisional, tuple(moved))


def _end_of(day: date) -> int:
    return parse_time(f"{day.isoformat()}T23:59:59+08:00")


def _due_doubts(found: Examined, recount: Recount | None) -> Iterator[Text]:
    due, made = day_of(found.claim["due"]), found.claim["made_at"][:10]
    # A later one than is counted here favours the unit: other outages may have been added.
    if recount and due and not recount.provisional and due < recount.due:
        yield Text(
            f"期限重算为 {recount.due}，省平台说是 {due}",
            f"counted again the due date is {recount.due}, the hub says {due}",
        )
    since = found.claim["since"]
    if due and since and since < due.isoformat():
        yield Text(
            f"省平台说自 {since} 起逾期，那时期限 {due} 还没有过",
            f"said to be overdue since {since}, before the due date {due}",
        )
    if found.claim["state"] == OVERDUE and due and made <= due.isoformat():
        yield Text(
            f"做证明时 ({made}) 还没有过期限 {due}",
            f"when the file was made ({made}) the due date {due} was not past",
        )


def _ground_doubts(found: Examined) -> Iterator[Text]:
    logs = {log.origin: log for log in found.logs}
    for origin, index, day in found.grounds:
        if (log := logs.get(origin)) is not None and index is not None:
            yield from _ground_doubt(log, index, day)


def _ground_doubt(log: LogSeen, index: int, day: str) -> Iterator[Text]:
    where = f"{log.origin}#{index}"
    if index > log.size:
        yield Text(f"依据 {where} 超出了日志", f"the ground {where} lies beyond the log")
        return
    at = log.delivered_at(index)
    if day and at is not None and date_at(at) < day:
        yield Text(
            f"{where} 最迟 {date_at(at)} 已送达，省平台却记为 {day}",
            f"{where} was delivered by {date_at(at)}, the hub says {day}",
        )
