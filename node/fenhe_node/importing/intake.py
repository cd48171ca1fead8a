"""Take staged drafts into the record store: what is new, changed, vanished. Start at `take_in`.

`compare` decides and writes nothing, so that an import can be looked at before it is done.

Nothing is deleted because a row is gone, unless the mapping has a rule for it; and never where
the id of some row of the file could not be read: that row may be the one that seems to be gone.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fenhe_node.importing.by_hand import merge
from fenhe_node.staging.drafts import Draft
from fenhe_node.staging.judging import SENT_TIERS
from fenhe_node.staging.stage import Staging
from fenhe_node.store import Store, edits, records
from fenhe_node.store.edits import HandEdit
from fenhe_node.store.erased import is_erased
from fenhe_node.store.records import Event, StoredRecord
from fenhe_protocol.encoding import date_at
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.strict_json import dumps

_AT_ONCE = 500  # records that are compared and written in one go


@dataclass(frozen=True)
class Beside:
    """What the other sheets of a file hold of the same kind."""

    ids: frozenset[str] = frozenset()
    ids_all_read: bool = True


@dataclass(frozen=True)
class Run:
    """Which run takes in, for whom, when, and by which rule for vanished rows."""

    number: int
    source: str
    now: int
    by: str
    vanished: str  # reason to delete with; empty: list them
    whole: bool = True  # False: it holds what is new, and nothing has vanished from it
    beside: Beside = Beside()


@dataclass
class Outcome:
    """Ids by what happened to them; `held` are rows of records that were deleted by hand and have
    not changed since, and of records that were erased."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)  # stood in another list before
    kept: list[HandEdit] = field(default_factory=list)  # set by hand, and the list says otherwise
    overruled: list[tuple[HandEdit, Any]] = field(default_factory=list)  # the list changed since


@dataclass
class Plan:
    """What a run does to the store, and what that comes to."""

    outcome: Outcome = field(default_factory=Outcome)
    put: list[StoredRecord] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    ended: list[tuple[str, list[str]]] = field(default_factory=list)  # edits by hand: id, fields


def take_in(store: Store, staging: Staging, run: Run, schemas: SchemaSet) -> Outcome:
    """Compare with what is stored and write what differs; inside the caller's transaction."""
    outcome = Outcome()
    for plan in _plans(store, staging, run, schemas, outcome):
        _write(store, staging.kind, plan)
    return outcome


def compare(store: Store, staging: Staging, run: Run, schemas: SchemaSet) -> Outcome:
    """Decide what the drafts do to what is stored; nothing is written."""
    outcome = Outcome()
    for _ in _plans(store, staging, run, schemas, outcome):
        pass
    return outcome


def _plans(
    store: Store, staging: Staging, run: Run, schemas: SchemaSet, outcome: Outcome
) -> Iterator[Plan]:
    """A plan for some drafts at a time, each done before the next: there may be many."""
    by_hand = edits.of_kind(store, staging.kind)
    for at in range(0, len(staging.kept), _AT_ONCE):
        drafts, plan = staging.kept[at : at + _AT_ONCE], Plan(outcome)
        former = records.with_ids(store, staging.kind, [draft.id for draft in drafts])
        for draft in drafts:
            draft = _with_edits(plan, draft, by_hand.get(draft.id, ()))
            _plan_draft(plan, draft, former.get(draft.id), run, schemas)
        yield plan
    if run.whole:
        gone = Plan(outcome)
        _vanish(gone, staging, records.of_source(store, staging.kind, run.source), run, schemas)
        yield gone


def take_some(store: Store, staging: Staging, run: Run, schemas: SchemaSet) -> Outcome:
    """The same for a few records of a long list, of which no other is looked at."""
    plan = Plan()
    for draft in staging.kept:
        draft = _with_edits(plan, draft, edits.of_record(store, draft.kind, draft.id))
        _plan_draft(plan, draft, records.find(store, draft.kind, draft.id), run, schemas)
    return _write(store, staging.kind, plan)


def _write(store: Store, kind: str, plan: Plan) -> Outcome:
    records.put(store, plan.put)
    records.note(store, plan.events)
    for id, fields in plan.ended:
        edits.forget(store, kind, id, fields)
    return plan.outcome


def _with_edits(plan: Plan, draft: Draft, standing: Sequence[HandEdit]) -> Draft:
    """The draft with what was set by hand and still counts."""
    if not standing:
        return draft
    merged = merge(draft.record, standing)
    plan.outcome.kept += merged.kept
    plan.outcome.overruled += merged.overruled
    if merged.ended:
        plan.ended.append((draft.id, merged.ended))
    return replace(draft, record=merged.record)


def digest(schemas: SchemaSet, kind: str, record: Mapping[str, Any]) -> str:
    """Name what would be sent of a record: the same as long as no body would change."""
    bodies = schemas.split(kind, record)
    sent = {tier: bodies[tier] for tier in SENT_TIERS if tier in bodies}
    return hashlib.sha256(dumps(sent)).hexdigest()


def deletion(record: StoredRecord, reason: str, now: int, schemas: SchemaSet) -> StoredRecord:
    """Give the deleted state of a record; what it was is kept beside it."""
    envelope = {name: record.record[name] for name in ("unit", "kind", "id")}
    gone = envelope | {"deleted": {"on": date_at(now), "reason": reason}}
    return replace(
        record,
        record=gone,
        before=record.record,
        sent=digest(schemas, record.kind, gone),
        at=now,
        vanished=False,
    )


def _plan_draft(
    plan: Plan, draft: Draft, old: StoredRecord | None, run: Run, schemas: SchemaSet
) -> None:
    outcome = plan.outcome
    if old and old.deleted and (old.before == draft.record or is_erased(old.before)):
        outcome.held.append(draft.id)
        return
    sent = digest(schemas, draft.kind, draft.record)
    same = old is not None and old.record == draft.record
    at = old.at if old is not None and old.sent == sent else run.now
    row = draft.readings[0].row.number
    plan.put.append(
        StoredRecord(draft.kind, draft.id, draft.record, sent, at, run.source, run.number, row)
    )
    if old and old.source not in ("", run.source):
        outcome.moved.append(draft.id)
    if same:
        outcome.unchanged.append(draft.id)
        return
    what = "new" if old is None or old.deleted else "changed"
    (outcome.new if what == "new" else outcome.changed).append(draft.id)
    plan.events.append(Event(run.now, run.by, draft.kind, draft.id, what, run.number))


def _vanish(
    plan: Plan,
    staging: Staging,
    former: Iterable[StoredRecord],
    run: Run,
    schemas: SchemaSet,
) -> None:
    seen = run.beside.ids.union(row.id for row in staging.rows)
    gone = [record for record in former if record.id not in seen and not record.deleted]
    sure = run.vanished and staging.ids_all_read and run.beside.ids_all_read
    for record in gone:
        if sure:
            plan.put.append(deletion(record, run.vanished, run.now, schemas))
            plan.outcome.deleted.append(record.id)
        else:
            plan.put.append(replace(record, vanished=True))
            plan.outcome.vanished.append(record.id)
        if sure or not record.vanished:
            what, reason = ("deleted", run.vanished) if sure else ("vanished", "")
            event = Event(run.now, run.by, record.kind, record.id, what, run.number, reason)
            plan.events.append(event)
