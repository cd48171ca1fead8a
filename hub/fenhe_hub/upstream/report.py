"""What was forwarded, grouped by what the platform answered: code and raw text.

The words and tables that the hub's report and the gateway's have in common stand here as well.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fenhe_hub.upstream.outbox import Item, ItemState
from fenhe_protocol.terminal import table

SHOWN = 20  # records on a screen; --json has all
WORDS = {
    ItemState.BLOCKED: "不能发 blocked",
    ItemState.WAITING: "待审核 waiting",
    ItemState.READY: "待发 ready",
    ItemState.SENDING: "在发 sending",
    ItemState.RETRY: "稍后重试 retry",
    ItemState.RETURNED: "退回 returned",
    ItemState.HELD: "国家审核中 held",
    ItemState.DONE: "成功 done",
    ItemState.GONE: "本地已无，国家平台还有 gone",
}
TO_MEND = (ItemState.RETURNED, ItemState.BLOCKED)
HIDDEN = "…"
_TAGS = re.compile(r"<[^<>]*>")  # from the last bracket: no text is searched twice
_NUMBERED = re.compile("&#0*([0-9]{8})[0-9]*")
_SPACES = re.compile(r"\s+")
SHORTEST, SHORTEST_NUMBER = 2, 5  # characters of a value that is looked for


def without(raw: str, values: Iterable[str]) -> str:
    """A reply without these values, the longest first; short ones and codes stay."""
    for value in sorted(set(values), key=len, reverse=True):
        if len(value) >= (SHORTEST_NUMBER if value.isdecimal() else SHORTEST):
            raw = raw.replace(value, HIDDEN)
    return raw


def plain(raw: str) -> str:
    """A reply without markup, on one line."""
    return _SPACES.sub(" ", unescaped(_TAGS.sub(" ", raw))).strip()


def unescaped(text: str) -> str:
    """What references to signs mean; one beyond all signs means U+FFFD, however long it is."""
    # html.unescape() ends in a ValueError at more digits than int() takes.
    return html.unescape(_NUMBERED.sub(r"&#\1", text))


@dataclass(frozen=True)
class Group:
    """Items in one state with one reply, and the norm's words for what they lack."""

    state: ItemState
    code: int | None
    count: int
    lacking: tuple[tuple[str, int], ...]
    reply: str = ""


def group_items(
    items: Iterable[Item], replies: Mapping[tuple[str, str, str], str] | None = None
) -> list[Group]:
    """Group items by state, code and text of the reply, the largest group first.

    `replies`: raw, by unit, kind and id. Reasons by frequency.
    """
    groups: dict[tuple[ItemState, int | None, str], list[Item]] = {}
    for item in items:
        key = item.candidate
        raw = (replies or {}).get((key.uscc, key.kind, key.record_id), "")
        said = plain(without(raw, [key.record_id]))
        groups.setdefault((item.state, item.code, said), []).append(item)
    counted = [
        Group(state, code, len(members), _reasons(members), said)
        for (state, code, said), members in groups.items()
    ]
    return sorted(counted, key=lambda group: (-group.count, group.state, group.code or 0))


def _reasons(items: list[Item]) -> tuple[tuple[str, int], ...]:
    counts = Counter(reason for item in items for reason in item.candidate.lacking)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def first_rows(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """A table of the first rows, and how many more there are; nothing where there are none."""
    if not rows:
        return []
    more = len(rows) - SHOWN
    rest = [f"… 还有 {more} 条 more: --json"] if more > 0 else []
    return [table([heads, *rows[:SHOWN]]), *rest]


def to_withdraw(items: Iterable[Item]) -> list[dict[str, str]]:
    """What the platform holds and is no longer here: only people can have it taken back."""
    keys = (item.candidate for item in items if item.state is ItemState.GONE)
    return [{"unit": key.uscc, "kind": key.kind, "id": key.record_id} for key in keys]


def withdraw_table(items: Iterable[Item]) -> list[str]:
    """The same for people."""
    heads = ("请国家平台撤下 to be withdrawn there by its operator", "编号 id")
    return first_rows(heads, [(each["unit"], each["id"]) for each in to_withdraw(items)])
