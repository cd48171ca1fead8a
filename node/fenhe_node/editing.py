"""Records made and changed by hand, one or many. Start at `save`.

What a hand may write is held to the same contract as a list; a value that is wrong is not kept at
all, wherever it would go. Beside a list, the later word counts (`importing.by_hand`).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fenhe_client.sheets.problems import Problem
from fenhe_node.importing.by_hand import changed
from fenhe_node.importing.intake import digest
from fenhe_node.staging.judging import personal, violations
from fenhe_node.store import Store, edits, imports, records
from fenhe_node.store.edits import ABSENT
from fenhe_node.store.erased import is_erased
from fenhe_node.store.records import Event, StoredRecord
from fenhe_protocol.errors import InputError
from fenhe_protocol.privacy import WHAT
from fenhe_protocol.privacy_names import KnownNames
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.strict_json import dumps

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Hand:
    """Who writes, when (POSIX seconds), why, and by which contract."""

    schemas: SchemaSet
    unit: str
    now: int
    by: str
    reason: str = ""


@dataclass(frozen=True)
class Saved:
    """What became of one record: the fields that changed, or why it was not kept."""

    id: str
    fields: Sequence[str]
    problems: Sequence[Problem] = ()


@dataclass(frozen=True)
class Change:
    """One record of a bulk change before it is done: its value, and what stands in the way."""

    id: str
    name: str
    value: Any  # None where it has none
    problems: Sequence[Problem]
    same: bool


def state_of(record: Record) -> str:
    """Names a state, so that a form tells from which one it was filled in."""
    return hashlib.sha256(dumps(dict(record))).hexdigest()[:32]


def save(store: Store, record: Record, hand: Hand, *, seen: str = "") -> Saved:
    """Keep a record that was changed from the state `seen`, or a new one ("").

    InputError `edit.exists`, `edit.stale` where something else stands there by now.
    """
    kind, id = str(record["kind"]), str(record["id"])
    with store.transaction():
        old = records.find(store, kind, id)
        living = old is not None and not old.deleted
        if living and not seen:
            raise InputError("edit.exists", where=f"{kind} {id}")
        if seen and (old is None or not living or state_of(old.record) != seen):
            raise InputError("edit.stale", where=f"{kind} {id}")
        if problems := list(judge(record, hand, _persons(store))):
            return Saved(id, (), problems)
        before = old.record if old is not None and living else {}
        names = _differing(before, record)
        if names:
            _put(store, old, record, names, hand)
    return Saved(id, names)


def judge(record: Record, hand: Hand, persons: KnownNames) -> Iterator[Problem]:
    """Everything that keeps a record from being taken: contract, persons, another unit's code."""
    kind = hand.schemas.kind(record["kind"])
    common: dict[str, Any] = {"kind": kind.kind, "record_id": str(record["id"])}
    for v in violations(record, hand.schemas, kind):
        missing = v.code == "missing"
        yield Problem(
            f"schema.{v.code}",
            f"{'缺少, ' if missing else ''}应为{v.expected_zh}",
            f"{'missing, ' if missing else ''}expected {v.expected_en}",
            "" if missing else v.found.strip('"'),
            v.path,
            **common,
        )
    if record["unit"] != hand.unit:
        yield Problem(
            "unit.other",
            f"应为本单位代码 {hand.unit}",
            f"expected this unit's code {hand.unit}",
            str(record["unit"]),
            "unit",
            **common,
        )
    for hit in personal(kind.kind, record, hand.schemas, persons):
        what = WHAT[hit.what]
        yield Problem(
            f"privacy.{hit.what}",
            f"含有{what.zh}: 要发送的内容里不能有个人信息, 删去",
            f"holds {what.en}: remove it from what is sent",
            field=hit.path,
            **common,
        )


def look_at_many(
    store: Store, kind: str, ids: Sequence[str], field: str, value: Any, hand: Hand
) -> list[Change]:
    """What giving one field this value (None: none) would do to each of these records."""
    persons = _persons(store)
    found = (records.find(store, kind, id) for id in ids)
    return [_look(old, field, value, hand, persons) for old in found if old and not old.deleted]


def save_many(
    store: Store, kind: str, ids: Sequence[str], field: str, value: Any, hand: Hand
) -> tuple[list[str], list[Change]]:
    """Give it to those that can have it: the ids that changed, and the others with why not."""
    done, left = [], []
    with store.transaction():
        for change in look_at_many(store, kind, ids, field, value, hand):
            old = records.find(store, kind, change.id)
            if change.problems:
                left.append(change)
            elif not change.same and old is not None:
                _put(store, old, _with(old.record, field, value), [field], hand)
                done.append(change.id)
    return done, left


def undelete(store: Store, kind: str, id: str, hand: Hand) -> None:
    """Let a record that was deleted by hand or by its list be what it was; InputError."""
    with store.transaction():
        old = records.find(store, kind, id)
        if old is None or not old.deleted or not old.before or is_erased(old.before):
            raise InputError("edit.gone", where=f"{kind} {id}")
        back = dict(old.before)
        sent = digest(hand.schemas, kind, back)
        records.put(store, [replace(old, record=back, before=None, sent=sent, at=hand.now)])
        records.note(store, [Event(hand.now, hand.by, kind, id, "new", reason=hand.reason)])


def _look(old: StoredRecord, field: str, value: Any, hand: Hand, persons: KnownNames) -> Change:
    after = _with(old.record, field, value)
    return Change(
        id=old.id,
        name=str(old.record.get("name_zh", "")),
        value=old.record.get(field),
        problems=list(judge(after, hand, persons)),
        same=not _differing(old.record, after),
    )


def _with(record: Record, field: str, value: Any) -> dict[str, Any]:
    kept = {name: each for name, each in record.items() if name != field}
    return kept if value is None else {**kept, field: value}


def _put(
    store: Store, old: StoredRecord | None, record: Record, names: Sequence[str], hand: Hand
) -> None:
    kind, id = str(record["kind"]), str(record["id"])
    sent = digest(hand.schemas, kind, record)
    living = old is not None and not old.deleted
    if old is not None and living:
        records.put(store, [replace(old, record=dict(record), sent=sent, at=hand.now)])
        if old.source:
            _mark(store, old, record, hand)
    else:
        records.put(store, [StoredRecord(kind, id, dict(record), sent, hand.now)])
    fields = hand.schemas.kind(kind).own_fields
    titles = "、".join(field.title_zh for field in fields if field.name in names)
    reason = f"{hand.reason}（{titles}）" if living and titles else hand.reason
    what = "changed" if living else "new"
    records.note(store, [Event(hand.now, hand.by, kind, id, what, reason=reason)])


def _mark(store: Store, old: StoredRecord, record: Record, hand: Hand) -> None:
    """Remember what of a listed record was set by hand; what is the list's again is none."""
    known = edits.of_record(store, old.kind, old.id)
    made = changed(old.record, record, known, hand.now, hand.by)
    back = [
        e.field for e in made if e.value == e.listed and (e.value is ABSENT) == (e.listed is ABSENT)
    ]
    edits.put(store, [e for e in made if e.field not in back])
    edits.forget(store, old.kind, old.id, back)


def _differing(before: Record, after: Record) -> list[str]:
    names = [*before, *(name for name in after if name not in before)]
    return [n for n in names if (n in before) != (n in after) or before[n] != after[n]]


def _persons(store: Store) -> KnownNames:
    return KnownNames(imports.persons(store))
