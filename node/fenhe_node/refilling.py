"""The record store brought to what the logs say, after a restore. Start at `refill`.

Where the store knows as much of a record as the log, it stays as it is, with what was never sent.
Where the log says more, the log is right: its bodies become the record. What was erased meanwhile
leaves the store too; what stood above the end of its log does not, but is published again. A store
that was lost while the logs were not is made anew: `refill_if_lost`.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fenhe_client.stored.files import FolderFiles
from fenhe_client.writing.erasing import stored_entries, stored_size
from fenhe_node.home import Home, alone
from fenhe_node.importing.intake import digest
from fenhe_node.publishing.heads import LOGS, epochs_of, own_root
from fenhe_node.store import Store, erased, feed, records
from fenhe_node.store.feed import Leaf
from fenhe_node.store.records import StoredRecord
from fenhe_protocol.body import read_body_file
from fenhe_protocol.leaf import LeafForm, RecordLeaf, parse_leaf, split_log_name
from fenhe_protocol.limits import BLOCK, LARGEST_SIZE
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.schema_tiers import merge
from fenhe_protocol.strict_json import loads
from fenhe_protocol.tiles import body_path

_LOGGER = logging.getLogger("fenhe.node")
_LOST = (
    "本机数据库里没有记录, 已按自己签过的日志补回 %d 条. "
    "其中没有: 从不外传的内容 (请重新导入清单), 对省平台和网关的信任 (请重新 trust). "
    "The store held no record: %d were brought back from the logs. "
    "What never leaves the unit and whom it trusts is not in them: import and trust again"
)

Key = tuple[str, str]
READ_TIERS = ("pub", "hub")


@dataclass(slots=True)
class _State:
    """What the logs say of an identity: its last leaf, its body in each tier, tiers it ever had."""

    log: str
    index: int
    bodies: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    tiers: set[str] = field(default_factory=set)

    @property
    def record(self) -> dict[str, Any]:
        """The record as far as it can be read."""
        gone = [body for body in self.bodies.values() if "deleted" in body]
        return dict(gone[0]) if gone else merge(self.bodies)


def publish_lost(home: Home, store: Store, schemas: SchemaSet, now: int) -> int:
    """Let records go out again whose leaf the logs do not have any more; how many.

    After a log has ended below what was published: the store knows better than the logs. What the
    store has lost is taken from the logs.
    """
    states, count = _states(home), 0
    with store.transaction():
        erased.forget_plans(store)
        for key in erased.published_keys(store):
            state = states.pop(key, None)
            if state is None or _is_behind(store, key, state):
                erased.publish_again(store, *key)
                erased.seal_again(store, *key)
                count += 1
        for key, state in states.items():
            _take(store, schemas, key, state, now)
    return count


def refill_if_lost(home: Home, schemas: SchemaSet, now: int) -> int:
    """Bring back every record if the store has none while the logs have; how many.

    Without it nothing would have changed, as far as a publish can see, and the next import would
    take every record for a new one.
    """
    with Store.open(home.store) as store:
        if records.are_known(store):
            return 0
    with alone(home), Store.open(home.store) as store:
        count = 0 if records.are_known(store) else refill(home, store, schemas, now)
    if count:
        _LOGGER.warning(_LOST, count, count)
    return count


def refill(home: Home, store: Store, schemas: SchemaSet, now: int) -> int:
    """Bring every record up to the logs; how many were behind them."""
    states = _states(home)
    with store.transaction():
        erased.forget_plans(store)
        known = erased.published_keys(store)
        void = set(_void(home, store, known, states))
        for key in void:
            states.pop(key, None)
            erased.publish_again(store, *key)
            erased.seal_again(store, *key)
        gone = [key for key in known if key not in states and key not in void]
        for key in gone:
            erased.forget_record(store, *key)
        behind = [key for key, state in states.items() if _is_behind(store, key, state)]
        for key in behind:
            _take(store, schemas, key, states[key], now)
    if gone or behind:
        with store.transaction():
            erased.forget_staging(store)
        store.scour()
    return len(gone) + len(behind)


def _void(
    home: Home, store: Store, keys: Iterable[Key], states: Mapping[Key, _State]
) -> Iterator[Key]:
    """The records whose leaf lies above the end of its log, if no later epoch says more of them."""
    ends = {log.name: log.end.size for log in own_root(home).logs if log.end is not None}
    for key in keys:
        leaf, state = feed.where_published(store, *key), states.get(key)
        if leaf is None or leaf.index < ends.get(leaf.log, LARGEST_SIZE):
            continue
        if state is None or split_log_name(state.log) <= split_log_name(leaf.log):
            yield key


def _states(home: Home) -> dict[Key, _State]:
    states: dict[Key, _State] = {}
    for family in LOGS:
        for log, files in epochs_of(home, family).items():
            for index, tier, fields, tiers in _bodies(log, files):
                key = fields["kind"], fields["id"]
                state = states.setdefault(key, _State(log, index))
                state.log, state.index = log, index
                state.bodies[tier] = fields
                state.tiers |= tiers
    return states


def _bodies(
    log: str, files: FolderFiles
) -> Iterator[tuple[int, str, Mapping[str, Any], frozenset[str]]]:
    """(index, tier, body, tiers of the leaf) in the order of the log."""
    size = stored_size(files)
    tiers = dict(_tiers(log, files, size))
    for block in range(-(-size // BLOCK)):
        lines = [
            (line.index, tier, line.body)
            for tier in READ_TIERS
            for line in read_body_file(files.read(body_path(tier, block)) or b"", block)[0]
            if line.index < size
        ]
        for index, tier, body in sorted(lines):
            yield index, tier, loads(body), tiers.get(index, frozenset())


def _tiers(log: str, files: FolderFiles, size: int) -> Iterator[tuple[int, frozenset[str]]]:
    for index, raw in stored_entries(files, 0, size):
        try:
            leaf = parse_leaf(raw, index=index, log=log)
        except LeafForm:
            continue
        if isinstance(leaf, RecordLeaf):
            yield index, frozenset(leaf.commitments)


def _is_behind(store: Store, key: Key, state: _State) -> bool:
    known = feed.where_published(store, *key)
    return known is None or (known.log, known.index) != (state.log, state.index)


def _take(store: Store, schemas: SchemaSet, key: Key, state: _State, now: int) -> None:
    """Let the log's bodies be the record, with what of the old one never leaves the unit."""
    known, said = records.find(store, *key), state.record
    record = StoredRecord(*key, said, "", now)
    if known is not None:
        record = replace(known, record=said, at=now, before=None, vanished=False)
    if "deleted" in said:
        record = replace(record, before={erased.MARK: "restored"})
    elif known is not None and not known.deleted:
        fields = schemas.kind(key[0]).own_fields
        kept = {f.name for f in fields if not set(f.tiers) & set(READ_TIERS)}
        own = {name: value for name, value in known.record.items() if name in kept}
        record = replace(record, record={**own, **said})
    sent = digest(schemas, key[0], record.record)
    records.put(store, [replace(record, sent=sent)])
    leaf = Leaf(*key, sent, frozenset(state.tiers), state.log, state.index)
    erased.put_published(store, leaf)
