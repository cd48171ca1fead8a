"""What was forwarded, grouped by what the platform answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from fenhe_hub.upstream.outbox import Item, ItemState


@dataclass(frozen=True)
class Group:
    """Items in one state with one reply code, and the norm's words for what they lack."""

    state: ItemState
    code: int | None
    count: int
    lacking: tuple[tuple[str, int], ...]


def group_items(items: Iterable[Item]) -> list[Group]:
    """Group items by state and code, the largest group first; reasons by frequency."""
    groups: dict[tuple[ItemState, int | None], list[Item]] = {}
    for item in items:
        groups.setdefault((item.state, item.code), []).append(item)
    counted = [
        Group(state, code, len(members), _reasons(members))
        for (state, code), members in groups.items()
    ]
    return sorted(counted, key=lambda group: (-group.count, group.state, group.code or 0))


def _reasons(items: list[Item]) -> tuple[tuple[str, int], ...]:
    counts = Counter(reason for item in items for reason in item.candidate.lacking)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
