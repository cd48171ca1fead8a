"""Erase records for good: the successor, then the `x`, then every byte that is here (feed §4).

The unit's own store forgets first, in the transaction that makes the successor; successor and `x`
are signed together; then the lines leave the body files. Killed before the signature, the order is
given again; killed after it, the next start finishes (`own_erasures`). Start at `erase`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from fenhe_client.sheets import kept
from fenhe_client.writing.erasing import Range, erased_in
from fenhe_node.home import Home, alone
from fenhe_node.importing.intake import deletion, digest
from fenhe_node.publishing.changes import changes
from fenhe_node.publishing.drafts import Draft, draft_all
from fenhe_node.publishing.own_erasures import (
    RANGES_IN_ONE,
    erase_aside,
    erasing_begins,
    families,
    settle_erased,
)
from fenhe_node.publishing.publish import Pen, is_in, publish_log, recover_logs
from fenhe_node.publishing.sealing import open_seal, take_digests
from fenhe_node.publishing.wanted_lines import Key, leaves_of
from fenhe_node.store import Store, erased, feed, imports, records
from fenhe_node.store.records import Event, StoredRecord
from fenhe_protocol.entry import Entry, plain_entry
from fenhe_protocol.errors import InputError
from fenhe_protocol.leaf import TIERS, EraseLeaf, merge_ranges
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.schema_fields import Field

_GONE_BECAUSE = {"error": "error", "law": "other", "retention": "other", "lost": "other"}


@dataclass(frozen=True)
class Wish:
    """What to erase and why (feed §2, `r`): records by kind and ids, or leaves of one log.

    `tiers`: None for all. `former`: only what came before the present state, which goes on.
    """

    reason: str
    kind: str = ""
    ids: Sequence[str] = ()
    tiers: tuple[str, ...] | None = None
    former: bool = False
    log: str = ""
    span: Range | None = None


@dataclass(frozen=True)
class Erased:
    """What was erased, by log; the sizes signed then; how many successors were published."""

    ranges: Mapping[str, tuple[Range, ...]]
    sizes: Mapping[str, int]
    successors: int


def erase(pen: Pen, schemas: SchemaSet, wish: Wish, *, by: str = "") -> Erased:
    """Erase; InputError `erase.*` where there is nothing to erase or no successor to publish."""
    with alone(pen.home), Store.open(pen.home.store) as store:
        sizes = dict(recover_logs(pen, store))
        found = _wanted(pen.home, store, wish, sizes)
        seal = open_seal(pen.home, store)
        erasing_begins(pen.home)
        erase_aside(pen.home, found.keys(), wish.tiers or TIERS)
        kept.empty(pen.home)
        with store.transaction():
            number = erased.put_order(store, _encode(wish))
            drafts = succeed(pen, store, schemas, wish, found, by, sealing=seal is not None)
        ranges = _ranges(store, wish, found, {_key(draft) for draft in drafts})
        ranges = _not_yet(pen.home, wish, ranges)
        if not any(ranges.values()):
            erased.end_order(store, number)
            raise InputError("erase.nothing", where=wish.kind or wish.log)
        for log in sizes:
            own = [draft for draft in drafts if is_in(draft, log)]
            leaves = list(_leaves(wish, log, ranges))
            if own or leaves:
                sizes[log] = publish_log(pen, store, log, own, sizes[log], seal, leaves)
        erased.end_order(store, number)
        settle_erased(pen.home, store)
    return Erased({log: each for log, each in ranges.items() if each}, sizes, len(drafts))


def finish(pen: Pen, schemas: SchemaSet) -> list[tuple[Wish, Erased]]:
    """Sign the erasures that a kill cut off after the store had forgotten; what was done."""
    with Store.open(pen.home.store) as store:
        waiting = erased.orders(store)
    done = []
    for number, text in waiting:
        wish = _decode(text)
        try:
            done.append((wish, erase(pen, schemas, wish)))
        except InputError as error:
            if error.code not in ("erase.nothing", "erase.absent"):
                raise
        with Store.open(pen.home.store) as store:
            erased.end_order(store, number)
    return done


def _encode(wish: Wish) -> str:
    """The order as it goes on after a kill: the successors are there, all before them goes."""
    return json.dumps(asdict(replace(wish, former=True)), ensure_ascii=False)


def _decode(text: str) -> Wish:
    members = json.loads(text)
    tiers, span = members["tiers"], members["span"]
    return Wish(
        **{**members, "ids": tuple(members["ids"])}
        | {"tiers": tuple(tiers) if tiers else None, "span": tuple(span) if span else None}
    )


def _wanted(
    home: Home, store: Store, wish: Wish, sizes: Mapping[str, int]
) -> dict[Key, list[tuple[str, int]]]:
    """The leaves of the records that are meant; of a range, of those whose state lies in it."""
    if wish.span is None:
        keys = {(wish.kind, id_) for id_ in wish.ids}
        found = leaves_of(families(home), keys)
        for key in keys & found.keys():
            found[key] = sorted({*found[key], *erased.sealed_leaves(store, *key)})
        if lacking := [id_ for kind, id_ in sorted(keys) if (kind, id_) not in found]:
            raise InputError("erase.absent", where=f"{wish.kind} {lacking[0]}")
        return found
    start, stop = wish.span
    size = sizes.get(wish.log)
    if size is None or not 0 <= start < stop <= size:
        raise InputError("erase.range", where=wish.log, expected=f"0 ≤ from < to ≤ {size or 0}")
    current = erased.published_within(store, wish.log, start, stop)
    return {(leaf.kind, leaf.id): [(wish.log, leaf.index)] for leaf in current}


def succeed(
    pen: Pen,
    store: Store,
    schemas: SchemaSet,
    wish: Wish,
    found: Iterable[Key],
    by: str,
    *,
    sealing: bool,
) -> list[Draft]:
    """Put the successors into the store, let it forget the rest, and draft what goes out."""
    keys = set(found)
    for key in sorted(keys):
        _prepare(pen, store, schemas, wish, key, by)
    take_digests(store, schemas)
    pending = [each for each in changes(store, sealing=sealing) if (each.kind, each.id) in keys]
    drafts, refused = draft_all(
        pending,
        schemas=schemas,
        unit=pen.unit,
        persons=imports.persons(store),
    )
    if refused:
        raise InputError("erase.successor", where=refused[0].line())
    return drafts


def _prepare(pen: Pen, store: Store, schemas: SchemaSet, wish: Wish, key: Key, by: str) -> None:
    record, published = records.find(store, *key), feed.where_published(store, *key)
    if record is None:
        return
    waits = published is not None and record.sent != published.sent
    if not (waits or record.deleted or wish.former):
        successor = _successor(record, wish, schemas, pen.now())
        if successor is None:
            erased.publish_again(store, *key)
        else:
            records.put(store, [successor])
            record = successor
    if not (record.deleted or wish.former):
        erased.seal_again(store, *key)  # what is sealed goes with the former states
    if record.deleted:
        records.put(store, [replace(record, before={erased.MARK: wish.reason})])
    erased.forget_staged(store, *key, but=None if record.deleted else record.import_no)
    event = Event(pen.now(), by, *key, "erased", reason=wish.reason)
    records.note(store, [event])


def _successor(
    record: StoredRecord, wish: Wish, schemas: SchemaSet, now: int
) -> StoredRecord | None:
    """The state after the erasure; None: the same once more, for only its body was lost."""
    if wish.reason == "lost":
        return None
    kind = schemas.kind(record.kind)
    first = "pub" if "pub" in kind.tiers else "hub"
    if wish.tiers is None or first in wish.tiers:
        return deletion(record, _GONE_BECAUSE[wish.reason], now, schemas)
    kept = _without(record.record, kind.own_fields, wish.tiers)
    return replace(record, record=kept, sent=digest(schemas, record.kind, kept), at=now)


def _without(
    record: Mapping[str, Any], fields: Iterable[Field], tiers: Sequence[str]
) -> dict[str, Any]:
    gone = {field.name for field in fields if _goes(field, tiers)}
    kept = {name: value for name, value in record.items() if name not in gone}
    ext = {tier: value for tier, value in record.get("ext", {}).items() if tier not in tiers}
    return {name: value for name, value in kept.items() if name != "ext"} | (
        {"ext": ext} if ext else {}
    )


def _goes(field: Field, tiers: Sequence[str]) -> bool:
    """Whether a field stands in none but these tiers; one that is also shown elsewhere stays."""
    return set(field.tiers) <= set(tiers) or (field.sealable and "nat" in tiers)


def _ranges(
    store: Store, wish: Wish, found: Mapping[Key, list[tuple[str, int]]], succeeded: set[Key]
) -> dict[str, tuple[Range, ...]]:
    """What the `x` leaves name, by log: all leaves but the one that holds the state from now on."""
    if wish.span is not None:
        return {wish.log: (wish.span,)}
    indices: dict[str, list[Range]] = {}
    for key, places in found.items():
        kept = set() if key in succeeded else _standing(store, wish, key)
        for log, index in places:
            if (log, index) not in kept:
                indices.setdefault(log, []).append((index, index + 1))
    return {log: merge_ranges(ranges) for log, ranges in indices.items()}


def _standing(store: Store, wish: Wish, key: Key) -> set[tuple[str, int]]:
    """The leaves that hold the present state of a record: what can be read, and what is sealed."""
    state = feed.where_published(store, *key)
    sealed = erased.sealed_leaves(store, *key)[-1:] if wish.former else []
    return {(state.log, state.index), *sealed} if state else {*sealed}


def _not_yet(
    home: Home, wish: Wish, ranges: Mapping[str, Sequence[Range]]
) -> dict[str, tuple[Range, ...]]:
    """Leave out what is erased already in every tier that is meant."""
    left: dict[str, tuple[Range, ...]] = {}
    for files in families(home):
        for log in ranges.keys() & files.keys():
            known = erased_in(log, files)
            here = [known.get(tier, ()) for tier in wish.tiers or TIERS]
            wanted = [r for r in ranges[log] if not all(_holds(each, r) for each in here)]
            left[log] = merge_ranges(wanted)
    return left


def _holds(known: Sequence[Range], wanted: Range) -> bool:
    return any(start <= wanted[0] and wanted[1] <= stop for start, stop in known)


def _leaves(wish: Wish, log: str, ranges: Mapping[str, Sequence[Range]]) -> Iterator[Entry]:
    """The `x` leaves that go into `log`, for it and for the epochs before it."""
    for name, wanted in ranges.items():
        if name.partition(".")[0] != log.partition(".")[0]:
            continue
        for at in range(0, len(wanted), RANGES_IN_ONE):
            part = tuple(wanted[at : at + RANGES_IN_ONE])
            other = None if name == log else name
            yield plain_entry(EraseLeaf(part, wish.tiers, wish.reason, other))


def _key(draft: Draft) -> Key:
    return draft.change.kind, draft.change.id
