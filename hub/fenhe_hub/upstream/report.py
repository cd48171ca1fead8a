"""What was forwarded, grouped by what the platform answered: code and raw text."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fenhe_hub.upstream.outbox import Item, ItemState

HIDDEN = "…"
_TAGS = re.compile(r"<[^>]*>")
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
    return _SPACES.sub(" ", html.unescape(_TAGS.sub(" ", raw))).strip()


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
