"""What `forward` says: by state and reply, and each record that somebody has to mend. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

from fenhe_hub.upstream.outbox import Item, ItemState
from fenhe_hub.upstream.report import (
    TO_MEND,
    WORDS,
    Group,
    first_rows,
    group_items,
    to_withdraw,
    withdraw_table,
)
from fenhe_protocol.nrii_norm import REPORTED, norm_fields
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.terminal import table

LONGEST = 60  # characters of a reply on a screen
_GROUPS = ("状态 state", "答复 reply", "条数 count", "按规范还缺 lacking by the norm")
_ITEMS = (
    "要补的记录 to mend",
    "类别 kind",
    "编号 id",
    "状态 state",
    "按规范还缺 lacking by the norm",
)


@dataclass(frozen=True)
class Said:
    """What was said of items: why there was no answer, raw replies, what is on hold and why."""

    trouble: str = ""
    replies: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)


def value(items: Sequence[Item], said: Said) -> dict[str, Any]:
    """The report for programs."""
    return {
        "forwarded": sum(1 for item in items if item.state is ItemState.DONE),
        "groups": [asdict(group) for group in group_items(items, said.replies)],
        "to_mend": [_facts(item) for item in _mendable(items)],
        "to_withdraw": to_withdraw(items),
        "on_hold": dict(said.held),
        "trouble": said.trouble,
    }


def text(items: Sequence[Item], said: Said) -> str:
    """The report for people."""
    groups = group_items(items, said.replies)
    parts = [table([_GROUPS, *(_group(group) for group in groups)])]
    parts += [f"暂停 on hold: {subject} {why}" for subject, why in said.held.items()]
    parts += first_rows(_ITEMS, [_row(item) for item in _mendable(items)])
    parts += withdraw_table(items)
    if said.trouble:
        parts.append(f"国家平台没有答复 no answer: {said.trouble}")
    return "\n\n".join(parts) if items else "没有要上报的记录; nothing is in national scope"


def _mendable(items: Iterable[Item]) -> list[Item]:
    return [item for item in items if item.state in TO_MEND]


def _facts(item: Item) -> dict[str, Any]:
    key = item.candidate
    return {
        "unit": key.uscc,
        "kind": key.kind,
        "id": key.record_id,
        "state": item.state,
        "code": item.code,
        "lacking": list(key.lacking),
    }


def _group(group: Group) -> Sequence[object]:
    lacking = "; ".join(f"{in_words(reason)} ×{count}" for reason, count in group.lacking[:5])
    return (WORDS[group.state], _reply(group), group.count, lacking)


def _reply(group: Group) -> str:
    """The code, and what was said beside it."""
    code = "-" if group.code is None else str(group.code)
    said = "" if group.code is None or group.reply == code else f" {group.reply[:LONGEST]}"
    return f"{code}{said}"


def _row(item: Item) -> Sequence[object]:
    key = item.candidate
    lacking = "; ".join(map(in_words, key.lacking))
    return (key.uscc, key.kind, key.record_id, WORDS[item.state], lacking)


def in_words(reason: str) -> str:
    """Put our title of the field before the platform's name for it: `城市 city 缺失`."""
    name = reason.partition(" ")[0]
    title = _titles().get(name)
    return f"{title} {reason}" if title else reason


@cache
def _titles() -> dict[str, str]:
    found = {"insCode": "国家平台单位标识", "innerId": "编号"}
    for each in SchemaSet.load().kind("instrument").own_fields:
        for leaf in each.leaves:
            for name in leaf.nrii:
                found.setdefault(name.partition(".")[2], leaf.title_zh)
    for number in REPORTED:
        for field_ in norm_fields(number):
            found.setdefault(field_.name, field_.title)
    return found
