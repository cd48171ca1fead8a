"""The letter to the operators: who is late, why, since when; nothing new, no letter. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fenhe_hub.alerting.causes import Alarm
from fenhe_protocol.encoding import format_time

_MOST_UNITS = 12  # named in one alarm
_MOST_LATE = 200


@dataclass(frozen=True, slots=True)
class Late:
    """A unit with breaches: how many by each rule, since when, and what it was last told.

    `rules` are (rule, its Chinese name, how many, since as an ISO date); `last_notice` is a time
    and a subject, empty before the first.
    """

    unit: str
    name: str
    rules: tuple[tuple[str, str, int, str], ...]
    last_notice: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """All that a digest tells; `undelivered` says why alarms themselves may not arrive."""

    alarms: Sequence[Alarm] = ()
    late: Sequence[Late] = ()
    undelivered: str = ""

    def said(self) -> str:
        """What makes it news: a cause or a breach that comes or goes, not how long it lasts."""
        keys = {f"! {each.key}" for each in self.alarms}
        keys |= {f"{each.unit} {rule}" for each in self.late for rule, *_ in each.rules}
        return "\n".join(sorted(keys))


@dataclass(frozen=True, slots=True)
class Digest:
    """One letter."""

    subject: str
    body: str


def compose(state: State, said_before: str, *, origin: str, url: str, now: int) -> Digest | None:
    """The letter, None where it says nothing that the last one did not say."""
    keys, before = set(state.said().splitlines()), set(said_before.splitlines())
    if keys == before:
        return None
    fresh, gone = keys - before, before - keys
    counts = f"新增 {len(fresh)} 项，消除 {len(gone)} 项"
    subject = f"汾河省平台每日情况：{len(state.alarms)} 处故障，{len(state.late)} 个单位逾期"
    lines = [
        f"{origin}  {format_time(now)[:16].replace('T', ' ')}",
        f"与上一封相比{counts}。* 为新增。",
        "",
        *_alarm_lines(state, fresh),
        *_late_lines(state, fresh),
        *(["", f"邮件投递有问题：{state.undelivered}"] if state.undelivered else []),
        "",
        f"{url}/  fenhe-hub status",
    ]
    return Digest(subject, "\n".join(lines))


def _alarm_lines(state: State, fresh: set[str]) -> Iterator[str]:
    yield f"一、故障（{len(state.alarms)} 处，一个原因一条）"
    for each in state.alarms:
        mark = "*" if f"! {each.key}" in fresh else " "
        names = "、".join(name for _, name in each.units[:_MOST_UNITS])
        more = f"等 {len(each.units)} 个单位" if len(each.units) > _MOST_UNITS else ""
        yield f"{mark} {each.place}：{each.text.zh}（{each.code}），自 {_minute(each.since)} 起"
        yield f"    涉及 {names}{more}"
    if not state.alarms:
        yield "  无"


def _late_lines(state: State, fresh: set[str]) -> Iterator[str]:
    yield ""
    yield f"二、逾期（{len(state.late)} 个单位）"
    for each in state.late[:_MOST_LATE]:
        yield f"  {each.name}（{each.unit}），最近通知：{each.last_notice or '无'}"
        for rule, name, count, since in each.rules:
            mark = "*" if f"{each.unit} {rule}" in fresh else " "
            yield f"  {mark} {rule} {name}：{count} 项，最早自 {since or '—'} 起"
    if len(state.late) > _MOST_LATE:
        yield f"  另有 {len(state.late) - _MOST_LATE} 个单位，见管理台"
    if not state.late:
        yield "  无"


def _minute(at: int) -> str:
    return format_time(at)[:16].replace("T", " ") if at else "登记"
