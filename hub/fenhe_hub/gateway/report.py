"""What the gateway says of its outbox: by state, obstacle, code and raw text of the reply. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from fenhe_hub.upstream.outbox import Item, ItemState
from fenhe_hub.upstream.report import TO_MEND, WORDS, first_rows, to_withdraw, withdraw_table
from fenhe_protocol.nrii_norm import SERVICE, norm_fields
from fenhe_protocol.terminal import table

LONGEST = 80  # characters of a reply on a screen
_GROUPS = ("状态 state", "原因 reason", "答复 reply", "原文 text", "条数 count")
_ITEMS = ("要补的记录 to mend", "编号 id", "状态 state", "还缺 lacking")


@dataclass(frozen=True, slots=True)
class Standing:
    """One item, what stands in its way, and what was last answered to it."""

    item: Item
    obstacle: str
    reply: str

    @property
    def mendable(self) -> bool:
        """Whether its unit has something to do."""
        state = self.item.state
        lacking = bool(self.item.candidate.lacking) and state is not ItemState.DONE
        return lacking or state in TO_MEND

    @property
    def facts(self) -> dict[str, Any]:
        """For programs."""
        key = self.item.candidate
        return {
            "unit": key.uscc,
            "id": key.record_id,
            "state": self.item.state,
            "reason": self.obstacle,
            "code": self.item.code,
            "reply": self.reply,
            "lacking": list(key.lacking),
        }


def standings(
    items: Sequence[Item], obstacles: Mapping[int, str], replies: Mapping[tuple[str, str], str]
) -> list[Standing]:
    """Put together what is known; `obstacles` by the place of an item."""
    return [
        Standing(
            item,
            obstacles.get(place, ""),
            replies.get((item.candidate.uscc, item.candidate.record_id), ""),
        )
        for place, item in enumerate(items)
    ]


def value(found: Sequence[Standing]) -> dict[str, Any]:
    """The report for programs."""
    names = ("state", "reason", "code", "reply", "count")
    return {
        "forwarded": sum(1 for each in found if each.item.state is ItemState.DONE),
        "groups": [dict(zip(names, (*key, count), strict=True)) for key, count in _grouped(found)],
        "to_mend": [each.facts for each in found if each.mendable],
        "to_withdraw": to_withdraw(each.item for each in found),
    }


def text(found: Sequence[Standing]) -> str:
    """The report for people."""
    if not found:
        return "没有要上报的服务; no service is to be forwarded"
    rows = [
        (WORDS[state], reason or "-", "-" if code is None else code, reply[:LONGEST], count)
        for (state, reason, code, reply), count in _grouped(found)
    ]
    parts = [table([_GROUPS, *rows])]
    parts += first_rows(_ITEMS, [_row(each) for each in found if each.mendable])
    parts += withdraw_table(each.item for each in found)
    return "\n\n".join(parts)


Key = tuple[ItemState, str, int | None, str]


def _grouped(found: Sequence[Standing]) -> list[tuple[Key, int]]:
    counts = Counter((each.item.state, each.obstacle, each.item.code, each.reply) for each in found)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0][0], pair[0][1], pair[0][3]))


def _row(each: Standing) -> Sequence[object]:
    key = each.item.candidate
    return (key.uscc, key.record_id, WORDS[each.item.state], "; ".join(map(_in_words, key.lacking)))


def _in_words(fault: str) -> str:
    title = _titles().get(fault.partition(" ")[0])
    return f"{title} {fault}" if title else fault


@cache
def _titles() -> dict[str, str]:
    return {field.name: field.title for field in norm_fields(SERVICE)}
