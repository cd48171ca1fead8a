"""What was set by hand beside what the list says now: the later word counts. Pure.

A field that somebody set by hand stays so for as long as the list says what it said then. Once the
list says anything new of that field, the list counts again, and the import tells so; where both say
the same, nothing is left of the edit.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fenhe_node.store.edits import ABSENT, HandEdit
from fenhe_protocol.encoding import date_at
from fenhe_protocol.schema_fields import KindSchema

MOST_TOLD = 20


@dataclass
class Merged:
    """The record as it is to be; `kept` edits stand, `overruled` ones ended, `agreed` are moot."""

    record: dict[str, Any]
    kept: list[HandEdit] = field(default_factory=list)
    overruled: list[tuple[HandEdit, Any]] = field(default_factory=list)  # what the list says now
    agreed: list[HandEdit] = field(default_factory=list)

    @property
    def ended(self) -> list[str]:
        """The fields of which no edit is left."""
        return [edit.field for edit in (*(edit for edit, _ in self.overruled), *self.agreed)]


def merge(listed: Mapping[str, Any], edits: Sequence[HandEdit]) -> Merged:
    """Lay the edits that stand over what the list says."""
    merged = Merged(dict(listed))
    for edit in edits:
        says = listed.get(edit.field, ABSENT)
        if _same(says, edit.value):
            merged.agreed.append(edit)
        elif not _same(says, edit.listed):
            merged.overruled.append((edit, says))
        else:
            merged.kept.append(edit)
            if edit.value is ABSENT:
                merged.record.pop(edit.field, None)
            else:
                merged.record[edit.field] = edit.value
    return merged


def changed(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    known: Sequence[HandEdit],
    now: int,
    by: str,
) -> list[HandEdit]:
    """The edits that lead from one state of a listed record to the next.

    What the list said is what it said before the first edit of a field.
    """
    former = {edit.field: edit for edit in known}
    kind, id = str(after["kind"]), str(after["id"])
    return [
        HandEdit(kind, id, name, value, former[name].listed if name in former else was, now, by)
        for name in sorted(before.keys() | after.keys())
        if not _same(value := after.get(name, ABSENT), was := before.get(name, ABSENT))
    ]


def _same(one: Any, other: Any) -> bool:
    """Equal, and of one type all through: 1 is not True."""
    if one is ABSENT or other is ABSENT:
        return one is other
    return type(one) is type(other) and bool(one == other)


def told(
    kind: KindSchema, kept: Sequence[HandEdit], overruled: Sequence[tuple[HandEdit, Any]]
) -> list[str]:
    """What an import says of them, each record and field by name."""
    lines = [
        f"{_place(kind, e)} 手工改为{_quoted(kind, e, e.value)}, 清单仍写"
        f"{_quoted(kind, e, e.listed)}: 保留手工的; edited by hand, and that stands"
        for e in kept
    ]
    lines += [
        f"{_place(kind, e)} 手工改为{_quoted(kind, e, e.value)}, 清单后来改为"
        f"{_quoted(kind, e, says)}: 以清单为准; the list has changed since, and counts"
        for e, says in overruled
    ]
    more = [f"… 手工改过的共 {len(lines)} 处; in all"] if len(lines) > MOST_TOLD else []
    return lines[:MOST_TOLD] + more


def _place(kind: KindSchema, edit: HandEdit) -> str:
    return f"{edit.id} · {kind.field(edit.field).title_zh}: {date_at(edit.at)} {edit.by}"


def _quoted(kind: KindSchema, edit: HandEdit, value: Any) -> str:
    """What never leaves the unit is not repeated in what is told."""
    if value is ABSENT:
        return "空"
    if not {"pub", "hub"} & set(kind.field(edit.field).tiers):
        return "另一内容"
    return f"“{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}”"
