"""Take the last publish back: by another one that puts the former states there again.

Logs only ever grow: what was published stays readable in the log, and the next leaf of each record
says what was so before. What was new is deleted as an error, but for what the unit says of itself.
A record that was changed here since is left alone, and so is what was only sealed: nobody here can
open it. Start at `plan_revert`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from fenhe_node.editing import Hand
from fenhe_node.home import Home, alone
from fenhe_node.importing.by_hand import changed
from fenhe_node.importing.intake import deletion, digest
from fenhe_node.publishing.former import Former, former_states
from fenhe_node.publishing.heads import LOGS
from fenhe_node.publishing.own_erasures import families
from fenhe_node.publishing.publish import Order, Pen, Published, publish, recover
from fenhe_node.publishing.wanted_lines import Key
from fenhe_node.store import Store, edits, erased, publishes, records
from fenhe_node.store.publishes import PublishRun
from fenhe_node.store.records import Event, StoredRecord
from fenhe_protocol.errors import InputError
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.schema import SchemaSet

What = Literal["back", "delete", "undelete", "changed", "sealed", "unit"]
SAID: Mapping[What, str] = {
    "back": "恢复为上次发布前的内容",
    "delete": "上次发布才有的, 按误报删除",
    "undelete": "上次发布删除的, 恢复",
    "changed": "发布之后又改过, 不动",
    "sealed": "只改了密封部分, 无法撤回",
    "unit": "单位自己的信息不删",
}


@dataclass(frozen=True)
class Step:
    """What becomes of one record; `state` is the record to keep, None where nothing is done."""

    kind: str
    id: str
    what: What
    state: StoredRecord | None = None


@dataclass(frozen=True)
class Revert:
    """The publish that would be taken back, and what becomes of each of its records."""

    run: PublishRun
    steps: Sequence[Step]

    @property
    def done(self) -> Sequence[Step]:
        """Those of which something is done."""
        return [step for step in self.steps if step.state is not None]


def plan_revert(home: Home, store: Store, hand: Hand) -> Revert:
    """What taking back the last publish would do; InputError `revert.nothing`."""
    latest = publishes.latest(store)
    if not latest:
        raise InputError("revert.nothing")
    return Revert(
        latest[0], [step for part in _steps(home, store, latest[0], hand) for step in part]
    )


def revert(pen: Pen, hand: Hand, number: int) -> tuple[Revert, Published]:
    """Take back the publish of that number, if it is still the last; InputError `revert.*`."""
    recover(pen)
    with alone(pen.home), Store.open(pen.home.store) as store, store.transaction():
        planned = plan_revert(pen.home, store, hand)
        if planned.run.number != number or not planned.done:
            raise InputError("revert.other" if planned.done else "revert.nothing")
        for step in planned.done:
            _keep(store, step, hand)
    only = {(step.kind, step.id) for step in planned.done}
    return planned, publish(pen, hand.schemas, Order(hand.by, "revert", only))


def _steps(home: Home, store: Store, run: PublishRun, hand: Hand) -> list[list[Step]]:
    logs = dict(zip(LOGS, families(home), strict=True))
    return [_of_part(store, logs[split_log_name(part.log)[0]], part, hand) for part in run.parts]


def _of_part(store: Store, logs: Any, part: publishes.Part, hand: Hand) -> list[Step]:
    leaves = erased.published_within(store, part.log, part.start, part.stop)
    keys: set[Key] = {(leaf.kind, leaf.id) for leaf in leaves}
    former = former_states(logs, keys, (split_log_name(part.log)[1], part.start))
    steps = [_step(store, leaf.kind, leaf.id, leaf.sent, former, hand) for leaf in leaves]
    sealed = erased.sealed_within(store, part.log, part.start, part.stop) - keys
    return steps + [Step(kind, id, "sealed") for kind, id in sorted(sealed)]


def _step(
    store: Store, kind: str, id: str, sent: str, former: Mapping[Key, Former], hand: Hand
) -> Step:
    record = records.find(store, kind, id)
    if record is None or record.sent != sent:
        return Step(kind, id, "changed")
    before = former.get((kind, id))
    if before is None:
        if record.deleted or kind == "unit":
            return Step(kind, id, "unit" if kind == "unit" else "changed")
        return Step(kind, id, "delete", deletion(record, "error", hand.now, hand.schemas))
    fields = before.fields()
    if "deleted" in fields:
        gone = deletion(record, fields["deleted"]["reason"], hand.now, hand.schemas)
        return Step(kind, id, "delete", None if record.deleted else gone)
    return Step(kind, id, "undelete" if record.deleted else "back", _back(record, fields, hand))


def _back(record: StoredRecord, fields: Mapping[str, Any], hand: Hand) -> StoredRecord:
    """The former open part with what never left, as it is now: of that the log knows nothing."""
    kind = hand.schemas.kind(record.kind)
    now = dict(record.before or {}) if record.deleted else record.record
    stays = {f.name for f in kind.own_fields if not {"pub", "hub"} & set(f.tiers)}
    kept = {name: value for name, value in now.items() if name in stays}
    ext = {tier: value for tier, value in now.get("ext", {}).items() if tier == "nat"}
    ext |= fields.get("ext", {})
    state = {**fields, **kept} | ({"ext": ext} if ext else {})
    sent = digest(hand.schemas, record.kind, state)
    return replace(record, record=state, before=None, sent=sent, at=hand.now)


def _keep(store: Store, step: Step, hand: Hand) -> None:
    if step.state is None:
        return
    old = records.find(store, step.kind, step.id)
    if old is not None and old.source and not old.deleted and not step.state.deleted:
        known = edits.of_record(store, step.kind, step.id)
        edits.put(store, changed(old.record, step.state.record, known, hand.now, hand.by))
    records.put(store, [step.state])
    what = "deleted" if step.state.deleted else "changed"
    reason = hand.reason or "撤回上次发布"
    records.note(store, [Event(hand.now, hand.by, step.kind, step.id, what, reason=reason)])


def make_hand(pen: Pen, schemas: SchemaSet, by: str, reason: str = "") -> Hand:
    """Who takes back, at the pen's time."""
    return Hand(schemas, pen.unit, pen.now(), by, reason)
